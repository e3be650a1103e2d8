// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/plic.hpp"

namespace duet::models::riscv {
namespace {

constexpr uint64_t pending_offset = 0x1000;
constexpr uint64_t enable_offset = 0x2000;
constexpr uint64_t enable_stride = 0x80;
constexpr uint64_t context_offset = 0x20'0000;
constexpr uint64_t context_stride = 0x1000;
constexpr uint32_t max_priority = 7;

}  // namespace

Plic::Plic(sc_core::sc_module_name name, unsigned harts, sc_core::sc_time latency, Line line)
    : Device(name, latency), contexts_(harts), line_(std::move(line)) {}

void Plic::set_source(unsigned source, bool level) {
  const uint32_t bit = 1u << source;
  level_ = level ? level_ | bit : level_ & ~bit;
  update();
}

/// The pending, enabled source of the highest priority above the threshold; the lowest number wins.
unsigned Plic::best(const Context& context) const {
  unsigned winner = 0;
  for (unsigned source = 1; source < sources; ++source) {
    if (((pending_ & context.enabled) >> source & 1u) == 0 || priority_[source] <= context.threshold)
      continue;
    if (winner == 0 || priority_[source] > priority_[winner]) winner = source;
  }
  return winner;
}

void Plic::update() {
  // The gateway of a level-triggered source: pending follows the line, but not while it is being served.
  pending_ = level_ & ~in_service_;
  for (unsigned hart = 0; hart < contexts_.size(); ++hart) line_(hart, best(contexts_[hart]) != 0);
}

unsigned Plic::claim(const Context& context) {
  const unsigned source = best(context);
  if (source != 0) in_service_ |= 1u << source;
  update();
  return source;
}

void Plic::complete(const Context& context, uint64_t source) {
  if (source == 0 || source >= sources || ((context.enabled >> source) & 1u) == 0) return;
  in_service_ &= ~(1u << source);
  update();
}

bool Plic::load(uint64_t offset, unsigned bytes, sc_core::sc_time /*now*/, bool debug, uint64_t& value) {
  if (bytes != 4) return false;
  value = 0;
  if (offset < 4 * sources) {
    value = priority_[offset / 4];
  } else if (offset >= pending_offset && offset < pending_offset + 0x80) {
    value = offset == pending_offset ? pending_ : 0;
  } else if (offset >= enable_offset && offset < enable_offset + enable_stride * contexts_.size()) {
    const uint64_t relative = offset - enable_offset;
    value = relative % enable_stride == 0 ? contexts_[relative / enable_stride].enabled : 0;
  } else if (offset >= context_offset && offset < context_offset + context_stride * contexts_.size()) {
    const uint64_t relative = offset - context_offset;
    const Context& context = contexts_[relative / context_stride];
    if (relative % context_stride == 0) {
      value = context.threshold;
    } else if (relative % context_stride == 4) {
      value = debug ? best(context) : claim(context);
    } else {
      return false;
    }
  } else {
    return false;
  }
  return true;
}

bool Plic::store(uint64_t offset, unsigned bytes, sc_core::sc_time /*now*/, uint64_t value) {
  if (bytes != 4) return false;
  if (offset < 4 * sources) {
    if (offset != 0) priority_[offset / 4] = static_cast<uint32_t>(value) & max_priority;
  } else if (offset >= enable_offset && offset < enable_offset + enable_stride * contexts_.size()) {
    const uint64_t relative = offset - enable_offset;
    if (relative % enable_stride == 0) {
      contexts_[relative / enable_stride].enabled = static_cast<uint32_t>(value) & ~1u;
    }
  } else if (offset >= context_offset && offset < context_offset + context_stride * contexts_.size()) {
    const uint64_t relative = offset - context_offset;
    Context& context = contexts_[relative / context_stride];
    if (relative % context_stride == 0) {
      context.threshold = static_cast<uint32_t>(value) & max_priority;
    } else if (relative % context_stride == 4) {
      complete(context, value);
    } else {
      return false;
    }
  } else {
    return offset >= pending_offset && offset < pending_offset + 0x80;  // pending is read-only
  }
  update();
  return true;
}

}  // namespace duet::models::riscv
