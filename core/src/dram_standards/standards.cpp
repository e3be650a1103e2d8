// SPDX-License-Identifier: Apache-2.0
#include "standards.hpp"

#include <fmt/format.h>

#include "duet/core/error.hpp"

namespace duet::core {

const std::vector<const DramStandard*>& dram_standards() {
  static const std::vector<const DramStandard*> all{
      &dram::hbm3e_8000(), &dram::gddr7_32000(), &dram::hbm3_6400(), &dram::gddr7_28000(),
      &dram::hbm2_2000(),  &dram::gddr6_14000(), &dram::ddr4_2400()};
  return all;
}

const DramStandard& dram_standard(std::string_view name) {
  std::string known;
  for (const DramStandard* standard : dram_standards()) {
    if (standard->name == name) return *standard;
    known += (known.empty() ? "" : ", ") + standard->name;
  }
  throw UserError(fmt::format("standard: found '{}', allowed {}", name, known));
}

}  // namespace duet::core
