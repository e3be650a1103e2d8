// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "duet/core/cycle_window.hpp"
#include "duet/core/field.hpp"

namespace duet::core {

enum class Accumulation { fp16, fp32 };          ///< width of sums, partial sums and SSM state
enum class ArrayLevel { tile, pe };              ///< closed forms, or every register every cycle
enum class ArraySchedule { plain, overlapped };  ///< see docs/models/systolic_array.md
enum class ArrayKernels { all, matrix, ssm };    ///< what an array can run: matrix products, state space

template <>
struct EnumNames<Accumulation> {
  static constexpr std::pair<Accumulation, std::string_view> values[] = {{Accumulation::fp16, "fp16"},
                                                                         {Accumulation::fp32, "fp32"}};
};
template <>
struct EnumNames<ArrayLevel> {
  static constexpr std::pair<ArrayLevel, std::string_view> values[] = {{ArrayLevel::tile, "tile"},
                                                                       {ArrayLevel::pe, "pe"}};
};
template <>
struct EnumNames<ArraySchedule> {
  static constexpr std::pair<ArraySchedule, std::string_view> values[] = {
      {ArraySchedule::plain, "plain"}, {ArraySchedule::overlapped, "overlapped"}};
};

template <>
struct EnumNames<ArrayKernels> {
  static constexpr std::pair<ArrayKernels, std::string_view> values[] = {
      {ArrayKernels::all, "all"}, {ArrayKernels::matrix, "matrix"}, {ArrayKernels::ssm, "ssm"}};
};

/// Special function units beside an array: one column (systolic) or one row (vector units).
struct SfuDescription {
  unsigned units = 64;
  unsigned latency_cycles = 4;
  unsigned interval_cycles = 1;
  unsigned segments = 32;
  bool exact = false;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    visit("units", &SfuDescription::units,
          {.min = 1, .max = 65536, .text = "Function units per array (paper, table of section 1)."});
    visit("latency_cycles", &SfuDescription::latency_cycles,
          {.min = 1, .max = 1024, .text = "Cycles from operand to result of one function; *assumed*."});
    visit("interval_cycles", &SfuDescription::interval_cycles,
          {.min = 1, .max = 1024, .text = "Cycles between two functions of one unit; *assumed*."});
    visit("segments", &SfuDescription::segments,
          {.min = 2, .max = 4096, .text = "Segments of the piecewise-linear functions; *assumed*."});
    visit("exact", &SfuDescription::exact,
          {.text = "Correctly rounded functions instead of the piecewise approximation."});
  }
};

/// Waveforms of the busiest array of a chiplet at the `pe` level.
struct ArrayTraceDescription {
  std::string file;
  std::string scope = "array";
  CycleWindow window;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    visit("file", &ArrayTraceDescription::file,
          {.text = "The .vcd; a GTKWave savefile is written beside it. Further simulations of a run (phases, "
                   "batch sizes) write a.2.vcd beside a.vcd, and so on.",
           .required = true,
           .example = "array.vcd"});
    visit("scope", &ArrayTraceDescription::scope,
          {.text = "Signals, such as array.pe[0..3][0..3] or array.unit[0][*],array.sfu"});
    visit("window", &ArrayTraceDescription::window,
          {.text = "Cycles of the array's work, counted from its first kernel."});
  }
};

/// The systolic arrays of one chiplet (duet.md section 2). Defaults are the paper's prefill chiplet.
struct SystolicArrayDescription {
  unsigned count = 192;
  unsigned rows = 64;
  unsigned columns = 32;
  unsigned mac_interval_cycles = 1;
  uint64_t sram_bytes = 1 << 20;
  double sram_bytes_per_second = 256e9;
  ArraySchedule schedule = ArraySchedule::overlapped;
  Accumulation accumulation = Accumulation::fp32;
  ArrayLevel level = ArrayLevel::tile;
  std::optional<ArrayTraceDescription> vcd;
  ArrayKernels kernels = ArrayKernels::all;
  bool fuse_ssm = true;
  unsigned mode_switch_cycles = 1;
  SfuDescription sfu;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = SystolicArrayDescription;
    visit("count", &Self::count, {.min = 1, .max = 65536, .text = "Arrays per chiplet."});
    visit("rows", &Self::rows, {.min = 1, .max = 4096, .text = "Rows of PEs; SSM channels lie on rows."});
    visit("columns", &Self::columns,
          {.min = 1, .max = 4096, .text = "Columns of PEs; SSM states lie on columns."});
    visit("mac_interval_cycles", &Self::mac_interval_cycles,
          {.min = 1,
           .max = 64,
           .text = "Cycles between two multiply-accumulates of one PE; the paper leaves 1 or 2 open."});
    visit("sram", &Self::sram_bytes,
          {.unit = Unit::bytes, .min = 1024, .text = "Array SRAM; the paper says 1 MB."});
    visit("sram_bandwidth", &Self::sram_bytes_per_second,
          {.unit = Unit::bytes_per_second,
           .min = 1,
           .text = "Rate of the array's SRAM port, reads and writes together."});
    visit("schedule", &Self::schedule,
          {.text = "One fold after the other, or drain overlapped with the next fill."});
    visit("accumulation", &Self::accumulation, {.text = "Width of sums and of the SSM state in the PEs."});
    visit("level", &Self::level,
          {.text = "Closed-form tiles, or every PE register every cycle (of the array with the most work)."});
    visit("vcd", &Self::vcd, {.text = "Waveforms of that array; needs level pe."});
    visit("kernels", &Self::kernels,
          {.text = "What the arrays can run: all, matrix (products and attention, no SSM mode) or ssm (no "
                   "products)."});
    visit("fuse_ssm", &Self::fuse_ssm,
          {.text = "False writes every SSM intermediate back to SRAM, as unfused arrays do."});
    visit("mode_switch_cycles", &Self::mode_switch_cycles,
          {.max = 65536, .text = "Cycles of the mode-bit write after the drain; *assumed*."});
    visit("sfu", &Self::sfu, {.text = "The SFU column."});
  }
};

/// The vector-unit arrays of one chiplet (duet.md section 3). Defaults are the paper's decode chiplet.
struct VectorArrayDescription {
  unsigned count = 96;
  unsigned rows = 16;
  unsigned columns = 8;
  unsigned lanes = 32;
  unsigned mac_interval_cycles = 1;
  uint64_t sram_bytes = 1 << 20;
  double sram_bytes_per_second = 1024e9;
  uint64_t local_buffer_bytes = 1024;
  unsigned vectors_per_pass = 0;
  Accumulation accumulation = Accumulation::fp32;
  ArrayLevel level = ArrayLevel::tile;
  std::optional<ArrayTraceDescription> vcd;
  ArrayKernels kernels = ArrayKernels::all;
  bool fuse_ssm = true;
  unsigned mode_switch_cycles = 1;
  SfuDescription sfu{.units = 256};

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = VectorArrayDescription;
    visit("count", &Self::count, {.min = 1, .max = 65536, .text = "Arrays per chiplet."});
    visit("rows", &Self::rows,
          {.min = 1, .max = 1024, .text = "Units per column; a column's units form one chain."});
    visit("columns", &Self::columns, {.min = 1, .max = 1024, .text = "Columns of units."});
    visit("lanes", &Self::lanes, {.min = 1, .max = 1024, .text = "Lanes W of one unit, a power of two."});
    visit("mac_interval_cycles", &Self::mac_interval_cycles,
          {.min = 1, .max = 64, .text = "Cycles between two multiply-accumulates of one lane."});
    visit("sram", &Self::sram_bytes,
          {.unit = Unit::bytes, .min = 1024, .text = "Array SRAM; the paper says 1 MB."});
    visit("sram_bandwidth", &Self::sram_bytes_per_second,
          {.unit = Unit::bytes_per_second,
           .min = 1,
           .text = "Rate of the array's port: SRAM reads and writes, and the state's bypass (*assumed* to "
                   "share)."});
    visit("local_buffer", &Self::local_buffer_bytes,
          {.unit = Unit::bytes,
           .min = 4,
           .text = "Local buffer of one unit: input vectors or state slices; *assumed*."});
    visit("vectors_per_pass", &Self::vectors_per_pass,
          {.max = 65536,
           .text = "Input vectors that share one pass of the matrix through the units at most; 1: the matrix "
                   "streams from SRAM once for each vector; 0: as many as the local buffer holds."});
    visit("accumulation", &Self::accumulation, {.text = "Width of the tree, the sums and the SSM state."});
    visit(
        "level", &Self::level,
        {.text = "Closed-form tiles, or every lane register every cycle (of the array with the most work)."});
    visit("vcd", &Self::vcd, {.text = "Waveforms of that array; needs level pe."});
    visit("kernels", &Self::kernels,
          {.text = "What the arrays can run: all, matrix (products and attention, no SSM mode) or ssm (no "
                   "products)."});
    visit("fuse_ssm", &Self::fuse_ssm,
          {.text = "False writes every SSM intermediate back to SRAM, as unfused arrays do."});
    visit("mode_switch_cycles", &Self::mode_switch_cycles,
          {.max = 65536, .text = "Cycles of the mode-bit write after the drain; *assumed*."});
    visit("sfu", &Self::sfu, {.text = "The SFU row."});
  }
};

}  // namespace duet::core
