// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "duet/core/board_description.hpp"
#include "duet/core/chiplet_description.hpp"
#include "duet/core/field.hpp"
#include "duet/core/int_range.hpp"
#include "duet/core/mapping_description.hpp"
#include "duet/core/noi_description.hpp"

namespace duet::core {

/// Which phases of inference a package serves.
enum class PackageRole { prefill, decode, both };
template <>
struct EnumNames<PackageRole> {
  static constexpr std::pair<PackageRole, std::string_view> values[] = {
      {PackageRole::prefill, "prefill"}, {PackageRole::decode, "decode"}, {PackageRole::both, "both"}};
};

/// Where the driver's code runs.
enum class DriverKind { native, riscv, external };
template <>
struct EnumNames<DriverKind> {
  static constexpr std::pair<DriverKind, std::string_view> values[] = {
      {DriverKind::native, "native"}, {DriverKind::riscv, "riscv"}, {DriverKind::external, "external"}};
};

/// What bulk payloads carry.
enum class ValuesMode { timing, functional };
template <>
struct EnumNames<ValuesMode> {
  static constexpr std::pair<ValuesMode, std::string_view> values[] = {
      {ValuesMode::timing, "timing"}, {ValuesMode::functional, "functional"}};
};

/// Type name of a placement that is a port of the inter-package link.
inline constexpr std::string_view link_port_type = "inter_package_link";

/// Nodes of one type at every position of a rectangle of the grid.
struct PlacementDescription {
  std::string type;
  IntRange x;
  IntRange y;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = PlacementDescription;
    visit("type", &Self::type,
          {.text = "Name of a node type in node_types, or inter_package_link for a port of that link",
           .required = true});
    visit("x", &Self::x, {.text = "Column or range of columns, 0 is the west edge", .required = true});
    visit("y", &Self::y, {.text = "Row or range of rows, 0 is the north edge", .required = true});
  }
};

/// The driver's processor and its way to the control registers.
struct DriverDescription {
  DriverKind kind = DriverKind::native;
  uint64_t bus_latency_ps = 20'000;
  uint64_t register_latency_ps = 10'000;
  uint64_t interrupt_latency_ps = 200'000;
  uint64_t timeout_ps = 10'000'000'000'000;
  std::string elf;
  unsigned restarts = 3;
  unsigned attempts = 1;
  std::string door = "tcp:5555";
  std::string job_file;
  BoardDescription board;
  bool check = false;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = DriverDescription;
    visit("kind", &Self::kind,
          {.text = "native: the driver's C code runs inside the simulator; riscv: on a simulated core; "
                   "external: a process outside, through the co-simulation door"});
    visit("bus_latency", &Self::bus_latency_ps,
          {.unit = Unit::picoseconds, .min = 0, .max = 1e9, .text = "Control bus, one way (assumed)"});
    visit("register_latency", &Self::register_latency_ps,
          {.unit = Unit::picoseconds, .min = 0, .max = 1e9, .text = "Access of a register block (assumed)"});
    visit("interrupt_latency", &Self::interrupt_latency_ps,
          {.unit = Unit::picoseconds, .min = 0, .max = 1e9, .text = "Interrupt line to handler (assumed)"});
    visit("timeout", &Self::timeout_ps,
          {.unit = Unit::picoseconds,
           .min = 1e6,
           .max = 1e15,
           .text = "Longest wait of the driver for an interrupt"});
    visit("elf", &Self::elf,
          {.text = "riscv: firmware that serves the platform's jobs; empty: the shipped dispatch.elf"});
    visit("attempts", &Self::attempts,
          {.min = 1, .max = 100, .text = "Runs of a program that fails, each after a reset of all chiplets"});
    visit("restarts", &Self::restarts,
          {.min = 0,
           .max = 1000,
           .text = "Restarts of single chiplets that report an error or hang, in one run of a program"});
    visit("door", &Self::door,
          {.text = "external: where the process connects, tcp:PORT on this machine or unix:PATH"});
    visit("job_file", &Self::job_file,
          {.text = "external: where the program is left for the process; empty: <package>.job"});
    visit("board", &Self::board, {.text = "riscv: the board of the simulated core"});
    visit("check", &Self::check,
          {.text = "Puts a base-protocol checker on the control bus and the package's registers"});
  }
};

/// A compute chiplet whose controller stops at a given time, until it is restarted or reset.
struct ChipletFaultDescription {
  uint64_t at_ps = 0;
  unsigned chiplet = 0;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = ChipletFaultDescription;
    visit("at", &Self::at_ps,
          {.unit = Unit::picoseconds, .min = 0, .text = "Simulation time of the fault", .required = true});
    visit("chiplet", &Self::chiplet,
          {.min = 0, .max = 63, .text = "Ordinal among the package's compute chiplets", .required = true});
  }
};

struct PackageDescription {
  PackageRole role = PackageRole::both;
  unsigned address_window = 0;  ///< 0: the lowest that no package asks for, in the order of names
  NoiDescription noi;
  std::vector<PlacementDescription> nodes;
  DriverDescription driver;
  std::vector<ChipletFaultDescription> hangs;
  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = PackageDescription;
    visit("role", &Self::role, {.text = "Phase that the package serves"});
    visit(
        "address_window", &Self::address_window,
        {.max = 255,
         .text = "Bits 63 to 56 of the package's addresses, 1 to the number of packages; 0: the lowest that "
                 "no package names"});
    visit("noi", &Self::noi, {.text = "Network-on-interposer", .required = true});
    visit("nodes", &Self::nodes,
          {.text = "Compute chiplets, memory nodes and link ports on the grid", .required = true});
    visit("driver", &Self::driver, {.text = "Processor of the bare-metal driver"});
    visit("hangs", &Self::hangs,
          {.text = "Compute chiplets that hang at a given time, for tests of recovery"});
  }
};

/// A whole machine. Everything above core is built from this plain description.
struct PlatformDescription {
  std::string name;
  std::string description;
  std::map<std::string, NodeTypeDescription> node_types;
  std::map<std::string, PackageDescription> packages;
  std::optional<InterPackageLinkDescription> inter_package_link;
  uint64_t granularity_bytes = 256 << 10;
  bool reuse_layers = true;
  bool check = false;
  ValuesMode values = ValuesMode::timing;
  MappingDescription mapping;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = PlatformDescription;
    visit("name", &Self::name, {.text = "Name of the platform", .required = true});
    visit("description", &Self::description, {.text = "One sentence for reports"});
    visit("node_types", &Self::node_types, {.text = "Kinds of node by name", .required = true});
    visit("packages", &Self::packages, {.text = "Packages by name", .required = true});
    visit("inter_package_link", &Self::inter_package_link, {.text = "Link between the two packages"});
    visit("granularity", &Self::granularity_bytes,
          {.unit = Unit::bytes,
           .min = 4096,
           .max = 1e9,
           .text = "Aim for the size of one bulk transaction; grows with the operand so that their number is "
                   "bounded"});
    visit("reuse_layers", &Self::reuse_layers,
          {.text = "Simulate a prefix of the layers and reuse its steady layer times for identical ones"});
    visit("check", &Self::check,
          {.text = "Puts a base-protocol checker on every socket of the platform, whatever the parts say"});
    visit("values", &Self::values,
          {.text = "functional: payloads carry data and the arrays compute FP16 values (duet-vp generate); "
                   "timing: payloads have sizes only, with the same times"});
    visit("mapping", &Self::mapping, {.text = "How a model is laid out on the packages"});
  }
};

}  // namespace duet::core
