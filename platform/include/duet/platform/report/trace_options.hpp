// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "duet/core/trace/vcd_writer.hpp"

namespace duet::platform {

/// What of a run is to be recorded. An empty path means: not this one.
struct TraceOptions {
  std::string vcd = {};           ///< .vcd, with a GTKWave savefile beside it; .fst goes through vcd2fst
  std::string timeline = {};      ///< Chrome-trace JSON
  std::string transactions = {};  ///< CSV
  std::string select = "**";
  std::string window = {};  ///< "10 us..20 us", either end may be left out
  std::string limit = "1 GB";

  [[nodiscard]] bool any() const { return !vcd.empty() || !timeline.empty() || !transactions.empty(); }
  /// Parsed `window` and `limit`. They throw UserError that says what is allowed.
  [[nodiscard]] uint64_t begin_ps() const;
  [[nodiscard]] uint64_t end_ps() const;
  [[nodiscard]] uint64_t max_bytes() const;
  /// Throws UserError for a selection, window or limit that cannot be read, before anything runs.
  void check() const;
  /// Where the signals go first: a VCD, also when an FST is wanted.
  [[nodiscard]] core::VcdOptions vcd_options() const;
  /// Makes the FST if one is wanted. Empty, or a sentence why the VCD stays.
  [[nodiscard]] std::string finish_vcd() const;
};

/// Adds --vcd, --trace-select, --trace-window and --trace-limit.
void add_vcd_options(CLI::App& command, TraceOptions& options);
/// Adds --vcd, --timeline, --transactions, --trace-select, --trace-window and --trace-limit.
void add_trace_options(CLI::App& command, TraceOptions& options);

/// Converts a VCD to FST with GTKWave's vcd2fst and removes the VCD. Empty, or a sentence why not.
std::string convert_to_fst(const std::string& vcd_path, const std::string& fst_path);

}  // namespace duet::platform
