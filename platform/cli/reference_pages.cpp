// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/reference_pages.hpp"

#include <fmt/format.h>

#include <span>

#include "duet/platform/command_line.hpp"
#include "duet/tlm_interconnect/register_block.hpp"

namespace duet::platform {
namespace {

using tlm_interconnect::RegisterAccess;
using tlm_interconnect::RegisterDeclaration;

constexpr const char* generated = "This page is generated (`scripts/generate_reference.sh`).\n";

void add_command(const CLI::App& command, std::string& page) {
  const std::string path = command_path(command);
  // App::help() would print the command that runs now.
  std::string help = command.get_formatter()->make_help(&command, path, CLI::AppFormatMode::Normal);
  while (!help.empty() && help.back() == '\n') help.pop_back();
  page += fmt::format("\n## {}\n\n```text\n{}\n```\n", path, help);
  for (const CLI::App* nested : command.get_subcommands([](const CLI::App*) { return true; })) {
    if (!nested->get_group().empty()) add_command(*nested, page);
  }
}

std::string_view access_text(RegisterAccess access) {
  switch (access) {
    case RegisterAccess::read_only:
      return "read";
    case RegisterAccess::read_write:
      return "read, write";
    case RegisterAccess::write_only:
      return "write";
    case RegisterAccess::write_one_to_clear:
      return "read, write ones to clear";
  }
  return "";
}

void add_registers(std::span<const RegisterDeclaration> registers, std::string& page) {
  page += "| offset | name | access | reset | bits | meaning |\n|---|---|---|---|---|---|\n";
  for (const RegisterDeclaration& declared : registers) {
    page +=
        fmt::format("| {:#05x} | `{}` | {} | {:#010x} | {:#010x} | {} |\n", declared.offset, declared.name,
                    access_text(declared.access), declared.reset_value, declared.bits, declared.text);
  }
}

}  // namespace

std::string command_line_page(const CLI::App& app) {
  std::string page = fmt::format("# Command line\n\n{}", generated);
  add_command(app, page);
  return page;
}

std::string register_page() {
  std::string page = fmt::format(
      "# Control registers\n\n{}All registers have 32 bits and take aligned 4-byte accesses only. What is "
      "not in "
      "`bits` is reserved: it reads as 0\nand ignores what is written.\n",
      generated);
  page += "\n## Compute chiplet\n\n";
  add_registers(tlm_interconnect::chiplet_registers(), page);
  page += "\n## Package\n\n";
  add_registers(tlm_interconnect::package_registers(), page);
  page += "\n## Memory node\n\n";
  add_registers(tlm_interconnect::memory_registers(), page);
  return page;
}

}  // namespace duet::platform
