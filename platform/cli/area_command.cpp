// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "duet/core/error.hpp"
#include "duet/core/technology.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/config/config_library.hpp"
#include "duet/platform/config/load.hpp"
#include "duet/platform/run/package_area.hpp"

namespace {

using namespace duet;
using nlohmann::ordered_json;

struct Options {
  std::string platform, json;
  std::vector<std::string> settings;
};

ordered_json parts_of(const core::ChipletArea& area, const core::AreaTable& table) {
  return {{"arrays_mm2", area.arrays},
          {"sram_mm2", area.sram},
          {"sfu_mm2", area.sfu},
          {"d2d_phy_mm2", area.d2d_phy},
          {"bumps_mm2", area.bumps},
          {"components_mm2", area.components()},
          {"overhead_added_mm2", area.overhead_added(table)},
          {"overhead_share_mm2", area.overhead_share(table)}};
}

/// Power of all arrays of a chiplet when every PE or lane works in every cycle, W.
double array_power_w(const core::NodeTypeDescription& type, const core::EnergyTable& table) {
  double pj_per_cycle = 0;
  if (const auto& array = type.systolic) {
    pj_per_cycle += table.systolic_pe_pj * array->count * array->rows * array->columns;
  }
  if (const auto& array = type.vector) {
    pj_per_cycle += table.vector_lane_pj * array->count * array->rows * array->columns * array->lanes;
  }
  return pj_per_cycle * 1e-12 * type.clock_hz;
}

ordered_json area_json(const core::PackageLayout& package) {
  const core::AreaTable table;
  const core::EnergyTable energy;
  const platform::PackageArea area = platform::package_area(package);
  const double power_w = array_power_w(*package.compute.front().type, energy);
  ordered_json result;
  result["chiplets"] = area.chiplets;
  result["links"] = area.links;
  result["scaled"] = parts_of(area.scaled, table);
  result["scaled_one_link"] = parts_of(area.one_link, table);
  result["hydra"] = parts_of(area.hydra, table);
  result["chiplet_limit_mm2"] = platform::chiplet_limit_mm2;
  result["interposer_mm2"] = area.interposer_mm2;
  result["interposer_limit_mm2"] = platform::interposer_limit_mm2;
  result["array_power_28nm_w"] = power_w;
  result["array_power_w"] = power_w * energy.logic_scale;
  result["package_array_power_w"] = power_w * energy.logic_scale * area.chiplets;
  return result;
}

void run(const Options& options) {
  const auto configs = platform::ConfigLibrary::standard({DUET_CONFIG_DIR});
  const auto file = configs.find("platforms", options.platform, "platform");
  const auto description =
      platform::load_platform(platform::ConfigDocument::from_file(file, options.settings));
  ordered_json result;
  for (const core::PackageLayout& package : core::lay_out(description))
    result[package.name] = area_json(package);
  if (options.json == "-") {
    fmt::print("{}\n", result.dump(1));
  } else if (!options.json.empty()) {
    std::ofstream stream(options.json);
    if (!(stream << result.dump(1) << "\n").flush())
      throw core::UserError(options.json + ": cannot be written");
  } else {
    const ordered_json flat = result.flatten();
    for (const auto& [name, area] : flat.items()) fmt::print("{:<44} {}\n", name.substr(1), area.dump());
  }
}

const platform::CommandRegistration registration{[](CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("area", "area and peak array power of a platform's chiplets and interposers");
  command->add_option("platform", options->platform, "platform file, or a name in configs/platforms")
      ->required();
  command->add_option("--set", options->settings, "changes the platform: path=value");
  command->add_option("--json", options->json, "writes the figures as JSON; - is standard output");
  command->callback([options] { run(*options); });
}};

}  // namespace
