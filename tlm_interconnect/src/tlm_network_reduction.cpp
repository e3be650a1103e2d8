// SPDX-License-Identifier: Apache-2.0
// Reductions: the writes of a group's members to a reduction window are summed on their way to one of them.
// The adders beside the routers take pieces of a packet and hand on one sum, so each link of the tree carries
// the payload once. A piece waits in its adder, not in the network, so reductions add no channel dependency.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "duet/tlm_interconnect/tlm_network.hpp"

namespace duet::tlm_interconnect {
namespace {

// Pieces of a packet's size, so that the adders work side by side, but not more than this many of a write.
constexpr uint64_t most_pieces = 64;

std::vector<float> numbers_of(const tlm::tlm_generic_payload& payload) {
  std::vector<float> numbers(payload.get_data_length() / sizeof(float));
  std::memcpy(numbers.data(), payload.get_data_ptr(), payload.get_data_length());
  return numbers;
}

}  // namespace

tlm::tlm_response_status TlmNetwork::check_summand(const tlm::tlm_generic_payload& payload) {
  if (payload.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  const unsigned bytes = payload.get_data_length();
  if (bytes == 0 || bytes % sizeof(float) != 0 || payload.get_streaming_width() < bytes)
    return tlm::TLM_BURST_ERROR_RESPONSE;
  return tlm::TLM_OK_RESPONSE;
}

// The n-th writes of all members to an address belong together.
uint32_t TlmNetwork::reduction_of(const Transaction& summand, size_t member) {
  auto& open = open_reductions_[{summand.network_group, summand.node, summand.target_address}];
  for (const uint32_t index : open) {
    if (reductions_[index].senders[member] == ReductionTree::none) return index;
  }
  if (free_reductions_.empty()) {
    free_reductions_.push_back(static_cast<uint32_t>(reductions_.size()));
    reductions_.emplace_back();
  }
  const uint32_t index = free_reductions_.back();
  free_reductions_.pop_back();
  open.push_back(index);
  const size_t members = summand.members->size();
  const uint64_t bytes = summand.payload->get_data_length();
  Reduction& reduction = reductions_[index] = {};
  reduction.address = summand.target_address;
  reduction.root = summand.node;
  reduction.bytes = bytes;
  reduction.piece_bytes = std::max(settings_.packet_bytes, (bytes + most_pieces - 1) / most_pieces);
  reduction.pieces = static_cast<uint32_t>((bytes + reduction.piece_bytes - 1) / reduction.piece_bytes);
  reduction.senders.assign(members, ReductionTree::none);
  reduction.pieces_left.assign(members, reduction.pieces);
  reduction.summands.resize(members);
  auto tree = ReductionTree::make(*network_, summand.node, *summand.members);
  if (!tree) {
    break_reduction(reduction, "no way is left");
    return index;
  }
  reduction.tree = std::move(*tree);
  for (const auto& vertex : reduction.tree.vertices)
    reduction.missing.insert(reduction.missing.end(), reduction.pieces, vertex.summands());
  return index;
}

void TlmNetwork::launch_summand(uint32_t index, uint64_t at_ps) {
  Transaction& transaction = transactions_[index];
  tlm::tlm_generic_payload& payload = *transaction.payload;
  const auto& members = *transaction.members;
  const auto member = static_cast<size_t>(std::ranges::find(members, transaction.source) - members.begin());
  const uint32_t reduction_index = reduction_of(transaction, member);
  Reduction& reduction = reductions_[reduction_index];
  const bool fits = reduction.bytes == payload.get_data_length();
  if (!fits) break_reduction(reduction, "its members write different lengths");
  reduction.senders[member] = index;
  if (++reduction.written == members.size()) {
    const auto open =
        open_reductions_.find({transaction.network_group, transaction.node, transaction.target_address});
    open->second.pop_front();
    if (open->second.empty()) open_reductions_.erase(open);
  }
  if (reduction.broken) {
    payload.set_response_status(fits ? tlm::TLM_GENERIC_ERROR_RESPONSE : tlm::TLM_BURST_ERROR_RESPONSE);
    add_timer(at_ps, Action::answer, index);
    end_reduction(reduction_index);
    return;
  }
  reduction.timing_only =
      reduction.timing_only || payload.get_extension<core::TimingOnlyExtension>() != nullptr;
  if (!reduction.timing_only) reduction.summands[member] = numbers_of(payload);
  uint64_t last_ps = at_ps;
  if (const auto* cut_through = transaction.upstream_cut_through)
    last_ps = std::max(at_ps, cut_through->last_data_ps);
  const uint32_t vertex = reduction.tree.of_member[member];
  const auto sender = static_cast<uint32_t>(member);
  for (uint32_t piece = 0; piece < reduction.pieces; ++piece) {
    const uint64_t last = at_ps + (last_ps - at_ps) * (piece + 1) / reduction.pieces;
    if (reduction.tree.is_leaf(vertex)) {
      // Not before it is whole, so that a slow writer's pieces stand in nobody's way at the port.
      add_timer(last, Action::leave,
                new_hop({reduction_index, reduction.tree.vertices[vertex].parent, piece, sender}));
      continue;
    }
    // The own adder stands at the die's port: no way through the network.
    const auto bytes = static_cast<double>(std::min((piece + 1) * reduction.piece_bytes, reduction.bytes));
    const auto through_ps = at_ps + static_cast<uint64_t>(bytes / settings_.port_bytes_per_ps);
    add_timer(std::max(last, through_ps) + settings_.port_ps, Action::own_summand,
              new_hop({reduction_index, vertex, piece, sender}));
  }
  wake_up();
}

uint32_t TlmNetwork::new_hop(const Hop& hop) {
  if (free_hops_.empty()) {
    free_hops_.push_back(static_cast<uint32_t>(hops_.size()));
    hops_.emplace_back();
  }
  const uint32_t index = free_hops_.back();
  free_hops_.pop_back();
  hops_[index] = hop;
  ++reductions_[hop.reduction].under_way;
  return index;
}

void TlmNetwork::leaf_leaves(uint32_t index) {
  const ReductionTree& tree = reductions_[hops_[index].reduction].tree;
  send_piece(index, tree.vertices[tree.of_member[hops_[index].member]].node,
             sc_core::sc_time_stamp().value());
}

void TlmNetwork::send_piece(uint32_t index, NodeId from, uint64_t at_ps) {
  const Hop& hop = hops_[index];
  const Reduction& reduction = reductions_[hop.reduction];
  NetworkPacket packet;
  packet.source = from;
  packet.destination = reduction.tree.vertices[hop.vertex].node;
  packet.bytes = std::min(reduction.piece_bytes, reduction.bytes - hop.piece * reduction.piece_bytes);
  packet.first_ps = packet.last_ps = at_ps;
  packet.token = hop_bit | index;
  packet.sum_root = reduction.root;
  network_->send(packet);
}

void TlmNetwork::piece_event(uint32_t index, const NetworkEvent& event) {
  const Hop hop = hops_[index];
  free_hops_.push_back(index);
  Reduction& reduction = reductions_[hop.reduction];
  --reduction.under_way;
  if (event.kind == NetworkEvent::Kind::lost) break_reduction(reduction, "no way is left");
  if (!reduction.broken) {
    if (hop.vertex == 0 && reduction.first_ps == 0) reduction.first_ps = event.first_ps;
    if (--reduction.missing[size_t{hop.vertex} * reduction.pieces + hop.piece] == 0) hand_on(hop);
  }
  if (hop.member != ReductionTree::none && --reduction.pieces_left[hop.member] == 0) {
    // The sender's part is done: the adder has all of it.
    const uint32_t sender = reduction.senders[hop.member];
    transactions_[sender].payload->set_response_status(reduction.broken ? tlm::TLM_GENERIC_ERROR_RESPONSE
                                                                        : tlm::TLM_OK_RESPONSE);
    response_arrived(sender);
  }
  end_reduction(hop.reduction);
}

// All summands of a piece have come to a vertex.
void TlmNetwork::hand_on(const Hop& hop) {
  Reduction& reduction = reductions_[hop.reduction];
  const ReductionTree::Vertex& vertex = reduction.tree.vertices[hop.vertex];
  const uint64_t at_ps = sc_core::sc_time_stamp().value() + (vertex.summands() > 1 ? settings_.adder_ps : 0);
  if (vertex.parent != ReductionTree::none) {
    send_piece(new_hop({hop.reduction, vertex.parent, hop.piece, ReductionTree::none}), vertex.node, at_ps);
    wake_up();
  } else if (++reduction.summed == reduction.pieces) {
    add_timer(at_ps, Action::arrive, sum_of(reduction));
  }
}

// The write that the root sees.
uint32_t TlmNetwork::sum_of(const Reduction& reduction) {
  const auto bytes = static_cast<unsigned>(reduction.bytes);
  tlm::tlm_generic_payload& payload = pool_.acquire();
  std::shared_ptr<std::vector<unsigned char>> data;
  if (reduction.timing_only) {
    if (!scratch_ || scratch_->size() < bytes) scratch_ = std::make_shared<std::vector<unsigned char>>(bytes);
    data = scratch_;
    payload.set_extension(&timing_only_);
  } else {
    data = std::make_shared<std::vector<unsigned char>>(bytes);
    const std::vector<float> sum = reduction.tree.sum(reduction.summands);
    std::memcpy(data->data(), sum.data(), bytes);
  }
  payload.set_command(tlm::TLM_WRITE_COMMAND);
  payload.set_data_ptr(data->data());
  payload.set_data_length(bytes);
  payload.set_streaming_width(bytes);
  const uint32_t index = posted_copy(payload, reduction.root, reduction.root, reduction.address, data);
  transactions_[index].begin_ps = reduction.first_ps;
  return index;
}

void TlmNetwork::break_reduction(Reduction& reduction, const char* why) {
  if (reduction.broken) return;
  reduction.broken = true;
  ++errors_;
  warn(fmt::format("reduction of {} bytes to {:#x} at node {}: {}", reduction.bytes, reduction.address,
                   reduction.root, why));
}

void TlmNetwork::abandon_reductions(uint32_t group) {
  const auto first = open_reductions_.lower_bound({group, 0, 0});
  auto last = first;
  for (; last != open_reductions_.end() && std::get<0>(last->first) == group; ++last) {
    for (const uint32_t index : last->second) {
      Reduction& reduction = reductions_[index];
      break_reduction(reduction, "its group is set anew before all members have written");
      reduction.written = reduction.senders.size();
      end_reduction(index);
    }
  }
  open_reductions_.erase(first, last);
}

void TlmNetwork::end_reduction(uint32_t index) {
  Reduction& reduction = reductions_[index];
  const bool all_written = reduction.written == reduction.senders.size();
  if (!all_written || reduction.under_way != 0) return;
  if (!reduction.broken && reduction.summed != reduction.pieces) return;
  reduction = {};
  free_reductions_.push_back(index);
}

}  // namespace duet::tlm_interconnect
