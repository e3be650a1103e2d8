// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "duet/core/area_model.hpp"
#include "duet/core/array_timing.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/config/load.hpp"
#include "duet/platform/config/yaml_reader.hpp"

namespace {

using namespace duet;

struct Options {
  std::string kind, kernel = "ssm", clock = "700 MHz", state_bypass = "shared", json;
  std::vector<std::string> settings;
  std::uint64_t tokens = 1, channels = 16384, states = 256, head_size = 64, m = 1, k = 8192, n = 8192;
};

core::SsmShape ssm_shape(const Options& options) {
  core::SsmShape shape;
  shape.tokens = options.tokens;
  shape.channels = options.channels;
  shape.states = options.states;
  shape.channels_per_head = options.head_size;
  return shape;
}

core::ChipletTime time_of(const core::SystolicArrayDescription& array, double clock_hz,
                          const Options& options) {
  if (options.kernel == "ssm") return core::chiplet_ssm_prefill_time(array, clock_hz, ssm_shape(options), 1);
  return core::chiplet_gemm_time(array, clock_hz, {options.m, options.k, options.n});
}

core::ChipletTime time_of(const core::VectorArrayDescription& array, double clock_hz,
                          const Options& options) {
  if (options.kernel == "ssm") return core::chiplet_ssm_decode_time(array, clock_hz, ssm_shape(options), 1);
  return core::chiplet_gemv_time(array, clock_hz, {options.n, options.k, options.m});
}

/// One SFU column has a unit a row; one SFU row a unit a lane of a row of units (paper: 64 and 256).
unsigned sfu_units(const core::SystolicArrayDescription& array) {
  return array.rows;
}
unsigned sfu_units(const core::VectorArrayDescription& array) {
  return array.columns * array.lanes;
}

double processing_elements(const core::SystolicArrayDescription& array) {
  return static_cast<double>(array.count) * array.rows * array.columns;
}
double processing_elements(const core::VectorArrayDescription& array) {
  return static_cast<double>(array.count) * array.rows * array.columns * array.lanes;
}

template <class Array>
Array read_array(const Options& options) {
  auto document = platform::ConfigDocument::from_text("{}", "estimate-array");
  document.set("count=1");
  bool sfu_given = false;
  for (const std::string& setting : options.settings) {
    document.set(setting);
    sfu_given |= setting.starts_with("sfu");
  }
  auto array = platform::read_config<Array>(document);
  if constexpr (std::is_same_v<Array, core::VectorArrayDescription>)
    platform::check_vector_array(document, "", array);
  if (!sfu_given) array.sfu.units = sfu_units(array);
  return array;
}

/// Cycles when the SSM state passes the array's port, or beside it at any rate.
template <class Array>
std::uint64_t cycles_of(const Array& array, double clock_hz, const Options& options,
                        const core::ChipletTime& time) {
  if (options.state_bypass == "shared") return time.total.cycles;
  Array unlimited = array;
  unlimited.sram_bytes_per_second = std::numeric_limits<double>::infinity();
  const core::ArrayTime& total = time.total;
  const auto port_bytes =
      static_cast<double>(total.sram_read_bytes + total.sram_write_bytes - total.state_bytes);
  const double port_cycles = port_bytes * clock_hz / (array.sram_bytes_per_second * array.count);
  return std::max(time_of(unlimited, clock_hz, options).total.cycles,
                  static_cast<std::uint64_t>(std::ceil(port_cycles)));
}

template <class Array>
nlohmann::ordered_json estimate(const Options& options,
                                std::optional<Array> core::NodeTypeDescription::*member) {
  const auto array = read_array<Array>(options);
  const double clock_hz = core::parse_quantity(options.clock, core::Unit::hertz);
  const core::ChipletTime time = time_of(array, clock_hz, options);
  core::NodeTypeDescription node;
  node.*member = array;
  core::AreaTable table;
  table.target_nm = table.logic_nm;  // the paper's figures: arrays in 28 nm
  const core::ChipletArea area = core::chiplet_area(node, 0, 1, table);
  const std::uint64_t whole_cycles = cycles_of(array, clock_hz, options, time);
  const auto cycles = static_cast<double>(whole_cycles);
  nlohmann::ordered_json result;
  result["cycles"] = whole_cycles;
  result["latency_s"] = cycles / clock_hz;
  result["utilisation"] = static_cast<double>(time.total.macs) * array.mac_interval_cycles /
                          (cycles * processing_elements(array));
  result["sram_bytes"] = time.total.sram_read_bytes + time.total.sram_write_bytes;
  result["area_mm2"] = area.components();
  result["array_area_mm2"] = area.arrays;
  result["sram_area_mm2"] = area.sram;
  result["sfu_area_mm2"] = area.sfu;
  result["level"] = "closed form";
  return result;
}

void run(const Options& options) {
  const nlohmann::ordered_json result = options.kind == "systolic"
                                            ? estimate(options, &core::NodeTypeDescription::systolic)
                                            : estimate(options, &core::NodeTypeDescription::vector);
  if (options.json == "-") {
    fmt::print("{}\n", result.dump(1));
  } else if (!options.json.empty()) {
    std::ofstream stream(options.json);
    if (!(stream << result.dump(1) << "\n").flush())
      throw core::UserError(options.json + ": cannot be written");
  } else {
    for (const auto& [name, value] : result.items()) fmt::print("{:<18} {}\n", name, value.dump());
  }
}

const platform::CommandRegistration registration{[](CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("estimate-array", "time and area of arrays for one kernel, from the closed forms");
  command->add_option("kind", options->kind, "systolic or vector")
      ->required()
      ->check(CLI::IsMember({"systolic", "vector"}));
  command
      ->add_option("--kernel", options->kernel,
                   "ssm, or matrix: GEMM on systolic, GEMV on vector-unit arrays")
      ->check(CLI::IsMember({"ssm", "matrix"}));
  command->add_option("--set", options->settings, "changes the array: rows=32, sram_bandwidth='1 TB/s'");
  command->add_option("--clock", options->clock, "array clock");
  command->add_option("--tokens", options->tokens, "SSM: tokens")->check(CLI::PositiveNumber);
  command->add_option("--channels", options->channels, "SSM: channels")->check(CLI::PositiveNumber);
  command->add_option("--states", options->states, "SSM: states of a channel")->check(CLI::PositiveNumber);
  command->add_option("--head-size", options->head_size, "SSM: channels that share a decay")
      ->check(CLI::PositiveNumber);
  command->add_option("--m", options->m, "matrix: rows, or vectors")->check(CLI::PositiveNumber);
  command->add_option("--k", options->k, "matrix: inner dimension")->check(CLI::PositiveNumber);
  command->add_option("--n", options->n, "matrix: columns")->check(CLI::PositiveNumber);
  command
      ->add_option("--state-bypass", options->state_bypass,
                   "SSM state: passes the SRAM port, or beside it at any rate")
      ->check(CLI::IsMember({"shared", "unlimited"}));
  command->add_option("--json", options->json, "writes the figures as JSON; - is standard output");
  command->footer(
      "Examples:\n"
      "  duet-vp estimate-array systolic --kernel ssm --tokens 2048 --channels 16384 --states 256\n"
      "  duet-vp estimate-array vector --kernel matrix --m 8 --k 8192 --n 8192 --set lanes=16 --json -");
  command->callback([options] { run(*options); });
}};

}  // namespace
