// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "duet/core/tlm_extensions.hpp"
#include "duet/tlm_interconnect/payload_pool.hpp"

namespace duet::test {

inline uint64_t now_ps() {
  return sc_core::sc_time_stamp().value();
}

/// Issues requests at given times through nb_transport, as many at once as the target lets it.
class Initiator : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Initiator> socket{"socket"};

  struct Result {
    uint64_t issued_ps = 0;
    uint64_t done_ps = 0;
    tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
    std::vector<unsigned char> data;
  };

  explicit Initiator(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.register_nb_transport_bw(this, &Initiator::nb_transport_bw);
    SC_HAS_PROCESS(Initiator);
    SC_METHOD(issue);
    sensitive << kick_;
  }

  /// Requests leave in the order of their times; the result has the returned index.
  size_t read(uint64_t at_ps, uint64_t address, unsigned bytes) {
    return add(at_ps, tlm::TLM_READ_COMMAND, address, std::vector<unsigned char>(timing_only ? 0 : bytes),
               bytes);
  }
  size_t write(uint64_t at_ps, uint64_t address, std::vector<unsigned char> data) {
    const auto bytes = static_cast<unsigned>(data.size());
    return add(at_ps, tlm::TLM_WRITE_COMMAND, address, std::move(data), bytes);
  }
  size_t write(uint64_t at_ps, uint64_t address, unsigned bytes) {
    return write(at_ps, address, std::vector<unsigned char>(bytes, static_cast<unsigned char>(address)));
  }

  std::deque<Result> results;
  std::function<void(size_t)> on_done;
  bool timing_only = false;
  bool explicit_end_response = false;

 private:
  struct Request {
    uint64_t at_ps;
    tlm::tlm_command command;
    uint64_t address;
    unsigned bytes;
  };

  size_t add(uint64_t at_ps, tlm::tlm_command command, uint64_t address, std::vector<unsigned char> data,
             unsigned bytes) {
    requests_.push_back({at_ps, command, address, bytes});
    if (timing_only && scratch_.size() < bytes) scratch_.resize(bytes);
    results.emplace_back();
    results.back().data = std::move(data);
    kick_.notify(sc_core::SC_ZERO_TIME);
    return requests_.size() - 1;
  }

  void issue() {
    while (next_ < requests_.size() && !busy_) {
      const Request& request = requests_[next_];
      if (request.at_ps > now_ps()) {
        kick_.notify(sc_core::sc_time::from_value(request.at_ps - now_ps()));
        return;
      }
      tlm::tlm_generic_payload& payload = pool_.acquire();
      payload.set_command(request.command);
      payload.set_address(request.address);
      payload.set_data_ptr(timing_only ? scratch_.data() : results[next_].data.data());
      payload.set_data_length(request.bytes);
      payload.set_streaming_width(payload.get_data_length());
      if (timing_only) payload.set_extension(&timing_only_);
      index_[&payload] = next_;
      results[next_].issued_ps = now_ps();
      ++next_;
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      busy_ = true;
      owner_ = &payload;
      const tlm::tlm_sync_enum result = socket->nb_transport_fw(payload, phase, delay);
      if (result == tlm::TLM_UPDATED && phase == tlm::END_REQ) busy_ = false;
      if (result == tlm::TLM_COMPLETED) finish(payload);
    }
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& /*delay*/) {
    if (phase == tlm::END_REQ) {
      busy_ = false;
      kick_.notify(sc_core::SC_ZERO_TIME);
      return tlm::TLM_ACCEPTED;
    }
    if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
    if (explicit_end_response) {
      phase = tlm::END_RESP;
      finish(payload);
      return tlm::TLM_UPDATED;
    }
    finish(payload);
    return tlm::TLM_COMPLETED;
  }

  void finish(tlm::tlm_generic_payload& payload) {
    const size_t index = index_.at(&payload);
    index_.erase(&payload);
    results[index].done_ps = now_ps();
    results[index].status = payload.get_response_status();
    if (owner_ == &payload) {
      owner_ = nullptr;
      busy_ = false;
    }
    payload.set_extension<core::TimingOnlyExtension>(nullptr);
    payload.release();
    kick_.notify(sc_core::SC_ZERO_TIME);
    if (on_done) on_done(index);
  }

  std::deque<Request> requests_;
  size_t next_ = 0;
  bool busy_ = false;
  tlm::tlm_generic_payload* owner_ = nullptr;
  std::map<tlm::tlm_generic_payload*, size_t> index_;
  tlm_interconnect::PayloadPool pool_;
  core::TimingOnlyExtension timing_only_;
  std::vector<unsigned char> scratch_;
  sc_core::sc_event kick_;
};

/// Memory that answers after a fixed latency at a fixed rate, one request after the other.
class Memory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Memory> socket{"socket"};

  struct Access {
    uint64_t at_ps;
    uint64_t address;
    unsigned bytes;
    bool write;
  };

  Memory(const sc_core::sc_module_name& name, uint64_t bytes, uint64_t latency, double rate, bool cut)
      : sc_module(name), storage(bytes), latency_ps(latency), bytes_per_ps(rate), cut_through(cut) {
    socket.register_nb_transport_fw(this, &Memory::nb_transport_fw);
    socket.register_b_transport(this, &Memory::b_transport);
    socket.register_transport_dbg(this, &Memory::transport_dbg);
    socket.register_get_direct_mem_ptr(this, &Memory::get_direct_mem_ptr);
    SC_HAS_PROCESS(Memory);
    SC_METHOD(answer);
    sensitive << kick_;
    dont_initialize();
  }

  std::vector<unsigned char> storage;
  uint64_t latency_ps;
  double bytes_per_ps;
  bool cut_through;
  bool hung = false;
  std::vector<Access> accesses;

 private:
  struct Pending {
    uint64_t at_ps;
    uint64_t last_ps;
    tlm::tlm_generic_payload* payload;
  };

  void access(tlm::tlm_generic_payload& payload) {
    const uint64_t address = payload.get_address();
    const unsigned bytes = payload.get_data_length();
    accesses.push_back({now_ps(), address, bytes, payload.is_write()});
    if (address + bytes > storage.size()) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    if (payload.get_extension<core::TimingOnlyExtension>() == nullptr) {
      if (payload.is_write()) {
        std::memcpy(&storage[address], payload.get_data_ptr(), bytes);
      } else {
        std::memcpy(payload.get_data_ptr(), &storage[address], bytes);
      }
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
    payload.acquire();
    access(payload);
    phase = tlm::END_REQ;
    if (hung) return tlm::TLM_UPDATED;
    const uint64_t first = std::max<uint64_t>(now_ps() + delay.value() + latency_ps, free_ps_);
    const uint64_t last = first + static_cast<uint64_t>(payload.get_data_length() / bytes_per_ps);
    free_ps_ = last;
    auto* extension = payload.get_extension<core::CutThroughExtension>();
    const bool early = cut_through && extension != nullptr && payload.is_read();
    pending_.push_back({early ? first : last, last, &payload});
    kick_.notify(sc_core::sc_time::from_value(pending_.front().at_ps - now_ps()));
    return tlm::TLM_UPDATED;
  }

  void answer() {
    while (!pending_.empty() && pending_.front().at_ps <= now_ps()) {
      const Pending done = pending_.front();
      pending_.pop_front();
      auto* extension = done.payload->get_extension<core::CutThroughExtension>();
      if (cut_through && extension != nullptr) extension->last_data_ps = done.last_ps;
      tlm::tlm_phase phase = tlm::BEGIN_RESP;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      socket->nb_transport_bw(*done.payload, phase, delay);
      done.payload->release();
    }
    if (!pending_.empty()) kick_.notify(sc_core::sc_time::from_value(pending_.front().at_ps - now_ps()));
  }

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    access(payload);
    delay += sc_core::sc_time::from_value(latency_ps +
                                          static_cast<uint64_t>(payload.get_data_length() / bytes_per_ps));
  }

  unsigned transport_dbg(tlm::tlm_generic_payload& payload) {
    const uint64_t address = payload.get_address();
    if (address >= storage.size()) return 0;
    const auto bytes =
        static_cast<unsigned>(std::min<uint64_t>(payload.get_data_length(), storage.size() - address));
    if (payload.is_write()) {
      std::memcpy(&storage[address], payload.get_data_ptr(), bytes);
    } else {
      std::memcpy(payload.get_data_ptr(), &storage[address], bytes);
    }
    return bytes;
  }

  bool get_direct_mem_ptr(tlm::tlm_generic_payload& /*payload*/, tlm::tlm_dmi& dmi) {
    dmi.set_dmi_ptr(storage.data());
    dmi.set_start_address(0);
    dmi.set_end_address(storage.size() - 1);
    dmi.allow_read_write();
    return true;
  }

  uint64_t free_ps_ = 0;
  std::deque<Pending> pending_;
  sc_core::sc_event kick_;
};

}  // namespace duet::test
