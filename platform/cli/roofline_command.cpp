// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "duet/core/error.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/config/yaml_reader.hpp"
#include "duet/workload/graph/build_graph.hpp"
#include "shipped_configs.hpp"

namespace {

using namespace duet;
using workload::Operator;
using workload::OperatorKind;

struct Options {
  std::string model, phase = "decode", layer = "all", bandwidth = "8 TB/s", json;
  std::vector<std::string> settings;
  double peak_flops = 2.3e15;
  std::uint64_t batch = 1, tokens = 4096;
};

bool counts(const Operator& op, const std::string& layer) {
  const bool is_ssm = op.kind == OperatorKind::ssm || op.kind == OperatorKind::conv1d;
  if (layer == "all") return true;
  if (layer == "ssm") return is_ssm;
  return kind_name(op.layer_kind) == layer && !is_ssm;
}

/// Operators merged with a neighbour move no tensor of their own.
double bytes_of(const Operator& op) {
  const bool merged = op.fusion != workload::Fusion::none && op.kind != OperatorKind::embedding;
  const std::uint64_t tensors = merged ? 0 : op.input_bytes() + op.output_bytes();
  return static_cast<double>(op.weight_bytes() + tensors + op.cache_read_bytes() + op.cache_write_bytes());
}

/// A multiply-accumulate of a product is two operations; the ssm's three are five (duet.md section 2).
double flop_of(const Operator& op) {
  const double per_mac = op.kind == OperatorKind::ssm ? 5.0 / 3.0 : 2.0;
  return per_mac * static_cast<double>(op.macs) + static_cast<double>(op.elementwise + op.functions);
}

nlohmann::ordered_json roofline(const Options& options) {
  const auto configs = platform::shipped_configs();
  const auto model = platform::load_config<core::ModelDescription>(
      configs.find("models", options.model, "--model"), options.settings);
  const double bandwidth = core::parse_quantity(options.bandwidth, core::Unit::bytes_per_second);
  const bool prefill = options.phase == "prefill";
  const workload::GraphInput input{options.batch, prefill ? options.tokens : 1, prefill ? 0 : options.tokens};
  double flop = 0, bytes = 0;
  for (const Operator& op :
       build_graph(model, prefill ? workload::Phase::prefill : workload::Phase::decode, input)) {
    if (!counts(op, options.layer)) continue;
    flop += flop_of(op);
    bytes += bytes_of(op);
  }
  if (bytes == 0) throw core::UserError("--layer: the model has no layer of kind '" + options.layer + "'");
  const double intensity = flop / bytes;
  const double attainable = std::min(options.peak_flops, intensity * bandwidth);
  nlohmann::ordered_json result;
  result["flop"] = flop;
  result["bytes"] = bytes;
  result["flop_per_byte"] = intensity;
  result["ridge_flop_per_byte"] = options.peak_flops / bandwidth;
  result["attainable_flops"] = attainable;
  result["share_of_peak"] = attainable / options.peak_flops;
  result["time_s"] = flop / attainable;
  result["bound"] = attainable < options.peak_flops ? "memory" : "compute";
  return result;
}

void run(const Options& options) {
  const nlohmann::ordered_json result = roofline(options);
  if (options.json == "-") {
    fmt::print("{}\n", result.dump(1));
  } else if (!options.json.empty()) {
    std::ofstream stream(options.json);
    if (!(stream << result.dump(1) << "\n").flush())
      throw core::UserError(options.json + ": cannot be written");
  } else {
    for (const auto& [name, value] : result.items()) fmt::print("{:<20} {}\n", name, value.dump());
  }
}

const platform::CommandRegistration registration{[](CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("roofline", "operational intensity of a model's layers and its bound");
  command->add_option("--model", options->model, "model")->required();
  command->add_option("--phase", options->phase, "prefill or decode")
      ->check(CLI::IsMember({"prefill", "decode"}));
  command
      ->add_option("--layer", options->layer, "kind of layer; ssm: the state space without its projections")
      ->check(CLI::IsMember({"all", "embedding", "mamba", "ssm", "attention", "mlp", "head"}));
  command->add_option("--batch", options->batch, "sequences")->check(CLI::PositiveNumber);
  command->add_option("--tokens", options->tokens, "prompt or context length")->check(CLI::PositiveNumber);
  command->add_option("--peak-flops", options->peak_flops, "peak of the machine, FLOP/s")
      ->check(CLI::PositiveNumber);
  command->add_option("--bandwidth", options->bandwidth, "memory bandwidth of the machine");
  command->add_option("--set", options->settings, "changes the model: path=value");
  command->add_option("--json", options->json, "writes the figures as JSON; - is standard output");
  command->footer(
      "Examples:\n"
      "  duet-vp roofline --model nemotron-h-56b --phase decode --batch 80 --tokens 4096\n"
      "  duet-vp roofline --model llama3-8b --phase prefill --layer attention --json -");
  command->callback([options] { run(*options); });
}};

}  // namespace
