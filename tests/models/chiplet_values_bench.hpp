// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include "chiplet_bench.hpp"

/// Single descriptors with values on a chiplet in functional mode.
namespace duet::test {

constexpr uint64_t result_offset = 1 << 20;

inline void access_memory(ChipletBench& bench, tlm::tlm_command command, uint64_t offset, void* data,
                          size_t bytes) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(bench.memory_address(offset));
  payload.set_data_ptr(static_cast<unsigned char*>(data));
  payload.set_data_length(static_cast<unsigned>(bytes));
  payload.set_streaming_width(static_cast<unsigned>(bytes));
  REQUIRE(bench.chiplet().data_initiator.socket->transport_dbg(payload) == bytes);
}

inline duet_operand operand(const ChipletBench& bench, uint64_t offset, uint64_t bytes) {
  duet_operand result{};
  result.used = 1;
  result.address = bench.memory_address(offset);
  result.bytes = bytes;
  result.group = DUET_NO_GROUP;
  result.argument = DUET_NO_ARGUMENT;
  return result;
}

inline duet_descriptor descriptor_of(duet_opcode opcode, duet_engine engine) {
  duet_descriptor result{};
  result.magic = DUET_DESCRIPTOR_MAGIC;
  result.opcode = static_cast<uint8_t>(opcode);
  result.engine = static_cast<uint8_t>(engine);
  result.steps = 1;
  result.values.flags = DUET_VALUE_LAYOUT;
  result.values.groups = 1;
  result.values.batch = 1;
  return result;
}

/// Lays the inputs into memory one behind the other, 64 KiB apart.
inline void add_inputs(ChipletBench& bench, duet_descriptor& descriptor,
                       std::vector<std::vector<uint16_t>> inputs) {
  for (unsigned i = 0; i < inputs.size(); ++i) {
    const uint64_t offset = uint64_t{i} << 16;
    access_memory(bench, tlm::TLM_WRITE_COMMAND, offset, inputs[i].data(), inputs[i].size() * 2);
    descriptor.inputs[i] = operand(bench, offset, inputs[i].size() * 2);
  }
}

inline std::vector<uint16_t> run_one(ChipletBench& bench, duet_descriptor descriptor, size_t results,
                                     uint32_t mode = 0) {
  descriptor.outputs[0] = operand(bench, result_offset, results * 2);
  bench.load({descriptor});
  REQUIRE(bench.run([&] {
    bench.start(mode, 1);
    REQUIRE(bench.wait_for_interrupt());
    REQUIRE(bench.read(DUET_CHIPLET_error) == 0);
  }));
  std::vector<uint16_t> words(results);
  access_memory(bench, tlm::TLM_READ_COMMAND, result_offset, words.data(), results * 2);
  return words;
}

}  // namespace duet::test
