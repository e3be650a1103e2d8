// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "duet/core/area_model.hpp"
#include "duet/core/error.hpp"
#include "duet/core/platform_layout.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/config/config_library.hpp"
#include "duet/platform/config/load.hpp"

namespace {

using namespace duet;
using nlohmann::ordered_json;

constexpr double chiplet_limit_mm2 = 121;      // the footprint of an HBM stack (paper)
constexpr double interposer_limit_mm2 = 3000;  // 2700 to 3000 (paper)
constexpr double hbm_die_mm = 11;
constexpr double memory_phy_die_mm = 4;  // *assumed*: holds interfaces, no DRAM

struct Options {
  std::string platform, json;
  std::vector<std::string> settings;
};

/// Neighbours of a node in the mesh that are nodes too.
unsigned links_of(const core::NodeInstance& node, const core::PackageLayout& package) {
  unsigned links = 0;
  for (const core::NodeInstance& other : package.nodes) {
    links += std::abs(other.x - node.x) + std::abs(other.y - node.y) == 1 ? 1 : 0;
  }
  return links;
}

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

core::InterposerGrid grid_of(const core::PackageLayout& package) {
  std::set<int> compute_x, compute_y, all_x, all_y;
  core::InterposerGrid grid;
  grid.memory_die_mm = memory_phy_die_mm;
  for (const core::NodeInstance& node : package.compute) {
    compute_x.insert(node.x);
    compute_y.insert(node.y);
  }
  all_x = compute_x;
  all_y = compute_y;
  for (const core::NodeInstance& node : package.memory) {
    all_x.insert(node.x);
    all_y.insert(node.y);
    if (node.type->memory->standard.starts_with("hbm")) grid.memory_die_mm = hbm_die_mm;
  }
  grid.compute_columns = static_cast<unsigned>(compute_x.size());
  grid.compute_rows = static_cast<unsigned>(compute_y.size());
  grid.memory_columns = static_cast<unsigned>(all_x.size() - compute_x.size());
  grid.memory_rows = static_cast<unsigned>(all_y.size() - compute_y.size());
  return grid;
}

ordered_json package_area(const core::PackageLayout& package) {
  const core::AreaTable table;
  const core::EnergyTable energy;
  const core::NodeInstance* largest = &package.compute.front();
  for (const core::NodeInstance& node : package.compute) {
    if (links_of(node, package) > links_of(*largest, package)) largest = &node;
  }
  const unsigned links = links_of(*largest, package);
  const double rate = package.description->noi.link.bandwidth;
  const double power_w = array_power_w(*largest->type, energy);
  ordered_json result;
  result["chiplets"] = package.compute.size();
  result["links"] = links;
  result["scaled"] = parts_of(chiplet_area(*largest->type, links, rate, table), table);
  result["scaled_one_link"] = parts_of(chiplet_area(*largest->type, 1, rate, table), table);
  result["hydra"] = parts_of(hydra_chiplet_area(*largest->type, links, rate), table);
  result["chiplet_limit_mm2"] = chiplet_limit_mm2;
  result["interposer_mm2"] = interposer_area_mm2(grid_of(package));
  result["interposer_limit_mm2"] = interposer_limit_mm2;
  result["array_power_28nm_w"] = power_w;
  result["array_power_w"] = power_w * energy.logic_scale;
  result["package_array_power_w"] =
      power_w * energy.logic_scale * static_cast<double>(package.compute.size());
  return result;
}

void run(const Options& options) {
  const auto configs = platform::ConfigLibrary::standard({DUET_CONFIG_DIR});
  const auto file = configs.find("platforms", options.platform, "platform");
  const auto description =
      platform::load_platform(platform::ConfigDocument::from_file(file, options.settings));
  ordered_json result;
  for (const core::PackageLayout& package : core::lay_out(description))
    result[package.name] = package_area(package);
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
