// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstring>
#include <numeric>

#include "duet/core/error.hpp"
#include "node_fixture.hpp"

using namespace duet;
using test::NodeFixture;

namespace {

core::MemoryDescription node_at(core::MemoryLevel level) {
  core::MemoryDescription memory = core::hbm3e_node();
  memory.level = level;
  return memory;
}

std::vector<uint8_t> counting(size_t bytes, uint8_t first) {
  std::vector<uint8_t> data(bytes);
  std::iota(data.begin(), data.end(), first);
  return data;
}

/// A thread that runs a function once inside the simulation.
void in_thread(NodeFixture& fixture, std::function<void()> body) {
  sc_core::sc_spawn([body = std::move(body)] { body(); });
  fixture.run();
}

tlm::tlm_response_status transport(NodeFixture& fixture, tlm::tlm_command command, uint64_t address,
                                   uint8_t* data, unsigned bytes, const std::vector<uint8_t>& enables = {},
                                   unsigned width = 0) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(data);
  payload.set_data_length(bytes);
  payload.set_streaming_width(width != 0 ? width : bytes);
  if (!enables.empty()) {
    payload.set_byte_enable_ptr(const_cast<uint8_t*>(enables.data()));
    payload.set_byte_enable_length(static_cast<unsigned>(enables.size()));
  }
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  fixture.initiator->socket->b_transport(payload, delay);
  return payload.get_response_status();
}

}  // namespace

TEST_CASE("data written through nb_transport come back, at any length and alignment, at both levels") {
  const core::MemoryLevel level = GENERATE(core::MemoryLevel::stream, core::MemoryLevel::command);
  NodeFixture fixture(node_at(level));
  auto& requests = fixture.initiator->requests;
  const std::vector<std::pair<uint64_t, uint32_t>> places{
      {0, 1}, {3, 61}, {255, 2}, {1000, 5000}, {(24ULL << 30) - 7, 7}};
  for (const auto& [address, bytes] : places)
    requests.push_back({.address = address,
                        .bytes = bytes,
                        .write = true,
                        .timing_only = false,
                        .data = counting(bytes, static_cast<uint8_t>(address))});
  for (const auto& [address, bytes] : places)
    requests.push_back({.address = address, .bytes = bytes, .timing_only = false});
  fixture.run();
  for (size_t index = 0; index < places.size(); ++index) {
    INFO(index);
    CHECK(requests[index].status == tlm::TLM_OK_RESPONSE);
    CHECK(requests[places.size() + index].status == tlm::TLM_OK_RESPONSE);
    CHECK(requests[places.size() + index].data == requests[index].data);
  }
  CHECK(fixture.node->store().touched_bytes() <= 4 * memory::SparseStore::page_bytes);
}

TEST_CASE("b_transport waits for the transfer and leaves no delay; byte enables and streaming width work") {
  const core::MemoryLevel level = GENERATE(core::MemoryLevel::stream, core::MemoryLevel::command);
  NodeFixture fixture(node_at(level));
  bool finished = false;
  in_thread(fixture, [&] {
    std::vector<uint8_t> data = counting(64, 1);
    CHECK(transport(fixture, tlm::TLM_WRITE_COMMAND, 128, data.data(), 64) == tlm::TLM_OK_RESPONSE);
    std::vector<uint8_t> back(64);
    const sc_core::sc_time before = sc_core::sc_time_stamp();
    CHECK(transport(fixture, tlm::TLM_READ_COMMAND, 128, back.data(), 64) == tlm::TLM_OK_RESPONSE);
    CHECK(back == data);
    // An open row saves the ACT; a bank in refresh costs up to tRFCpb.
    CHECK(sc_core::sc_time_stamp() - before > sc_core::sc_time(200, sc_core::SC_NS));
    CHECK(sc_core::sc_time_stamp() - before < sc_core::sc_time(250 + 200, sc_core::SC_NS));
    std::vector<uint8_t> ones(8, 0xff);
    CHECK(transport(fixture, tlm::TLM_WRITE_COMMAND, 128, ones.data(), 8, {0xff, 0x00}) ==
          tlm::TLM_OK_RESPONSE);
    CHECK(transport(fixture, tlm::TLM_READ_COMMAND, 128, back.data(), 64) == tlm::TLM_OK_RESPONSE);
    for (size_t byte = 0; byte < 8; ++byte) CHECK(back[byte] == (byte % 2 == 0 ? 0xff : data[byte]));
    // A streaming width of 4 writes the same four bytes again and again: the last ones stay.
    CHECK(transport(fixture, tlm::TLM_WRITE_COMMAND, 128, data.data(), 16, {}, 4) == tlm::TLM_OK_RESPONSE);
    CHECK(transport(fixture, tlm::TLM_READ_COMMAND, 128, back.data(), 8) == tlm::TLM_OK_RESPONSE);
    CHECK(std::memcmp(back.data(), data.data() + 12, 4) == 0);
    CHECK(back[5] == data[5]);
    finished = true;
  });
  CHECK(finished);
}

TEST_CASE("wrong requests are answered, counted and warned of once; the simulation goes on") {
  NodeFixture fixture(core::hbm3e_node());
  auto& requests = fixture.initiator->requests;
  requests = {
      {.address = 24ULL << 30, .bytes = 64}, {.address = (24ULL << 30) - 32, .bytes = 64}, {.bytes = 64}};
  unsigned warnings = 0;
  static unsigned* counter = nullptr;
  counter = &warnings;
  sc_core::sc_report_handler::set_handler([](const sc_core::sc_report& report, const sc_core::sc_actions&) {
    if (report.get_severity() == sc_core::SC_WARNING) ++*counter;
  });
  fixture.run();
  sc_core::sc_report_handler::set_handler(sc_core::sc_report_handler::default_handler);
  CHECK(requests[0].status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(requests[1].status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(requests[2].status == tlm::TLM_OK_RESPONSE);
  CHECK(fixture.node->counters().errors == 2);
  CHECK(warnings == 1);
}

TEST_CASE("a full node holds back END_REQ and loses nothing") {
  core::MemoryDescription memory = core::hbm3e_node();
  memory.outstanding_transactions = 2;
  NodeFixture fixture(memory);
  auto& requests = fixture.initiator->requests;
  for (uint64_t index = 0; index < 10; ++index)
    requests.push_back({.address = index << 20, .bytes = 1 << 20});
  fixture.run();
  CHECK(fixture.initiator->done() == 10);
  CHECK(requests[1].end_request_ps == 0);
  CHECK(requests[2].end_request_ps >= requests[0].response_ps);
  for (const test::Request& request : requests) CHECK(request.status == tlm::TLM_OK_RESPONSE);
}

TEST_CASE("DMI shows what debug transport wrote, and the other way round") {
  NodeFixture fixture(core::gddr7_node());
  fixture.elaborate();
  tlm::tlm_generic_payload payload;
  std::vector<uint8_t> data = counting(100, 5);
  payload.set_command(tlm::TLM_WRITE_COMMAND);
  payload.set_address(70'000);
  payload.set_data_ptr(data.data());
  payload.set_data_length(100);
  CHECK(fixture.initiator->socket->transport_dbg(payload) == 100);
  tlm::tlm_dmi dmi;
  REQUIRE(fixture.initiator->socket->get_direct_mem_ptr(payload, dmi));
  CHECK(dmi.is_read_write_allowed());
  REQUIRE(dmi.get_start_address() <= 70'000);
  REQUIRE(dmi.get_end_address() >= 70'099);
  unsigned char* at = dmi.get_dmi_ptr() + (70'000 - dmi.get_start_address());
  CHECK(std::memcmp(at, data.data(), 100) == 0);
  at[0] = 99;
  payload.set_command(tlm::TLM_READ_COMMAND);
  CHECK(fixture.initiator->socket->transport_dbg(payload) == 100);
  CHECK(data[0] == 99);
  payload.set_address(fixture.node->capacity() - 10);
  CHECK(fixture.initiator->socket->transport_dbg(payload) == 10);
  payload.set_address(fixture.node->capacity());
  CHECK(fixture.initiator->socket->transport_dbg(payload) == 0);
}

TEST_CASE("timing-only transactions touch no page") {
  NodeFixture fixture(core::hbm3e_node());
  fixture.initiator->requests = {{.bytes = 1 << 20, .write = true}, {.bytes = 1 << 20}};
  fixture.run();
  CHECK(fixture.node->store().touched_bytes() == 0);
  CHECK(fixture.node->counters().bytes_written == 1 << 20);
}

TEST_CASE("statistics of a node are named, and count what was done") {
  NodeFixture fixture(core::hbm3e_node());
  core::StatisticsRegistry registry;
  fixture.node->register_statistics(registry);
  fixture.initiator->requests = {{.bytes = 1 << 20}, {.address = 1 << 20, .bytes = 4096, .write = true}};
  fixture.run();
  std::map<std::string, double> values;
  for (const core::Statistic& statistic : registry.all()) {
    CHECK_FALSE(statistic.unit.empty());
    CHECK_FALSE(statistic.text.empty());
    values[statistic.name] = statistic.value();
  }
  CHECK(values.at("node.bytes_read") == 1 << 20);
  CHECK(values.at("node.bytes_written") == 4096);
  CHECK(values.at("node.read_bursts") == (1 << 20) / 32);
  CHECK(values.at("node.activates") >= (1 << 20) / 1024);
  CHECK(values.at("node.command_energy") > 0);
  CHECK(values.at("node.busy_time") >= (1 << 20) / 32 * 500.0);
}

TEST_CASE("at the command level an idle read of the node takes the same 250 ns") {
  NodeFixture fixture(node_at(core::MemoryLevel::command));
  fixture.initiator->requests = {{.time_ps = 5000, .address = 4096, .bytes = 32}};
  fixture.run();
  CHECK(fixture.initiator->requests[0].response_ps == 5000 + 250'000);
}
