// SPDX-License-Identifier: Apache-2.0
// Life of a non-blocking transaction in a network: who has the payload when, and the
// exclusion rules of the base protocol on both sides (IEEE 1666-2011, section 15.2).
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "duet/tlm_interconnect/tlm_network.hpp"

namespace duet::tlm_interconnect {
namespace {

uint64_t now_ps() {
  return sc_core::sc_time_stamp().value();
}

}  // namespace

uint32_t TlmNetwork::new_transaction() {
  if (free_transactions_.empty()) {
    free_transactions_.push_back(static_cast<uint32_t>(transactions_.size()));
    transactions_.emplace_back();
  }
  const uint32_t index = free_transactions_.back();
  free_transactions_.pop_back();
  return index;
}

void TlmNetwork::free_transaction(uint32_t index) {
  Transaction& transaction = transactions_[index];
  const uint32_t generation = transaction.generation + 1;
  transaction = Transaction{};
  transaction.generation = generation;
  free_transactions_.push_back(index);
}

tlm::tlm_response_status TlmNetwork::decode(NodeId source, tlm::tlm_generic_payload& payload,
                                            Transaction& transaction) {
  Route route;
  transaction.source = source;
  const tlm::tlm_response_status status =
      find_route(source, payload.get_address(), payload.get_data_length(), payload.is_write(), route);
  if (status != tlm::TLM_OK_RESPONSE) return status;
  transaction.payload = &payload;
  transaction.initiator_address = payload.get_address();
  transaction.target_address = route.target_address;
  transaction.node = route.node;
  transaction.multicast = route.members != nullptr;
  transaction.members = std::move(route.members);
  transaction.network_group = route.network_group;
  transaction.summand = route.reduction;
  if (route.reduction) return check_summand(payload);
  if (!transaction.multicast && port(route.node).to->size() == 0) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  return tlm::TLM_OK_RESPONSE;
}

tlm::tlm_sync_enum TlmNetwork::nb_transport_fw(int node, tlm::tlm_generic_payload& payload,
                                               tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  const auto source = static_cast<NodeId>(node);
  if (phase == tlm::BEGIN_REQ) return begin_request(source, payload, phase, delay);
  if (phase == tlm::END_RESP) {
    const uint32_t index = by_payload_.find(payload);
    if (index == PayloadTable::none) return tlm::TLM_ACCEPTED;
    complete(index);
    add_timer(now_ps() + delay.value(), Action::end_response, source);
    return tlm::TLM_COMPLETED;
  }
  return tlm::TLM_ACCEPTED;  // an extended phase of somebody's: ignorable
}

void TlmNetwork::refuse(NodeId source, tlm::tlm_generic_payload& payload, tlm::tlm_response_status status) {
  ++errors_;
  payload.set_response_status(status);
  warn(fmt::format("{} of {} bytes at {:#x} from node {}: {}", payload.is_write() ? "write" : "read",
                   payload.get_data_length(), payload.get_address(), source, payload.get_response_string()));
}

tlm::tlm_sync_enum TlmNetwork::begin_request(NodeId source, tlm::tlm_generic_payload& payload,
                                             tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  Transaction way;
  tlm::tlm_response_status status = decode(source, payload, way);
  if (status == tlm::TLM_OK_RESPONSE && by_payload_.find(payload) != PayloadTable::none) {
    status = tlm::TLM_GENERIC_ERROR_RESPONSE;  // a hung target still has it
  }
  if (status != tlm::TLM_OK_RESPONSE) {
    refuse(source, payload, status);
    return tlm::TLM_COMPLETED;
  }
  const uint32_t index = new_transaction();
  way.generation = transactions_[index].generation;
  way.begin_ps = now_ps() + delay.value();
  transactions_[index] = std::move(way);
  if (payload.has_mm()) payload.acquire();
  by_payload_.insert(payload, index);
  if (!observers_.empty()) show(transactions_[index], 0);
  Port& p = port(source);
  if (p.outstanding >= settings_.max_outstanding) {
    transactions_[index].state = State::waiting;
    p.waiting.push_back(index);
    return tlm::TLM_ACCEPTED;
  }
  ++p.outstanding;
  launch(index, now_ps() + delay.value());
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void TlmNetwork::show(const Transaction& transaction, uint64_t end_ps) const {
  const tlm::tlm_generic_payload& payload = *transaction.payload;
  const Sight sight{transaction.source,
                    transaction.multicast ? transaction.source : transaction.node,
                    transaction.members.get(),
                    payload.is_write(),
                    transaction.initiator_address,
                    payload.get_data_length(),
                    transaction.begin_ps,
                    end_ps,
                    payload.get_response_status()};
  for (const auto& observer : observers_) observer(sight);
}

void TlmNetwork::launch(uint32_t index, uint64_t at_ps) {
  Transaction& transaction = transactions_[index];
  transaction.state = State::request;
  tlm::tlm_generic_payload& payload = *transaction.payload;
  payload.get_extension(transaction.upstream_cut_through);
  if (transaction.multicast) {
    transaction.summand ? launch_summand(index, at_ps) : launch_multicast(index, at_ps);
    return;
  }
  NetworkPacket packet;
  packet.source = transaction.source;
  packet.destination = transaction.node;
  packet.traffic = payload.is_write() ? TrafficClass::write : TrafficClass::read_request;
  packet.bytes = payload.is_write() ? payload.get_data_length() : 0;
  packet.first_ps = packet.last_ps = at_ps;
  if (payload.is_write() && transaction.upstream_cut_through != nullptr) {
    packet.last_ps = std::max(at_ps, transaction.upstream_cut_through->last_data_ps);
  }
  packet.token = index;
  network_->send(packet);
  if (settings_.timeout_ps > 0) add_timer(at_ps + settings_.timeout_ps, Action::timeout, index);
  wake_up();
}

void TlmNetwork::launch_multicast(uint32_t index, uint64_t at_ps) {
  const tlm::tlm_generic_payload& payload = *transactions_[index].payload;
  // The sender may reuse its buffer after the response, while copies are still on their way.
  std::shared_ptr<std::vector<unsigned char>> data;
  if (payload.get_extension<core::TimingOnlyExtension>() == nullptr) {
    const unsigned char* bytes = payload.get_data_ptr();
    data = std::make_shared<std::vector<unsigned char>>(bytes, bytes + payload.get_data_length());
    const unsigned char* enables = payload.get_byte_enable_ptr();
    if (enables != nullptr) data->insert(data->end(), enables, enables + payload.get_byte_enable_length());
  }
  if (free_multicasts_.empty()) {
    free_multicasts_.push_back(static_cast<uint32_t>(multicasts_.size()));
    multicasts_.emplace_back();
  }
  const uint32_t multicast_index = free_multicasts_.back();
  free_multicasts_.pop_back();
  Multicast& multicast = multicasts_[multicast_index];
  multicast.sender = index;
  multicast.copies.clear();
  for (const NodeId member : *transactions_[index].members) {
    const uint32_t copy = copy_for(member, transactions_[index], data);
    multicast.copies.emplace_back(member, copy);
  }
  multicast.open = multicast.copies.size();
  NetworkPacket packet;
  packet.source = transactions_[index].source;
  packet.destination = transactions_[index].network_group;
  packet.multicast = true;
  packet.traffic = TrafficClass::write;
  packet.bytes = payload.get_data_length();
  packet.first_ps = packet.last_ps = at_ps;
  if (const auto* cut_through = transactions_[index].upstream_cut_through) {
    packet.last_ps = std::max(at_ps, cut_through->last_data_ps);
  }
  packet.token = multicast_bit | multicast_index;
  network_->send(packet);
  wake_up();
}

uint32_t TlmNetwork::copy_for(NodeId member, const Transaction& sender,
                              const std::shared_ptr<std::vector<unsigned char>>& data) {
  const tlm::tlm_generic_payload& original = *sender.payload;
  tlm::tlm_generic_payload& payload = pool_.acquire();
  payload.set_command(tlm::TLM_WRITE_COMMAND);
  payload.set_data_ptr(data ? data->data() : original.get_data_ptr());
  payload.set_data_length(original.get_data_length());
  payload.set_streaming_width(original.get_streaming_width());
  if (data && original.get_byte_enable_ptr() != nullptr) {
    payload.set_byte_enable_ptr(data->data() + original.get_data_length());
    payload.set_byte_enable_length(original.get_byte_enable_length());
  }
  if (!data) payload.set_extension(&timing_only_);
  return posted_copy(payload, sender.source, member, sender.target_address, data);
}

uint32_t TlmNetwork::posted_copy(tlm::tlm_generic_payload& payload, NodeId source, NodeId node,
                                 uint64_t address, const std::shared_ptr<std::vector<unsigned char>>& data) {
  const uint32_t index = new_transaction();
  Transaction& copy = transactions_[index];
  copy.state = State::request;
  copy.posted_copy = true;
  copy.source = source;
  copy.node = node;
  copy.target_address = address;
  copy.initiator_address = address;
  copy.payload = &payload;
  copy.data = data;
  by_payload_.insert(payload, index);
  return index;
}

void TlmNetwork::multicast_event(uint32_t index, const NetworkEvent& event) {
  Multicast& multicast = multicasts_[index];
  if (event.kind == NetworkEvent::Kind::left_source) {
    transactions_[multicast.sender].payload->set_response_status(tlm::TLM_OK_RESPONSE);
    response_arrived(multicast.sender);
    return;
  }
  const auto found = std::find_if(multicast.copies.begin(), multicast.copies.end(),
                                  [&event](const auto& copy) { return copy.first == event.node; });
  const uint32_t copy = found->second;
  if (--multicast.open == 0) free_multicasts_.push_back(index);
  if (event.kind == NetworkEvent::Kind::delivered) {
    request_arrived(copy, event.first_ps);
  } else {
    fail(copy, "no way is left");
  }
}

// At the target.

void TlmNetwork::request_arrived(uint32_t index, uint64_t first_ps) {
  Transaction& transaction = transactions_[index];
  transaction.cut_through = {};
  transaction.cut_through.initiator = transaction.source + 1;
  if (transaction.payload->is_write()) {
    transaction.cut_through.first_data_ps = first_ps;
    transaction.cut_through.last_data_ps = now_ps();
  }
  if (transaction.blocking) {
    transaction.done->notify(sc_core::SC_ZERO_TIME);
    return;
  }
  transaction.state = State::queued;
  port(transaction.node).requests.push_back(index);
  offer_requests(transaction.node);
}

void TlmNetwork::offer_requests(NodeId node) {
  Port& p = port(node);
  while (!p.request_busy && !p.requests.empty()) {
    const uint32_t index = p.requests.front();
    p.requests.pop_front();
    Transaction& transaction = transactions_[index];
    tlm::tlm_generic_payload& payload = *transaction.payload;
    payload.set_address(transaction.target_address);
    payload.set_extension(&transaction.cut_through);
    transaction.state = State::at_target;
    p.request_busy = true;
    p.request_owner = index;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const uint32_t generation = transaction.generation;
    const tlm::tlm_sync_enum result = to_target(p, payload, phase, delay);
    if (transactions_[index].generation != generation || result == tlm::TLM_ACCEPTED) continue;
    const uint64_t at = now_ps() + delay.value();
    if (result == tlm::TLM_COMPLETED || phase == tlm::BEGIN_RESP) {
      transactions_[index].owes_end_response = result != tlm::TLM_COMPLETED;
      p.request_busy = false;
      respond_at(at, index);
    } else if (phase == tlm::END_REQ) {
      if (delay == sc_core::SC_ZERO_TIME) {
        p.request_busy = false;
      } else {
        add_timer(at, Action::end_request, index);
      }
    }
  }
}

tlm::tlm_sync_enum TlmNetwork::nb_transport_bw(int node, tlm::tlm_generic_payload& payload,
                                               tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  const uint32_t index = by_payload_.find(payload);
  if (index == PayloadTable::none) return tlm::TLM_ACCEPTED;
  Port& p = port(static_cast<NodeId>(node));
  const uint64_t at = now_ps() + delay.value();
  if (phase == tlm::END_REQ) {
    add_timer(at, Action::end_request, index);
    return tlm::TLM_ACCEPTED;
  }
  if (phase == tlm::BEGIN_RESP) {
    if (p.request_busy && p.request_owner == index) {
      // The next request goes to the target later, not from within its call.
      add_timer(at, Action::end_request, index);
      add_timer(at, Action::response, index);
    } else {
      respond_at(at, index);
    }
    return tlm::TLM_COMPLETED;
  }
  return tlm::TLM_ACCEPTED;
}

void TlmNetwork::respond_at(uint64_t at_ps, uint32_t index) {
  at_ps > now_ps() ? add_timer(at_ps, Action::response, index) : target_responded(index);
}

void TlmNetwork::target_responded(uint32_t index) {
  Transaction& transaction = transactions_[index];
  tlm::tlm_generic_payload& payload = *transaction.payload;
  Port& p = port(transaction.node);
  if (p.request_busy && p.request_owner == index) {
    p.request_busy = false;
    offer_requests(transaction.node);
  }
  if (transaction.owes_end_response) {
    tlm::tlm_phase phase = tlm::END_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    to_target(p, payload, phase, delay);
    transaction.owes_end_response = false;
  }
  if (transaction.hung) {
    transaction.hung = false;
    if (transaction.state == State::done) finish_copy(index);
    return;
  }
  payload.set_address(transaction.initiator_address);
  payload.set_extension(transaction.upstream_cut_through);
  if (transaction.posted_copy) {
    finish_copy(index);
    return;
  }
  const uint64_t last = transaction.cut_through.last_data_ps;
  send_response(index, now_ps(), payload.is_write() ? now_ps() : std::max(now_ps(), last));
}

void TlmNetwork::send_response(uint32_t index, uint64_t first_ps, uint64_t last_ps) {
  Transaction& transaction = transactions_[index];
  const tlm::tlm_generic_payload& payload = *transaction.payload;
  const bool data = payload.is_read() && payload.is_response_ok();
  transaction.state = State::response;
  NetworkPacket packet;
  packet.source = transaction.node;
  packet.destination = transaction.source;
  packet.traffic = data ? TrafficClass::read_data : TrafficClass::write_response;
  packet.bytes = data ? payload.get_data_length() : 0;
  packet.first_ps = first_ps;
  packet.last_ps = data ? last_ps : first_ps;
  packet.token = index;
  network_->send(packet);
  wake_up();
}

void TlmNetwork::finish_copy(uint32_t index) {
  Transaction& transaction = transactions_[index];
  tlm::tlm_generic_payload& payload = *transaction.payload;
  by_payload_.erase(payload);
  if (transaction.posted_copy) {
    if (payload.is_response_error()) {
      if (failed_posted_writes_++ == 0) {
        warn(fmt::format("posted write to node {} at {:#x} failed: {}", transaction.node,
                         transaction.target_address, payload.get_response_string()));
      }
    }
    payload.set_extension<core::TimingOnlyExtension>(nullptr);
  }
  if (payload.has_mm()) payload.release();
  free_transaction(index);
}

// Back at the initiator.

void TlmNetwork::response_arrived(uint32_t index) {
  Transaction& transaction = transactions_[index];
  if (transaction.blocking) {
    transaction.done->notify(sc_core::SC_ZERO_TIME);
    return;
  }
  transaction.state = State::answering;
  port(transaction.source).responses.push_back(index);
  offer_responses(transaction.source);
}

void TlmNetwork::offer_responses(NodeId node) {
  Port& p = port(node);
  while (!p.response_busy && !p.responses.empty()) {
    const uint32_t index = p.responses.front();
    p.responses.pop_front();
    p.response_busy = true;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum result = to_initiator(p, *transactions_[index].payload, phase, delay);
    if (result == tlm::TLM_COMPLETED || (result == tlm::TLM_UPDATED && phase == tlm::END_RESP)) {
      complete(index);
      add_timer(now_ps() + delay.value(), Action::end_response, node);
    }
  }
}

void TlmNetwork::complete(uint32_t index) {
  Transaction& transaction = transactions_[index];
  tlm::tlm_generic_payload& payload = *transaction.payload;
  if (!observers_.empty()) show(transaction, now_ps());
  ++transactions_done_;
  bytes_done_ += payload.get_data_length();
  transaction.state = State::done;
  if (transaction.hung) return;  // the record stays to swallow a late response
  by_payload_.erase(payload);
  if (payload.has_mm()) payload.release();
  free_transaction(index);
}

void TlmNetwork::response_accepted(NodeId node) {
  Port& p = port(node);
  p.response_busy = false;
  --p.outstanding;
  if (!p.waiting.empty()) {
    const uint32_t next = p.waiting.front();
    p.waiting.pop_front();
    ++p.outstanding;
    launch(next, now_ps());
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    to_initiator(p, *transactions_[next].payload, phase, delay);
  }
  offer_responses(node);
}

void TlmNetwork::fail(uint32_t index, const char* why) {
  Transaction& transaction = transactions_[index];
  ++errors_;
  warn(fmt::format("{} of {} bytes from node {} to {:#x} at node {}: {}",
                   transaction.payload->is_write() ? "write" : "read", transaction.payload->get_data_length(),
                   transaction.source, transaction.target_address, transaction.node, why));
  if (transaction.state == State::at_target) {
    transaction.hung = true;
    transaction.payload->set_address(transaction.initiator_address);
    transaction.payload->set_extension(transaction.upstream_cut_through);
  } else if (transaction.state == State::queued) {
    std::erase(port(transaction.node).requests, index);
  }
  transaction.payload->set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  if (transaction.posted_copy) {
    finish_copy(index);
  } else {
    response_arrived(index);
  }
}

// What the time brings.

void TlmNetwork::add_timer(uint64_t at_ps, Action action, uint32_t index) {
  const bool of_transaction = action != Action::fault && action != Action::end_response &&
                              action != Action::own_summand && action != Action::leave;
  const uint32_t generation = of_transaction ? transactions_[index].generation : 0;
  timers_.push_back({at_ps, timer_sequence_++, action, index, generation});
  std::push_heap(timers_.begin(), timers_.end(), std::greater<>{});
  wake_up();
}

void TlmNetwork::wake_up() {
  if (running_) return;  // it does so at its end
  uint64_t next = network_->next_event_ps();
  if (!timers_.empty()) next = std::min(next, timers_.front().at_ps);
  if (next == never_ps) return;
  const uint64_t now = now_ps();
  next = std::max(next, now);
  if (next >= armed_ps_) return;
  armed_ps_ = next;
  wake_.notify(sc_core::sc_time::from_value(next - now));
}

void TlmNetwork::run() {
  const uint64_t now = now_ps();
  armed_ps_ = never_ps;
  running_ = true;
  for (;;) {
    if (!timers_.empty() && timers_.front().at_ps <= now) {
      const Timer timer = timers_.front();
      std::pop_heap(timers_.begin(), timers_.end(), std::greater<>{});
      timers_.pop_back();
      dispatch(timer);
    } else if (network_->next_event_ps() <= now) {
      run_network();
    } else {
      break;
    }
  }
  running_ = false;
  wake_up();
}

void TlmNetwork::run_network() {
  std::vector<NetworkEvent> events = std::move(events_);  // a call may come back here
  events.clear();
  network_->advance(now_ps(), events);
  for (const NetworkEvent& event : events) dispatch(event);
  events_ = std::move(events);
}

void TlmNetwork::dispatch(const NetworkEvent& event) {
  if ((event.token & multicast_bit) != 0) {
    multicast_event(event.token & ~multicast_bit, event);
    return;
  }
  if ((event.token & hop_bit) != 0) {
    piece_event(event.token & ~hop_bit, event);
    return;
  }
  if (event.kind == NetworkEvent::Kind::lost) {
    fail(event.token, "no way is left");
  } else if (transactions_[event.token].state == State::request) {
    request_arrived(event.token, event.first_ps);
  } else {
    response_arrived(event.token);
  }
}

void TlmNetwork::dispatch(const Timer& timer) {
  if (timer.action == Action::fault) {
    const core::NoiFaultDescription& fault = settings_.faults[timer.index];
    set_lanes(fault.from, fault.to, fault.lanes_left);
    if (fault.both_ways) set_lanes(fault.to, fault.from, fault.lanes_left);
    return;
  }
  if (timer.action == Action::leave) {
    leaf_leaves(timer.index);
    return;
  }
  if (timer.action == Action::own_summand) {
    piece_event(timer.index, {.first_ps = now_ps(), .at_ps = now_ps()});
    return;
  }
  if (timer.action == Action::end_response) {
    response_accepted(timer.index);
    return;
  }
  if (transactions_[timer.index].generation != timer.generation) return;
  switch (timer.action) {
    case Action::end_request: {
      Port& p = port(transactions_[timer.index].node);
      if (p.request_busy && p.request_owner == timer.index) {
        p.request_busy = false;
        offer_requests(transactions_[timer.index].node);
      }
      break;
    }
    case Action::response:
      target_responded(timer.index);
      break;
    case Action::timeout:
      if (transactions_[timer.index].state == State::at_target ||
          transactions_[timer.index].state == State::queued) {
        fail(timer.index, "the target does not answer");
      }
      break;
    case Action::answer:
      response_arrived(timer.index);
      break;
    case Action::arrive:
      request_arrived(timer.index, transactions_[timer.index].begin_ps);
      break;
    case Action::end_response:
    case Action::fault:
    case Action::own_summand:
    case Action::leave:
      break;
  }
}

}  // namespace duet::tlm_interconnect
