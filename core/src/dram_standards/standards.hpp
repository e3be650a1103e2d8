// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/core/dram_standard.hpp"

namespace duet::core::dram {

// One data file each; a new standard adds its file, a line here and one in standards.cpp.
extern const DramStandard ddr4_2400;
extern const DramStandard hbm2_2000;
extern const DramStandard gddr6_14000;
extern const DramStandard hbm3_6400;
extern const DramStandard hbm3e_8000;
extern const DramStandard gddr7_28000;
extern const DramStandard gddr7_32000;

}  // namespace duet::core::dram
