// SPDX-License-Identifier: Apache-2.0
#include <tlm_utils/simple_target_socket.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "array_comparison.hpp"
#include "duet/core/simulation_context.hpp"
#include "duet/models/systolic/array_module.hpp"
#include "support/watched_sockets.hpp"

using namespace duet;
using namespace duet::models;
using namespace duet::test;

namespace {

constexpr double clock_hz = 700e6;

// A foreign memory: base protocol only.
struct Memory : sc_core::sc_module {
  tlm_utils::simple_target_socket<Memory> socket{"socket"};
  std::vector<unsigned char> bytes;

  explicit Memory(const sc_core::sc_module_name& name) : sc_module(name), bytes(1 << 16) {
    socket.register_b_transport(this, &Memory::b_transport);
  }
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& /*delay*/) {
    if (payload.get_address() + payload.get_data_length() > bytes.size()) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    unsigned char* at = &bytes[payload.get_address()];
    if (payload.is_read()) std::memcpy(payload.get_data_ptr(), at, payload.get_data_length());
    if (payload.is_write()) std::memcpy(at, payload.get_data_ptr(), payload.get_data_length());
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  void put(uint64_t address, const std::vector<uint16_t>& halves) {
    std::memcpy(&bytes[address], halves.data(), halves.size() * 2);
  }
  [[nodiscard]] std::vector<uint16_t> get(uint64_t address, size_t count) const {
    std::vector<uint16_t> halves(count);
    std::memcpy(halves.data(), &bytes[address], count * 2);
    return halves;
  }
};

core::SystolicArrayDescription small_array() {
  core::SystolicArrayDescription array;
  array.rows = 8;
  array.columns = 4;
  array.sfu.exact = true;
  return array;
}

uint64_t now_ps() {
  return sc_core::sc_time_stamp().value();
}

}  // namespace

TEST_CASE("an array module runs commands from SRAM in exactly the engine's cycles and switches modes") {
  const core::SimulationContext context;
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
  const auto description = small_array();
  SystolicArray array("array", description, clock_hz);
  Memory memory("memory");
  test::WatchedSockets sockets;
  sockets.bind(array.port.socket, memory.socket);
  std::mt19937_64 random{41};
  const core::Clock clock(clock_hz);

  ArrayCommand gemm;
  gemm.gemm = {20, 30, 10};
  gemm.a = 0x0;
  gemm.b = 0x1000;
  gemm.result = 0x2000;
  const auto a = random_halves(random, 20 * 30, 1.0);
  const auto b = random_halves(random, 30 * 10, 1.0);
  memory.put(gemm.a, a);
  memory.put(gemm.b, b);
  REQUIRE(array.start(gemm));
  CHECK_FALSE(array.start(gemm));
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
  CHECK(array.status() == CommandStatus::ok);
  CHECK(array.time().cycles == core::gemm_time(description, clock_hz, gemm.gemm).cycles);
  CHECK(differing(memory.get(gemm.result, 200), reference_gemm({gemm.gemm, a, b}, {false})) == 0);

  // The mode bits are for GEMM: an SSM is a guest's error, until they are switched.
  ArrayCommand ssm;
  ssm.kernel = ArrayCommand::Kernel::ssm;
  ssm.ssm = {.tokens = 6, .channels = 8, .states = 4, .channels_per_head = 8};
  ssm.x = 0x3000, ssm.delta = 0x3100, ssm.a = 0x3200, ssm.b = 0x3300, ssm.c = 0x3400, ssm.d = 0x3500;
  ssm.result = 0x4000, ssm.state_out = 0x5000;
  const SsmStorage storage(ssm.ssm, random);
  memory.put(ssm.x, storage.x);
  memory.put(ssm.delta, storage.delta);
  memory.put(ssm.a, storage.a);
  memory.put(ssm.b, storage.b);
  memory.put(ssm.c, storage.c);
  memory.put(ssm.d, storage.d);
  REQUIRE(array.start(ssm));
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
  CHECK(array.status() == CommandStatus::wrong_mode);

  array.set_mode(SystolicMode::ssm);
  const uint64_t start_cycle = clock.cycle_at_or_after(now_ps());
  uint64_t end_ps = 0;
  sc_core::sc_spawn([&] {
    wait(array.done());
    end_ps = now_ps();
  });
  REQUIRE(array.start(ssm));
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
  CHECK(array.status() == CommandStatus::ok);
  CHECK(array.mode_switches() == 1);
  const uint64_t cycles = core::ssm_prefill_time(description, clock_hz, ssm.ssm).cycles;
  CHECK(end_ps == clock.edge_ps(start_cycle + description.mode_switch_cycles + cycles));
  const SsmReference reference = reference_ssm(storage.operands(ssm.ssm), {false}, nullptr);
  CHECK(differing(memory.get(ssm.result, 48), reference.y) == 0);
  std::vector<float> state(32);
  std::memcpy(state.data(), &memory.bytes[ssm.state_out], 128);
  CHECK(differing(state, reference.state) == 0);

  array.set_mode(SystolicMode::gemm);
  gemm.b = 0xFFFF0;  // outside of the memory
  REQUIRE(array.start(gemm));
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
  CHECK(array.status() == CommandStatus::bus_error);
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DEFAULT_WARNING_ACTIONS);
}

TEST_CASE("a vector array module runs a GEMV from SRAM") {
  const core::SimulationContext context;
  core::VectorArrayDescription description;
  description.rows = 4;
  description.columns = 2;
  description.lanes = 8;
  VectorArray array("array", description, clock_hz);
  Memory memory("memory");
  test::WatchedSockets sockets;
  sockets.bind(array.port.socket, memory.socket);
  std::mt19937_64 random{42};
  ArrayCommand command;
  command.kernel = ArrayCommand::Kernel::gemv;
  command.gemv = {11, 40, 2};
  command.x = 0x1000;
  command.result = 0x2000;
  const auto matrix = random_halves(random, 11 * 40, 1.0);
  const auto vectors = random_halves(random, 2 * 40, 1.0);
  memory.put(0, matrix);
  memory.put(command.x, vectors);
  REQUIRE(array.start(command));
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
  CHECK(array.status() == CommandStatus::ok);
  CHECK(array.time().cycles == core::gemv_time(description, clock_hz, command.gemv).cycles);
  std::vector<Bounded> reference;
  const uint64_t slice = core::plan_gemv(description, clock_hz, command.gemv).k_slice;
  for (uint64_t i = 0; i < 22; ++i) {
    reference.push_back(
        reference_dot(&matrix[i % 11 * 40], &vectors[i / 11 * 40], 40, slice, {false}, {8, 4}));
  }
  CHECK(differing(memory.get(command.result, 22), reference) == 0);
}
