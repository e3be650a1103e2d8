// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "duet/platform/run/result_output.hpp"

namespace duet::platform {

std::string result_csv(const RunResult& result) {
  std::string text =
      "platform,model,workload,batch,fits,ttft_s,tbt_s,throughput_tokens_per_s,prefill_bound,prefill_"
      "roofline_s,"
      "prefill_compute_utilisation,prefill_memory_utilisation,decode_bound,decode_roofline_s,"
      "decode_compute_utilisation,decode_memory_utilisation\n";
  for (const PointResult& point : result.points) {
    text += fmt::format("{},{},{},{},{}", result.platform, result.model, result.workload, point.batch,
                        point.fits);
    if (!is_whole(point)) {
      text += ",,,,,,,,,,,\n";
      continue;
    }
    text += fmt::format(",{},{},{}", point.ttft_s, point.tbt_s, point.throughput_tokens_per_s());
    for (const auto* phase : {&*point.prefill, &*point.decode}) {
      text += fmt::format(",{},{},{},{}", name_of(phase->bounds.bound()), phase->roofline_s,
                          phase->compute_utilisation(), phase->memory_bandwidth_utilisation());
    }
    text += '\n';
  }
  return text;
}

}  // namespace duet::platform
