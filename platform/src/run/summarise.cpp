// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "duet/platform/run/run_result.hpp"

namespace duet::platform {
namespace {

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

std::vector<std::pair<std::string, double>> summarise(const RunResult& result) {
  std::vector<double> ttft;
  std::vector<double> tbt;
  std::vector<double> throughput;
  for (const PointResult& point : result.points) {
    if (!is_whole(point)) continue;
    ttft.push_back(point.ttft_s);
    tbt.push_back(point.tbt_s);
    throughput.push_back(point.throughput_tokens_per_s());
  }
  std::vector<std::pair<std::string, double>> summary;
  summary.emplace_back("points_that_fit", static_cast<double>(ttft.size()));
  if (ttft.empty()) return summary;
  summary.emplace_back("mean_ttft_s", mean(ttft));
  summary.emplace_back("median_ttft_s", median(ttft));
  summary.emplace_back("mean_tbt_s", mean(tbt));
  summary.emplace_back("median_tbt_s", median(tbt));
  summary.emplace_back("mean_throughput_tokens_per_s", mean(throughput));
  summary.emplace_back("max_throughput_tokens_per_s", *std::ranges::max_element(throughput));
  return summary;
}

}  // namespace duet::platform
