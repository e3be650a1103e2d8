// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "duet/core/field.hpp"
#include "duet/core/platform_description.hpp"

namespace duet::platform {

/// A module of a user's own at a free position of a package's grid.
struct NodeModuleDescription {
  static constexpr std::string_view description_text =
      "A SystemC module of your own as a node of a package ('duet-vp new module' writes a start)";

  std::string package;
  int x = 0;
  int y = 0;
  std::string library;
  std::map<std::string, std::string> parameters;
  bool check = false;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = NodeModuleDescription;
    visit("package", &Self::package, {.text = "Name of the package that it stands in", .required = true});
    visit("x", &Self::x, {.min = 0, .max = 63, .text = "Column, free on the grid", .required = true});
    visit("y", &Self::y, {.min = 0, .max = 63, .text = "Row, free on the grid", .required = true});
    visit("library", &Self::library,
          {.text = "Shared library with DUET_NODE_PLUGIN, relative to this file; empty: registered by the "
                   "program under the module's name"});
    visit("parameters", &Self::parameters, {.text = "Texts that the module reads itself"});
    visit("check", &Self::check, {.text = "Puts a base-protocol checker on each socket of the module"});
  }
};

/// A platform as a YAML file describes it: the machine, and modules of the user's own in it.
struct PlatformFile : core::PlatformDescription {
  static constexpr std::string_view description_name = "platform";

  std::map<std::string, NodeModuleDescription> modules;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    core::PlatformDescription::fields(visit);
    visit("modules", &PlatformFile::modules, {.text = "SystemC modules of your own by name"});
  }
};

}  // namespace duet::platform
