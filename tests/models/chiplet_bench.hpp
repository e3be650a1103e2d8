// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>

#include <functional>
#include <string>
#include <vector>

#include "duet/core/address_map.hpp"
#include "duet/core/platform_layout.hpp"
#include "duet/core/simulation_context.hpp"
#include "duet/memory/memory_node.hpp"
#include "duet/models/chiplet/chiplet.hpp"
#include "duet/sw_driver/regs.h"
#include "duet/tlm_interconnect/control_bus.hpp"
#include "duet/tlm_interconnect/network_on_interposer.hpp"

namespace duet::test {

/// A package of one compute chiplet, which is group 0, and one HBM stack on a 2 x 1 grid. A test's script
/// runs as an SC_THREAD in the place of the driver's processor and reaches registers over the control bus
/// only.
class ChipletBench {
 public:
  /// `functional`: payloads carry data.
  explicit ChipletBench(const core::NodeTypeDescription& chiplet_type, bool functional = false);
  ~ChipletBench();

  /// Runs the script and the simulation until it returns. False when it has not after `limit`.
  bool run(const std::function<void()>& script, sc_core::sc_time limit = {10, sc_core::SC_MS});

  /// Ends the simulation, and with it traces.
  void end();

  /// One access; the response status is `status`.
  uint32_t read(uint32_t offset);
  void write(uint32_t offset, uint32_t value);
  tlm::tlm_response_status access(tlm::tlm_command command, uint64_t offset, void* data, unsigned bytes);
  tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;

  /// Waits for the interrupt line inside a script; false after the time.
  bool wait_for_interrupt(sc_core::sc_time limit = {1, sc_core::SC_MS});
  models::Chiplet& chiplet();
  memory::MemoryNode& memory();

  /// Writes descriptors to the queue's memory through debug transport, from index 0.
  void load(const std::vector<duet_descriptor>& descriptors);
  /// Sets mode and queue base, enables interrupts and rings for that many descriptors.
  void start(uint32_t mode, uint32_t descriptors);

  [[nodiscard]] uint64_t memory_address(uint64_t offset) const;

  std::vector<std::string> warnings;
  std::vector<models::JobRecord> records;

 private:
  struct Modules;
  core::PlatformDescription platform_;
  std::vector<core::PackageLayout> layouts_;
  core::SimulationContext context_;
  std::unique_ptr<Modules> modules_;
};

/// Two 8 x 8 systolic arrays and two arrays of 2 x 2 vector units of 8 lanes: a mixed chiplet.
core::NodeTypeDescription small_mixed_chiplet();

/// An element-wise pass over 1000 elements that reads and writes 2000 bytes in 4 steps.
duet_descriptor elementwise_descriptor(const ChipletBench& bench);

}  // namespace duet::test
