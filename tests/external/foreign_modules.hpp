// SPDX-License-Identifier: Apache-2.0
// Written against Accellera's headers only: nothing of duet is included here.
#pragma once
#include <tlm_utils/peq_with_get.h>

#include <cstring>
#include <map>
#include <systemc>
#include <tlm>
#include <vector>

/// Implements the raw interfaces, keeps a memory manager of its own, sends END_RESP explicitly and
/// annotates its calls with time.
class ForeignInitiator : public sc_core::sc_module,
                         public tlm::tlm_bw_transport_if<>,
                         public tlm::tlm_mm_interface {
 public:
  tlm::tlm_initiator_socket<> socket{"socket"};
  unsigned done = 0;
  unsigned wrong = 0;

  SC_HAS_PROCESS(ForeignInitiator);
  explicit ForeignInitiator(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(*this);
    SC_THREAD(run);
  }
  void free(tlm::tlm_generic_payload* payload) override {
    payload->reset();
    delete[] payload->get_data_ptr();
    delete payload;
  }

 private:
  void run() {
    // Non-blocking: write pieces of rising size, then read them back and compare.
    for (int pass = 0; pass < 2; ++pass) {
      for (unsigned i = 0; i < 12; ++i) {
        const unsigned length = 1U << (i + 2);
        auto* payload = new tlm::tlm_generic_payload(this);
        auto* data = new unsigned char[length];
        std::memset(data, pass == 0 ? int(i + 1) : 0, length);
        payload->acquire();
        payload->set_command(pass == 0 ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
        payload->set_address(0x4000'0000 + (i << 16));
        payload->set_data_ptr(data);
        payload->set_data_length(length);
        payload->set_streaming_width(length);
        payload->set_byte_enable_ptr(nullptr);
        payload->set_dmi_allowed(false);
        payload->set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        expected_[payload] = static_cast<unsigned char>(i + 1);
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay(3, sc_core::SC_NS);
        request_ = payload;
        const tlm::tlm_sync_enum result = socket->nb_transport_fw(*payload, phase, delay);
        if (result == tlm::TLM_COMPLETED) {
          finish(*payload);
          request_ = nullptr;
        } else if (result == tlm::TLM_UPDATED) {
          request_ = nullptr;
          wait(delay);
        }
        while (request_ != nullptr) wait(accepted_);
      }
      while (!expected_.empty()) wait(finished_);
    }
    // Blocking.
    unsigned char word[4] = {};
    tlm::tlm_generic_payload payload;
    payload.set_command(tlm::TLM_READ_COMMAND);
    payload.set_address(0x4000'0000 + (5 << 16));
    payload.set_data_ptr(word);
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(payload, delay);
    wait(delay);
    if (!payload.is_response_ok() || word[3] != 6) ++wrong;
    payload.set_address(0x9000'0000);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    socket->b_transport(payload, delay);
    if (payload.get_response_status() != tlm::TLM_ADDRESS_ERROR_RESPONSE) ++wrong;
    done += 2;
  }

  void finish(tlm::tlm_generic_payload& payload) {
    const auto found = expected_.find(&payload);
    if (!payload.is_response_ok() || payload.get_data_ptr()[payload.get_data_length() - 1] != found->second)
      ++wrong;
    expected_.erase(found);
    ++done;
    payload.release();
    finished_.notify(sc_core::SC_ZERO_TIME);
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    if (&payload == request_ && (phase == tlm::END_REQ || phase == tlm::BEGIN_RESP)) {
      request_ = nullptr;
      accepted_.notify(sc_core::SC_ZERO_TIME);
    }
    if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
    phase = tlm::END_RESP;
    delay += sc_core::sc_time(1, sc_core::SC_NS);
    finish(payload);
    return tlm::TLM_UPDATED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  tlm::tlm_generic_payload* request_ = nullptr;
  std::map<tlm::tlm_generic_payload*, unsigned char> expected_;
  sc_core::sc_event accepted_;
  sc_core::sc_event finished_;
};

/// Takes one request at a time (END_REQ late), answers after 40 ns and waits for END_RESP. Knows no
/// extension.
class ForeignTarget : public sc_core::sc_module, public tlm::tlm_fw_transport_if<> {
 public:
  tlm::tlm_target_socket<> socket{"socket"};

  SC_HAS_PROCESS(ForeignTarget);
  explicit ForeignTarget(const sc_core::sc_module_name& name) : sc_module(name), memory_(1 << 20) {
    socket.bind(*this);
    SC_THREAD(run);
  }

 private:
  void access(tlm::tlm_generic_payload& payload) {
    const sc_dt::uint64 address = payload.get_address();
    if (address + payload.get_data_length() > memory_.size()) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    if (payload.is_write()) std::memcpy(&memory_[address], payload.get_data_ptr(), payload.get_data_length());
    if (payload.is_read()) std::memcpy(payload.get_data_ptr(), &memory_[address], payload.get_data_length());
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  void run() {
    for (;;) {
      wait(requests_.get_event());
      while (tlm::tlm_generic_payload* payload = requests_.get_next_transaction()) {
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        wait(5, sc_core::SC_NS);
        tlm::tlm_phase phase = tlm::END_REQ;
        socket->nb_transport_bw(*payload, phase, delay);
        wait(40, sc_core::SC_NS);
        access(*payload);
        phase = tlm::BEGIN_RESP;
        delay = sc_core::sc_time(2, sc_core::SC_NS);
        if (socket->nb_transport_bw(*payload, phase, delay) == tlm::TLM_ACCEPTED) wait(responded_);
        payload->release();
      }
    }
  }
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    if (phase == tlm::BEGIN_REQ) {
      payload.acquire();
      requests_.notify(payload, delay);
    }
    if (phase == tlm::END_RESP) responded_.notify(delay);
    return tlm::TLM_ACCEPTED;
  }
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    access(payload);
    delay += sc_core::sc_time(40, sc_core::SC_NS);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }

  std::vector<unsigned char> memory_;
  tlm_utils::peq_with_get<tlm::tlm_generic_payload> requests_{"requests"};
  sc_core::sc_event responded_;
};
