// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/experiment/experiment_plan.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <set>

#include "duet/core/error.hpp"
#include "duet/platform/config/config_document.hpp"

namespace duet::platform {

namespace {

namespace fs = std::filesystem;
using Inputs = std::map<std::string, std::string>;

constexpr std::uint64_t fnv_offset = 14695981039346656037ULL;
constexpr std::uint64_t fnv_prime = 1099511628211ULL;

std::uint64_t hash(std::string_view text, std::uint64_t state = fnv_offset) {
  for (const char c : text) state = (state ^ static_cast<unsigned char>(c)) * fnv_prime;
  return state;
}

std::uint64_t hash_file(const fs::path& file, std::uint64_t state) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw core::UserError(fmt::format("{}: cannot be read", file.string()));
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return hash(text, state);
}

/// Every value of one input; an input without values takes part in no point.
struct Axis {
  std::string name;
  std::vector<std::string> values;
};

std::vector<Axis> all_axes(const ExperimentDescription& experiment) {
  std::vector<Axis> axes{
      {"platform", experiment.platforms}, {"model", experiment.models}, {"workload", experiment.workloads}};
  Axis variants{"variant", {}};
  for (const VariantDescription& variant : experiment.variants) variants.values.push_back(variant.name);
  axes.push_back(variants);
  for (const auto& [name, values] : experiment.axes) axes.push_back({name, values});
  Axis batches{"batch", {}};
  for (const std::uint64_t batch : experiment.batches) batches.values.push_back(std::to_string(batch));
  axes.push_back(batches);
  for (const Axis& axis : axes) {
    const std::set<std::string> different(axis.values.begin(), axis.values.end());
    if (different.size() != axis.values.size()) {
      throw core::UserError(fmt::format("{}: {}: found a value twice", experiment.name, axis.name));
    }
  }
  std::erase_if(axes, [](const Axis& axis) { return axis.values.empty(); });
  return axes;
}

bool replace_all(std::string& text, const std::string& from, const std::string& to) {
  bool found = false;
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
    found = true;
  }
  return found;
}

class Planner {
 public:
  Planner(const ExperimentDescription& experiment, const ConfigLibrary& configs, const fs::path& program)
      : experiment_(experiment), configs_(configs), program_hash_(hash_file(program, fnv_offset)) {}

  ExperimentPoint plan(const Inputs& inputs) {
    ExperimentPoint point;
    point.inputs = inputs;
    point.arguments = experiment_.command;
    std::uint64_t state = program_hash_;
    for (const auto& [name, value] : inputs) {
      const std::string text = argument_of(name, value, state);
      bool used = name == "variant";
      for (std::string& argument : point.arguments) used |= replace_all(argument, "{" + name + "}", text);
      if (!used) add_setting(point, name + "=" + value);
    }
    if (const auto variant = inputs.find("variant"); variant != inputs.end()) {
      for (const VariantDescription& candidate : experiment_.variants) {
        if (candidate.name != variant->second) continue;
        for (const std::string& setting : candidate.set) add_setting(point, setting);
      }
    }
    for (const std::string& argument : point.arguments) {
      if (argument.size() > 2 && argument.front() == '{' && argument.back() == '}') {
        throw core::UserError(fmt::format("{}: command: {} has no values", experiment_.name, argument));
      }
      state = hash(argument, hash("\n", state));
    }
    point.key = fmt::format("{:016x}", state);
    return point;
  }

 private:
  static void add_setting(ExperimentPoint& point, const std::string& setting) {
    point.arguments.insert(point.arguments.end(), {"--set", setting});
  }

  /// What replaces a placeholder; the files behind a name go into the key.
  std::string argument_of(const std::string& name, const std::string& value, std::uint64_t& state) {
    if (name != "platform" && name != "model" && name != "workload") return value;
    const fs::path file = configs_.find(name + "s", value, experiment_.name + ": " + name + "s");
    auto [known, missing] = file_hashes_.try_emplace(file.string(), 0);
    if (missing) {
      known->second = fnv_offset;
      const ConfigDocument document = ConfigDocument::from_file(file);
      for (const fs::path& part : document.files()) {
        known->second = hash_file(part, known->second);
      }
    }
    state = hash(std::to_string(known->second), state);
    return file.string();
  }

  const ExperimentDescription& experiment_;
  const ConfigLibrary& configs_;
  const std::uint64_t program_hash_;
  std::map<std::string, std::uint64_t> file_hashes_;
};

}  // namespace

std::vector<ExperimentPoint> plan_points(const ExperimentDescription& experiment,
                                         const ConfigLibrary& configs, const fs::path& program) {
  const std::vector<Axis> axes = all_axes(experiment);
  Planner planner(experiment, configs, program);
  std::vector<std::size_t> choice(axes.size(), 0);
  std::vector<ExperimentPoint> points;
  std::set<std::string> keys;
  while (true) {
    Inputs inputs;
    for (std::size_t i = 0; i < axes.size(); ++i) inputs[axes[i].name] = axes[i].values[choice[i]];
    points.push_back(planner.plan(inputs));
    points.back().index = points.size() - 1;
    if (!keys.insert(points.back().key).second) {
      throw core::UserError(fmt::format("{}: point {} has the same arguments as another: {}", experiment.name,
                                        points.size() - 1, fmt::join(points.back().arguments, " ")));
    }
    std::size_t axis = axes.size();
    while (axis > 0 && ++choice[axis - 1] == axes[axis - 1].values.size()) choice[--axis] = 0;
    if (axis == 0) return points;
  }
}

}  // namespace duet::platform
