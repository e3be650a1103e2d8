// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/simulation/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "duet/core/memory_description.hpp"

namespace duet::platform {
namespace {

memory::MemoryCounters sum_counters(const PackageModule& package) {
  memory::MemoryCounters sum;
  for (const auto& memory : package.memories()) sum += memory->counters();
  return sum;
}

bool tests_watch() {
  return std::getenv("DUET_CHECK_PROTOCOL") != nullptr;
}

core::PlatformDescription with_checkers(core::PlatformDescription platform) {
  platform.check = platform.check || tests_watch();
  if (!platform.check) return platform;
  for (auto& [name, type] : platform.node_types) type.check = true;
  for (auto& [name, package] : platform.packages) {
    package.noi.check = package.driver.check = package.driver.board.check = true;
  }
  if (platform.inter_package_link) platform.inter_package_link->check = true;
  return platform;
}

NodeModuleDescriptions with_checkers(NodeModuleDescriptions modules, bool check) {
  for (auto& [name, module] : modules) module.check = module.check || check;
  return modules;
}

std::string standstill(const Driver& driver) {
  const std::string place = driver.place();
  return "the platform came to a standstill" + (place.empty() ? "" : "\n" + place);
}

uint64_t sum_mode_switches(const PackageModule& package) {
  uint64_t sum = 0;
  for (const auto& chiplet : package.chiplets()) sum += chiplet->mode_switches();
  return sum;
}

}  // namespace

Simulation::Simulation(const core::PlatformDescription& platform, const NodeModuleDescriptions& modules)
    : platform_(with_checkers(platform)), layouts_(core::lay_out(platform_)), map_(layouts_) {
  check(modules, layouts_);
  const NodeModuleDescriptions watched = with_checkers(modules, platform_.check);
  for (const core::PackageLayout& layout : layouts_) {
    packages_.push_back(std::make_unique<PackageModule>(layout.name.c_str(), layout, map_,
                                                        platform_.granularity_bytes, watched,
                                                        platform_.values == core::ValuesMode::functional));
  }
  if (platform_.inter_package_link) connect_packages();
}

Simulation::~Simulation() {
  links_.clear();
  packages_.clear();
}

// Ports pair up in order; each pair is a link with its share of the lanes and of the bandwidth. The other
// package's memory nodes are dealt out over the ports.
void Simulation::connect_packages() {
  const size_t ports = layouts_[0].link_ports.size();
  for (size_t port = 0; port < ports; ++port) {
    core::InterPackageLinkDescription description = *platform_.inter_package_link;
    description.bandwidth /= static_cast<double>(ports);
    description.lanes = std::max<unsigned>(1, description.lanes / static_cast<unsigned>(ports));
    auto& link = links_.emplace_back(std::make_unique<tlm_interconnect::InterPackageLink>(
        fmt::format("link_{}", port).c_str(), description));
    for (unsigned end = 0; end < 2; ++end) {
      auto& noi = packages_[end]->noi();
      const unsigned node = layouts_[end].link_ports[port].node;
      noi.to_node(node).bind(link->from_package(end));
      link->to_package(end).bind(noi.from_node(node));
      for (const core::NodeInstance& memory : layouts_[1 - end].memory) {
        if (memory.ordinal % ports != port) continue;
        const uint64_t base = core::AddressMap::memory_base(1 - end, memory.ordinal);
        noi.map(base, core::capacity_bytes(*memory.type->memory), node, base);
      }
    }
  }
}

void Simulation::on_warning(std::function<void(const std::string&)> sink) {
  for (auto& package : packages_) {
    for (const auto& chiplet : package->chiplets()) chiplet->on_warning(sink);
  }
}

std::vector<tlm_interconnect::ProtocolMonitor::Violation> Simulation::protocol_violations() const {
  std::vector<tlm_interconnect::ProtocolMonitor::Violation> all;
  for (const auto& package : packages_) {
    const auto seen = package->protocol_violations();
    all.insert(all.end(), seen.begin(), seen.end());
  }
  for (const auto& link : links_) {
    const auto seen = link->protocol_violations();
    all.insert(all.end(), seen.begin(), seen.end());
  }
  return all;
}

uint64_t Simulation::delta_cycles() const {
  return sc_core::sc_delta_count();
}

ProgramRun Simulation::run(unsigned index, const workload::Program& program,
                           const std::array<uint32_t, DUET_ARGUMENTS>& arguments) {
  PackageModule& package = *packages_[index];
  ProgramRun result;
  for (const auto& chiplet : package.chiplets()) {
    chiplet->on_job_done([&result](const models::JobRecord& record) { result.records.push_back(record); });
  }
  if (sc_core::sc_get_status() < sc_core::SC_RUNNING) sc_core::sc_start(sc_core::SC_ZERO_TIME);
  package.load(program);
  Driver& driver = package.driver();
  const memory::MemoryCounters memory_before = sum_counters(package);
  const uint64_t switches_before = sum_mode_switches(package);
  const DriverCounters before = driver.counters();

  result.start_ps = sc_core::sc_time_stamp().value();
  driver.start(program.image(), arguments);
  constexpr uint64_t default_pace_ps = 1'000'000'000;
  while (!driver.is_finished() && sc_core::sc_pending_activity()) {
    const uint64_t now_ps = sc_core::sc_time_stamp().value();
    const uint64_t next_ps = pace_ ? pace_(now_ps, result.records.size()) : now_ps + default_pace_ps;
    sc_core::sc_start(sc_core::sc_time::from_value(std::max<uint64_t>(next_ps, now_ps + 1) - now_ps));
    driver.watch(result.records.size(), package.is_busy());
  }
  result.end_ps = sc_core::sc_time_stamp().value();
  result.ok = driver.is_finished() && driver.status() == DUET_OK;
  if (!result.ok) result.diagnosis = driver.is_finished() ? driver.diagnosis() : standstill(driver);

  memory::MemoryCounters memory = sum_counters(package);
  memory.bytes_read -= memory_before.bytes_read;
  memory.bytes_written -= memory_before.bytes_written;
  memory.activates -= memory_before.activates;
  memory.read_requests -= memory_before.read_requests;
  memory.write_requests -= memory_before.write_requests;
  result.memory = memory;
  result.mode_switches = sum_mode_switches(package) - switches_before;
  const DriverCounters after = driver.counters();
  result.driver_access_ps = after.access_time_ps - before.access_time_ps;
  result.driver_accesses = after.accesses - before.accesses;
  result.driver_busy_ps = after.busy_time_ps - before.busy_time_ps;
  if (after.dispatch_ps > result.start_ps)
    result.driver_setup_ps = std::min(after.dispatch_ps - result.start_ps, result.driver_busy_ps);
  result.driver_instructions = after.instructions - before.instructions;
  result.doorbells = after.doorbells - before.doorbells;
  result.interrupts = after.interrupts - before.interrupts;
  result.mode_writes = after.mode_writes - before.mode_writes;
  result.restarts = after.restarts - before.restarts;
  for (const auto& chiplet : package.chiplets()) chiplet->on_job_done({});
  const auto violations = protocol_violations();
  if (tests_watch() && !violations.empty()) {
    throw std::logic_error(fmt::format("{} violations of the base protocol; the first: {} of {} at {} ps: {}",
                                       violations.size(), rule_name(violations[0].rule), violations[0].socket,
                                       violations[0].at_ps, violations[0].text));
  }
  result.protocol_violations = violations.size();
  return result;
}

}  // namespace duet::platform
