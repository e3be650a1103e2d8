// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "duet/core/address_map.hpp"
#include "duet/core/platform_layout.hpp"
#include "duet/core/simulation_context.hpp"
#include "duet/platform/simulation/package_module.hpp"
#include "duet/tlm_interconnect/inter_package_link.hpp"

namespace duet::platform {

/// What one run of a program on a package gave.
struct ProgramRun {
  bool ok = false;
  std::string diagnosis;  ///< of the driver, when not ok
  uint64_t start_ps = 0;
  uint64_t end_ps = 0;                     ///< the driver knows that everything is done
  std::vector<models::JobRecord> records;  ///< of all chiplets
  memory::MemoryCounters memory;           ///< of all memory nodes, this run only
  uint64_t driver_access_ps = 0;
  uint64_t driver_accesses = 0;
  uint64_t driver_busy_ps = 0;       ///< the driver's processor was not waiting for an interrupt
  uint64_t driver_setup_ps = 0;      ///< of that, before the first doorbell
  uint64_t driver_instructions = 0;  ///< of the simulated core, 0 for a native driver
  uint64_t doorbells = 0;
  uint64_t interrupts = 0;
  uint64_t mode_switches = 0;
  uint64_t mode_writes = 0;          ///< of the driver
  uint64_t restarts = 0;             ///< of single chiplets, by the driver
  uint64_t protocol_violations = 0;  ///< since time 0, on the sockets that are watched
};

/// A platform as one object: a SystemC kernel of its own and every module in it. Several can follow
/// each other in a process.
class Simulation {
 public:
  explicit Simulation(const core::PlatformDescription& platform, const NodeModuleDescriptions& modules = {});
  ~Simulation();

  [[nodiscard]] const std::vector<core::PackageLayout>& layouts() const { return layouts_; }
  [[nodiscard]] const core::AddressMap& map() const { return map_; }
  PackageModule& package(unsigned index) { return *packages_[index]; }
  [[nodiscard]] const std::vector<std::unique_ptr<tlm_interconnect::InterPackageLink>>& links() const {
    return links_;
  }

  /// Loads and dispatches a program, and simulates until the package's driver has finished it.
  ProgramRun run(unsigned package, const workload::Program& program,
                 const std::array<uint32_t, DUET_ARGUMENTS>& arguments);

  /// Somebody who wants control back now and then: called at the start of each run and whenever the time
  /// that it returned last has come. May throw to end the run; the simulation is of no use after that.
  using Pace = std::function<uint64_t(uint64_t now_ps, size_t descriptors_done)>;
  void set_pace(Pace pace) { pace_ = std::move(pace); }

  /// Warnings about guest mistakes go here; by default they are dropped.
  void on_warning(std::function<void(const std::string&)> sink);

  /// What the protocol checkers have seen, on the sockets where the description wants them (`check`). With
  /// DUET_CHECK_PROTOCOL in the environment all sockets are watched, and a run that ends with a violation
  /// throws std::logic_error: so do the tests.
  [[nodiscard]] std::vector<tlm_interconnect::ProtocolMonitor::Violation> protocol_violations() const;

  /// Delta cycles of the kernel so far: the measure of its work.
  [[nodiscard]] uint64_t delta_cycles() const;

 private:
  void connect_packages();

  core::PlatformDescription platform_;
  std::vector<core::PackageLayout> layouts_;
  core::AddressMap map_;
  core::SimulationContext context_;
  std::vector<std::unique_ptr<PackageModule>> packages_;
  std::vector<std::unique_ptr<tlm_interconnect::InterPackageLink>> links_;
  Pace pace_;
};

}  // namespace duet::platform
