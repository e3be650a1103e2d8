// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <bit>
#include <fstream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "array_kernels.hpp"
#include "duet/core/error.hpp"
#include "duet/core/quantity.hpp"
#include "duet/platform/command.hpp"

namespace {

using namespace duet;
using platform::ArrayKernel;

// The options as text; the description's defaults hold where nothing is given.
struct Options {
  platform::ArrayRequest request;
  unsigned rows = 0;
  unsigned columns = 0;
  unsigned mac_interval = 1;
  std::string bandwidth;
  std::string clock = "700 MHz";
  std::string schedule = "overlapped";
  std::string accumulation = "fp32";
  std::string level = "tile";
  std::string fuse = "true";
  std::string vcd_window;
  core::SfuDescription sfu{.units = 0};  // 0: as the array has them
  std::string json;
};

template <class E>
E enum_of(std::string_view option, std::string_view text) {
  std::string allowed;
  for (const auto& [value, name] : core::EnumNames<E>::values) {
    if (name == text) return value;
    allowed += (allowed.empty() ? "" : ", ") + std::string(name);
  }
  throw core::UserError(fmt::format("{}: found '{}', allowed: {}", option, text, allowed));
}

// Products of two dimensions stay far from 64 bits; check_macs() looks at those of three.
constexpr uint64_t largest_dimension = 1 << 24;
CLI::Range dimension() {
  return {uint64_t{1}, largest_dimension, "an integer from 1 to 2^24"};
}

double clock_of(const std::string& text) {
  constexpr double least = 1e6;  // as in a platform file
  constexpr double most = 1e10;
  double clock_hz = 0;
  try {
    clock_hz = core::parse_quantity(text, core::Unit::hertz);
  } catch (const core::UserError& error) {
    throw core::UserError(fmt::format("--clock: {}", error.what()));
  }
  if (!(clock_hz >= least && clock_hz <= most))
    throw core::UserError(fmt::format("--clock: found '{}', allowed: 1 MHz to 10 GHz", text));
  return clock_hz;
}

double bandwidth_of(const std::string& text) {
  constexpr double least = 1e6;
  if (text == "unlimited") return std::numeric_limits<double>::infinity();
  double bandwidth = 0;
  try {
    bandwidth = core::parse_quantity(text, core::Unit::bytes_per_second);
  } catch (const core::UserError& error) {
    throw core::UserError(fmt::format("--sram-bandwidth: {}, or 'unlimited'", error.what()));
  }
  if (bandwidth < least)
    throw core::UserError(fmt::format("--sram-bandwidth: found '{}', allowed: at least 1 MB/s", text));
  return bandwidth;
}

template <class Description>
void apply(const Options& options, Description& array) {
  if (options.rows > 0) array.rows = options.rows;
  if (options.columns > 0) array.columns = options.columns;
  if (!options.bandwidth.empty()) array.sram_bytes_per_second = bandwidth_of(options.bandwidth);
  array.mac_interval_cycles = options.mac_interval;
  array.accumulation = enum_of<core::Accumulation>("--accumulation", options.accumulation);
  array.fuse_ssm = options.fuse != "false";
  const unsigned units = options.sfu.units > 0 ? options.sfu.units : array.sfu.units;
  array.sfu = options.sfu;
  array.sfu.units = units;
}

bool is_systolic(ArrayKernel kernel) {
  return kernel == ArrayKernel::gemm || kernel == ArrayKernel::ssm;
}

nlohmann::ordered_json to_json(const platform::ArrayRequest& request, const core::ArrayTime& time,
                               uint64_t units, unsigned interval) {
  nlohmann::ordered_json json;
  json["level"] = core::enum_name(request.level);
  json["compute_cycles"] = time.compute_cycles;
  json["cycles"] = time.cycles;
  json["utilisation"] = core::array_utilisation(time, units, interval);
  // Up to the last MAC, as simulators that do not count the drain give it.
  core::ArrayTime without_drain = time;
  without_drain.cycles = time.compute_cycles;
  json["compute_utilisation"] = core::array_utilisation(without_drain, units, interval);
  json["macs"] = time.macs;
  json["sfu_operations"] = time.sfu_operations;
  json["seconds"] = static_cast<double>(time.cycles) / request.clock_hz;
  json["stalls"] = {{"sram", time.stalls.sram},
                    {"sfu", time.stalls.sfu},
                    {"link", time.stalls.link},
                    {"output", time.stalls.output},
                    {"drain", time.stalls.drain}};
  json["traffic"] = {{"sram_read_bytes", time.sram_read_bytes},
                     {"sram_write_bytes", time.sram_write_bytes},
                     {"partial_sum_bytes", time.partial_sum_bytes},
                     {"state_bytes", time.state_bytes},
                     {"intermediate_bytes", time.intermediate_bytes}};
  return json;
}

void print_text(const core::ArrayTime& time, uint64_t units, unsigned interval, double clock_hz) {
  fmt::print("compute cycles      {:>16}  (up to the last multiply-accumulate)\n", time.compute_cycles);
  fmt::print("cycles              {:>16}  ({:.3f} us)\n", time.cycles,
             static_cast<double>(time.cycles) / clock_hz * 1e6);
  fmt::print("utilisation         {:>16.4f}\n", core::array_utilisation(time, units, interval));
  fmt::print("multiply-accumulates{:>16}\n", time.macs);
  fmt::print("SFU operations      {:>16}\n", time.sfu_operations);
  fmt::print("cycles lost: SRAM {}, SFU {}, link {}, output {}, drain {}\n", time.stalls.sram,
             time.stalls.sfu, time.stalls.link, time.stalls.output, time.stalls.drain);
  fmt::print("SRAM read {} B, written {} B; of these partial sums {} B, state {} B, intermediates {} B\n",
             time.sram_read_bytes, time.sram_write_bytes, time.partial_sum_bytes, time.state_bytes,
             time.intermediate_bytes);
}

core::CycleWindow window_of(const std::string& text) {
  if (text.empty()) return {};
  try {
    return core::TextCodec<core::CycleWindow>::parse(text);
  } catch (const core::UserError& error) {
    throw core::UserError(fmt::format("--vcd-window: {}", error.what()));
  }
}

void write_json(const std::string& file, const std::string& text) {
  if (file == "-") {
    fmt::print("{}\n", text);
    return;
  }
  std::ofstream out(file);
  if (!(out << text << '\n')) throw core::UserError(fmt::format("--json: cannot write '{}'", file));
}

void run(Options& options) {
  platform::ArrayRequest& request = options.request;
  request.clock_hz = clock_of(options.clock);
  request.level = enum_of<core::ArrayLevel>("--level", options.level);
  request.systolic.schedule = enum_of<core::ArraySchedule>("--schedule", options.schedule);
  request.vcd_window = window_of(options.vcd_window);
  apply(options, request.systolic);
  apply(options, request.vector);
  if (!std::has_single_bit(request.vector.lanes)) {
    throw core::UserError(fmt::format("--lanes: found {}, allowed: a power of two", request.vector.lanes));
  }
  // One token of the vector units always streams a state in and out.
  if (request.kernel == ArrayKernel::ssm_decode && request.ssm.tokens == 1) request.ssm.initial_state = true;
  platform::ArrayAnswer answer;
  try {
    answer = platform::run_array(request);
  } catch (const std::invalid_argument& error) {
    throw core::UserError(error.what());
  }
  if (!answer.warning.empty()) fmt::print(stderr, "warning: {}\n", answer.warning);
  const bool systolic = is_systolic(request.kernel);
  const uint64_t units = systolic
                             ? uint64_t{request.systolic.rows} * request.systolic.columns
                             : uint64_t{request.vector.rows} * request.vector.columns * request.vector.lanes;
  if (options.json.empty()) {
    print_text(answer.time, units, options.mac_interval, request.clock_hz);
    return;
  }
  nlohmann::ordered_json json = to_json(request, answer.time, units, options.mac_interval);
  if (request.level == core::ArrayLevel::pe) json["checksum"] = fmt::format("{:016x}", answer.checksum);
  write_json(options.json, json.dump(2));
}

std::shared_ptr<Options> add_kernel(CLI::App& parent, ArrayKernel kernel, const char* name,
                                    const char* text) {
  CLI::App* command = parent.add_subcommand(name, text);
  auto options = std::make_shared<Options>();
  options->request.kernel = kernel;
  const CLI::Range size(1U, 4096U);
  command->add_option("--rows", options->rows, "rows of PEs or of vector units")->check(size);
  command->add_option("--cols", options->columns, "columns of PEs or of vector units")->check(size);
  command->add_option("--sram-bandwidth", options->bandwidth,
                      "rate of the SRAM port: '256 GB/s', or unlimited");
  command->add_option("--clock", options->clock, "clock of the array")->capture_default_str();
  command->add_option("--mac-interval", options->mac_interval, "cycles between two MACs of a PE or lane")
      ->check(CLI::Range(1U, 64U))
      ->capture_default_str();
  command->add_option("--accumulation", options->accumulation, "fp16 or fp32")->capture_default_str();
  command->add_option("--level", options->level, "tile (closed form) or pe (every register, every cycle)")
      ->capture_default_str();
  command->add_option("--seed", options->request.seed, "of the operands at the pe level")
      ->capture_default_str();
  command->add_option("--json", options->json, "write the result as JSON to this file, '-': standard output");
  CLI::Option* vcd = command->add_option("--vcd", options->request.vcd,
                                         "write waveforms to this file (and a GTKWave savefile)");
  command->add_option("--vcd-scope", options->request.vcd_scope, "signals, such as 'array.pe[0..3][0..3]'")
      ->needs(vcd);
  command->add_option("--vcd-window", options->vcd_window, "cycles first:last, such as 100:400")->needs(vcd);
  if (is_systolic(kernel)) {
    command->add_option("--schedule", options->schedule, "plain or overlapped")->capture_default_str();
  } else {
    command->add_option("--lanes", options->request.vector.lanes, "lanes of a unit, a power of two")
        ->check(CLI::Range(1U, 1024U))
        ->capture_default_str();
    command
        ->add_option("--local-buffer", options->request.vector.local_buffer_bytes, "bytes of a unit's buffer")
        ->capture_default_str();
  }
  command->callback([options] { run(*options); });
  return options;
}

void add_sfu_options(CLI::App& command, core::SfuDescription& sfu) {
  const CLI::Range cycles(1U, 1024U);
  command.add_option("--sfu-units", sfu.units, "special function units; without it, those of the paper")
      ->check(CLI::Range(1U, 65536U));
  command.add_option("--sfu-latency", sfu.latency_cycles, "cycles of one function")
      ->check(cycles)
      ->capture_default_str();
  command.add_option("--sfu-interval", sfu.interval_cycles, "cycles between two functions of a unit")
      ->check(cycles)
      ->capture_default_str();
  command.add_option("--sfu-segments", sfu.segments, "segments of the piecewise-linear functions")
      ->check(CLI::Range(2U, 4096U))
      ->capture_default_str();
  command.add_flag("--sfu-exact", sfu.exact, "correctly rounded functions");
}

void add_ssm_options(CLI::App& command, Options& options) {
  core::SsmShape& shape = options.request.ssm;
  add_sfu_options(command, options.sfu);
  command.add_option("--tokens", shape.tokens, "tokens of the sequence")->check(dimension());
  command.add_option("--channels", shape.channels, "channels that share B and C")->check(dimension());
  command.add_option("--states", shape.states, "states per channel")->check(dimension());
  command.add_option("--head-channels", shape.channels_per_head, "channels per head (Mamba-2)")
      ->check(dimension())
      ->capture_default_str();
  command.add_flag("--mamba1", shape.mamba1, "A per channel and state, delta per channel");
  command.add_flag("--initial-state", shape.initial_state, "the state is read at the start");
  command.add_option("--fuse", options.fuse, "false: intermediates go through SRAM")
      ->check(CLI::IsMember({"true", "false"}))
      ->capture_default_str();
  command.get_option("--channels")->required();
  command.get_option("--states")->required();
}

void add_kernels(CLI::App& parent) {
  auto gemm =
      add_kernel(parent, ArrayKernel::gemm, "gemm", "C[m x n] = A[m x k] * B[k x n] on a systolic array");
  CLI::App* command = parent.get_subcommand("gemm");
  command->add_option("--m", gemm->request.gemm.m, "rows of A and C")->required()->check(dimension());
  command->add_option("--k", gemm->request.gemm.k, "columns of A")->required()->check(dimension());
  command->add_option("--n", gemm->request.gemm.n, "columns of B and C")->required()->check(dimension());

  auto ssm = add_kernel(parent, ArrayKernel::ssm, "ssm", "SSM recurrence of a sequence on a systolic array");
  command = parent.get_subcommand("ssm");
  add_ssm_options(*command, *ssm);
  command->get_option("--tokens")->required();
  command->add_option("--chunk", ssm->request.ssm.chunk, "tokens between two read-outs of the state, 0: all")
      ->check(CLI::Range(uint64_t{0}, largest_dimension))
      ->capture_default_str();

  auto gemv =
      add_kernel(parent, ArrayKernel::gemv, "gemv", "y = W[n x k] * x for one or several x, on vector units");
  command = parent.get_subcommand("gemv");
  command->add_option("--n", gemv->request.gemv.n, "rows of the matrix")->required()->check(dimension());
  command->add_option("--k", gemv->request.gemv.k, "columns of the matrix")->required()->check(dimension());
  command->add_option("--vectors", gemv->request.gemv.vectors, "input vectors that share the matrix")
      ->check(dimension())
      ->capture_default_str();

  auto attention = add_kernel(parent, ArrayKernel::attention, "attention",
                              "softmax attention of query heads that share keys and values, on vector units");
  command = parent.get_subcommand("attention");
  core::AttentionShape& shape = attention->request.attention;
  command->add_option("--queries", shape.queries, "query vectors that share the keys")
      ->check(dimension())
      ->capture_default_str();
  command->add_option("--head-size", shape.head_size, "elements of a query")->required()->check(dimension());
  command->add_option("--context", shape.context, "keys and values")->required()->check(dimension());
  add_sfu_options(*command, attention->sfu);

  auto decode = add_kernel(parent, ArrayKernel::ssm_decode, "ssm-decode", "SSM steps on vector units");
  add_ssm_options(*parent.get_subcommand("ssm-decode"), *decode);
}

const platform::CommandRegistration registration{[](CLI::App& app) {
  CLI::App* command = app.add_subcommand("array", "runs one kernel on one array, alone");
  command->require_subcommand(1);
  add_kernels(*command);
  command->footer(
      "Examples:\n"
      "  duet-vp array gemm --rows 64 --cols 32 --m 128 --k 256 --n 64 --sram-bandwidth unlimited --schedule "
      "plain\n"
      "  duet-vp array ssm --tokens 2048 --channels 64 --states 256 --level pe --json -\n"
      "  duet-vp array gemv --n 4096 --k 4096 --vectors 8 --sram-bandwidth '1024 GB/s'\n"
      "  duet-vp array attention --queries 8 --head-size 128 --context 4096\n"
      "  duet-vp array ssm --tokens 64 --channels 8 --states 8 --rows 8 --cols 8 --level pe --vcd ssm.vcd "
      "--vcd-scope 'array.pe[0..3][0..3]' --vcd-window 10:100");
}};

}  // namespace
