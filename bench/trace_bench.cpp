// SPDX-License-Identifier: Apache-2.0
// Cost of one trace record: a change in a VCD, an event on a timeline, and what is left out.
#include <benchmark/benchmark.h>

#include <filesystem>
#include "duet/core/trace/timeline_writer.hpp"
#include "duet/core/trace/vcd_writer.hpp"

namespace {

constexpr unsigned signal_count = 1000;
constexpr uint64_t no_limit = ~uint64_t{0};

std::string scratch_path(const char* name) {
  return (std::filesystem::temp_directory_path() / name).string();
}

void vcd_changes(benchmark::State& state) {
  duet::core::VcdWriter writer({.path = scratch_path("duet_bench.vcd"), .max_bytes = uint64_t{1} << 40});
  std::vector<duet::core::VcdSignal> signals;
  for (unsigned i = 0; i < signal_count; ++i) {
    signals.push_back(
        writer.add_signal("array.pe[" + std::to_string(i) + "]", "h", static_cast<unsigned>(state.range(0))));
  }
  uint64_t value = 0;
  uint64_t time_ps = 0;
  for (auto _ : state) {
    time_ps += 1429;
    ++value;
    for (const auto signal : signals) writer.change(time_ps, signal, value);
  }
  state.SetItemsProcessed(static_cast<int64_t>(writer.written_changes()));
}
BENCHMARK(vcd_changes)->Arg(1)->Arg(16)->Arg(32)->Arg(64);

void vcd_unselected_changes(benchmark::State& state) {
  duet::core::VcdWriter writer(
      {.path = scratch_path("duet_bench.vcd"), .selection = duet::core::NameSelection("other")});
  const auto signal = writer.add_signal("array", "h", 16);
  uint64_t value = 0;
  for (auto _ : state) {
    writer.change(value, signal, value);
    benchmark::DoNotOptimize(++value);
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
}
BENCHMARK(vcd_unselected_changes);

void timeline_events(benchmark::State& state) {
  duet::core::TimelineWriter writer({.path = "/dev/null", .max_bytes = no_limit});
  const auto track = writer.add_track("prefill", "chiplet[0]");
  const duet::core::TimelineArgument arguments[] = {{"bytes", uint64_t{4096}}};
  uint64_t time_ps = 0;
  for (auto _ : state) {
    writer.complete(track, "in_proj", "gemm", time_ps, time_ps + 1428, arguments);
    time_ps += 1429;
  }
  state.SetItemsProcessed(static_cast<int64_t>(writer.written_events()));
}
BENCHMARK(timeline_events);

}  // namespace
