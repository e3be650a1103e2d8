// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <string>

namespace duet::platform {

/// Help of every command in Markdown.
std::string command_line_page(const CLI::App& app);

/// The control registers of a chiplet and of a package in Markdown, from their declarations.
std::string register_page();

}  // namespace duet::platform
