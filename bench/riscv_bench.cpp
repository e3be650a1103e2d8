// SPDX-License-Identifier: Apache-2.0
// The RISC-V hart: instructions per second on a mixed loop, and device accesses per second over TLM.
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "duet/core/simulation_context.hpp"
#include "duet/models/riscv/board.hpp"

namespace {

using namespace duet;
using namespace duet::models::riscv;

// Loads, stores, arithmetic, shifts, a multiplication and two branches per round over 4 KiB of RAM:
//     loop: ld x6,0(x5); addi x5,x5,8; add x7,x7,x6; xor x8,x8,x7; slli x9,x7,3; mul x10,x6,x7;
//           sd x8,-8(x5); sub x11,x9,x10; bltu x7,x6,+8; addi x12,x12,1; bne x5,x13,loop;
//           addi x5,x14,0; jal x0,loop
const std::vector<uint32_t> mixed_loop = {0x0002b303, 0x00828293, 0x006383b3, 0x00744433, 0x00339493,
                                          0x02730533, 0xfe82bc23, 0x40a485b3, 0x0063e463, 0x00160613,
                                          0xfcd29ce3, 0x00070293, 0xfd1ff06f};
// loop: lw x6,0(x5); addi x7,x7,1; jal x0,loop
const std::vector<uint32_t> access_loop = {0x0002a303, 0x00138393, 0xff9ff06f};

void run(benchmark::State& state, const std::vector<uint32_t>& code, uint64_t pointer, uint64_t end) {
  core::SimulationContext context;
  core::BoardDescription description;
  StringConsole console;
  Board board("board", description, 0, console);
  for (size_t i = 0; i < code.size(); ++i) {
    for (unsigned byte = 0; byte < 4; ++byte)
      board.ram()[4 * i + byte] = static_cast<uint8_t>(code[i] >> (8 * byte));
  }
  Interpreter& hart = board.hart(0).interpreter();
  hart.set_pc(description.ram_base);
  hart.set_x(5, pointer);
  hart.set_x(14, pointer);
  hart.set_x(13, end);
  const sc_core::sc_time slice(10, sc_core::SC_MS);  // 10 million cycles
  for (auto _ : state) sc_core::sc_start(slice);
  state.counters["instructions/s"] =
      benchmark::Counter(static_cast<double>(board.hart(0).instructions()), benchmark::Counter::kIsRate);
  state.counters["accesses/s"] =
      benchmark::Counter(static_cast<double>(board.hart(0).bus_accesses()), benchmark::Counter::kIsRate);
}

void mixed_instructions(benchmark::State& state) {
  run(state, mixed_loop, 0x8010'0000, 0x8010'1000);
}
void device_accesses(benchmark::State& state) {
  run(state, access_loop, 0x0200'4000, 0);  // mtimecmp of the CLINT
}

}  // namespace

BENCHMARK(mixed_instructions)->Unit(benchmark::kMillisecond);
BENCHMARK(device_accesses)->Unit(benchmark::kMillisecond);
