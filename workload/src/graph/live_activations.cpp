// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_map>

#include "duet/workload/graph/model_size.hpp"

namespace duet::workload {

std::uint64_t live_activation_peak_bytes(const Graph& graph, bool fused) {
  std::unordered_map<std::string, std::size_t> last_use;
  for (std::size_t i = 0; i < graph.size(); ++i) {
    for (const TensorUse& tensor : graph[i].inputs) last_use[tensor.name] = i;
    for (const TensorUse& tensor : graph[i].outputs) last_use.try_emplace(tensor.name, i);
  }
  std::unordered_map<std::string, std::uint64_t> live;
  std::uint64_t live_bytes = 0;
  std::uint64_t peak = 0;
  for (std::size_t i = 0; i < graph.size(); ++i) {
    const auto release = [&] {
      for (const TensorUse& tensor : graph[i].inputs) {
        const auto found = live.find(tensor.name);
        if (found == live.end() || last_use.at(tensor.name) != i) continue;
        live_bytes -= found->second;
        live.erase(found);
      }
    };
    if (fused && graph[i].fusion != Fusion::none) release();
    for (const TensorUse& tensor : graph[i].outputs) {
      live[tensor.name] = tensor.bytes();
      live_bytes += tensor.bytes();
    }
    peak = std::max(peak, live_bytes);
    release();
    for (const TensorUse& tensor : graph[i].outputs) {
      if (last_use.at(tensor.name) != i) continue;  // consumed later
      live_bytes -= live.at(tensor.name);
      live.erase(tensor.name);
    }
  }
  return peak;
}

}  // namespace duet::workload
