// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/experiment/slurm_engine.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "duet/core/error.hpp"
#include "duet/platform/experiment/child_process.hpp"

namespace duet::platform {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t most_tasks = 1000;  // Slurm's default MaxArraySize is 1001
constexpr std::chrono::milliseconds command_poll{10};

ChildProcess finish(const std::vector<std::string>& command) {
  ChildProcess process(command);
  while (!process.finished()) std::this_thread::sleep_for(command_poll);
  return process;
}

std::string shell_quote(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::string read_template(const fs::path& file) {
  if (file.empty()) return default_slurm_template();
  std::ifstream stream(file);
  if (!stream) throw core::UserError(fmt::format("{}: cannot be read", file.string()));
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  for (const char* needed : {"{array}", "{command}"}) {
    if (text.find(needed) == std::string::npos) {
      throw core::UserError(fmt::format("{}: found no {}, a job script needs it", file.string(), needed));
    }
  }
  return text;
}

/// Writes the lists of keys and the job script of one round; returns the script.
fs::path write_round(const std::vector<ExperimentPoint>& points, const fs::path& folder,
                     const SlurmEngineOptions& options) {
  fs::create_directories(folder);
  const std::uint64_t per_task =
      std::max(options.points_per_task, (points.size() + most_tasks - 1) / most_tasks);
  std::uint64_t tasks = 0;
  for (std::size_t first = 0; first < points.size(); first += per_task, ++tasks) {
    std::string keys;
    for (std::size_t i = first; i < std::min(points.size(), first + per_task); ++i)
      keys += points[i].key + "\n";
    write_atomically(folder / fmt::format("task_{}.txt", tasks), keys);
  }
  std::string command;
  for (const std::string& argument : options.task_command) command += shell_quote(argument) + " ";
  command += "--points " + shell_quote(folder.string()) + "/task_${SLURM_ARRAY_TASK_ID}.txt";
  std::string script = read_template(options.script_template);
  replace(script, "{job_name}", "duet-vp");
  replace(script, "{array}", fmt::format("0-{}", tasks - 1));
  replace(script, "{log}", (folder / "task_%a.log").string());
  replace(script, "{command}", command);
  write_atomically(folder / "job.sh", script);
  return folder / "job.sh";
}

std::string submit(const fs::path& script) {
  const ChildProcess sbatch = finish({"sbatch", "--parsable", script.string()});
  if (sbatch.exit_code() == 127) {
    throw core::UserError("--engine slurm: sbatch is not installed, allowed are machines with Slurm");
  }
  if (sbatch.exit_code() != 0) {
    throw core::UserError(fmt::format("--engine slurm: sbatch: {}", sbatch.error_output()));
  }
  const std::string answer = sbatch.output();  // "17" or "17;cluster"
  return answer.substr(0, answer.find_first_of(";\n"));
}

/// False once Slurm knows no more of the job; a controller that does not answer leaves it true.
bool in_queue(const std::string& job) {
  const ChildProcess squeue = finish({"squeue", "--noheader", "--jobs", job, "--format", "%T"});
  if (squeue.exit_code() == 0) return !squeue.output().empty();
  return squeue.error_output().find("Invalid job id") == std::string::npos;
}

void wait_for(const std::string& job, const std::vector<ExperimentPoint>& points, const PointStore& store,
              const SlurmEngineOptions& options) {
  while (in_queue(job)) {
    std::this_thread::sleep_for(std::chrono::duration<double>(options.poll_seconds));
    if (options.progress) options.progress(points.size() - store.missing(points).size(), 0, points.size());
  }
}

/// Numbered folders, so that a resumed run does not mix its lists with those of running tasks.
fs::path next_round(const fs::path& folder) {
  for (unsigned round = 1;; ++round) {
    fs::path candidate = folder / "slurm" / fmt::format("round_{}", round);
    if (!fs::exists(candidate)) return candidate;
  }
}

}  // namespace

std::string default_slurm_template() {
  return "#!/bin/bash\n"
         "#SBATCH --job-name={job_name}\n"
         "#SBATCH --array={array}\n"
         "#SBATCH --output={log}\n"
         "#SBATCH --ntasks=1\n"
         "#SBATCH --cpus-per-task=1\n"
         "#SBATCH --requeue\n"
         "exec {command}\n";
}

void run_on_slurm(const std::vector<ExperimentPoint>& points, const PointStore& store,
                  const SlurmEngineOptions& options) {
  for (unsigned round = 0; round < options.rounds; ++round) {
    const std::vector<ExperimentPoint> left = store.missing(points);
    if (left.empty()) break;
    const fs::path folder = next_round(fs::absolute(store.folder()));
    wait_for(submit(write_round(left, folder, options)), points, store, options);
  }
  if (options.progress) {
    const std::size_t failed = store.missing(points).size();
    options.progress(points.size() - failed, failed, points.size());
  }
}

}  // namespace duet::platform
