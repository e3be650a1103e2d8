// SPDX-License-Identifier: Apache-2.0
#include "duet/models/chiplet/detailed_array.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "duet/core/trace/vcd_writer.hpp"
#include "duet/models/systolic/systolic_trace.hpp"
#include "duet/models/vector/generated_operands.hpp"
#include "duet/models/vector/vector_trace.hpp"

namespace duet::models {
namespace {

// Simulations of one process follow each other (phases, batch sizes); none may overwrite another's trace.
std::string unused_path(const std::string& file) {
  static std::map<std::string, unsigned> uses;
  const unsigned use = ++uses[file];
  if (use == 1) return file;
  const size_t dot = file.ends_with(".vcd") ? file.size() - 4 : file.size();
  return fmt::format("{}.{}.vcd", file.substr(0, dot), use);
}

ArrayRun run_kernel(SystolicEngine& engine, const GemmOperands& operands) {
  engine.set_mode(SystolicMode::gemm);
  return engine.gemm(operands);
}
ArrayRun run_kernel(SystolicEngine& engine, const SsmOperands& operands) {
  engine.set_mode(SystolicMode::ssm);
  return engine.ssm(operands);
}
ArrayRun run_kernel(VectorEngine& engine, const GemvOperands& operands) {
  engine.set_mode(VectorMode::gemv);
  return engine.gemv(operands);
}
ArrayRun run_kernel(VectorEngine& engine, const SsmOperands& operands) {
  engine.set_mode(VectorMode::ssm);
  return engine.ssm(operands);
}

template <class Engine, class Trace, class Description>
class SteppedArray final : public DetailedArray {
 public:
  SteppedArray(const Description& array, double clock_hz)
      : DetailedArray(array.vcd), clock_hz_(clock_hz), engine_(array, clock_hz) {}
  ~SteppedArray() override = default;

 private:
  uint64_t run(const Shape& shape, uint64_t seed) override {
    GeneratedOperands generate(seed);
    return std::visit(
        [&](auto kernel) {
          // One token always streams a state in and out.
          if constexpr (std::is_same_v<decltype(kernel), core::SsmShape> &&
                        std::is_same_v<Engine, VectorEngine>)
            kernel.initial_state |= kernel.tokens == 1;
          return run(OperandLog::Kernel(generate.of(kernel)));
        },
        shape);
  }

  uint64_t run(const OperandLog::Kernel& kernel) override {
    const ArrayRun result = std::visit(
        [&](const auto& operands) -> ArrayRun {
          if constexpr (requires { run_kernel(engine_, operands); }) {
            return run_kernel(engine_, operands);
          } else {
            throw std::logic_error("an array has no such kernel");
          }
        },
        kernel);
    if (result.status != ArrayStatus::ok) throw std::logic_error("an array refused a kernel of its chiplet");
    return result.time.cycles;
  }

  void look_on(uint64_t first_cycle, const core::CycleWindow& window,
               std::function<uint64_t(uint64_t)> time_ps) override {
    if (!vcd_) {
      vcd_ = std::make_unique<core::VcdWriter>(
          core::VcdOptions{.path = unused_path(trace().file),
                           .selection = core::NameSelection(trace().scope),
                           .view_ps = core::Clock(clock_hz_).edge_ps(ArrayTrace::view_cycles)});
      signals_ = std::make_unique<Trace>(*vcd_, "array", engine_.description(), clock_hz_);
    }
    signals_->set_window(window);
    signals_->start_at(first_cycle, std::move(time_ps));
    engine_.observe(signals_.get());
  }

  void look_away() override { engine_.observe(nullptr); }

  std::string close_trace() override {
    if (!vcd_) {
      return fmt::format("'{}' is not written: the array had no work in the cycles {}", trace().file,
                         core::TextCodec<core::CycleWindow>::format(trace().window));
    }
    vcd_->close();
    return vcd_->warning();
  }

  double clock_hz_;
  Engine engine_;
  std::unique_ptr<core::VcdWriter> vcd_;
  std::unique_ptr<Trace> signals_;
};

}  // namespace

uint64_t DetailedArray::step(const core::OperationTiming& timing) {
  uint64_t cycles = timing.work.other_cycles;
  for (const core::ArrayKernel& kernel : timing.work.kernels()) {
    auto [known, is_new] = cycles_of_.try_emplace(kernel.shape, 0);
    if (is_new) {
      known->second = run(kernel.shape, 0);
      stepped_cycles_ += known->second;
    }
    cycles += kernel.times * known->second;
  }
  cycles = std::max(cycles, timing.beside_cycles);
  if (cycles != timing.cycles) {
    throw std::logic_error(
        fmt::format("level pe took {} cycles, the closed form says {}", cycles, timing.cycles));
  }
  worked_cycles_ += cycles;
  return cycles;
}

bool DetailedArray::is_shown(const core::OperationTiming& timing) const {
  return trace_ && trace_->window.overlaps(begin_of(timing), timing.cycles);
}

void DetailedArray::show(const core::OperationTiming& timing, JobTimeline& times) {
  if (!is_shown(timing)) return;
  const uint64_t begin = begin_of(timing);
  uint64_t first = begin;
  for (const core::ArrayKernel& kernel : timing.work.kernels()) {
    const uint64_t cycles = cycles_of_.at(kernel.shape);
    for (uint64_t time = 0; time < kernel.times; ++time, first += cycles) {
      if (!trace_->window.overlaps(first, cycles)) continue;
      look_on(first, trace_->window, [&](uint64_t cycle) { return times.at(cycle - begin); });
      run(kernel.shape, first);
      look_away();
    }
  }
}

void DetailedArray::show(const core::OperationTiming& timing, JobTimeline& times,
                         const OperandLog& operands) {
  if (!is_shown(timing)) return;
  const uint64_t begin = begin_of(timing);
  core::CycleWindow window = trace_->window;
  window.last = std::min(window.last, worked_cycles_ - 1);
  uint64_t first = begin;
  for (const OperandLog::Kernel& kernel : operands.kernels()) {
    if (first > window.last) return;
    look_on(first, window, [&](uint64_t cycle) { return times.at(cycle - begin); });
    first += run(kernel);
    look_away();
  }
}

std::string DetailedArray::end_trace() {
  return trace_ && worked_cycles_ > 0 ? close_trace() : std::string();
}

std::unique_ptr<DetailedArray> make_detailed_array(duet_engine kind,
                                                   const core::NodeTypeDescription& chiplet) {
  const auto detailed = [](const auto& arrays) { return arrays && arrays->level == core::ArrayLevel::pe; };
  if (kind == DUET_ENGINE_SYSTOLIC && detailed(chiplet.systolic)) {
    return std::make_unique<SteppedArray<SystolicEngine, SystolicTrace, core::SystolicArrayDescription>>(
        *chiplet.systolic, chiplet.clock_hz);
  }
  if (kind == DUET_ENGINE_VECTOR && detailed(chiplet.vector)) {
    return std::make_unique<SteppedArray<VectorEngine, VectorTrace, core::VectorArrayDescription>>(
        *chiplet.vector, chiplet.clock_hz);
  }
  return nullptr;
}

}  // namespace duet::models
