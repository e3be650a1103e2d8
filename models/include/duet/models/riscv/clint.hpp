// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "duet/models/riscv/device.hpp"
#include "duet/models/riscv/trap.hpp"

namespace duet::models::riscv {

/// Core-local interruptor: msip at 4*hart, mtimecmp at 0x4000 + 8*hart, mtime at 0xbff8, as in SiFive's
/// FU540-C000 manual, chapter 9. mtime counts simulated time.
class Clint : public Device {
 public:
  static constexpr uint64_t window_bytes = 0x10000;
  using Line = std::function<void(unsigned hart, Interrupt line, bool level)>;

  Clint(sc_core::sc_module_name name, unsigned harts, double timebase_hz, sc_core::sc_time latency,
        Line line);

  void raise_software_interrupt(unsigned hart);

 protected:
  bool load(uint64_t offset, unsigned bytes, sc_core::sc_time now, bool debug, uint64_t& value) override;
  bool store(uint64_t offset, unsigned bytes, sc_core::sc_time now, uint64_t value) override;

 private:
  struct Timer {
    uint64_t compare = ~uint64_t{0};
    std::unique_ptr<sc_core::sc_event> due;
  };
  [[nodiscard]] uint64_t ticks(sc_core::sc_time now) const;
  void arm(unsigned hart, sc_core::sc_time now);
  void expire(unsigned hart);

  double timebase_hz_;
  uint64_t offset_ = 0;  // added to simulated time when software has written mtime
  std::vector<bool> software_;
  std::vector<Timer> timers_;
  Line line_;
};

}  // namespace duet::models::riscv
