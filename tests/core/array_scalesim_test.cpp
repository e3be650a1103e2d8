// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include "duet/core/array_timing.hpp"

using namespace duet::core;

TEST_CASE("a plain GEMM takes the cycles that SCALE-Sim reports, and one, as it counts from 0") {
  std::ifstream file(DUET_SOURCE_DIR "/tests/reference/arrays/scalesim_os.csv");
  REQUIRE(file.good());
  std::string line;
  std::getline(file, line);
  int rows_read = 0;
  while (std::getline(file, line)) {
    std::replace(line.begin(), line.end(), ',', ' ');
    std::istringstream fields(line);
    GemmShape shape;
    SystolicArrayDescription array;
    uint64_t folds = 0;
    uint64_t reported = 0;
    double utilisation_percent = 0;
    fields >> shape.m >> shape.k >> shape.n >> array.rows >> array.columns >> folds >> reported >>
        utilisation_percent;
    array.schedule = ArraySchedule::plain;
    array.sram_bytes_per_second = std::numeric_limits<double>::infinity();
    INFO(line);
    const ArrayTime time = gemm_time(array, 700e6, shape);
    CHECK(time.compute_cycles == reported + 1);
    CHECK(time.compute_cycles == folds * (shape.k + array.rows + array.columns - 2));
    CHECK(time.cycles ==
          time.compute_cycles +
              std::min<uint64_t>(array.columns, shape.n - (shape.n - 1) / array.columns * array.columns));
    const double peak = static_cast<double>(reported + 1) * array.rows * array.columns;
    CHECK(static_cast<double>(time.macs) / peak * 100 == Approx(utilisation_percent).epsilon(0.01));
    ++rows_read;
  }
  CHECK(rows_read == 4);
}
