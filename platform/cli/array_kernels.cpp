// SPDX-License-Identifier: Apache-2.0
#include "array_kernels.hpp"

#include <fmt/format.h>

#include <cmath>

#include "duet/core/clock.hpp"
#include "duet/core/error.hpp"
#include "duet/models/systolic/systolic_trace.hpp"
#include "duet/models/vector/generated_operands.hpp"
#include "duet/models/vector/vector_trace.hpp"

namespace duet::platform {
namespace {

// Runs with a trace when one was asked for.
template <class Trace, class Engine, class Description, class Run>
models::ArrayRun traced(const ArrayRequest& request, Engine& engine, const Description& array,
                        std::string& warning, Run&& run) {
  if (request.vcd.empty()) return run(engine);
  const core::CycleWindow& window = request.vcd_window;
  const core::Clock clock(request.clock_hz);
  core::VcdOptions options;
  options.path = request.vcd;
  options.view_ps = clock.edge_ps(models::ArrayTrace::view_cycles);
  if (!request.vcd_scope.empty()) options.selection = core::NameSelection(request.vcd_scope);
  if (window != core::CycleWindow{}) {
    options.begin_ps = clock.edge_ps(window.first);
    options.end_ps = clock.edge_ps(window.last + 1);
  }
  core::VcdWriter vcd(options);
  Trace trace(vcd, "array", array, request.clock_hz);
  trace.set_window(window);
  engine.observe(&trace);
  models::ArrayRun result = run(engine);
  engine.observe(nullptr);
  vcd.close(clock.edge_ps(result.time.cycles));
  warning = vcd.warning();
  return result;
}

uint64_t checksum_of(const models::ArrayRun& run) {
  uint64_t hash = 14695981039346656037U;  // FNV-1a
  const auto add = [&hash](uint64_t value) { hash = (hash ^ value) * 1099511628211U; };
  for (const uint16_t value : run.values) add(value);
  for (const float value : run.sums) add(std::isnan(value) ? 0x7FC00000U : std::bit_cast<uint32_t>(value));
  return hash;
}

double real(uint64_t value) {
  return static_cast<double>(value);
}

double macs_of(const ArrayRequest& request) {
  const core::SsmShape& ssm = request.ssm;
  switch (request.kernel) {
    case ArrayKernel::gemm:
      return real(request.gemm.m) * real(request.gemm.k) * real(request.gemm.n);
    case ArrayKernel::gemv:
      return real(request.gemv.n) * real(request.gemv.k) * real(request.gemv.vectors);
    case ArrayKernel::attention:
      return 2 * real(request.attention.queries) * real(request.attention.head_size) *
             real(request.attention.context);
    default:
      return real(ssm.tokens) * real(ssm.channels) * real(ssm.states);
  }
}

double operands_of(const ArrayRequest& request) {
  const core::GemmShape& gemm = request.gemm;
  const core::SsmShape& ssm = request.ssm;
  const core::AttentionShape& attention = request.attention;
  switch (request.kernel) {
    case ArrayKernel::gemm:
      return real(gemm.k) * (real(gemm.m) + real(gemm.n)) + real(gemm.m) * real(gemm.n);
    case ArrayKernel::gemv:
      return real(request.gemv.k) * (real(request.gemv.n) + real(request.gemv.vectors));
    case ArrayKernel::attention:
      return real(attention.context) * (2 * real(attention.head_size) + real(attention.queries));
    default:
      return real(ssm.tokens) * (2 * real(ssm.channels) + 2 * real(ssm.states)) +
             real(ssm.channels) * real(ssm.states);
  }
}

// Bytes and cycles of this many stay within 64 bits.
void check_macs(const ArrayRequest& request) {
  constexpr double most_macs = 1e17;
  const double macs = macs_of(request);
  if (macs > most_macs) {
    throw core::UserError(
        fmt::format("found {:.2g} multiply-accumulates, allowed: at most {:.0e}", macs, most_macs));
  }
}

// At level pe values of every step are computed, so the work is bounded to what a user would wait for.
void check_steps(const ArrayRequest& request) {
  constexpr double most_macs = 1e11;
  constexpr double most_operands = 2e9;
  const double macs = macs_of(request);
  const double operands = operands_of(request);
  if (macs > most_macs || operands > most_operands) {
    throw core::UserError(
        fmt::format("--level pe: found {:.2g} multiply-accumulates on {:.2g} operands, allowed: at most "
                    "{:.0e} and {:.0e}; use --level tile",
                    macs, operands, most_macs, most_operands));
  }
}

models::ArrayRun run_values(const ArrayRequest& request, std::string& warning) {
  check_steps(request);
  models::GeneratedOperands generate(request.seed);
  if (request.kernel == ArrayKernel::gemm || request.kernel == ArrayKernel::ssm) {
    models::SystolicEngine engine(request.systolic, request.clock_hz);
    return traced<models::SystolicTrace>(request, engine, request.systolic, warning, [&](auto& array) {
      if (request.kernel == ArrayKernel::gemm) return array.gemm(generate.of(request.gemm));
      array.set_mode(models::SystolicMode::ssm);
      return array.ssm(generate.of(request.ssm));
    });
  }
  models::VectorEngine engine(request.vector, request.clock_hz);
  return traced<models::VectorTrace>(request, engine, request.vector, warning, [&](auto& array) {
    if (request.kernel == ArrayKernel::gemv) return array.gemv(generate.of(request.gemv));
    if (request.kernel == ArrayKernel::attention) return array.attention(generate.of(request.attention));
    array.set_mode(models::VectorMode::ssm);
    return array.ssm(generate.of(request.ssm));
  });
}

}  // namespace

ArrayAnswer run_array(const ArrayRequest& request) {
  check_macs(request);
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
    case ArrayKernel::attention:
      answer.time = core::attention_time(request.vector, request.clock_hz, request.attention);
      break;
    case ArrayKernel::ssm_decode:
      answer.time = core::ssm_decode_time(request.vector, request.clock_hz, request.ssm);
      break;
  }
  return answer;
}

}  // namespace duet::platform
