// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/tlm_network.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "duet/core/error.hpp"

namespace duet::tlm_interconnect {

TlmNetwork::TlmNetwork(const sc_core::sc_module_name& name, std::unique_ptr<NetworkModel> network,
                       Settings settings, const std::vector<NodeId>& nodes)
    : sc_module(name), settings_(std::move(settings)), network_(std::move(network)) {
  ports_.resize(network_->topology().nodes());
  for (const NodeId node : nodes) {
    if (node >= ports_.size() || ports_[node]) {
      throw core::UserError(
          fmt::format("nodes: found {}, allowed 0 to {}, each once", node, ports_.size() - 1));
    }
    ports_[node] = std::make_unique<Port>();
    Port& p = *ports_[node];
    const auto tag = static_cast<int>(node);
    p.from = std::make_unique<TargetSocket>(fmt::format("{}_{}", settings_.from_name, node).c_str());
    p.from->register_nb_transport_fw(this, &TlmNetwork::from_initiator, tag);
    p.from->register_b_transport(this, &TlmNetwork::blocking_from_initiator, tag);
    p.from->register_transport_dbg(this, &TlmNetwork::transport_dbg, tag);
    p.from->register_get_direct_mem_ptr(this, &TlmNetwork::get_direct_mem_ptr, tag);
    p.to = std::make_unique<InitiatorSocket>(fmt::format("{}_{}", settings_.to_name, node).c_str());
    p.to->register_nb_transport_bw(this, &TlmNetwork::from_target, tag);
    p.to->register_invalidate_direct_mem_ptr(this, &TlmNetwork::invalidate_direct_mem_ptr, tag);
    if (settings_.check) {
      p.from_monitor = std::make_unique<ProtocolMonitor>(p.from->name());
      p.to_monitor = std::make_unique<ProtocolMonitor>(p.to->name());
    }
  }
  for (const NodeId from : nodes) {
    for (const NodeId to : nodes) {
      if (network_->reachable(from, to)) continue;
      throw core::UserError(
          fmt::format("missing_links: found no way from node {} to node {}, allowed every "
                      "occupied node can reach every other",
                      from, to));
    }
  }
  for (uint32_t i = 0; i < settings_.faults.size(); ++i) add_timer(settings_.faults[i].at, Action::fault, i);
  SC_HAS_PROCESS(TlmNetwork);
  SC_METHOD(run);
  sensitive << wake_;
}

TlmNetwork::~TlmNetwork() = default;

void TlmNetwork::refuse_node(NodeId node) const {
  throw core::UserError(fmt::format("{}: found node {}, allowed one of the occupied nodes", name(), node));
}

TlmNetwork::TargetSocket& TlmNetwork::target_socket(NodeId node) {
  return *port(node).from;
}

TlmNetwork::InitiatorSocket& TlmNetwork::initiator_socket(NodeId node) {
  return *port(node).to;
}

bool TlmNetwork::set_lanes(NodeId from, NodeId to, unsigned lanes) {
  const LinkId link = network_->topology().find(from, to);
  if (link == no_link) return false;
  run_network();  // what has gone over the link so far went at the old rate
  network_->set_lanes(link, lanes);
  wake_up();
  return true;
}

void TlmNetwork::add_statistics(core::StatisticsRegistry& registry) const {
  const std::vector<NoiLink>& links = network_->topology().links();
  for (LinkId link = 0; link < links.size(); ++link) {
    const std::string prefix = fmt::format("{}.link[{}->{}]", name(), links[link].from, links[link].to);
    registry.add(prefix + ".bytes", "B", "Bytes that the link has carried, headers and padding included",
                 [this, link] { return static_cast<double>(network_->link_bytes(link)); });
    registry.add(prefix + ".busy_time", "ps", "Time for which the link has been busy",
                 [this, link] { return network_->link_busy_ps(link); });
  }
  registry.add(fmt::format("{}.transactions", name()), "1", "Transactions that are complete",
               [this] { return static_cast<double>(transactions_done_); });
  registry.add(fmt::format("{}.bytes", name()), "B", "Data of the transactions that are complete",
               [this] { return static_cast<double>(bytes_done_); });
  registry.add(fmt::format("{}.errors", name()), "1",
               "Transactions that the network itself refused or gave up",
               [this] { return static_cast<double>(errors_); });
}

void TlmNetwork::warn(const std::string& message) {
  SC_REPORT_WARNING(name(), message.c_str());
}

// Debug transport and DMI take no time and touch no queue.

unsigned TlmNetwork::transport_dbg(int node, tlm::tlm_generic_payload& payload) {
  const uint64_t address = payload.get_address();
  Route route;
  const auto source = static_cast<NodeId>(node);
  if (find_route(source, address, payload.get_data_length(), payload.is_write(), route) !=
      tlm::TLM_OK_RESPONSE) {
    return 0;
  }
  if (route.reduction) return 0;  // a sum has no state to look at
  unsigned bytes = 0;
  for (const NodeId target : route.members ? *route.members : std::vector<NodeId>{route.node}) {
    payload.set_address(route.target_address);
    InitiatorSocket& socket = initiator_socket(target);
    bytes = socket.size() > 0 ? socket->transport_dbg(payload) : 0;
  }
  payload.set_address(address);
  return bytes;
}

bool TlmNetwork::get_direct_mem_ptr(int node, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
  const uint64_t address = payload.get_address();
  const std::optional<Window> window = window_of(static_cast<NodeId>(node), address);
  if (!window || initiator_socket(window->node).size() == 0) {
    dmi.init();
    dmi.allow_none();
    dmi.set_start_address(address);
    dmi.set_end_address(address);
    return false;
  }
  payload.set_address(window->target_base + (address - window->base));
  const bool granted = initiator_socket(window->node)->get_direct_mem_ptr(payload, dmi);
  payload.set_address(address);
  // The target speaks of its own addresses; only what lies in the window can be seen from here.
  const uint64_t last = window->target_base + (window->size - 1);
  const uint64_t start = std::max<uint64_t>(dmi.get_start_address(), window->target_base);
  const uint64_t end = std::min<uint64_t>(dmi.get_end_address(), last);
  if (granted) dmi.set_dmi_ptr(dmi.get_dmi_ptr() + (start - dmi.get_start_address()));
  dmi.set_start_address(window->base + (start - window->target_base));
  dmi.set_end_address(window->base + (end - window->target_base));
  return granted;
}

void TlmNetwork::invalidate_direct_mem_ptr(int node, sc_dt::uint64 start, sc_dt::uint64 end) {
  for (NodeId source = 0; source < ports_.size(); ++source) {
    if (!ports_[source] || ports_[source]->from->size() == 0) continue;
    for (const Window& window : windows_to(source, static_cast<NodeId>(node))) {
      const uint64_t last = window.target_base + (window.size - 1);
      if (end < window.target_base || start > last) continue;
      const uint64_t from = std::max<uint64_t>(start, window.target_base) - window.target_base;
      const uint64_t to = std::min<uint64_t>(end, last) - window.target_base;
      (*ports_[source]->from)->invalidate_direct_mem_ptr(window.base + from, window.base + to);
    }
  }
}

}  // namespace duet::tlm_interconnect
