// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <sstream>

#include "duet/memory/trace_runner.hpp"
#include "peer_traces.hpp"

using namespace duet;
using memory::TraceOutcome;

namespace {

const std::string reference = std::string(DUET_SOURCE_DIR) + "/tests/reference/dram/";

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::stringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  return cells;
}

core::MemoryDescription peer_memory(const std::string& standard, const std::string& mapping, bool refresh) {
  core::MemoryDescription memory;
  memory.standard = standard;
  memory.mapping = mapping;
  memory.read_queue = memory.write_queue = 32;
  memory.refresh = refresh ? core::RefreshMode::all_bank : core::RefreshMode::none;
  memory.refresh_postpone = 0;
  return memory;
}

std::vector<TraceOutcome> run(const core::MemoryDescription& memory,
                              const std::vector<memory::TraceRequest>& trace) {
  memory::ChannelController controller(memory);
  return run_trace(controller, trace, core::standard_of(memory).timing.tck_ps);
}

std::vector<TraceOutcome> run_micro(const std::string& standard, const std::string& name) {
  std::ifstream file(reference + "micro/" + name + ".txt");
  return run(peer_memory(standard, "mapB", false), memory::read_trace(file, name));
}

double end_ns(const std::vector<TraceOutcome>& outcomes, const core::MemoryDescription& memory) {
  memory::Cycle last = 0;
  for (const TraceOutcome& outcome : outcomes) last = std::max(last, outcome.done);
  return static_cast<double>(last * core::standard_of(memory).timing.tck_ps) * 1e-3;
}

}  // namespace

TEST_CASE("every request of the peers' micro traces is done in the very clock given") {
  std::ifstream file(reference + "micro/expected.csv");
  std::string line;
  std::getline(file, line);
  std::map<std::string, std::vector<TraceOutcome>> runs;
  size_t checked = 0;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = split(line);
    const std::string& name = cells[0];
    if (!runs.contains(name))
      runs[name] = run_micro(name.starts_with("ddr4") ? "ddr4_2400" : "hbm2_2000", name);
    const TraceOutcome& outcome = runs[name].at(std::stoul(cells[1]));
    INFO(line);
    CHECK(outcome.accepted == std::stoul(cells[5]));
    CHECK(outcome.done == std::stoul(cells[9]));
    ++checked;
  }
  CHECK(checked == 70);
}

TEST_CASE("the long JEDEC-bound traces agree with the peers") {
  std::ifstream file(reference + "results.csv");
  std::string line;
  std::getline(file, line);
  std::map<std::string, std::map<std::string, double>> times;  // case -> tool -> ns
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = split(line);
    times[cells[1] + "," + cells[2] + "," + cells[3] + "," + cells[5] + "," + cells[6]][cells[0]] =
        std::stod(cells[7]);
  }
  CHECK(times.size() == 16);
  for (const auto& [key, tools] : times) {
    const std::vector<std::string> cells = split(key);
    const bool refresh = cells[2] == "ref";
    const core::MemoryDescription memory = peer_memory(cells[0], cells[1], refresh);
    const size_t underscore = cells[3].find('_');
    const double ours =
        end_ns(run(memory, test::peer_trace(cells[3].substr(0, underscore), cells[3].substr(underscore + 1),
                                            std::stoul(cells[4]))),
               memory);
    const auto error = [&](const char* tool) { return std::abs(ours / tools.at(tool) - 1); };
    INFO(key << ": ours " << ours << " ns, ramulator2 " << tools.at("ramulator2") << " ns, dramsys "
             << tools.at("dramsys") << " ns");
    if (refresh) {
      CHECK(std::min(error("ramulator2"), error("dramsys")) < 0.02);
    } else {
      CHECK(std::min(error("ramulator2"), error("dramsys")) < 0.0005);
    }
  }
}
