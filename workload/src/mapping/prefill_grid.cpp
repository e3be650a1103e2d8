// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/mapping/prefill_grid.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "duet/core/operation_timing.hpp"
#include "duet/sw_driver/descriptor.h"
#include "duet/workload/mapping/sram_spaces.hpp"
#include "link_loads.hpp"

namespace duet::workload {
namespace {

constexpr uint64_t element_bytes = 2;      // FP16 operands
constexpr uint64_t partial_sum_bytes = 4;  // FP32
constexpr uint64_t k_block = 4096;         // long enough that the sums' way to SRAM and back is small
constexpr double mean_link_load = 0.5;     // of the busiest link, under dimension-ordered routing

uint64_t divide_up(uint64_t value, uint64_t by) {
  return (value + by - 1) / by;
}

// Of three ways to fit a product into SRAM the one that reads least: blocks of A stay while B streams
// past, blocks of B stay while A streams past, or partial sums of a block of C stay while both stream.
void choose_passes(const GemmShape& slice, const SramSpaces& spaces, bool may_cut_k, PrefillGrid& grid) {
  const uint64_t slice_a = slice.m * slice.k * element_bytes;
  const uint64_t slice_b = slice.n * slice.k * element_bytes;
  const uint64_t blocks_a = std::max<uint64_t>(1, divide_up(slice_a, spaces.dependent / 2));
  const uint64_t blocks_b = std::max<uint64_t>(1, divide_up(slice_b, spaces.prefetched / 2));
  const uint64_t blocks_c = std::max<uint64_t>(
      1, divide_up(slice.m * slice.n * partial_sum_bytes, (spaces.dependent + spaces.results) / 2));
  struct Way {
    uint64_t passes_a, passes_b, k_blocks;
  };
  std::vector<Way> ways{{1, blocks_a, 1}, {blocks_b, 1, 1}};
  if (slice.k > k_block && may_cut_k) {
    ways.push_back({1, blocks_c, divide_up(slice.k, k_block)});
    ways.push_back({blocks_c, 1, divide_up(slice.k, k_block)});
  }
  const auto bytes = [&](const Way& way) { return slice_a * way.passes_a + slice_b * way.passes_b; };
  const Way best = *std::ranges::min_element(ways, {}, bytes);
  grid.passes_a = best.passes_a;
  grid.passes_b = best.passes_b;
  grid.k_blocks = best.k_blocks;
}

bool may_cut_k(const GridSurroundings& around) {
  return around.systolic && around.type.systolic;
}

class GridChooser {
 public:
  GridChooser(const GridSurroundings& around, const KeptTensors& kept)
      : around_(around),
        kept_(kept),
        spaces_(sram_spaces(around.type, around.systolic)),
        reads_(around.package),
        writes_(around.package) {
    const auto& noi = around.package.description->noi;
    const double links = 2.0 * (noi.columns * (noi.rows - 1.0) + noi.rows * (noi.columns - 1.0));
    spread_rate_ = std::max(1.0, links) * noi.link.bandwidth * mean_link_load;
    reads_.add_near(around.map, 1, false);
    writes_.add_near(around.map, 1, true);
    mean_hops_ = (noi.columns + noi.rows) / 3.0;
  }

  /// The grids that a stage may have; `kept_bytes` of each chiplet's SRAM are taken while it runs.
  std::vector<PrefillGrid> candidates(const Stage& stage, uint64_t kept_bytes) {
    std::vector<PrefillGrid> result;
    for (unsigned rows = 1; rows <= around_.parts; ++rows) {
      if (around_.parts % rows != 0) continue;
      PrefillGrid grid;
      grid.rows = rows;
      grid.columns = around_.parts / rows;
      if (!possible(stage, grid)) continue;
      if (const auto* shape = std::get_if<GemmShape>(&stage.main->shape))
        price(stage, *shape, kept_bytes, grid);
      result.push_back(grid);
    }
    if (result.empty()) {
      PrefillGrid grid;
      grid.columns = around_.parts;
      result.push_back(grid);
    }
    return result;
  }

  /// Seconds to bring a stage's inputs to where another grid needs them.
  double change(const Stage& stage, const PrefillGrid& use, const PrefillGrid& made) const {
    double seconds = 0;
    for (const auto& input : stage.inputs) {
      if (is_local(stage, input, use, made)) continue;
      const auto moved = 2 * static_cast<double>(input.bytes());
      seconds += moved * mean_hops_ / spread_rate_;
      if (kept_.contains(input.name)) seconds += moved / around_.package.peak_memory_bytes_per_second();
    }
    return seconds;
  }

 private:
  static bool possible(const Stage& stage, const PrefillGrid& grid) {
    if (const auto* shape = std::get_if<SsmShape>(&stage.main->shape)) {
      return shape->sequences % grid.rows == 0 && shape->heads % grid.columns == 0;
    }
    if (const auto* shape = std::get_if<AttentionShape>(&stage.main->shape)) {
      return shape->sequences % grid.rows == 0 && shape->heads % grid.columns == 0;
    }
    if (const auto* shape = std::get_if<GemmShape>(&stage.main->shape)) return grid.rows <= shape->m;
    const bool whole_rows =
        stage.main->kind == OperatorKind::norm || stage.main->kind == OperatorKind::argmax;
    return !whole_rows || grid.columns == 1;
  }

  /// What the shares cost that a chiplet posts, one byte each, to the others of its row and of its column.
  struct Posts {
    LinkLoads along_rows;
    LinkLoads along_columns;
  };
  const Posts& posts(const PrefillGrid& grid) {
    auto known = posts_.find(grid.rows);
    if (known != posts_.end()) return known->second;
    Posts result{LinkLoads(around_.package), LinkLoads(around_.package)};
    const auto node = [&](unsigned part) { return around_.package.compute[around_.chiplets[part]].node; };
    for (unsigned part = 0; part < around_.parts; ++part) {
      std::vector<unsigned> row;
      std::vector<unsigned> column;
      for (unsigned c = 0; c < grid.columns; ++c) row.push_back(node(part / grid.columns * grid.columns + c));
      for (unsigned r = 0; r < grid.rows; ++r) column.push_back(node(r * grid.columns + part % grid.columns));
      result.along_rows.add(node(part), row, 1);
      result.along_columns.add(node(part), column, 1);
    }
    return posts_.emplace(grid.rows, std::move(result)).first->second;
  }

  void price(const Stage& stage, const GemmShape& shape, uint64_t kept_bytes, PrefillGrid& grid) {
    duet_descriptor descriptor{};
    descriptor.opcode = DUET_OP_GEMM;
    descriptor.engine = around_.systolic ? DUET_ENGINE_SYSTOLIC : DUET_ENGINE_VECTOR;
    descriptor.shape.m = static_cast<uint32_t>(divide_up(shape.m, grid.rows));
    descriptor.shape.n = static_cast<uint32_t>(divide_up(shape.n, grid.columns));
    descriptor.shape.k = static_cast<uint32_t>(shape.k);
    const uint64_t slice_a = uint64_t{descriptor.shape.m} * shape.k * element_bytes;
    const uint64_t slice_b = uint64_t{descriptor.shape.n} * shape.k * element_bytes;
    SramSpaces spaces = spaces_;
    spaces.dependent -= std::min(kept_bytes, spaces.dependent);
    choose_passes({descriptor.shape.m, shape.k, descriptor.shape.n}, spaces, may_cut_k(around_), grid);
    descriptor.shape.k_blocks = static_cast<uint32_t>(grid.k_blocks);
    const auto timing = core::operation_timing(descriptor, around_.type, 0);
    const double compute_s = static_cast<double>(timing.cycles) / around_.type.clock_hz;

    const auto read_a = static_cast<double>(slice_a * grid.passes_a);
    const auto read_b = static_cast<double>(slice_b * grid.passes_b);
    const auto memory_bytes = [&](const TensorUse& use) {
      return kept_.contains(use.name) ? 0.0 : static_cast<double>(use.bytes());
    };
    const bool a_is_kept = kept_.contains(stage.inputs.front().name);
    double read = (a_is_kept ? 0 : read_a * grid.rows) + read_b * grid.columns;
    double written = 0;
    for (const auto& output : stage.outputs) written += memory_bytes(output);
    for (size_t i = 1; i < stage.inputs.size(); ++i) read += memory_bytes(stage.inputs[i]);
    const double memory_s = (read + written) / around_.package.peak_memory_bytes_per_second();
    LinkLoads links(around_.package);
    links.add(reads_, read / around_.parts);
    links.add(writes_, written / around_.parts);
    links.add(posts(grid).along_rows, read_a / grid.columns);
    links.add(posts(grid).along_columns, read_b / grid.rows);
    grid.noi_s = links.seconds();
    grid.seconds = std::max({compute_s, memory_s, grid.noi_s}) + 1e-3 * (memory_s + grid.noi_s);
  }

  GridSurroundings around_;
  const KeptTensors& kept_;
  SramSpaces spaces_;
  LinkLoads reads_;   // a byte for every chiplet from its near memory
  LinkLoads writes_;  // and back
  std::map<unsigned, Posts> posts_;
  double spread_rate_ = 0;
  double mean_hops_ = 0;
};

}  // namespace

bool is_local(const Stage& consumer, const TensorUse& input, const PrefillGrid& use,
              const PrefillGrid& made) {
  const bool first_operand =
      consumer.main->kind == OperatorKind::gemm && input.name == consumer.inputs.front().name;
  if (first_operand) return made.rows % use.rows == 0;
  return made.rows == use.rows;
}

void plan_passes(const GemmShape& slice, const GridSurroundings& around, uint64_t kept_bytes,
                 PrefillGrid& grid) {
  SramSpaces spaces = sram_spaces(around.type, around.systolic);
  spaces.dependent -= std::min(kept_bytes, spaces.dependent);
  choose_passes(slice, spaces, may_cut_k(around), grid);
}

std::vector<PrefillGrid> choose_grids(const std::vector<Stage>& stages, const GridSurroundings& around,
                                      const KeptTensors& kept) {
  GridChooser chooser(around, kept);
  struct Node {
    PrefillGrid grid;
    double seconds;
    size_t from;
  };
  std::vector<std::vector<Node>> table;  // one column per stage that is no move
  std::vector<size_t> stage_of_column;
  for (size_t s = 0; s < stages.size(); ++s) {
    if (stages[s].is_move()) continue;
    std::vector<Node> column;
    for (const PrefillGrid& grid : chooser.candidates(stages[s], kept.bytes[s])) {
      Node node{grid, grid.seconds, 0};
      if (!table.empty()) {
        double best = std::numeric_limits<double>::infinity();
        for (size_t i = 0; i < table.back().size(); ++i) {
          const double seconds =
              table.back()[i].seconds + chooser.change(stages[s], grid, table.back()[i].grid);
          if (seconds >= best) continue;
          best = seconds;
          node.from = i;
        }
        node.seconds += best;
      }
      column.push_back(node);
    }
    table.push_back(std::move(column));
    stage_of_column.push_back(s);
  }
  std::vector<PrefillGrid> result(stages.size());
  if (table.empty()) return result;
  const auto last = std::ranges::min_element(table.back(), {}, &Node::seconds);
  auto at = static_cast<size_t>(last - table.back().begin());
  for (size_t column = table.size(); column-- > 0;) {
    result[stage_of_column[column]] = table[column][at].grid;
    at = table[column][at].from;
  }
  return result;
}

std::vector<PrefillGrid> grids_of(const Program& program, const std::vector<Stage>& stages) {
  if (stages.empty() || program.stages.empty()) return {};
  const uint64_t last = stages.back().main->layer;
  const uint64_t skipped = program.stages.back().layer - last;
  const auto agree = [&](const StagePlan& whole, const Stage& part, uint64_t offset) {
    return whole.kind == part.main->kind && whole.layer_kind == part.main->layer_kind &&
           whole.layer == part.main->layer + offset;
  };
  // The second half is cut as the end of the whole model, as far as they are alike.
  size_t tail = stages.size();
  for (size_t back = 1; back <= std::min(stages.size(), program.stages.size()); ++back) {
    const Stage& stage = stages[stages.size() - back];
    if (!agree(program.stages[program.stages.size() - back], stage, skipped)) break;
    if (stage.main->layer < last - last / 2) break;
    const bool first_of_layer =
        back == stages.size() || stages[stages.size() - back - 1].main->layer != stage.main->layer;
    if (first_of_layer) tail = stages.size() - back;
  }
  std::vector<PrefillGrid> grids;
  for (size_t i = 0; i < stages.size(); ++i) {
    const bool in_tail = i >= tail;
    const size_t other = in_tail ? program.stages.size() - (stages.size() - i) : i;
    if (other >= program.stages.size() || !agree(program.stages[other], stages[i], in_tail ? skipped : 0))
      return {};
    grids.push_back(program.stages[other].grid);
  }
  return grids;
}

}  // namespace duet::workload
