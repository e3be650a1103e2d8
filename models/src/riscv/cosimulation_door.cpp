// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/cosimulation_door.hpp"

#include <cstring>

#include "duet_cosim.h"

namespace duet::models::riscv {
namespace {

constexpr std::chrono::milliseconds patience{5000};

bool send(LocalConnection& client, const duet_cosim_answer& answer) {
  return client.write({reinterpret_cast<const uint8_t*>(&answer), sizeof answer}, patience);
}

bool greets(const duet_cosim_request& request) {
  return request.operation == DUET_COSIM_HELLO && request.address == DUET_COSIM_MAGIC &&
         request.value == DUET_COSIM_VERSION;
}

}  // namespace

CosimulationDoor::CosimulationDoor(sc_core::sc_module_name name, const DoorParameters& parameters,
                                   unsigned interrupt_lines)
    : sc_module(name), interrupts("interrupts", interrupt_lines), parameters_(parameters) {
  SC_HAS_PROCESS(CosimulationDoor);
  SC_THREAD(serve);
  if (parameters.opens_itself) open();
}

void CosimulationDoor::open() {
  server_ = std::make_unique<LocalServer>(parameters_.endpoint);
  endpoint_ = server_->endpoint();
  end_ = End::none;
  opened_.notify(sc_core::SC_ZERO_TIME);
}

void CosimulationDoor::serve() {
  for (;;) {
    while (!server_) wait(opened_);
    const auto client = server_->accept(parameters_.connect_timeout);
    end_ = client ? session(*client) : End::no_client;
    server_.reset();
    if (on_end_) on_end_();
    sc_core::sc_pause();
  }
}

uint32_t CosimulationDoor::levels() const {
  uint32_t bits = 0;
  for (unsigned i = 0; i < interrupts.size() && i < 32; ++i) bits |= (interrupts[i].read() ? 1u : 0u) << i;
  return bits;
}

int CosimulationDoor::access(uint32_t operation, uint64_t address, uint32_t bytes, uint64_t& value) {
  if (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8) return DUET_COSIM_BAD_REQUEST;
  tlm::tlm_generic_payload payload;
  payload.set_command(operation == DUET_COSIM_READ ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND);
  payload.set_address(address);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  payload.set_data_length(bytes);
  payload.set_streaming_width(bytes);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  const sc_core::sc_time from = sc_core::sc_time_stamp();
  socket->b_transport(payload, delay);
  wait(delay);
  ++accesses_;
  access_time_ps_ += (sc_core::sc_time_stamp() - from).value();
  // Two more delta cycles, so that the answer shows lines that the access has changed.
  wait(sc_core::SC_ZERO_TIME);
  wait(sc_core::SC_ZERO_TIME);
  return payload.is_response_ok() ? DUET_COSIM_OK : DUET_COSIM_BUS_ERROR;
}

int CosimulationDoor::wait_for_interrupt(uint64_t picoseconds) {
  const sc_core::sc_time end = sc_core::sc_time_stamp() + sc_core::sc_time::from_value(picoseconds);
  sc_core::sc_event_or_list rising;
  for (const auto& line : interrupts) rising |= line.posedge_event();
  while (levels() == 0 && sc_core::sc_time_stamp() < end) {
    if (interrupts.size() == 0) {
      wait(end - sc_core::sc_time_stamp());
    } else {
      wait(end - sc_core::sc_time_stamp(), rising);
    }
  }
  return levels() != 0 ? DUET_COSIM_OK : DUET_COSIM_NO_INTERRUPT;
}

CosimulationDoor::End CosimulationDoor::session(LocalConnection& client) {
  bool greeted = false;
  for (;;) {
    duet_cosim_request request{};
    if (!client.read_exactly({reinterpret_cast<uint8_t*>(&request), sizeof request}, parameters_.silence)) {
      return End::lost;
    }
    ++requests_;
    duet_cosim_answer answer{};
    answer.value = request.value;
    if (!greeted) {
      greeted = greets(request);
      answer.status = greeted ? DUET_COSIM_OK : DUET_COSIM_BAD_VERSION;
      answer.value = DUET_COSIM_VERSION;
    } else if (request.operation == DUET_COSIM_READ || request.operation == DUET_COSIM_WRITE) {
      if (request.operation == DUET_COSIM_READ) answer.value = 0;
      answer.status = access(request.operation, request.address, request.bytes, answer.value);
    } else if (request.operation == DUET_COSIM_ADVANCE) {
      wait(sc_core::sc_time::from_value(request.value));
    } else if (request.operation == DUET_COSIM_WAIT) {
      answer.status = wait_for_interrupt(request.value);
    } else if (request.operation != DUET_COSIM_BYE) {
      answer.status = DUET_COSIM_BAD_REQUEST;
    }
    answer.interrupts = levels();
    answer.time_ps = sc_core::sc_time_stamp().value();
    if (!send(client, answer)) return End::lost;
    if (!greeted) return End::bad_version;
    if (request.operation == DUET_COSIM_BYE) {
      farewell_ = static_cast<int64_t>(request.value);
      return End::bye;
    }
  }
}

}  // namespace duet::models::riscv
