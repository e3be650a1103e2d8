// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/simulation/package_module.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>

#include "duet/core/error.hpp"
#include "duet/core/memory_description.hpp"
#include "duet/sw_driver/regs.h"

namespace duet::platform {
namespace {

constexpr uint64_t register_window_bytes = 4096;
constexpr uint64_t data_window_bytes = 1ull << 44;
constexpr uint32_t groups = 256;
constexpr unsigned memory_windows = DUET_PACKAGE_WINDOW - DUET_MEMORY_WINDOW;

unsigned node_of(const core::PackageLayout& layout, const NodeModuleDescription& module) {
  return static_cast<unsigned>(module.y) * static_cast<unsigned>(layout.description->noi.columns) +
         static_cast<unsigned>(module.x);
}

std::vector<tlm_interconnect::NodeId> occupied(const core::PackageLayout& layout,
                                               const NodeModuleDescriptions& modules) {
  std::vector<tlm_interconnect::NodeId> nodes;
  for (const auto& node : layout.nodes) nodes.push_back(node.node);
  for (const auto& [name, module] : modules) {
    if (module.package == layout.name) nodes.push_back(node_of(layout, module));
  }
  return nodes;
}

sc_core::sc_time ps(uint64_t value) {
  return sc_core::sc_time::from_value(value);
}

}  // namespace

PackageModule::PackageModule(sc_core::sc_module_name name, const core::PackageLayout& layout,
                             const core::AddressMap& map, uint64_t granularity_bytes,
                             const NodeModuleDescriptions& modules, bool functional)
    : sc_module(name),
      layout_(layout),
      map_(map),
      noi_("noi", layout.description->noi, occupied(layout, modules)),
      bus_("control_bus", ps(layout.description->driver.bus_latency_ps)),
      registers_("registers", tlm_interconnect::package_registers(),
                 ps(layout.description->driver.register_latency_ps)),
      driver_(make_driver("driver", layout)) {
  SC_HAS_PROCESS(PackageModule);
  build_memories();
  build_chiplets(granularity_bytes, functional);
  build_modules(modules);
  attach_registers();
  noi_.map_group_window(core::AddressMap::group_base(layout_.index, 0), data_window_bytes, 0, groups);
  if (layout_.description->noi.reduction) {
    noi_.map_reduction_window(core::AddressMap::reduction_base(layout_.index, 0, 0), data_window_bytes,
                              core::AddressMap::reduction_member_shift, core::AddressMap::reduction_members,
                              0, groups);
  }
  driver_->set_memory_writer(
      [this](uint64_t address, std::span<const uint8_t> data) { return write_memory(address, data); });
  driver_->bind(checkers_.before(bus_.socket, layout_.description->driver.check), interrupt_);
  for (const core::ChipletFaultDescription& fault : layout_.description->hangs) {
    if (fault.chiplet >= chiplets_.size()) {
      throw core::UserError(fmt::format("packages.{}.hangs: found chiplet {}, allowed 0 to {}", layout_.name,
                                        fault.chiplet, chiplets_.size() - 1));
    }
    sc_core::sc_spawn([this, fault] {
      sc_core::wait(ps(fault.at_ps));
      chiplets_[fault.chiplet]->hang();
    });
  }
  SC_METHOD(update_interrupt);
  for (const auto& line : interrupt_lines_) sensitive << *line;
  dont_initialize();
}

void PackageModule::build_memories() {
  for (const core::NodeInstance& node : layout_.memory) {
    auto& memory =
        memories_.emplace_back(std::make_unique<memory::MemoryNode>(node.name.c_str(), *node.type->memory));
    noi_.to_node(node.node).bind(checkers_.before(memory->socket, node.type->check));
    noi_.map(core::AddressMap::memory_base(layout_.index, node.ordinal), memory->capacity(), node.node);
    if (node.ordinal >= memory_windows) continue;
    bus_.map(core::AddressMap::control_base(layout_.index, DUET_MEMORY_WINDOW + node.ordinal),
             register_window_bytes, checkers_.before(memory->control, node.type->check));
  }
}

void PackageModule::build_chiplets(uint64_t granularity_bytes, bool functional) {
  std::map<const core::NodeTypeDescription*, std::shared_ptr<core::OperationTimings>> timings;
  for (const core::NodeInstance& node : layout_.compute) {
    const models::ChipletPlace place{layout_.index,
                                     node.ordinal,
                                     node.node,
                                     granularity_bytes,
                                     ps(layout_.description->driver.register_latency_ps),
                                     functional};
    auto& chiplet =
        chiplets_.emplace_back(std::make_unique<models::Chiplet>(node.name.c_str(), *node.type, map_, place));
    auto& shared = timings[node.type];
    if (shared == nullptr) shared = std::make_shared<core::OperationTimings>(*node.type);
    chiplet->share_timings(shared);
    auto& data_initiator = chiplet->data_initiator.socket;
    checkers_.bind(data_initiator, noi_.from_node(node.node), data_initiator, node.type->check);
    noi_.to_node(node.node).bind(checkers_.before(chiplet->data_target, node.type->check));
    noi_.map(core::AddressMap::chiplet_base(layout_.index, node.ordinal), data_window_bytes, node.node);
    bus_.map(core::AddressMap::control_base(layout_.index, node.ordinal), register_window_bytes,
             checkers_.before(chiplet->registers.socket, node.type->check));
    auto& line = interrupt_lines_.emplace_back(
        std::make_unique<sc_core::sc_signal<bool>>(fmt::format("interrupt_{}", node.ordinal).c_str()));
    chiplet->interrupt.bind(*line);
  }
}

void PackageModule::build_modules(const NodeModuleDescriptions& modules) {
  NodeModuleContext context;
  context.package = layout_.name;
  for (const core::NodeInstance& node : layout_.memory) {
    context.memories.push_back({node.name, core::AddressMap::memory_base(layout_.index, node.ordinal),
                                core::capacity_bytes(*node.type->memory)});
  }
  for (const auto& [name, description] : modules) {
    if (description.package != layout_.name) continue;
    const unsigned node = node_of(layout_, description);
    const uint64_t base = node_module_base(layout_.index, static_cast<unsigned>(modules_.size()));
    context.name = name;
    context.x = description.x;
    context.y = description.y;
    context.own = {name, base, node_module_window_bytes};
    context.parameters = description.parameters;
    OwnModule own{node, description.x, description.y, nullptr};
    try {
      own.module = find_node_module(name, description)(context);
    } catch (const std::invalid_argument& error) {
      throw core::UserError(fmt::format("modules.{}.parameters.{}", name, error.what()));
    }
    if (auto* initiator = own.module->initiator())
      checkers_.bind(*initiator, noi_.from_node(node), *initiator, description.check);
    if (auto* target = own.module->target()) {
      noi_.to_node(node).bind(checkers_.before(*target, description.check));
      noi_.map(base, node_module_window_bytes, node);
    }
    modules_.emplace(name, std::move(own));
  }
}

std::map<std::string, std::vector<NodeModuleCounter>> PackageModule::module_counters() const {
  std::map<std::string, std::vector<NodeModuleCounter>> counters;
  for (const auto& [name, own] : modules_) counters[name] = own.module->counters();
  return counters;
}

std::vector<tlm_interconnect::ProtocolMonitor::Violation> PackageModule::protocol_violations() const {
  auto all = noi_.protocol_violations();
  checkers_.collect(all);
  driver_->collect_protocol_violations(all);
  return all;
}

void PackageModule::attach_registers() {
  bus_.map(core::AddressMap::control_base(layout_.index, core::AddressMap::package_control),
           register_window_bytes, checkers_.before(registers_.socket, layout_.description->driver.check));
  registers_.on_read(DUET_PACKAGE_chiplets, [this] { return static_cast<uint32_t>(chiplets_.size()); });
  registers_.on_read(DUET_PACKAGE_memories, [this] {
    return std::min(static_cast<uint32_t>(memories_.size()), uint32_t{memory_windows});
  });
  registers_.on_write(DUET_PACKAGE_group_commit, [this](uint32_t) { commit_group(); });
  registers_.on_read(DUET_PACKAGE_interrupt_pending_low, [this] { return pending(0); });
  registers_.on_read(DUET_PACKAGE_interrupt_pending_high, [this] { return pending(1); });
}

void PackageModule::commit_group() {
  const uint32_t group = registers_.value(DUET_PACKAGE_group_select);
  const uint64_t mask = static_cast<uint64_t>(registers_.value(DUET_PACKAGE_group_members_high)) << 32 |
                        registers_.value(DUET_PACKAGE_group_members_low);
  if (group >= groups) return;
  std::vector<tlm_interconnect::NodeId> members;
  for (const core::NodeInstance& node : layout_.compute) {
    if ((mask >> node.ordinal) & 1u) members.push_back(node.node);
  }
  noi_.set_group(group, members);
}

uint32_t PackageModule::pending(unsigned word) const {
  uint32_t bits = 0;
  for (size_t i = 32 * word; i < interrupt_lines_.size() && i < 32 * (word + 1u); ++i) {
    if (interrupt_lines_[i]->read()) bits |= 1u << (i % 32);
  }
  return bits;
}

void PackageModule::update_interrupt() {
  interrupt_.write((pending(0) | pending(1)) != 0);
}

bool PackageModule::is_busy() const {
  return std::ranges::any_of(chiplets_, [](const auto& chiplet) {
    return (chiplet->registers.value(DUET_CHIPLET_status) & DUET_STATUS_BUSY) != 0;
  });
}

bool PackageModule::write_memory(uint64_t address, std::span<const uint8_t> data) {
  if (chiplets_.empty()) return false;
  std::vector<core::MemoryExtent> extents;
  // By pieces that no stripe cuts, because one extent of split() gathers what is not contiguous in `data`.
  constexpr uint64_t piece_bytes = sizeof(duet_descriptor);
  while (!data.empty()) {
    const uint64_t bytes = std::min<uint64_t>(data.size(), piece_bytes - address % piece_bytes);
    extents.clear();
    if (!map_.split(address, bytes, extents) || extents.size() != 1) return false;
    tlm::tlm_generic_payload payload;
    payload.set_command(tlm::TLM_WRITE_COMMAND);
    payload.set_address(extents[0].address);
    payload.set_data_ptr(const_cast<unsigned char*>(data.data()));
    payload.set_data_length(static_cast<unsigned>(bytes));
    payload.set_streaming_width(static_cast<unsigned>(bytes));
    if (chiplets_[0]->data_initiator.socket->transport_dbg(payload) != bytes) return false;
    address += bytes;
    data = data.subspan(bytes);
  }
  return true;
}

void PackageModule::load(const workload::Program& program) {
  for (size_t i = 0; i < program.queues.size(); ++i) {
    const std::span<const duet_descriptor> queue = program.queues[i];
    const std::span<const uint8_t> bytes{reinterpret_cast<const uint8_t*>(queue.data()), queue.size_bytes()};
    if (!write_memory(program.queue_address[i], bytes))
      throw std::logic_error("the program image cannot be written");
  }
}

}  // namespace duet::platform
