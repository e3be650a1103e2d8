// SPDX-License-Identifier: Apache-2.0
#include "array_kernels.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <memory>
#include <random>

#include "duet/core/clock.hpp"
#include "duet/core/error.hpp"
#include "duet/models/numerics/fp16.hpp"
#include "duet/models/systolic/systolic_trace.hpp"
#include "duet/models/vector/vector_trace.hpp"

namespace duet::platform {
namespace {

class OperandGenerator {
 public:
  explicit OperandGenerator(uint64_t seed) : random_(seed) {}

  std::vector<uint16_t> operator()(uint64_t count, float scale, float mean = 0) {
    std::normal_distribution<float> normal(mean, scale);
    std::vector<uint16_t> values(count);
    for (uint16_t& value : values) value = models::fp16_from_float(normal(random_));
    return values;
  }

 private:
  std::mt19937_64 random_;
};

struct Window {
  uint64_t first = 0;
  uint64_t last = ~uint64_t{0} - 1;
};

Window parse_window(const std::string& text) {
  Window window;
  if (text.empty()) return window;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, window.first);
  const bool colon = first.ec == std::errc{} && first.ptr != end && *first.ptr == ':';
  const auto last = colon ? std::from_chars(first.ptr + 1, end, window.last) : first;
  if (!colon || last.ec != std::errc{} || last.ptr != end || window.last < window.first) {
    throw core::UserError(
        fmt::format("--vcd-window: found '{}', allowed: first:last in cycles such as '100:400'", text));
  }
  return window;
}

// Runs with a trace when one was asked for.
template <class Trace, class Engine, class Description, class Run>
models::ArrayRun traced(const ArrayRequest& request, Engine& engine, const Description& array,
                        std::string& warning, Run&& run) {
  if (request.vcd.empty()) return run(engine);
  const Window window = parse_window(request.vcd_window);
  const core::Clock clock(request.clock_hz);
  core::VcdOptions options;
  options.path = request.vcd;
  if (!request.vcd_scope.empty()) options.selection = core::NameSelection(request.vcd_scope);
  if (!request.vcd_window.empty()) {
    options.begin_ps = clock.edge_ps(window.first);
    options.end_ps = clock.edge_ps(window.last + 1);
  }
  core::VcdWriter vcd(options);
  Trace trace(vcd, "array", array, request.clock_hz);
  trace.set_window(window.first, window.last);
  engine.observe(&trace);
  models::ArrayRun result = run(engine);
  engine.observe(nullptr);
  vcd.close(clock.edge_ps(result.time.cycles));
  warning = vcd.warning();
  return result;
}

// States decay: A is negative, delta is small after softplus.
models::SsmOperands ssm_operands(const core::SsmShape& shape, OperandGenerator& generate,
                                 std::vector<std::vector<uint16_t>>& storage, std::vector<float>& state) {
  const uint64_t heads = models::SsmOperands::heads(shape);
  const auto keep = [&](std::vector<uint16_t> values) -> std::span<const uint16_t> {
    return storage.emplace_back(std::move(values));
  };
  storage.reserve(6);
  models::SsmOperands operands;
  operands.shape = shape;
  operands.x = keep(generate(shape.tokens * shape.channels, 1.0F));
  operands.delta = keep(generate(shape.tokens * heads, 1.0F, -2.0F));
  operands.a = keep(generate(shape.mamba1 ? shape.channels * shape.states : heads, 0.5F, -2.0F));
  operands.b = keep(generate(shape.tokens * shape.states, 0.5F));
  operands.c = keep(generate(shape.tokens * shape.states, 0.5F));
  operands.d = keep(generate(shape.channels, 0.5F));
  if (shape.initial_state) {
    for (const uint16_t value : generate(shape.channels * shape.states, 1.0F)) {
      state.push_back(models::fp16_to_float(value));
    }
    operands.initial_state = state;
  }
  return operands;
}

uint64_t checksum_of(const models::ArrayRun& run) {
  uint64_t hash = 14695981039346656037U;  // FNV-1a
  const auto add = [&hash](uint64_t value) { hash = (hash ^ value) * 1099511628211U; };
  for (const uint16_t value : run.values) add(value);
  for (const float value : run.sums) add(std::isnan(value) ? 0x7FC00000U : std::bit_cast<uint32_t>(value));
  return hash;
}

models::ArrayRun run_values(const ArrayRequest& request, std::string& warning) {
  OperandGenerator generate(request.seed);
  std::vector<std::vector<uint16_t>> storage;
  std::vector<float> state;
  if (request.kernel == ArrayKernel::gemm || request.kernel == ArrayKernel::ssm) {
    models::SystolicEngine engine(request.systolic, request.clock_hz);
    const auto run = [&](models::SystolicEngine& e) {
      if (request.kernel == ArrayKernel::gemm) {
        const core::GemmShape& shape = request.gemm;
        const std::vector<uint16_t> a = generate(shape.m * shape.k, 1.0F);
        const std::vector<uint16_t> b =
            generate(shape.k * shape.n, 1.0F / std::sqrt(static_cast<float>(shape.k)));
        return e.gemm({shape, a, b});
      }
      e.set_mode(models::SystolicMode::ssm);
      return e.ssm(ssm_operands(request.ssm, generate, storage, state));
    };
    return traced<models::SystolicTrace>(request, engine, request.systolic, warning, run);
  }
  models::VectorEngine engine(request.vector, request.clock_hz);
  const auto run = [&](models::VectorEngine& e) {
    if (request.kernel == ArrayKernel::gemv) {
      const core::GemvShape& shape = request.gemv;
      const std::vector<uint16_t> matrix =
          generate(shape.n * shape.k, 1.0F / std::sqrt(static_cast<float>(shape.k)));
      const std::vector<uint16_t> vectors = generate(shape.vectors * shape.k, 1.0F);
      return e.gemv({shape, matrix, vectors});
    }
    e.set_mode(models::VectorMode::ssm);
    return e.ssm(ssm_operands(request.ssm, generate, storage, state));
  };
  return traced<models::VectorTrace>(request, engine, request.vector, warning, run);
}

}  // namespace

ArrayAnswer run_array(const ArrayRequest& request) {
  ArrayAnswer answer;
  if (request.level == core::ArrayLevel::pe) {
    const models::ArrayRun run = run_values(request, answer.warning);
    answer.time = run.time;
    answer.checksum = checksum_of(run);
    return answer;
  }
  if (!request.vcd.empty()) {
    throw core::UserError("--vcd: found with --level tile, allowed: --level pe, which has registers to show");
  }
  switch (request.kernel) {
    case ArrayKernel::gemm:
      answer.time = core::gemm_time(request.systolic, request.clock_hz, request.gemm);
      break;
    case ArrayKernel::ssm:
      answer.time = core::ssm_prefill_time(request.systolic, request.clock_hz, request.ssm);
      break;
    case ArrayKernel::gemv:
      answer.time = core::gemv_time(request.vector, request.clock_hz, request.gemv);
      break;
    case ArrayKernel::ssm_decode:
      answer.time = core::ssm_decode_time(request.vector, request.clock_hz, request.ssm);
      break;
  }
  return answer;
}

}  // namespace duet::platform
