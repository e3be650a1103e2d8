// SPDX-License-Identifier: Apache-2.0
// SSM kernels on all arrays of a chiplet; how the work is dealt out stands in docs/models.
#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "array_timing_frame.hpp"
#include "array_timing_sums.hpp"

namespace duet::core {
namespace {

/// A run of items (channels, row tiles) over sequences: whole ones, and up to two that its ends cut.
struct Share {
  uint64_t whole = 0;
  std::array<uint64_t, 2> parts{};  ///< items, 0: none
  bool operator<(const Share& other) const {
    return std::tie(whole, parts) < std::tie(other.whole, other.parts);
  }
};

/// Runs of `each` items over `sequences` of `length` items, and how many owners have such a one.
std::map<Share, uint64_t> shares_of(uint64_t length, uint64_t sequences, uint64_t each) {
  std::map<Share, uint64_t> shares;
  const uint64_t total = length * sequences;
  for (uint64_t begin = 0; begin < total; begin += each) {
    const uint64_t end = std::min(begin + each, total);
    const uint64_t border = std::min(ceil_div(begin, length) * length, end);
    Share share{(end - border) / length, {border - begin, (end - border) % length}};
    std::ranges::sort(share.parts);
    ++shares[share];
  }
  return shares;
}

/// Each run is a kernel of its own, `shape_of(items)`. Traffic is the sum over all runs, `work` and the
/// cycles are those of the owner that needs longest.
template <class ShapeOf, class TimeOf>
ChipletTime deal_out(uint64_t length, uint64_t sequences, uint64_t each, ShapeOf&& shape_of,
                     TimeOf&& time_of) {
  std::map<uint64_t, ArrayTime> times;
  ChipletTime chiplet;
  for (const auto& [share, owners] : shares_of(length, sequences, each)) {
    ArrayTime one;
    ArrayWork work;
    uint64_t runs = 0;
    const auto add = [&](uint64_t items, uint64_t count) {
      if (items == 0 || count == 0) return;
      const auto [known, is_new] = times.try_emplace(items);
      if (is_new) known->second = time_of(shape_of(items));
      add_after(one, known->second, count);
      work.add({shape_of(items), count});
      runs += count;
    };
    add(length, share.whole);
    for (const uint64_t items : share.parts) add(items, 1);
    add_traffic(chiplet.total, one, owners);
    chiplet.arrays_used += owners;
    chiplet.tiles += runs * owners;
    if (one.cycles <= chiplet.total.cycles) continue;
    take_cycles(chiplet.total, one);
    chiplet.work = work;
    chiplet.tiles_of_busiest = runs;
  }
  return chiplet;
}

/// The row tiles of one sequence; no tile holds parts of several heads unless it holds whole ones.
class RowTiles {
 public:
  RowTiles(uint64_t rows, const SsmShape& shape)
      : rows_(rows),
        head_(shape.mamba1 ? 1 : std::clamp<uint64_t>(shape.channels_per_head, 1, shape.channels)),
        channels_(shape.channels) {}

  [[nodiscard]] uint64_t count() const {
    if (head_ <= rows_) return ceil_div(channels_, tile());
    return channels_ / head_ * ceil_div(head_, rows_) + ceil_div(channels_ % head_, rows_);
  }
  /// Of so many tiles that begin with a head.
  [[nodiscard]] uint64_t channels_of(uint64_t tiles) const {
    const uint64_t per_head = ceil_div(head_, rows_);
    const uint64_t channels =
        head_ <= rows_ ? tiles * tile() : tiles / per_head * head_ + tiles % per_head * rows_;
    return std::min(channels, channels_);
  }

 private:
  [[nodiscard]] uint64_t tile() const { return rows_ / head_ * head_; }

  uint64_t rows_;
  uint64_t head_;
  uint64_t channels_;
};

/// `arrays` that share a row tile; column tiles are dealt round robin, so that y goes from array to array.
struct Gang {
  uint64_t arrays;
  uint64_t column_tiles;  ///< of the whole row tile
  uint64_t row_tiles;     ///< of one gang, one after the other

  [[nodiscard]] uint64_t waves() const { return ceil_div(column_tiles, arrays); }
  /// Of the last column tile.
  [[nodiscard]] uint64_t last_array() const { return (column_tiles - 1) % arrays; }
  /// The first array has as many column tiles as any.
  [[nodiscard]] uint64_t states_of_first(uint64_t columns, uint64_t states) const {
    return last_array() == 0 ? states - (column_tiles - waves()) * columns : waves() * columns;
  }
};

/// Cycles in which the first array waits for the last array's sums, for all of a gang's row tiles.
uint64_t gang_waits(const SystolicArrayDescription& array, const SsmShape& shape, const Gang& gang,
                    uint64_t hop) {
  const uint64_t crossing = (gang.arrays - 1) * hop;
  uint64_t cycles = 0;
  for (const Cut& tokens : cut(shape.tokens, shape.chunk == 0 ? shape.tokens : shape.chunk)) {
    const uint64_t slack = ssm_first_sum_slack(array, shape, tokens.size);
    if (crossing > slack) cycles += tokens.count * (crossing - slack);
  }
  return cycles * (gang.waves() - 1) * gang.row_tiles;
}

ChipletTime gang_option(const SystolicArrayDescription& array, double clock_hz, const SsmShape& shape,
                        uint64_t sequences, uint64_t gang_arrays) {
  const RowTiles rows(array.rows, shape);
  const uint64_t gangs = array.count / gang_arrays;
  const Gang gang{gang_arrays, ceil_div(shape.states, array.columns),
                  ceil_div(rows.count() * sequences, gangs)};
  SsmShape part = shape;
  part.states = gang.states_of_first(array.columns, shape.states);
  ChipletTime chiplet = deal_out(
      rows.count(), sequences, gang.row_tiles,
      [&](uint64_t tiles) {
        part.channels = rows.channels_of(tiles);
        return part;
      },
      [&](const SsmShape& kernel) { return ssm_prefill_time(array, clock_hz, kernel); });
  // The next array of a gang starts when the first partial y has crossed the one before.
  const uint64_t hop = uint64_t{array.columns} + array.rows;
  const uint64_t waits = gang_waits(array, shape, gang, hop);
  const uint64_t handover = gang.last_array() * hop;
  chiplet.total.stalls.output += waits;
  chiplet.total.compute_cycles += waits + handover;
  chiplet.total.cycles += waits + handover;
  chiplet.work.other_cycles = waits + handover;
  chiplet.arrays_used *= gang.arrays;
  chiplet.arrays_of_row = gang.arrays;
  chiplet.channels_of_first =
      gang.row_tiles / rows.count() * shape.channels + rows.channels_of(gang.row_tiles % rows.count());
  chiplet.tiles = rows.count() * gang.column_tiles * sequences;
  chiplet.tiles_of_busiest = gang.row_tiles * gang.waves();
  return chiplet;
}

/// All frames move what they move on one array, but for partial y that go from array to array.
void count_traffic(ChipletTime& chiplet, const SystolicArrayDescription& array, double clock_hz,
                   const SsmShape& shape, uint64_t sequences) {
  const Gang gang{chiplet.arrays_of_row, ceil_div(shape.states, array.columns), 0};
  SsmShape all = shape;
  if (gang.waves() == 1) all.chunk = 0;  // the state stays in the PEs
  const ArrayTime busiest = chiplet.total;
  chiplet.total = {};
  add_traffic(chiplet.total, ssm_prefill_time(array, clock_hz, all), sequences);
  take_cycles(chiplet.total, busiest);
  const uint64_t sums = sequences * shape.tokens * shape.channels * sum_bytes(array.accumulation);
  const uint64_t direct = sums * (gang.column_tiles - gang.waves());
  chiplet.total.sram_read_bytes -= direct;
  chiplet.total.sram_write_bytes -= direct;
  chiplet.total.partial_sum_bytes -= 2 * direct;
  if (gang.arrays > 1) chiplet.interarray_bytes = sums * (gang.column_tiles - 1);
}

}  // namespace

ChipletTime chiplet_ssm_prefill_time(const SystolicArrayDescription& array, double clock_hz,
                                     const SsmShape& shape, uint64_t sequences) {
  const uint64_t column_tiles = ceil_div(shape.states, array.columns);
  ChipletTime best;
  for (uint64_t arrays = 1; arrays <= std::min<uint64_t>(column_tiles, array.count); ++arrays) {
    // No more arrays than the number of waves needs.
    if (arrays > 1 && ceil_div(column_tiles, arrays - 1) == ceil_div(column_tiles, arrays)) continue;
    const ChipletTime option = gang_option(array, clock_hz, shape, sequences, arrays);
    if (best.tiles == 0 || option.total.cycles < best.total.cycles) best = option;
  }
  count_traffic(best, array, clock_hz, shape, sequences);
  return best;
}

ChipletTime chiplet_ssm_decode_time(const VectorArrayDescription& array, double clock_hz,
                                    const SsmShape& shape, uint64_t sequences) {
  const uint64_t each = ceil_div(shape.channels * sequences, array.count);
  SsmShape part = shape;
  ChipletTime chiplet = deal_out(
      shape.channels, sequences, each,
      [&](uint64_t channels) {
        part.channels = channels;
        return part;
      },
      [&](const SsmShape& kernel) { return ssm_decode_time(array, clock_hz, kernel); });
  chiplet.channels_of_first = each;
  return chiplet;
}

}  // namespace duet::core
