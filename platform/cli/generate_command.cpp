// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "duet/platform/command.hpp"
#include "duet/platform/config/config_library.hpp"
#include "duet/platform/config/load.hpp"
#include "duet/platform/console.hpp"
#include "duet/platform/run/result_output.hpp"
#include "duet/platform/set_option.hpp"
#include "duet/platform/values/generation.hpp"
#include "shipped_configs.hpp"

namespace {

using namespace duet;
using namespace duet::platform;

constexpr double ps = 1e-12;

struct Options {
  std::string platform;
  std::string model;
  std::vector<std::uint32_t> prompt;
  std::uint64_t batch = 1;
  std::uint64_t tokens = 4;
  std::uint64_t seed = 0;
  std::string weights;
  std::string values;
  std::string driver;
  std::string elf;
  std::vector<std::string> overrides;
  std::string json;
};

GenerationRequest request_of(const Options& options) {
  const ConfigLibrary library = shipped_configs();
  std::vector<std::string> of_platform, of_model;
  for (const std::string& text : options.overrides) {
    if (text.starts_with("model.")) {
      of_model.push_back(text.substr(std::string_view("model.").size()));
    } else {
      of_platform.push_back(text);
    }
  }
  if (!options.values.empty()) of_platform.push_back("values=" + options.values);
  GenerationRequest request;
  const PlatformFile platform = load_platform(
      ConfigDocument::from_file(library.find("platforms", options.platform, "PLATFORM"), of_platform));
  request.platform = platform;
  request.modules = platform.modules;
  request.model =
      load_model(ConfigDocument::from_file(library.find("models", options.model, "--model"), of_model));
  for (auto& [name, package] : request.platform.packages) {
    if (!options.driver.empty())
      package.driver.kind = options.driver == "riscv" ? core::DriverKind::riscv : core::DriverKind::native;
    if (!options.elf.empty()) package.driver.elf = options.elf;
  }
  // Sequences differ, so that a batch mixed up shows.
  for (std::uint64_t i = 0; i < options.batch; ++i) {
    auto& sequence = request.prompt.emplace_back();
    for (const std::uint32_t token : options.prompt)
      sequence.push_back(i == 0 ? token
                                : static_cast<std::uint32_t>((token + i) % request.model.vocabulary_size));
  }
  request.new_tokens = options.tokens;
  request.seed = options.seed;
  request.weights = options.weights;
  return request;
}

nlohmann::ordered_json step_json(const GenerationStep& step) {
  const ProgramRun& run = step.run;
  nlohmann::ordered_json json{{"package", step.package},
                              {"time_s", static_cast<double>(run.end_ps - run.start_ps) * ps},
                              {"descriptors", run.records.size()},
                              {"doorbells", run.doorbells},
                              {"mode_writes", run.mode_writes},
                              {"mode_switches", run.mode_switches},
                              {"interrupts", run.interrupts},
                              {"driver_busy_s", static_cast<double>(run.driver_busy_ps) * ps},
                              {"memory_bytes_read", run.memory.bytes_read},
                              {"memory_bytes_written", run.memory.bytes_written}};
  if (!step.tokens.empty()) json["tokens"] = step.tokens;
  return json;
}

void generate(const Options& options) {
  const GenerationRequest request = request_of(options);
  const bool functional = request.platform.values == core::ValuesMode::functional;
  const bool prints = options.json != "-";
  Generation generation(request);
  generation.simulation().on_warning([](const std::string& text) { print_warning(text); });
  nlohmann::ordered_json json{
      {"version", DUET_VERSION},     {"platform", request.platform.name},
      {"model", request.model.name}, {"values", core::enum_name(request.platform.values)},
      {"seed", request.seed},        {"prompt", request.prompt}};
  std::vector<std::vector<std::uint32_t>> tokens(options.batch);
  for (std::uint64_t i = 0; i < generation.steps(); ++i) {
    const GenerationStep step = generation.step();
    json["steps"].push_back(step_json(step));
    for (std::uint64_t s = 0; s < step.tokens.size(); ++s) tokens[s].push_back(step.tokens[s]);
    if (!prints) continue;
    fmt::print("{:<12} {:>12.3f} us  {:>4} descriptors  {:>3} doorbells  {:>3} mode switches", step.package,
               static_cast<double>(step.run.end_ps - step.run.start_ps) * 1e-6, step.run.records.size(),
               step.run.doorbells, step.run.mode_switches);
    fmt::print("{}\n", functional ? fmt::format("  tokens {}", fmt::join(step.tokens, " ")) : "");
  }
  if (functional) {
    json["tokens"] = tokens;
    for (const MemoryDigest& digest : generation.digests()) {
      json["memory"].push_back(
          {{"package", digest.package}, {"bytes", digest.bytes}, {"sha256", digest.sha256}});
      if (prints)
        fmt::print("memory of {}: {} bytes of activations and caches, SHA-256 {}\n", digest.package,
                   digest.bytes, digest.sha256);
    }
  }
  if (!options.json.empty()) write_whole(options.json, json.dump(prints ? 1 : 2) + "\n");
}

const CommandRegistration registration{[](CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "generate", "runs prefill, hand-over and decode steps in one simulation, on request with every value");
  auto options = std::make_shared<Options>();
  command->add_option("platform", options->platform, "platform file, or the name of a shipped one")
      ->required()
      ->type_name("PLATFORM.yaml");
  command->add_option("--model", options->model, "model file, or the name of a shipped one")->required();
  command->add_option("--prompt", options->prompt, "token ids of the prompt: 5,17,3")
      ->delimiter(',')
      ->required();
  command->add_option("--tokens", options->tokens, "new tokens, the prefill's first one included")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 20))
      ->capture_default_str();
  command
      ->add_option("--batch", options->batch,
                   "sequences; the i-th has the prompt's ids plus i, modulo the vocabulary")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "of generated weights")->capture_default_str();
  command
      ->add_option("--weights", options->weights,
                   "folder with a file NAME.f16 per tensor, FP16 row by row, instead of generated weights")
      ->check(CLI::ExistingDirectory);
  command
      ->add_option("--values", options->values,
                   "functional: payloads carry data and tokens come out; timing: the same times without; "
                   "without the option, what the platform file says")
      ->check(CLI::IsMember({"functional", "timing"}));
  command->add_option("--driver", options->driver, "where the driver runs, native or riscv")
      ->check(CLI::IsMember({"native", "riscv"}))
      ->group("Driver");
  command->add_option("--elf", options->elf, "firmware instead of the shipped dispatch.elf")
      ->type_name("FILE")
      ->group("Driver");
  add_set_option(*command, options->overrides)
      ->description("change a key of the platform, or of the model: model.pattern=M-");
  command->add_option("--json", options->json, "write the result for machines; '-' is standard output");
  command->footer(
      "Examples:\n"
      "  duet-vp generate small --model tiny-hybrid --prompt 5,17,3 --tokens 4 --values functional\n"
      "  duet-vp generate small --model tiny-hybrid --prompt 5,17,3 --values functional --driver riscv "
      "--json -");
  command->callback([options] { generate(*options); });
}};

}  // namespace
