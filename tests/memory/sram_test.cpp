// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/sram.hpp"

#include <tlm_utils/simple_initiator_socket.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "duet/core/simulation_context.hpp"
#include "support/watched_sockets.hpp"

using namespace duet;

namespace {

struct SramFixture : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<SramFixture> a{"a"}, b{"b"};
  memory::Sram sram;
  duet::test::WatchedSockets sockets;

  static core::SramDescription description() {
    core::SramDescription sram;
    sram.bytes = 64 * 1024;
    sram.ports = 2;
    sram.banks = 8;
    sram.bank_bytes_per_cycle = 16;
    sram.port_bytes_per_cycle = 64;
    sram.clock_hz = 1e9;
    sram.access_cycles = 2;
    return sram;
  }
  explicit SramFixture(sc_core::sc_module_name name) : sc_core::sc_module(name), sram("sram", description()) {
    sockets.bind(a, sram.ports[0]);
    sockets.bind(b, sram.ports[1]);
  }
  /// Returns the annotated delay in ns.
  template <class Socket>
  double access(Socket& socket, tlm::tlm_command command, uint64_t address, std::vector<uint8_t>& data,
                tlm::tlm_response_status expected = tlm::TLM_OK_RESPONSE) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(data.data());
    payload.set_data_length(static_cast<unsigned>(data.size()));
    payload.set_streaming_width(static_cast<unsigned>(data.size()));
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(payload, delay);
    CHECK(payload.get_response_status() == expected);
    return delay.to_seconds() * 1e9;
  }
};

}  // namespace

TEST_CASE("a transfer takes its latency and then runs at the port's pace") {
  core::SimulationContext context;
  SramFixture fixture("top");
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  std::vector<uint8_t> data(1024, 7);
  // 1024 B at 64 B a cycle of 1 ns, then two cycles of latency.
  CHECK(fixture.access(fixture.a, tlm::TLM_WRITE_COMMAND, 0, data) == Approx(16 + 2));
  std::vector<uint8_t> back(1024);
  CHECK(fixture.access(fixture.a, tlm::TLM_READ_COMMAND, 0, back) == Approx(32 + 2));  // after the write
  CHECK(back == data);
}

TEST_CASE("two ports together get the banks' bandwidth, no more") {
  core::SimulationContext context;
  SramFixture fixture("top");
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  std::vector<uint8_t> data(8192);
  double last = 0;
  for (uint64_t piece = 0; piece < 4; ++piece) {
    last = std::max(last, fixture.access(fixture.a, tlm::TLM_READ_COMMAND, piece * 8192, data));
    last = std::max(last, fixture.access(fixture.b, tlm::TLM_READ_COMMAND, 32768 + piece * 8192 - 0, data));
  }
  // 64 KiB at 8 banks x 16 B a cycle; both ports together could move as much.
  CHECK(last == Approx(65536 / 128.0 + 2).epsilon(0.02));
}

TEST_CASE("accesses to one bank wait for each other, to different banks not") {
  core::SimulationContext context;
  SramFixture fixture("top");
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  std::vector<uint8_t> word(16);
  CHECK(fixture.access(fixture.a, tlm::TLM_READ_COMMAND, 0, word) == Approx(1 + 2));
  CHECK(fixture.access(fixture.b, tlm::TLM_READ_COMMAND, 16, word) == Approx(1 + 2));
  CHECK(fixture.access(fixture.b, tlm::TLM_READ_COMMAND, 128, word) ==
        Approx(2 + 2));  // bank 0, port free at 1
  CHECK(fixture.access(fixture.a, tlm::TLM_READ_COMMAND, 256, word) == Approx(3 + 2));  // bank 0 again
  CHECK(fixture.sram.counters().conflict_cycles == 1);
}

TEST_CASE("an SRAM answers wrong requests, debug transport and DMI") {
  core::SimulationContext context;
  SramFixture fixture("top");
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  std::vector<uint8_t> data(32, 3);
  sc_core::sc_report_handler::set_actions("duet.memory", sc_core::SC_DO_NOTHING);
  fixture.access(fixture.a, tlm::TLM_READ_COMMAND, 64 * 1024 - 16, data, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  sc_core::sc_report_handler::set_actions("duet.memory", sc_core::SC_UNSPECIFIED);
  CHECK(fixture.sram.counters().errors == 1);
  tlm::tlm_generic_payload payload;
  payload.set_command(tlm::TLM_WRITE_COMMAND);
  payload.set_address(100);
  payload.set_data_ptr(data.data());
  payload.set_data_length(32);
  CHECK(fixture.b->transport_dbg(payload) == 32);
  tlm::tlm_dmi dmi;
  REQUIRE(fixture.a->get_direct_mem_ptr(payload, dmi));
  CHECK(std::memcmp(dmi.get_dmi_ptr() + 100, data.data(), 32) == 0);
}
