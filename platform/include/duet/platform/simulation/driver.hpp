// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "duet/core/platform_layout.hpp"
#include "duet/sw_driver/driver.h"
#include "duet/tlm_interconnect/protocol_monitor.hpp"

namespace duet::platform {

/// Totals of a driver since time 0.
struct DriverCounters {
  uint64_t doorbells = 0;
  uint64_t mode_writes = 0;
  uint64_t interrupts = 0;
  uint64_t restarts = 0;        ///< of single chiplets that reported an error or hung
  uint64_t accesses = 0;        ///< of control registers (native), of the whole bus (riscv)
  uint64_t access_time_ps = 0;  ///< that these took
  uint64_t busy_time_ps = 0;    ///< not waiting for an interrupt
  uint64_t dispatch_ps = 0;     ///< when the last run rang its first doorbell; 0: unknown
  uint64_t instructions = 0;    ///< riscv only
};

/// Where the bare-metal driver of a package runs: inside the simulator or on a simulated core.
class Driver {
 public:
  virtual ~Driver() = default;

  /// Hands over a program image and run arguments; the run starts at once and pauses the simulation at its
  /// end.
  virtual void start(std::vector<uint8_t> image, std::array<uint32_t, DUET_ARGUMENTS> arguments) = 0;
  [[nodiscard]] virtual bool is_finished() const = 0;
  [[nodiscard]] virtual int status() const = 0;
  /// What went wrong, readable; empty after DUET_OK.
  [[nodiscard]] virtual std::string diagnosis() const = 0;
  [[nodiscard]] virtual DriverCounters counters() const = 0;

  /// Where the driver's processor is, for a run that does not end; empty when nobody can tell.
  [[nodiscard]] virtual std::string place() const { return {}; }
  /// Called every millisecond of simulated time with how many descriptors have been done, and whether
  /// chiplets have any that are not; ends a job whose processor has gone astray.
  virtual void watch(uint64_t /*descriptors_done*/, bool /*chiplets_busy*/) {}

  /// Adds what the protocol checkers of the driver's own board have seen.
  virtual void collect_protocol_violations(
      std::vector<tlm_interconnect::ProtocolMonitor::Violation>& /*all*/) const {}

  /// Writes to the package's memory as the loader of programs does; false where there is none.
  using MemoryWriter = std::function<bool(uint64_t address, std::span<const uint8_t> data)>;
  /// Gives the driver's firmware that service.
  virtual void set_memory_writer(MemoryWriter /*write*/) {}

  virtual void bind(tlm::tlm_base_target_socket_b<>& control_bus, sc_core::sc_signal<bool>& interrupt) = 0;
};

/// Text for a status of the driver's C code; empty for DUET_OK.
std::string describe_driver_status(int status, uint64_t timeout_ns, uint32_t chiplet, uint32_t error,
                                   uint32_t descriptor);

/// The driver that a package's description asks for.
std::unique_ptr<Driver> make_driver(const char* name, const core::PackageLayout& package);

}  // namespace duet::platform
