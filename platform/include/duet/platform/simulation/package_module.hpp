// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "duet/core/address_map.hpp"
#include "duet/core/platform_layout.hpp"
#include "duet/memory/memory_node.hpp"
#include "duet/models/chiplet/chiplet.hpp"
#include "duet/platform/module/node_modules.hpp"
#include "duet/platform/simulation/driver.hpp"
#include "duet/tlm_interconnect/control_bus.hpp"
#include "duet/tlm_interconnect/network_on_interposer.hpp"
#include "duet/tlm_interconnect/register_block.hpp"
#include "duet/tlm_interconnect/socket_checkers.hpp"
#include "duet/workload/mapping/program.hpp"

namespace duet::platform {

/// One package as it is composed from its layout: NoI, memory nodes, compute chiplets, control bus,
/// package registers, interrupt line and driver.
class PackageModule : public sc_core::sc_module {
 public:
  PackageModule(sc_core::sc_module_name name, const core::PackageLayout& layout, const core::AddressMap& map,
                uint64_t granularity_bytes, const NodeModuleDescriptions& modules = {},
                bool functional = false);

  /// Writes a program's descriptors into the package's memory through debug transport.
  void load(const workload::Program& program);
  /// Writes to the package's memory through debug transport; false where there is none.
  bool write_memory(uint64_t address, std::span<const uint8_t> data);

  [[nodiscard]] const core::PackageLayout& layout() const { return layout_; }
  tlm_interconnect::NetworkOnInterposer& noi() { return noi_; }
  tlm_interconnect::ControlBus& control_bus() { return bus_; }
  Driver& driver() { return *driver_; }
  [[nodiscard]] const std::vector<std::unique_ptr<memory::MemoryNode>>& memories() const { return memories_; }
  /// Chiplets have descriptors that are not done.
  [[nodiscard]] bool is_busy() const;
  [[nodiscard]] const std::vector<std::unique_ptr<models::Chiplet>>& chiplets() const { return chiplets_; }

  /// What the protocol checkers of the package have seen, those of its NoI and its driver's board included.
  [[nodiscard]] std::vector<tlm_interconnect::ProtocolMonitor::Violation> protocol_violations() const;

  /// A module of the user's own.
  struct OwnModule {
    unsigned node = 0;
    int x = 0;
    int y = 0;
    std::unique_ptr<NodeModule> module;
  };
  [[nodiscard]] const std::map<std::string, OwnModule>& modules() const { return modules_; }
  [[nodiscard]] std::map<std::string, std::vector<NodeModuleCounter>> module_counters() const;

 private:
  void build_memories();
  void build_chiplets(uint64_t granularity_bytes, bool functional);
  void build_modules(const NodeModuleDescriptions& modules);
  void attach_registers();
  void commit_group();
  void update_interrupt();
  uint32_t pending(unsigned word) const;

  const core::PackageLayout& layout_;
  const core::AddressMap& map_;
  tlm_interconnect::NetworkOnInterposer noi_;
  tlm_interconnect::ControlBus bus_;
  tlm_interconnect::RegisterBlock registers_;
  tlm_interconnect::SocketCheckers checkers_;
  std::unique_ptr<Driver> driver_;
  std::vector<std::unique_ptr<memory::MemoryNode>> memories_;
  std::vector<std::unique_ptr<models::Chiplet>> chiplets_;
  std::map<std::string, OwnModule> modules_;
  std::vector<std::unique_ptr<sc_core::sc_signal<bool>>> interrupt_lines_;
  sc_core::sc_signal<bool> interrupt_{"interrupt"};
};

}  // namespace duet::platform
