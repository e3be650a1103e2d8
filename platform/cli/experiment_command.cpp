// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <thread>

#include "duet/core/error.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/config/yaml_reader.hpp"
#include "duet/platform/console.hpp"
#include "duet/platform/experiment/published_description.hpp"
#include "duet/platform/experiment/result_table.hpp"
#include "duet/platform/experiment/run_experiment.hpp"
#include "duet/platform/experiment/slurm_engine.hpp"
#include "duet/platform/interrupt.hpp"
#include "duet/platform/run/progress_text.hpp"
#include "shipped_configs.hpp"

namespace {

namespace fs = std::filesystem;
using namespace duet::platform;

constexpr double picoseconds_per_second = 1e12;
constexpr std::size_t most_failures_shown = 5;

struct Options {
  std::string file, output, engine = "local", slurm_template, points;
  std::vector<std::string> settings;
  unsigned jobs = 0;
  bool collect_only = false;
};

fs::path this_program() {
  return fs::read_symlink("/proc/self/exe");
}

ExperimentProgress progress_line() {
  if (console().quiet || ::isatty(STDERR_FILENO) == 0) return {};
  const auto from = std::chrono::steady_clock::now();
  return [from](std::size_t done, std::size_t failed, std::size_t all) {
    const double elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
    const auto ended = static_cast<double>(done + failed);
    const double left_s = ended > 0 ? elapsed_s / ended * (static_cast<double>(all) - ended) : 0;
    fmt::print(stderr, "\r\x1b[K{} of {} points{}, about {} left", done, all,
               failed > 0 ? fmt::format(", {} failed", failed) : "", duration_text(left_s));
    if (done + failed == all) fmt::print(stderr, "\n");
    std::fflush(stderr);
  };
}

std::vector<ExperimentPoint> only_listed(const std::vector<ExperimentPoint>& points,
                                         const std::string& file) {
  std::ifstream stream(file);
  if (!stream) throw duet::core::UserError(file + ": cannot be read");
  std::set<std::string> keys;
  for (std::string key; stream >> key;) keys.insert(key);
  std::vector<ExperimentPoint> listed;
  for (const ExperimentPoint& point : points) {
    if (keys.erase(point.key) > 0) listed.push_back(point);
  }
  if (!keys.empty()) {
    throw duet::core::UserError(
        fmt::format("{}: {} of its points do not belong to this experiment and program", file, keys.size()));
  }
  return listed;
}

SlurmEngineOptions slurm_options(const Options& options, const ExperimentDescription& experiment,
                                 const fs::path& file, const fs::path& output) {
  SlurmEngineOptions slurm;
  slurm.task_command = {this_program().string(),
                        "experiment",
                        fs::absolute(file).string(),
                        "--output",
                        fs::absolute(output).string(),
                        "--jobs",
                        "1"};
  for (const std::string& setting : options.settings) {
    slurm.task_command.insert(slurm.task_command.end(), {"--set", setting});
  }
  slurm.script_template = options.slurm_template;
  slurm.points_per_task = experiment.points_per_task;
  slurm.progress = progress_line();
  return slurm;
}

/// Results of another program stay until all of them have been replaced.
void keep_other_results(const std::vector<ExperimentPoint>& points, const PointStore& store,
                        bool collect_only) {
  const std::size_t lost = rows_to_lose(points, store);
  const auto ran = std::ranges::count_if(points, [&](const auto& point) { return store.has_run(point); });
  if (lost > 0) {
    const std::string stays = fmt::format(
        "{} stays as it is: {} of its points have not run with this program and these configuration "
        "files ({} of {} have)",
        (store.folder() / "results.json").string(), lost, ran, points.size());
    if (was_interrupted()) throw Interrupted("interrupted: " + stays + "; the same command runs the others");
    throw duet::core::UserError(
        stays + "; run them, collect with the program that ran them, or choose another --output");
  }
  if (collect_only && ran == 0) {
    throw duet::core::UserError(fmt::format(
        "{}: found no point of this experiment that has run with this program and these configuration files",
        (store.folder() / "points").string()));
  }
}

void print_outcome(const ExperimentDescription& experiment, const ExperimentOutcome& outcome,
                   const fs::path& output) {
  std::vector<std::string> tables;
  for (const TableDescription& table : experiment.tables) tables.push_back(table.name);
  for (const FigureDescription& figure : experiment.figures) {
    if (figure.pareto) tables.push_back(figure.name + "_front");
  }
  for (const std::string& table : tables) {
    std::ifstream stream(output / "tables" / (table + ".md"));
    if (stream) fmt::print("{}\n", std::string{std::istreambuf_iterator<char>(stream), {}});
  }
  fmt::print("{} of {} points in {}\n", outcome.results.rows().size(), outcome.points,
             (output / "results.csv").string());
  if (outcome.failures.empty()) return;
  const std::size_t shown = std::min(outcome.failures.size(), most_failures_shown);
  for (std::size_t i = 0; i < shown; ++i) fmt::print(stderr, "failed: {}\n", outcome.failures[i]);
  if (shown < outcome.failures.size()) {
    fmt::print(stderr, "... and {} more, in {}\n", outcome.failures.size() - shown,
               (output / "points").string());
  }
  throw std::runtime_error(fmt::format("{} of {} points failed; the same command runs them again",
                                       outcome.failures.size(), outcome.points));
}

void run(const Options& options) {
  const ConfigLibrary configs = shipped_configs();
  const fs::path file = configs.find("experiments", options.file, "experiment");
  const auto experiment = load_config<ExperimentDescription>(file, options.settings);
  const fs::path output =
      options.output.empty() ? fs::path("results") / experiment.name : fs::path(options.output);
  const auto points = plan_points(experiment, configs, this_program());
  const PointStore store(output);
  catch_interrupts();

  LocalEngineOptions local;
  local.program = this_program();
  local.jobs = options.jobs > 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
  local.stop = was_interrupted;
  local.timeout_seconds = static_cast<double>(experiment.timeout_ps) / picoseconds_per_second;
  if (!options.points.empty()) {  // inside a task: the submitting process collects
    run_locally(store.missing(only_listed(points, options.points)), store, local);
    return;
  }
  if (options.engine == "slurm" && !options.collect_only) {
    run_on_slurm(points, store, slurm_options(options, experiment, file, output));
  } else if (!options.collect_only) {
    local.progress = progress_line();
    run_locally(store.missing(points), store, local);
  }
  keep_other_results(points, store, options.collect_only);
  std::optional<PublishedDescription> published;
  if (!experiment.published.empty())
    published = load_config<PublishedDescription>(file.parent_path() / experiment.published);
  const ExperimentOutcome outcome =
      collect_results(experiment, points, store, DUET_VERSION, published ? &*published : nullptr);
  if (was_interrupted()) {
    throw Interrupted(
        fmt::format("interrupted: {} of {} points are done and in {}; the same command runs the others",
                    outcome.results.rows().size(), outcome.points, (output / "results.csv").string()));
  }
  print_outcome(experiment, outcome, output);
}

const duet::platform::CommandRegistration registration{[](CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("experiment", "runs a design space in parallel processes; resumable");
  command->add_option("file", options->file, "experiment file, or a name in configs/experiments")->required();
  command->add_option("-o,--output", options->output, "folder of the results (default: results/<name>)");
  command->add_option("-j,--jobs", options->jobs, "processes at a time (default: all hardware threads)");
  command->add_option("--set", options->settings, "changes the experiment file: path=value");
  command->add_option("--engine", options->engine, "local, or slurm: a job array on a cluster")
      ->check(CLI::IsMember({"local", "slurm"}));
  command->add_option("--slurm-template", options->slurm_template, "job script with the site's options");
  command->add_option("--points", options->points,
                      "runs only the points listed in this file (tasks of an array)");
  command->add_flag("--collect", options->collect_only,
                    "makes tables and figures of what has run, runs nothing");
  command->footer(
      "Examples:\n"
      "  duet-vp experiment table4\n"
      "  duet-vp experiment mine.yaml --output results/mine --jobs 2\n"
      "  duet-vp experiment table4 --collect");
  command->callback([options] { run(*options); });
}};

}  // namespace
