// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/experiment/local_engine.hpp"

#include <fmt/format.h>

#include <list>
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

std::string last_line(const std::string& text) {
  const auto end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "";
  const auto start = text.find_last_of('\n', end);
  return text.substr(start == std::string::npos ? 0 : start + 1,
                     end - (start == std::string::npos ? 0 : start + 1) + 1);
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
    store.save_failure(*running.point, fmt::format("{}: {}", how, last_line(process.error_output())));
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
