// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/memory_faults.hpp"

#include <catch2/catch.hpp>
#include <cstring>

#include "duet/core/error.hpp"
#include "node_fixture.hpp"

using namespace duet;
using memory::MemoryFaults;
using memory::secded::Codeword;
using memory::secded::Result;

namespace {

struct ControlDriver : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<ControlDriver> socket{"socket"};
  explicit ControlDriver(sc_core::sc_module_name name) : sc_core::sc_module(name) {}
};

/// A node with an initiator on its control socket.
struct FaultFixture : test::NodeFixture {
  /// The initiator writes 16 bytes and reads them back one microsecond later.
  explicit FaultFixture(bool ecc) : NodeFixture(description(ecc)) {
    sockets.bind(driver.socket, node->control);
    initiator->requests = {{.address = 4096,
                            .bytes = 16,
                            .write = true,
                            .timing_only = false,
                            .data = std::vector<uint8_t>(16, 0xa5)},
                           {.time_ps = 1'000'000, .address = 4096, .bytes = 16, .timing_only = false}};
  }
  static core::MemoryDescription description(bool ecc) {
    core::MemoryDescription memory = core::hbm3e_node();
    memory.ecc = ecc;
    return memory;
  }
  ControlDriver driver{"driver"};

  tlm::tlm_response_status control(tlm::tlm_command command, uint64_t offset, uint32_t& value) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(offset);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    driver.socket->b_transport(payload, delay);
    return payload.get_response_status();
  }
  uint32_t get(uint64_t offset) {
    uint32_t value = 0;
    CHECK(control(tlm::TLM_READ_COMMAND, offset, value) == tlm::TLM_OK_RESPONSE);
    return value;
  }
  void set(uint64_t offset, uint32_t value) {
    CHECK(control(tlm::TLM_WRITE_COMMAND, offset, value) == tlm::TLM_OK_RESPONSE);
  }
  /// Lets `damage` act between the write and the read.
  test::Request round_trip(const std::function<void()>& damage) {
    run(900'000);
    damage();
    run();
    return initiator->requests[1];
  }
};

}  // namespace

TEST_CASE("SECDED corrects every single and detects every double error") {
  for (const uint64_t data : {uint64_t{0}, ~uint64_t{0}, uint64_t{0x0123456789abcdef}}) {
    const Codeword good = memory::secded::encode(data);
    Codeword clean = good;
    CHECK(memory::secded::decode(clean) == Result::clean);
    unsigned wrong = 0;
    for (unsigned first = 0; first < memory::secded::bits; ++first) {
      Codeword single = good;
      memory::secded::flip(single, first);
      wrong += memory::secded::decode(single) != Result::corrected || single.data != data ? 1 : 0;
      for (unsigned second = first + 1; second < memory::secded::bits; ++second) {
        Codeword two = good;
        memory::secded::flip(two, first);
        memory::secded::flip(two, second);
        wrong += memory::secded::decode(two) != Result::uncorrectable ? 1 : 0;
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("with ECC a single bit error is corrected, counted and reported") {
  FaultFixture fixture(true);
  fixture.elaborate();
  fixture.set(MemoryFaults::interrupt_enable, MemoryFaults::corrected_error);
  const test::Request read = fixture.round_trip([&] { fixture.node->inject_error(4096 + 8, 3); });
  CHECK(read.status == tlm::TLM_OK_RESPONSE);
  CHECK(read.data == std::vector<uint8_t>(16, 0xa5));
  CHECK(fixture.get(MemoryFaults::corrected_count) == 1);
  CHECK(fixture.get(MemoryFaults::error_address_low) == 4096 + 8);
  CHECK(fixture.get(MemoryFaults::status) == MemoryFaults::corrected_error);
  CHECK(fixture.node->interrupt->read());
  fixture.set(MemoryFaults::interrupt_clear, MemoryFaults::corrected_error);
  fixture.run(1000);
  CHECK_FALSE(fixture.node->interrupt->read());
}

TEST_CASE("with ECC a double bit error gives an error response and an interrupt, injected by registers") {
  FaultFixture fixture(true);
  fixture.elaborate();
  fixture.set(MemoryFaults::interrupt_enable, MemoryFaults::uncorrectable_error);
  const test::Request read = fixture.round_trip([&] {
    fixture.set(MemoryFaults::inject_address_low, 4096);
    fixture.set(MemoryFaults::inject_bits, 5 | 70 << 8 | 1U << 31);
  });
  CHECK(read.status == tlm::TLM_GENERIC_ERROR_RESPONSE);
  CHECK(fixture.get(MemoryFaults::uncorrectable_count) == 1);
  CHECK(fixture.get(MemoryFaults::corrected_count) == 0);
  CHECK(fixture.node->interrupt->read());
}

TEST_CASE("without ECC the damage reaches the reader; writing the word renews it") {
  FaultFixture fixture(false);
  fixture.elaborate();
  const test::Request read = fixture.round_trip([&] { fixture.node->inject_error(4096, 0); });
  CHECK(read.status == tlm::TLM_OK_RESPONSE);
  CHECK(read.data[0] == 0xa4);
  CHECK(read.data[1] == 0xa5);
  MemoryFaults faults(true, 1 << 20);
  faults.inject(64, 1);
  faults.written(60, 8);  // half of the word
  CHECK(faults.any());
  faults.written(64, 8);
  CHECK_FALSE(faults.any());
}

TEST_CASE("the control socket refuses what it does not have, and DMI what is damaged") {
  FaultFixture fixture(true);
  fixture.elaborate();
  uint32_t value = 0;
  CHECK(fixture.control(tlm::TLM_READ_COMMAND, 0x100, value) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(fixture.control(tlm::TLM_WRITE_COMMAND, MemoryFaults::identity, value) ==
        tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(fixture.control(tlm::TLM_READ_COMMAND, 2, value) == tlm::TLM_BURST_ERROR_RESPONSE);
  value = 100;  // no such bit
  CHECK(fixture.control(tlm::TLM_WRITE_COMMAND, MemoryFaults::inject_bits, value) ==
        tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(fixture.get(MemoryFaults::identity) == 0x4d455544);
  CHECK_THROWS_AS(fixture.node->inject_error(0, 72), core::UserError);
  tlm::tlm_generic_payload payload;
  tlm::tlm_dmi dmi;
  payload.set_address(0);
  CHECK(fixture.initiator->socket->get_direct_mem_ptr(payload, dmi));
  fixture.node->inject_error(128, 1);
  CHECK_FALSE(fixture.initiator->socket->get_direct_mem_ptr(payload, dmi));
}
