// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/report/run_tracer.hpp"

#include <fmt/format.h>

#include "duet/core/quantity.hpp"

namespace duet::platform {
namespace {

std::string size_text(uint64_t bytes) {
  if (bytes >= 1'000'000'000) return fmt::format("{:.1f} GB", static_cast<double>(bytes) * 1e-9);
  if (bytes >= 1'000'000) return fmt::format("{:.0f} MB", static_cast<double>(bytes) * 1e-6);
  return fmt::format("{:.0f} kB", static_cast<double>(bytes) * 1e-3);
}

}  // namespace

std::string path_of_batch(const std::string& path, uint64_t batch) {
  if (path.empty()) return path;
  const size_t slash = path.find_last_of('/');
  const size_t dot = path.find_last_of('.');
  const bool has_extension = dot != std::string::npos && (slash == std::string::npos || dot > slash + 1);
  const size_t at = has_extension ? dot : path.size();
  return fmt::format("{}.batch{}{}", path.substr(0, at), batch, path.substr(at));
}

RunTracer::RunTracer(TraceOptions options, bool several_batches, std::function<void(const std::string&)> note,
                     std::function<void(const std::string&)> warn)
    : options_(std::move(options)),
      several_batches_(several_batches),
      note_(std::move(note)),
      warn_(std::move(warn)) {
  if (!several_batches_) tracer_ = std::make_unique<SimulationTracer>(options_);  // bad options show at once
}

RunTracer::~RunTracer() = default;

void RunTracer::open(uint64_t batch) {
  if (batch == batch_) return;
  if (several_batches_) {
    finish();
    TraceOptions options = options_;
    options.vcd = path_of_batch(options.vcd, batch);
    options.timeline = path_of_batch(options.timeline, batch);
    options.transactions = path_of_batch(options.transactions, batch);
    tracer_ = std::make_unique<SimulationTracer>(options);
  }
  batch_ = batch;
  expected_ = {};
}

void RunTracer::begin(Simulation& simulation, const PhaseJob& job) {
  open(job.batch);
  tracer_->attach(simulation);
  tracer_->set_program(job.package.index, job.simulated);
  tell_sizes(job);
}

void RunTracer::tell_sizes(const PhaseJob& job) {
  const TraceSizes more = tracer_->estimate(job.package.index, job.simulated);
  expected_.vcd += more.vcd;
  expected_.timeline += more.timeline;
  expected_.transactions += more.transactions;
  std::string parts;
  const auto add = [&](const char* name, uint64_t more_bytes, uint64_t all_bytes) {
    if (more_bytes == 0) return;
    parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", name, size_text(more_bytes));
    if (all_bytes > options_.max_bytes()) {
      warn_(fmt::format(
          "the {} will grow to about {} and be cut at --trace-limit {}; --trace-select and --trace-window "
          "make it smaller",
          name, size_text(all_bytes), options_.limit));
    }
  };
  add("VCD", more.vcd, expected_.vcd);
  add("timeline", more.timeline, expected_.timeline);
  add("transaction log", more.transactions, expected_.transactions);
  if (parts.empty()) return;
  const bool decode = job.simulated.phase == workload::Phase::decode;
  note_(fmt::format("trace of the {}, batch {}, estimated: {}", decode ? "decode step" : "prefill", job.batch,
                    parts));
}

void RunTracer::end(Simulation& /*simulation*/, const ProgramRun& /*run*/, PhaseResult& /*result*/) {
  tracer_->detach();
}

void RunTracer::interrupted(Simulation& /*simulation*/) {
  tracer_->detach();
}

void RunTracer::finish() {
  if (!tracer_) return;
  for (const std::string& sentence : tracer_->finish()) warn_(sentence);
  tracer_.reset();
}

}  // namespace duet::platform
