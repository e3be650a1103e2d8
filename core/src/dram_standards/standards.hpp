// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/core/dram_standard.hpp"

namespace duet::core::dram {

// Functions, so that static objects anywhere may ask for a standard. One data file each; a new standard adds
// its file, a line here and one in standards.cpp.
const DramStandard& ddr4_2400();
const DramStandard& hbm2_2000();
const DramStandard& gddr6_14000();
const DramStandard& hbm3_6400();
const DramStandard& hbm3e_8000();
const DramStandard& gddr7_28000();
const DramStandard& gddr7_32000();

}  // namespace duet::core::dram
