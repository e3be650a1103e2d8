// SPDX-License-Identifier: Apache-2.0
#include "duet/core/operation_timings.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <vector>

using namespace duet;

TEST_CASE("A timing asked for again is the operation's own, whatever else was asked for in between") {
  core::NodeTypeDescription chiplet;
  chiplet.systolic.emplace();
  chiplet.vector.emplace();
  duet_descriptor base{};
  base.shape.m = 40;
  base.shape.k = 96;
  base.shape.n = 192;
  base.shape.heads = 8;
  base.shape.kv_heads = 2;
  base.shape.head_dim = 64;
  base.shape.states = 16;
  base.shape.n_stride = 3;
  base.shape.k_blocks = 1;
  base.shape.sfu_passes = 1;
  const std::vector<std::function<void(duet_shape&)>> changes{
      [](duet_shape&) {},
      [](duet_shape& s) { s.m *= 2; },
      [](duet_shape& s) { s.k *= 3; },
      [](duet_shape& s) { s.n *= 3; },
      [](duet_shape& s) { s.heads *= 2; },
      [](duet_shape& s) { s.kv_heads *= 2; },
      [](duet_shape& s) { s.head_dim *= 2; },
      [](duet_shape& s) { s.states *= 2; },
      [](duet_shape& s) { s.n_stride *= 50; },
      [](duet_shape& s) { s.k_blocks = 4; },
      [](duet_shape& s) { s.sfu_passes = 200; },
      [](duet_shape& s) { s.flags = DUET_SHAPE_CAUSAL; },
      [](duet_shape& s) { s.flags = DUET_SHAPE_MAMBA1; },
      [](duet_shape& s) { s.flags = DUET_SHAPE_INITIAL_STATE; }};
  std::vector<std::pair<duet_descriptor, uint64_t>> operations;
  for (const auto engine : {DUET_ENGINE_SYSTOLIC, DUET_ENGINE_VECTOR}) {
    for (const auto opcode : {DUET_OP_GEMM, DUET_OP_GEMV, DUET_OP_ATTENTION, DUET_OP_NORM,
                              engine == DUET_ENGINE_VECTOR ? DUET_OP_SSM_DECODE : DUET_OP_SSM_PREFILL}) {
      for (const auto& change : changes) {
        for (const uint64_t context : {0, 700}) {
          duet_descriptor descriptor = base;
          descriptor.engine = static_cast<uint8_t>(engine);
          descriptor.opcode = static_cast<uint8_t>(opcode);
          change(descriptor.shape);
          operations.emplace_back(descriptor, context);
        }
      }
    }
  }
  core::OperationTimings timings(chiplet);
  for (int round = 0; round < 2; ++round) {
    for (const auto& [descriptor, context] : operations) {
      const core::OperationTiming expected = core::operation_timing(descriptor, chiplet, context);
      const core::OperationTiming& found = timings.of(descriptor, context);
      INFO("opcode " << int{descriptor.opcode} << ", engine " << int{descriptor.engine} << ", context "
                     << context);
      CHECK(found.cycles == expected.cycles);
      CHECK(found.stall_cycles == expected.stall_cycles);
      CHECK(found.macs == expected.macs);
      CHECK(found.sram_bytes == expected.sram_bytes);
      CHECK(found.beside_cycles == expected.beside_cycles);
      CHECK(found.work.kernels().size() == expected.work.kernels().size());
    }
  }
}
