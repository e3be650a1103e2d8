// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "duet/workload/mapping/stage.hpp"

namespace duet::workload {

/// Results that stay in the SRAM of the chiplets that make them until their last array stage has used them.
/// Whether a consumer finds its part where it is, the grids decide: fewer may stay in the end, not more.
struct KeptTensors {
  std::map<std::string, std::size_t> last_use;  ///< name -> number of the last array stage that reads it
  std::vector<std::uint64_t> bytes;             ///< per stage: taken on each chiplet while it runs

  [[nodiscard]] bool contains(const std::string& tensor) const { return last_use.contains(tensor); }
};

/// Chooses results for `limit_bytes` of SRAM on each of `parts` chiplets. Those that wait for few stages come
/// first: they save most traffic for the room they take. 0 bytes: none.
KeptTensors choose_kept(const std::vector<Stage>& stages, unsigned parts, std::uint64_t limit_bytes);

}  // namespace duet::workload
