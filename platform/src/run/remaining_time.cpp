// SPDX-License-Identifier: Apache-2.0
#include "remaining_time.hpp"

#include <algorithm>

namespace duet::platform {
namespace {

constexpr double least_share = 0.02;  // below it, a guess would jump about

}  // namespace

void RemainingTime::begin(double now_s) {
  began_s_ = now_s;
}

void RemainingTime::end(double now_s) {
  if (phase_ >= kinds_.size()) return;
  const unsigned kind = kinds_[phase_];
  if (last_s_.size() <= kind) last_s_.resize(kind + 1);
  last_s_[kind] = now_s - began_s_;
  ++phase_;
}

std::optional<double> RemainingTime::last_of(unsigned kind) const {
  if (kind < last_s_.size() && last_s_[kind]) return last_s_[kind];
  return std::nullopt;
}

std::optional<double> RemainingTime::seconds(double share, double now_s) const {
  if (phase_ >= kinds_.size()) return std::nullopt;
  const double elapsed_s = now_s - began_s_;
  std::optional<double> whole_s = last_of(kinds_[phase_]);
  if (share >= least_share) whole_s = elapsed_s / share;
  if (!whole_s) return std::nullopt;
  double sum_s = std::max(0.0, *whole_s - elapsed_s);
  for (size_t i = phase_ + 1; i < kinds_.size(); ++i) {
    const auto last_s = kinds_[i] == kinds_[phase_] ? whole_s : last_of(kinds_[i]);
    sum_s += last_s.value_or(*whole_s);  // of a kind that has not run: as long as this one
  }
  return sum_s;
}

}  // namespace duet::platform
