// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <vector>

#include "duet/models/riscv/device.hpp"

namespace duet::models::riscv {

/// Platform-level interrupt controller with level-triggered sources 1..31 and one machine-mode context
/// per hart. RISC-V PLIC specification 1.0.0: priorities at 4*source, pending at 0x1000, enables at
/// 0x2000 + 0x80*context, threshold at 0x200000 + 0x1000*context, claim/complete 4 above.
class Plic : public Device {
 public:
  static constexpr uint64_t window_bytes = 0x400'0000;
  static constexpr unsigned sources = 32;  ///< source 0 does not exist
  using Line = std::function<void(unsigned hart, bool level)>;

  Plic(sc_core::sc_module_name name, unsigned harts, sc_core::sc_time latency, Line line);

  void set_source(unsigned source, bool level);

 protected:
  bool load(uint64_t offset, unsigned bytes, sc_core::sc_time now, bool debug, uint64_t& value) override;
  bool store(uint64_t offset, unsigned bytes, sc_core::sc_time now, uint64_t value) override;

 private:
  struct Context {
    uint32_t enabled = 0;
    uint32_t threshold = 0;
  };
  [[nodiscard]] unsigned best(const Context& context) const;
  unsigned claim(const Context& context);
  void complete(const Context& context, uint64_t source);
  void update();

  uint32_t level_ = 0;
  uint32_t pending_ = 0;
  uint32_t in_service_ = 0;
  uint32_t priority_[sources]{};
  std::vector<Context> contexts_;
  Line line_;
};

}  // namespace duet::models::riscv
