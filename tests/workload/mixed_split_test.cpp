// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/mapping/mixed_split.hpp"

#include <catch2/catch.hpp>

#include "duet/core/operation_timing.hpp"
#include "duet/core/platform_layout.hpp"

using namespace duet;

namespace {

/// Two mixed chiplets beside a memory node of any rate.
core::PlatformDescription mixed_platform(double link_bytes_per_second, unsigned stacks) {
  core::NodeTypeDescription chiplet;
  chiplet.systolic.emplace();
  chiplet.systolic->count = 96;
  chiplet.vector.emplace();
  chiplet.vector->count = 48;
  chiplet.vector->vectors_per_pass = 1;
  core::NodeTypeDescription memory;
  memory.memory.emplace();
  memory.memory->stacks = stacks;
  core::PackageDescription package;
  package.noi.columns = 3;
  package.noi.rows = 1;
  package.noi.link.bandwidth = link_bytes_per_second;
  package.nodes = {{"chiplet", {0, 1}, {0, 0}}, {"memory", {2, 2}, {0, 0}}};
  core::PlatformDescription platform;
  platform.name = "mixed";
  platform.node_types = {{"chiplet", chiplet}, {"memory", memory}};
  platform.packages = {{"package", package}};
  return platform;
}

const std::vector<unsigned> both{0, 1};

double product_s(const core::NodeTypeDescription& type, duet_engine engine, uint64_t m, uint64_t k,
                 uint64_t n) {
  duet_descriptor descriptor{};
  descriptor.opcode = DUET_OP_GEMM;
  descriptor.engine = static_cast<uint8_t>(engine);
  descriptor.shape.m = static_cast<uint32_t>(m);
  descriptor.shape.k = static_cast<uint32_t>(k);
  descriptor.shape.n = static_cast<uint32_t>(n);
  return static_cast<double>(core::operation_timing(descriptor, type, 0).cycles) / type.clock_hz;
}

}  // namespace

TEST_CASE("both kinds of array of a mixed chiplet finish together", "[workload][mixed]") {
  const auto platform = mixed_platform(1e15, 64);
  const auto layouts = core::lay_out(platform);
  const core::AddressMap map(layouts);
  const core::NodeTypeDescription& type = platform.node_types.at("chiplet");
  const workload::GemmShape block{16384, 8192, 16384};
  workload::PrefillGrid grid;
  grid.columns = 2;
  const auto split = workload::choose_split({block}, grid, {layouts.front(), map, type, both, 2, true});
  REQUIRE(split.vector_part > 0);
  const uint64_t whole = split.by_rows ? block.m : block.n;
  const auto time = [&](duet_engine engine, uint64_t part) {
    return product_s(type, engine, split.by_rows ? part : block.m, block.k, split.by_rows ? block.n : part);
  };
  const double alone_s = product_s(type, DUET_ENGINE_SYSTOLIC, block.m, block.k, block.n);
  const double systolic_s = time(DUET_ENGINE_SYSTOLIC, whole - split.vector_part);
  const double vector_s = time(DUET_ENGINE_VECTOR, split.vector_part);
  CHECK(std::max(systolic_s, vector_s) < 0.95 * alone_s);
  CHECK(vector_s == Approx(systolic_s).epsilon(0.15));
}

TEST_CASE("vector-unit arrays stand by where memory holds the product", "[workload][mixed]") {
  const auto platform = mixed_platform(1e15, 1);
  const auto layouts = core::lay_out(platform);
  const core::AddressMap map(layouts);
  workload::PrefillGrid grid;
  grid.columns = 2;
  // One row against a matrix: the bytes of the matrix take longer than any array.
  const auto split = workload::choose_split(
      {{16, 8192, 8192}}, grid, {layouts.front(), map, platform.node_types.at("chiplet"), both, 2, true});
  CHECK(split.vector_part == 0);
}

TEST_CASE("parts of a split cover the block and read it at least once", "[workload][mixed]") {
  const auto platform = mixed_platform(256e9, 8);
  const auto layouts = core::lay_out(platform);
  const core::AddressMap map(layouts);
  workload::PrefillGrid grid;
  grid.rows = 2;
  for (const uint64_t m : {64, 1000, 40000}) {
    const auto split = workload::choose_split(
        {{m, 4096, 7168}}, grid, {layouts.front(), map, platform.node_types.at("chiplet"), both, 2, true});
    CHECK(split.vector_part < (split.by_rows ? m : 7168));
    CHECK(split.systolic.passes_a >= 1);
    CHECK(split.systolic.passes_b >= 1);
    CHECK(split.systolic.rows == grid.rows);
  }
}
