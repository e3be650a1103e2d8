// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/experiment/local_engine.hpp"

#include <fmt/format.h>

#include <list>
#include <sstream>
#include <thread>

#include "duet/platform/experiment/child_process.hpp"

namespace duet::platform {

namespace {

constexpr std::chrono::milliseconds poll_interval{5};

struct RunningPoint {
  const ExperimentPoint* point;
  ChildProcess process;
  bool timed_out = false;
};

/// The line that names the mistake: the last one with "error:", or else the last one.
std::string error_line(const std::string& text) {
  std::string last, error;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) last = line;
    if (line.find("error:") != std::string::npos) error = line;
  }
  return error.empty() ? last : error;
}

bool store_result(const RunningPoint& running, const PointStore& store, double timeout_seconds) {
  const ChildProcess& process = running.process;
  if (running.timed_out) {
    store.save_failure(*running.point, fmt::format("stopped after {} s", timeout_seconds));
    return false;
  }
  if (process.exit_code() != 0) {
    const std::string how = process.exit_code() < 0 ? fmt::format("signal {}", -process.exit_code())
                                                    : fmt::format("exit code {}", process.exit_code());
    store.save_failure(*running.point, fmt::format("{}: {}", how, error_line(process.error_output())));
    return false;
  }
  store.save(*running.point, process.output(), process.seconds());
  return store.load(*running.point).has_value();
}

}  // namespace

void run_locally(const std::vector<ExperimentPoint>& points, const PointStore& store,
                 const LocalEngineOptions& options) {
  std::list<RunningPoint> running;
  std::size_t next = 0, done = 0, failed = 0;
  while (next < points.size() || !running.empty()) {
    if (options.stop && options.stop()) return;  // children end with their objects
    while (next < points.size() && running.size() < std::max(1U, options.jobs)) {
      std::vector<std::string> command{options.program.string()};
      command.insert(command.end(), points[next].arguments.begin(), points[next].arguments.end());
      running.push_back({&points[next++], ChildProcess(command)});
    }
    bool any_finished = false;
    for (auto entry = running.begin(); entry != running.end();) {
      if (!entry->process.finished()) {
        if (!entry->timed_out && entry->process.seconds() > options.timeout_seconds) {
          entry->timed_out = true;
          entry->process.kill();
        }
        ++entry;
        continue;
      }
      any_finished = true;
      ++(store_result(*entry, store, options.timeout_seconds) ? done : failed);
      entry = running.erase(entry);
      if (options.progress) options.progress(done, failed, points.size());
    }
    if (!any_finished) std::this_thread::sleep_for(poll_interval);
  }
}

}  // namespace duet::platform
