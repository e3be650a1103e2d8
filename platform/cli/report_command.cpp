// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "duet/core/trace/buffered_file.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/report/report.hpp"

namespace {

struct Options {
  std::vector<std::string> results;
  std::string output = "report.html";
};

void write_report(const Options& options) {
  std::vector<duet::platform::ReportInput> inputs;
  for (const std::string& path : options.results) inputs.push_back(duet::platform::read_report_input(path));
  const std::string html = duet::platform::render_report(inputs);
  duet::core::BufferedFile file(options.output);
  file.append(html);
  file.close();
  fmt::print("{}: {} kB, {} result{}\n", options.output, (html.size() + 999) / 1000, inputs.size(),
             inputs.size() == 1 ? "" : "s");
}

const duet::platform::CommandRegistration registration{[](CLI::App& app) {
  CLI::App* command = app.add_subcommand("report", "makes one self-contained HTML page of results");
  const auto options = std::make_shared<Options>();
  command
      ->add_option("results", options->results,
                   "results of 'run --json' or 'experiment'; several are compared")
      ->required()
      ->type_name("RESULT.json");
  command->add_option("-o,--output", options->output, "the page to write")->capture_default_str();
  command->footer(
      "Examples:\n"
      "  duet-vp report duet.json -o duet.html\n"
      "  duet-vp report duet.json b200.json -o comparison.html");
  command->callback([options] { write_report(*options); });
}};

}  // namespace
