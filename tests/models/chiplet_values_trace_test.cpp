// SPDX-License-Identifier: Apache-2.0
// The waveforms of a chiplet's array in functional mode show the operands that the chiplet computes on.
#include <fmt/format.h>

#include <bit>
#include <catch2/catch.hpp>
#include <limits>
#include <random>

#include "array_reference.hpp"
#include "chiplet_values_bench.hpp"
#include "support/temporary_folder.hpp"
#include "support/vcd_reader.hpp"

using namespace duet;
using namespace duet::test;

namespace {

constexpr uint64_t period_ps = 1000;

/// Arrays at level `pe` that are never stalled, so that cycle follows cycle; one kind writes a waveform.
core::NodeTypeDescription watched_chiplet(duet_engine watched, const std::string& vcd) {
  core::NodeTypeDescription type = small_mixed_chiplet();
  type.clock_hz = 1e9;
  type.systolic->level = type.vector->level = core::ArrayLevel::pe;
  type.systolic->sram_bytes_per_second = type.vector->sram_bytes_per_second =
      std::numeric_limits<double>::infinity();
  (watched == DUET_ENGINE_SYSTOLIC ? type.systolic->vcd : type.vector->vcd) = {vcd, "array", {}};
  return type;
}

std::string digits(uint64_t bits) {
  return fmt::format("{:b}", bits);
}
/// A register of 32 bits that holds an FP16 value or a sum.
std::string wide(uint16_t half) {
  return digits(std::bit_cast<uint32_t>(static_cast<float>(half_to_double(half))));
}
uint16_t rounded(const std::string& wide_digits) {
  return half_bits(std::bit_cast<float>(static_cast<uint32_t>(std::stoul(wide_digits, nullptr, 2))));
}

/// The times at which a PE or unit does `operation`, in order.
std::vector<uint64_t> times_of(const VcdFile& vcd, const std::string& scope, const std::string& operation) {
  const auto& shown = vcd.signals.at(scope + ".operation");
  const uint64_t end = vcd.stamps.back();
  std::vector<uint64_t> times;
  for (uint64_t at = shown.first(operation); at <= end; at += period_ps) {
    if (shown.at(at) == operation) times.push_back(at);
  }
  return times;
}

}  // namespace

TEST_CASE("A functional chiplet's waveform of a GEMM has its operands and its results in the registers",
          "[chiplet][values]") {
  const TemporaryFolder folder;
  // Either orientation, rows and columns in several tiles, K in one and in several slices.
  const auto [m, k, n] = GENERATE(std::array<uint64_t, 3>{12, 20, 30}, std::array<uint64_t, 3>{30, 20, 5},
                                  std::array<uint64_t, 3>{3, 64, 5});
  const core::NodeTypeDescription type = watched_chiplet(DUET_ENGINE_SYSTOLIC, folder.file("array.vcd"));
  const core::ChipletTime deal =
      core::chiplet_gemm_time(*type.systolic, type.clock_hz, {.m = m, .k = k, .n = n});
  std::mt19937_64 random{91};
  const auto x = random_halves(random, m * k, 1);
  const auto w = random_halves(random, n * k, 1);
  std::vector<uint16_t> results;
  {
    ChipletBench bench(type, true);
    duet_descriptor gemm = descriptor_of(DUET_OP_GEMM, DUET_ENGINE_SYSTOLIC);
    gemm.shape.m = static_cast<uint32_t>(m);
    gemm.shape.k = static_cast<uint32_t>(k);
    gemm.shape.n = static_cast<uint32_t>(n);
    add_inputs(bench, gemm, {x, w});
    results = run_one(bench, gemm, m * n);
  }
  const VcdFile vcd = read_vcd(folder.file("array.vcd"));
  const auto& from_west = deal.transposed ? w : x;
  const auto& from_north = deal.transposed ? x : w;
  const uint64_t slice = (k + deal.split_k - 1) / deal.split_k;
  INFO("K in " << deal.split_k << ", transposed: " << deal.transposed);
  for (const auto& [row, column] : {std::pair{0, 0}, std::pair{2, 1}, std::pair{1, 2}}) {
    const std::string pe = fmt::format("array.pe[{}][{}]", row, column);
    const uint64_t begin = vcd.signals.at(pe + ".operation").first("mac_first");
    for (uint64_t step = 0; step < slice; ++step) {
      INFO(pe << ", step " << step);
      const uint64_t now = begin + step * period_ps;
      REQUIRE(vcd.signals.at(pe + ".we").at(now) == wide(from_west[row * k + step]));
      REQUIRE(vcd.signals.at(pe + ".ns").at(now) == digits(from_north[column * k + step]));
    }
    if (deal.split_k > 1) continue;
    const uint64_t result = deal.transposed ? column * n + row : row * n + column;
    CHECK(rounded(vcd.signals.at(pe + ".accumulator").at(begin + slice * period_ps)) == results[result]);
  }
}

TEST_CASE("A functional chiplet's waveform of an SSM has B, C and the state that goes to memory",
          "[chiplet][values]") {
  const TemporaryFolder folder;
  const bool decode = GENERATE(false, true);
  const duet_engine engine = decode ? DUET_ENGINE_VECTOR : DUET_ENGINE_SYSTOLIC;
  const core::NodeTypeDescription type = watched_chiplet(engine, folder.file("array.vcd"));
  const uint64_t sequences = 2, tokens = decode ? 1 : 5, channels = 8, states = 8, heads = 2;
  const uint64_t rows = sequences * tokens;
  const uint64_t width = channels + 2 * states;
  std::mt19937_64 random{92};
  const auto x = random_halves(random, rows * width, 1);
  std::vector<uint16_t> parameters = random_halves(random, 3 * heads, 0.1, -1);
  std::vector<uint16_t> state(sequences * channels * states * 2);
  {
    ChipletBench bench(type, true);
    duet_descriptor ssm = descriptor_of(decode ? DUET_OP_SSM_DECODE : DUET_OP_SSM_PREFILL, engine);
    ssm.shape.m = sequences;
    ssm.shape.k = static_cast<uint32_t>(tokens);
    ssm.shape.n = channels;
    ssm.shape.states = states;
    ssm.shape.head_dim = channels / heads;
    ssm.values.batch = sequences;
    add_inputs(bench, ssm, {x, random_halves(random, rows * heads, 0.5, -1), parameters});
    constexpr uint64_t state_offset = 2 * result_offset;
    ssm.outputs[1] = operand(bench, state_offset, state.size() * 2);
    run_one(bench, ssm, rows * channels, decode ? DUET_VECTOR_SSM_DECODE << 4 : DUET_SYSTOLIC_SSM_PREFILL);
    access_memory(bench, tlm::TLM_READ_COMMAND, state_offset, state.data(), state.size() * 2);
  }
  const auto state_bits = [&](uint64_t channel, uint64_t at) {
    const uint64_t word = (channel * states + at) * 2;
    return uint32_t{state[word + 1]} << 16 | state[word];
  };
  // A row of x, of which the first sequence has every second.
  const auto input = [&](uint64_t token, uint64_t at) { return x[token * sequences * width + at]; };
  const VcdFile vcd = read_vcd(folder.file("array.vcd"));
  if (!decode) {
    for (const auto& [row, column] : {std::pair{0, 0}, std::pair{7, 7}, std::pair{3, 5}}) {
      const std::string pe = fmt::format("array.pe[{}][{}]", row, column);
      INFO(pe);
      const std::vector<uint64_t> inputs = times_of(vcd, pe, "input");
      REQUIRE(inputs.size() >= tokens);
      for (uint64_t token = 0; token < tokens; ++token) {
        CHECK(vcd.signals.at(pe + ".ns").at(inputs[token]) == digits(input(token, channels + column)));
        CHECK(vcd.signals.at(pe + ".ns").at(inputs[token] + period_ps) ==
              digits(input(token, channels + states + column)));
      }
      CHECK(vcd.signals.at(pe + ".accumulator").at(inputs[tokens - 1] + period_ps) ==
            digits(state_bits(row, column)));
    }
    return;
  }
  // Eight states are one slice; unit 0 of column 0 has channel 0.
  const uint64_t at = times_of(vcd, "array.unit[0][0]", "input").at(0);
  for (uint64_t lane = 0; lane < states; ++lane) {
    const std::string name = fmt::format("array.unit[0][0].lane[{}]", lane);
    INFO(name);
    CHECK(vcd.signals.at(name + ".operand1").at(at) == digits(input(0, channels + lane)));
    const uint16_t c = input(0, channels + states + lane);
    CHECK(vcd.signals.at(name + ".operand1").at(at + period_ps) == digits(c));
    const float product = static_cast<float>(half_to_double(c)) * std::bit_cast<float>(state_bits(0, lane));
    CHECK(vcd.signals.at(name + ".product").at(at + period_ps) == digits(std::bit_cast<uint32_t>(product)));
  }
}

TEST_CASE("A functional chiplet's waveform of products on vector units has matrix and vectors in the lanes",
          "[chiplet][values]") {
  const TemporaryFolder folder;
  const core::NodeTypeDescription type = watched_chiplet(DUET_ENGINE_VECTOR, folder.file("array.vcd"));
  const bool attention = GENERATE(false, true);
  std::mt19937_64 random{93};
  const uint64_t n = 6, k = 8;  // keys of an attention are the matrix's rows
  const auto vector = random_halves(random, 2 * k, 1);
  const auto cache = random_halves(random, n * 2 * k, 1);
  std::vector<uint16_t> matrix;
  for (uint64_t key = 0; key < n; ++key) {
    for (uint64_t i = 0; i < k; ++i) matrix.push_back(cache[key * 2 * k + i]);
  }
  {
    ChipletBench bench(type, true);
    duet_descriptor product = descriptor_of(attention ? DUET_OP_ATTENTION : DUET_OP_GEMV, DUET_ENGINE_VECTOR);
    if (attention) {
      product.shape.m = product.shape.k = 1;
      product.shape.n = n - 1;
      product.shape.heads = 2;
      product.shape.kv_heads = 1;
      product.shape.head_dim = k;
      product.shape.flags = DUET_SHAPE_CAUSAL;
      product.values.scale = std::bit_cast<uint32_t>(1.0F);
      add_inputs(bench, product, {vector, cache});
    } else {
      product.shape.m = 2;
      product.shape.k = k;
      product.shape.n = n;
      add_inputs(bench, product, {vector, matrix});
    }
    run_one(bench, product, attention ? 2 * k : 2 * n);
  }
  const VcdFile vcd = read_vcd(folder.file("array.vcd"));
  const std::vector<uint64_t> dots = times_of(vcd, "array.unit[0][0]", "dot");
  REQUIRE(dots.size() >= 2);
  for (uint64_t lane = 0; lane < k; ++lane) {
    const std::string name = fmt::format("array.unit[0][0].lane[{}]", lane);
    INFO(name);
    CHECK(vcd.signals.at(name + ".operand1").at(dots[0]) == digits(matrix[lane]));
    CHECK(vcd.signals.at(name + ".operand2").at(dots[0]) == digits(vector[lane]));
  }
}
