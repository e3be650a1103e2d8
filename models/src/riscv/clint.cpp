// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/clint.hpp"

#include <cmath>

namespace duet::models::riscv {
namespace {

constexpr uint64_t compare_offset = 0x4000;
constexpr uint64_t time_offset = 0xbff8;

/// The part of a 64-bit register that an access of 4 or 8 bytes touches.
uint64_t extract(uint64_t whole, uint64_t offset, unsigned bytes) {
  return bytes == 8 ? whole : (whole >> (8 * (offset & 4u))) & 0xffffffffu;
}
uint64_t insert(uint64_t whole, uint64_t offset, unsigned bytes, uint64_t value) {
  if (bytes == 8) return value;
  const unsigned shift = static_cast<unsigned>(8 * (offset & 4u));
  return (whole & ~(uint64_t{0xffffffffu} << shift)) | (value & 0xffffffffu) << shift;
}

}  // namespace

Clint::Clint(sc_core::sc_module_name name, unsigned harts, double timebase_hz, sc_core::sc_time latency,
             Line line)
    : Device(name, latency),
      timebase_hz_(timebase_hz),
      software_(harts),
      timers_(harts),
      line_(std::move(line)) {
  for (unsigned hart = 0; hart < harts; ++hart) {
    timers_[hart].due = std::make_unique<sc_core::sc_event>();
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.dont_initialize();
    options.set_sensitivity(timers_[hart].due.get());
    sc_core::sc_spawn([this, hart] { expire(hart); }, sc_core::sc_gen_unique_name("timer"), &options);
  }
}

void Clint::raise_software_interrupt(unsigned hart) {
  software_[hart] = true;
  line_(hart, Interrupt::software, true);
}

uint64_t Clint::ticks(sc_core::sc_time now) const {
  return static_cast<uint64_t>(static_cast<double>(now.value()) * timebase_hz_ * 1e-12) + offset_;
}

void Clint::arm(unsigned hart, sc_core::sc_time now) {
  Timer& timer = timers_[hart];
  timer.due->cancel();
  const bool due = ticks(now) >= timer.compare;
  line_(hart, Interrupt::timer, due);
  if (due) return;
  const double due_ps = std::ceil(static_cast<double>(timer.compare - offset_) * 1e12 / timebase_hz_);
  const double from_now_ps = due_ps - static_cast<double>(sc_core::sc_time_stamp().value());
  if (from_now_ps < 1e18)
    timer.due->notify(sc_core::sc_time::from_value(static_cast<uint64_t>(from_now_ps) + 1));
}

void Clint::expire(unsigned hart) {
  arm(hart, sc_core::sc_time_stamp());
}

bool Clint::load(uint64_t offset, unsigned bytes, sc_core::sc_time now, bool /*debug*/, uint64_t& value) {
  if (bytes < 4) return false;
  if (offset < 4 * software_.size() && bytes == 4) {
    value = software_[offset / 4] ? 1 : 0;
  } else if (offset >= compare_offset && offset < compare_offset + 8 * timers_.size()) {
    value = extract(timers_[(offset - compare_offset) / 8].compare, offset, bytes);
  } else if (offset >= time_offset && offset < time_offset + 8) {
    value = extract(ticks(now), offset, bytes);
  } else {
    return false;
  }
  return true;
}

bool Clint::store(uint64_t offset, unsigned bytes, sc_core::sc_time now, uint64_t value) {
  if (bytes < 4) return false;
  if (offset < 4 * software_.size() && bytes == 4) {
    software_[offset / 4] = (value & 1u) != 0;
    line_(static_cast<unsigned>(offset / 4), Interrupt::software, (value & 1u) != 0);
  } else if (offset >= compare_offset && offset < compare_offset + 8 * timers_.size()) {
    const auto hart = static_cast<unsigned>((offset - compare_offset) / 8);
    timers_[hart].compare = insert(timers_[hart].compare, offset, bytes, value);
    arm(hart, now);
  } else if (offset >= time_offset && offset < time_offset + 8) {
    const uint64_t current = ticks(now);
    offset_ += insert(current, offset, bytes, value) - current;
    for (unsigned hart = 0; hart < timers_.size(); ++hart) arm(hart, now);
  } else {
    return false;
  }
  return true;
}

}  // namespace duet::models::riscv
