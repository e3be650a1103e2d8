// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/memory_node.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "duet/core/error.hpp"
#include "duet/core/tlm_extensions.hpp"
#include "duet/memory/command/command_engine.hpp"
#include "duet/memory/payload_access.hpp"
#include "duet/memory/stream_engine.hpp"

namespace duet::memory {
namespace {

uint64_t now_in_ps() {
  return sc_core::sc_time_stamp().value();
}

sc_core::sc_time ps(uint64_t value) {
  return sc_core::sc_time::from_value(value);
}

core::CutThroughExtension* cut_through(const tlm::tlm_generic_payload& payload) {
  return payload.get_extension<core::CutThroughExtension>();
}

}  // namespace

MemoryNode::MemoryNode(sc_core::sc_module_name name, const core::MemoryDescription& description)
    : sc_core::sc_module(name),
      socket("socket"),
      control("control"),
      interrupt("interrupt"),
      description_(description),
      capacity_(core::capacity_bytes(description)),
      error_latency_ps_(core::idle_latency_ps(description)),
      faults_(description.ecc, capacity_) {
  interrupt.bind(interrupt_signal_);
  if (description_.level == core::MemoryLevel::stream) {
    auto engine = std::make_unique<StreamEngine>(description_);
    engine_counters_ = [raw = engine.get()](uint64_t now) { return raw->counters(now); };
    engine_ = std::move(engine);
  } else {
    auto engine = std::make_unique<CommandEngine>(description_);
    engine_counters_ = [raw = engine.get()](uint64_t) { return raw->counters(); };
    command_engine_ = engine.get();
    engine_ = std::move(engine);
  }
  socket.register_b_transport(this, &MemoryNode::b_transport);
  socket.register_nb_transport_fw(this, &MemoryNode::nb_transport_fw);
  socket.register_transport_dbg(this, &MemoryNode::transport_dbg);
  socket.register_get_direct_mem_ptr(this, &MemoryNode::get_direct_mem_ptr);
  control.register_b_transport(this, &MemoryNode::control_transport);
  control.register_transport_dbg(this, &MemoryNode::control_dbg);
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.set_sensitivity(&wake_);
  options.dont_initialize();
  sc_core::sc_spawn([this] { work(); }, "work", &options);
}

MemoryNode::~MemoryNode() = default;

MemoryCounters MemoryNode::counters() const {
  MemoryCounters counters = engine_counters_(now_in_ps());
  counters.errors = errors_;
  return counters;
}

void MemoryNode::register_statistics(core::StatisticsRegistry& registry) const {
  register_counters(registry, name(), core::standard_of(description_).energy, [this] { return counters(); });
}

void MemoryNode::observe_commands(size_t channel, CommandObserver& observer) {
  if (command_engine_ == nullptr || channel >= command_engine_->channels())
    throw core::UserError(
        fmt::format("{}: commands of channel {} cannot be observed; allowed: level command, "
                    "channels 0 to {}",
                    name(), channel, command_engine_ == nullptr ? 0 : command_engine_->channels() - 1));
  command_engine_->channel(channel).observe(observer);
}

void MemoryNode::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  if (delay != sc_core::SC_ZERO_TIME) sc_core::wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  sc_core::sc_event done;
  start(payload, &done, now_in_ps());
  arm(now_in_ps());
  sc_core::wait(done);
}

tlm::tlm_sync_enum MemoryNode::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                               sc_core::sc_time& delay) {
  const uint64_t now = now_in_ps();
  if (phase == tlm::END_RESP) {
    if (in_response_ != nullptr && in_response_->payload == &payload) {
      release(*in_response_);
      in_response_ = nullptr;
      arm(now);
    }
    return tlm::TLM_COMPLETED;
  }
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;  // an ignorable phase of somebody else's protocol
  if (payload.has_mm()) payload.acquire();
  if (delay != sc_core::SC_ZERO_TIME) {
    arrivals_.push({now + delay.value(), order_++, &payload});
    arm(now);
    return tlm::TLM_ACCEPTED;
  }
  if (in_flight_ >= description_.outstanding_transactions || !held_.empty()) {
    held_.push_back(&payload);
    return tlm::TLM_ACCEPTED;
  }
  start(payload, nullptr, now);
  arm(now);
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

/// Takes a transaction into the engine, or schedules its error response.
void MemoryNode::start(tlm::tlm_generic_payload& payload, sc_core::sc_event* done, uint64_t now_ps) {
  if (free_.empty()) {
    pool_.push_back(std::make_unique<Pending>());
    free_.push_back(pool_.back().get());
  }
  Pending& pending = *free_.back();
  free_.pop_back();
  ++in_flight_;
  pending.payload = &payload;
  pending.done = done;
  const tlm::tlm_response_status status = check_payload(payload, capacity_);
  payload.set_dmi_allowed(status == tlm::TLM_OK_RESPONSE);
  payload.set_response_status(status);
  if (status != tlm::TLM_OK_RESPONSE || payload.is_read() == payload.is_write()) {
    if (status != tlm::TLM_OK_RESPONSE) {
      warn(payload, status);
      faults_.count_wrong_request(payload.get_address());
      faults_changed();
    }
    pending.transfer = {.arrival_ps = now_ps, .first_data_ps = now_ps + error_latency_ps_};
    pending.transfer.last_data_ps = pending.transfer.first_data_ps;
    pending.transfer.owner = &pending;
    engine_->scheduled.push_back(&pending.transfer);
    return;
  }
  access(payload);
  const core::CutThroughExtension* through = cut_through(payload);
  pending.transfer = {.address = payload.get_address(),
                      .bytes = std::min<uint64_t>(payload.get_data_length(), payload.get_streaming_width()),
                      .write = payload.is_write(),
                      .initiator = through != nullptr ? through->initiator : 0,
                      .arrival_ps = now_ps,
                      .source_done_ps = payload.is_write() && through != nullptr ? through->last_data_ps : 0,
                      .owner = &pending};
  engine_->submit(pending.transfer);
}

/// Moves the data, and lets damaged words show. Data move when the request is accepted, so that
/// requests of one initiator see each other in the order of their acceptance.
void MemoryNode::access(tlm::tlm_generic_payload& payload) {
  const bool timing_only = payload.get_extension<core::TimingOnlyExtension>() != nullptr;
  const uint64_t bytes = std::min<uint64_t>(payload.get_data_length(), payload.get_streaming_width());
  if (!timing_only) access_store(payload, store_);
  if (!faults_.any()) return;
  if (payload.is_write()) {
    if (payload.get_byte_enable_ptr() == nullptr) faults_.written(payload.get_address(), bytes);
    return;
  }
  if (!faults_.read(payload.get_address(), timing_only ? nullptr : payload.get_data_ptr(), bytes))
    payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  faults_changed();
}

void MemoryNode::inject_error(uint64_t address, unsigned bit) {
  if (address >= capacity_ || bit >= secded::bits)
    throw core::UserError(
        fmt::format("{}: found bit {} of address {:#x}, allowed: bits 0 to {}, addresses below {:#x}", name(),
                    bit, address, secded::bits - 1, capacity_));
  faults_.inject(address, bit);
  socket->invalidate_direct_mem_ptr(address, address);
}

void MemoryNode::faults_changed() {
  for (const uint64_t word : faults_.take_injected()) socket->invalidate_direct_mem_ptr(word, word);
  interrupt_signal_.write(faults_.interrupt());
}

unsigned MemoryNode::control_dbg(tlm::tlm_generic_payload& payload) {
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  control_transport(payload, delay);
  return payload.is_response_ok() ? payload.get_data_length() : 0;
}

void MemoryNode::control_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  payload.set_dmi_allowed(false);
  if (payload.get_data_length() != 4 || payload.get_byte_enable_ptr() != nullptr ||
      payload.get_streaming_width() < 4 || payload.get_data_ptr() == nullptr ||
      payload.get_address() % 4 != 0) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  uint32_t value = 0;
  bool good = false;
  if (payload.is_read()) {
    good = faults_.read_register(payload.get_address(), value);
    if (good) std::memcpy(payload.get_data_ptr(), &value, sizeof value);
  } else if (payload.is_write()) {
    std::memcpy(&value, payload.get_data_ptr(), sizeof value);
    good = faults_.write_register(payload.get_address(), value);
    faults_changed();
  }
  payload.set_response_status(good ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

void MemoryNode::collect_scheduled() {
  for (Transfer* transfer : engine_->scheduled) {
    Pending& pending = *static_cast<Pending*>(transfer->owner);
    const bool through =
        !transfer->write && pending.done == nullptr && cut_through(*pending.payload) != nullptr;
    responses_.push({through ? transfer->first_data_ps : transfer->last_data_ps, order_++, &pending});
  }
  engine_->scheduled.clear();
}

void MemoryNode::work() {
  const uint64_t now = now_in_ps();
  armed_ps_ = never_ps;
  while (!arrivals_.empty() && arrivals_.top().time_ps <= now) {
    held_.push_back(arrivals_.top().payload);
    arrivals_.pop();
  }
  engine_->advance(now);
  collect_scheduled();
  while (!responses_.empty() && responses_.top().time_ps <= now) {
    Pending& pending = *responses_.top().pending;
    responses_.pop();
    respond(pending, now);
  }
  send_response(now);
  while (!held_.empty() && in_flight_ < description_.outstanding_transactions) {
    tlm::tlm_generic_payload& payload = *held_.front();
    held_.pop_front();
    start(payload, nullptr, now);
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(payload, phase, delay);
  }
  arm(now);
}

void MemoryNode::respond(Pending& pending, uint64_t /*now_ps*/) {
  if (pending.done != nullptr) {
    pending.done->notify(sc_core::SC_ZERO_TIME);
    release(pending);
    return;
  }
  due_.push_back(&pending);
}

// The response exclusion rule: one BEGIN_RESP at a time.
void MemoryNode::send_response(uint64_t /*now_ps*/) {
  while (in_response_ == nullptr && !due_.empty()) {
    Pending& pending = *due_.front();
    due_.pop_front();
    if (core::CutThroughExtension* through = cut_through(*pending.payload); through != nullptr) {
      through->first_data_ps = pending.transfer.first_data_ps;
      through->last_data_ps = pending.transfer.last_data_ps;
    }
    in_response_ = &pending;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum status = socket->nb_transport_bw(*pending.payload, phase, delay);
    const bool ended = status == tlm::TLM_COMPLETED || (status == tlm::TLM_UPDATED && phase == tlm::END_RESP);
    if (ended && in_response_ == &pending) {
      release(pending);
      in_response_ = nullptr;
    }
  }
}

void MemoryNode::release(Pending& pending) {
  if (pending.done == nullptr && pending.payload->has_mm()) pending.payload->release();
  pending.payload = nullptr;
  pending.done = nullptr;
  free_.push_back(&pending);
  --in_flight_;
}

/// Wakes `work` when the next thing is due, at once if something can be done now.
void MemoryNode::arm(uint64_t now_ps) {
  collect_scheduled();
  uint64_t next = engine_->next_event_ps();
  if (!arrivals_.empty()) next = std::min(next, arrivals_.top().time_ps);
  if (!responses_.empty()) next = std::min(next, responses_.top().time_ps);
  if (in_response_ == nullptr && !due_.empty()) next = now_ps;
  if (!held_.empty() && in_flight_ < description_.outstanding_transactions) next = now_ps;
  if (next == never_ps || next >= armed_ps_) return;
  armed_ps_ = next;
  wake_.notify(ps(std::max(next, now_ps) - now_ps));
}

unsigned MemoryNode::transport_dbg(tlm::tlm_generic_payload& payload) {
  if (payload.get_address() >= capacity_ || payload.get_data_ptr() == nullptr) return 0;
  const auto bytes =
      static_cast<unsigned>(std::min<uint64_t>(payload.get_data_length(), capacity_ - payload.get_address()));
  if (payload.is_read()) store_.read(payload.get_address(), payload.get_data_ptr(), bytes);
  if (payload.is_write()) store_.write(payload.get_address(), payload.get_data_ptr(), bytes);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  return bytes;
}

bool MemoryNode::get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
  if (payload.get_address() >= capacity_) {
    dmi.set_start_address(capacity_);
    dmi.set_end_address(~sc_dt::uint64{0});
    dmi.allow_none();
    return false;
  }
  const uint64_t start = payload.get_address() / SparseStore::page_bytes * SparseStore::page_bytes;
  if (faults_.any_between(start, start + SparseStore::page_bytes - 1)) {
    dmi.set_start_address(start);
    dmi.set_end_address(start + SparseStore::page_bytes - 1);
    dmi.allow_none();
    return false;  // every access must see the damage
  }
  dmi.set_dmi_ptr(store_.page(start));
  dmi.set_start_address(start);
  dmi.set_end_address(std::min(start + SparseStore::page_bytes, capacity_) - 1);
  dmi.set_read_latency(ps(core::idle_latency_ps(description_)));
  dmi.set_write_latency(ps(core::idle_latency_ps(description_)));
  dmi.allow_read_write();
  return true;
}

void MemoryNode::warn(const tlm::tlm_generic_payload& payload, tlm::tlm_response_status status) {
  ++errors_;
  if (warned_) return;
  warned_ = true;
  tlm::tlm_generic_payload named;
  named.set_response_status(status);
  SC_REPORT_WARNING("duet.memory",
                    fmt::format("{}: {} of {} B at offset {:#x} answered with {} at {} (capacity {:#x}); "
                                "further errors are only counted",
                                name(), payload.is_write() ? "write" : "read", payload.get_data_length(),
                                payload.get_address(), named.get_response_string(),
                                sc_core::sc_time_stamp().to_string(), capacity_)
                        .c_str());
}

}  // namespace duet::memory
