// SPDX-License-Identifier: Apache-2.0
// Operands that stay in SRAM from one descriptor to another, and outputs that nobody waits for.
#include <catch2/catch.hpp>

#include "chiplet_bench.hpp"

using namespace duet;
using namespace duet::test;

namespace {

constexpr uint64_t operand_bytes = 64 * 1024;

/// A pass over `operand_bytes` in, the same out, that waits for `events` of counter 0.
duet_descriptor pass(const ChipletBench& bench, uint64_t events) {
  duet_descriptor descriptor = elementwise_descriptor(bench);
  descriptor.shape.n = operand_bytes / 2;
  descriptor.inputs[0].bytes = operand_bytes;
  descriptor.inputs[0].flags = DUET_OPERAND_WAITS;
  descriptor.outputs[0].bytes = operand_bytes;
  descriptor.outputs[0].address = bench.memory_address(2 * operand_bytes);
  descriptor.waits[0] = {0, 0, events};
  return descriptor;
}

struct Traffic {
  uint64_t read = 0;
  uint64_t written = 0;
};

Traffic run(ChipletBench& bench, const std::vector<duet_descriptor>& descriptors) {
  bench.load(descriptors);
  bench.records.clear();
  const uint64_t read = bench.chiplet().data_initiator.bytes_read();
  const uint64_t written = bench.chiplet().data_initiator.bytes_written();
  const auto count = static_cast<uint32_t>(descriptors.size());
  REQUIRE(bench.run([&] {
    bench.start(0, count);
    while (bench.read(DUET_CHIPLET_completed) < count) REQUIRE(bench.wait_for_interrupt());
    CHECK(bench.read(DUET_CHIPLET_error) == 0);
  }));
  REQUIRE(bench.records.size() == count);
  return {bench.chiplet().data_initiator.bytes_read() - read - count * sizeof(duet_descriptor),
          bench.chiplet().data_initiator.bytes_written() - written};
}

uint64_t duration_ps(const ChipletBench& bench) {
  return bench.records.back().end_ps - bench.records.front().start_ps;
}

}  // namespace

TEST_CASE("What is kept in SRAM is neither written nor read", "[chiplet][kept]") {
  const auto through_memory = [](ChipletBench& bench) {
    duet_descriptor first = pass(bench, 0);
    first.raises[0] = {0, 0, DUET_RAISE_RESULTS, 1};
    duet_descriptor second = pass(bench, 1);
    second.inputs[0].address = first.outputs[0].address;
    return std::vector{first, second};
  };
  ChipletBench plain(small_mixed_chiplet());
  const Traffic all = run(plain, through_memory(plain));
  CHECK(all.read == 2 * operand_bytes);
  CHECK(all.written == 2 * operand_bytes + sizeof(uint32_t));  // the event

  ChipletBench bench(small_mixed_chiplet());
  std::vector<duet_descriptor> descriptors = through_memory(bench);
  descriptors[0].outputs[0].flags |= DUET_OPERAND_KEPT;
  descriptors[1].inputs[0].flags |= DUET_OPERAND_KEPT;
  for (auto& descriptor : descriptors) descriptor.shape.kept_kibibytes = operand_bytes / 1024;
  const Traffic kept = run(bench, descriptors);
  CHECK(kept.read == operand_bytes);
  CHECK(kept.written == operand_bytes + sizeof(uint32_t));
  CHECK(duration_ps(bench) < duration_ps(plain));
  // Arrays compute as long as before, and the second pass finds everything there.
  CHECK(bench.records[1].compute_ps == plain.records[1].compute_ps);
  CHECK(bench.records[1].wait_data_ps == 0);
}

TEST_CASE("A share that is kept goes to the group from SRAM", "[chiplet][kept]") {
  ChipletBench bench(small_mixed_chiplet());
  duet_descriptor descriptor = pass(bench, 0);
  duet_operand& input = descriptor.inputs[0];
  input.flags |= DUET_OPERAND_SHARED;
  input.group = 0;
  input.group_members = 1;
  input.group_bytes = operand_bytes;
  input.counter = 2;
  const Traffic from_memory = run(bench, {descriptor});
  const uint64_t from_memory_ps = duration_ps(bench);
  CHECK(from_memory.read == operand_bytes);

  ChipletBench other(small_mixed_chiplet());
  descriptor.inputs[0].flags |= DUET_OPERAND_KEPT;
  descriptor.shape.kept_kibibytes = operand_bytes / 1024;
  const Traffic kept = run(other, {descriptor});
  CHECK(kept.read == 0);
  CHECK(kept.written == from_memory.written);  // posts to the group are as many
  CHECK(duration_ps(other) < from_memory_ps);
}

TEST_CASE("Kept operands take room from those on their way", "[chiplet][kept]") {
  // As much as fits the partition of dependent operands, or a quarter of it.
  core::NodeTypeDescription type = small_mixed_chiplet();
  type.systolic->sram_bytes = 64 * 1024;
  const auto wait_ps = [&](uint32_t kept_kibibytes) {
    ChipletBench bench(type);
    duet_descriptor descriptor = pass(bench, 0);
    descriptor.shape.n = 8 * operand_bytes / 2;
    descriptor.inputs[0].bytes = 8 * operand_bytes;
    descriptor.outputs[0].bytes = 64;
    descriptor.shape.kept_kibibytes = kept_kibibytes;
    run(bench, {descriptor, descriptor});
    return bench.records.back().end_ps;
  };
  CHECK(wait_ps(24) > wait_ps(0));
}

TEST_CASE("Raises of results do not wait for late outputs", "[chiplet][kept]") {
  // The second pass waits for the results of the first one, which also has much to write that is late.
  core::NodeTypeDescription type = small_mixed_chiplet();
  type.dma_outstanding_bytes = 4 * operand_bytes;
  type.systolic->sram_bytes = 128 << 20;  // late outputs have room to wait in
  const auto second_start_ps = [&](bool late, duet_raise_when when) {
    ChipletBench bench(type);
    duet_descriptor first = pass(bench, 0);
    first.steps = 64;  // writes in pieces of 256 KiB, of which few are in flight
    first.outputs[1] = first.outputs[0];
    first.outputs[1].bytes = 256 * operand_bytes;
    first.outputs[1].address = bench.memory_address(1024 * operand_bytes);
    first.outputs[1].flags = late ? DUET_OPERAND_LATE : 0;
    first.raises[0] = {0, 0, static_cast<uint8_t>(when), 1};
    const Traffic traffic = run(bench, {first, pass(bench, 1)});
    CHECK(traffic.written >= 258 * operand_bytes);
    return std::ranges::find(bench.records, 1u, &models::JobRecord::index)->start_ps;
  };
  const uint64_t all_written_ps = second_start_ps(false, DUET_RAISE_WRITTEN);
  CHECK(second_start_ps(false, DUET_RAISE_RESULTS) == all_written_ps);
  CHECK(second_start_ps(true, DUET_RAISE_RESULTS) < all_written_ps / 2);
}

TEST_CASE("Kept operands that cannot be are errors of the guest", "[chiplet][kept][errors]") {
  ChipletBench bench(small_mixed_chiplet());
  duet_descriptor descriptor = pass(bench, 0);
  SECTION("more than the SRAM") {
    descriptor.shape.kept_kibibytes = 1024 * 1024;
  }
  SECTION("an output to a group") {
    descriptor.outputs[0].group = 0;
    descriptor.outputs[0].flags |= DUET_OPERAND_KEPT;
  }
  SECTION("an input that others send") {
    descriptor.inputs[0].flags |= DUET_OPERAND_KEPT | DUET_OPERAND_MAILBOX;
  }
  bench.load({descriptor});
  REQUIRE(bench.run([&] {
    bench.start(0, 1);
    REQUIRE(bench.wait_for_interrupt());
    CHECK(bench.read(DUET_CHIPLET_error) == 1u << DUET_ERROR_BAD_DESCRIPTOR);
  }));
  REQUIRE(bench.warnings.size() == 1);
  CHECK(bench.warnings[0].find("kept") != std::string::npos);
}
