// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "duet/core/error.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/config/load.hpp"
#include "duet/platform/run/package_area.hpp"
#include "shipped_configs.hpp"

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

ordered_json json_of(const platform::PackageArea& area) {
  const core::AreaTable table;
  const core::EnergyTable energy;
  const double power_w = area.array_power_28nm_w * energy.logic_scale;
  return {{"chiplets", area.chiplets},
          {"links", area.links},
          {"scaled", parts_of(area.scaled, table)},
          {"scaled_one_link", parts_of(area.scaled_one_link, table)},
          {"hydra", parts_of(area.hydra, table)},
          {"chiplet_limit_mm2", area.chiplet_limit_mm2},
          {"interposer_mm2", area.interposer_mm2},
          {"interposer_limit_mm2", area.interposer_limit_mm2},
          {"array_power_28nm_w", area.array_power_28nm_w},
          {"array_power_w", power_w},
          {"package_array_power_w", power_w * static_cast<double>(area.chiplets)}};
}

void run(const Options& options) {
  const auto configs = platform::shipped_configs();
  const auto file = configs.find("platforms", options.platform, "platform");
  const auto description =
      platform::load_platform(platform::ConfigDocument::from_file(file, options.settings));
  ordered_json result;
  for (const platform::PackageArea& area : platform::package_areas(core::lay_out(description)))
    result[area.package] = json_of(area);
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
  command->footer(
      "Examples:\n"
      "  duet-vp area duet\n"
      "  duet-vp area duet --set node_types.decode_chiplet.vector.count=48 --json -");
  command->callback([options] { run(*options); });
}};

}  // namespace
