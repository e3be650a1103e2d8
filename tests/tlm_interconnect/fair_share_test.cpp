// SPDX-License-Identifier: Apache-2.0
// Rates of flows against max-min fairness computed from scratch at every event.
#include "duet/tlm_interconnect/fair_share.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <map>
#include <random>
#include <set>

using duet::tlm_interconnect::FairShare;

namespace {

constexpr uint64_t never = ~uint64_t{0};

struct Transfer {
  uint64_t at_ps;
  uint32_t flow;
  double bytes;
};

/// A network of channels with random capacities, flows over up to four of them, and transfers.
struct Scene {
  std::vector<double> capacities;
  std::vector<std::vector<uint32_t>> flows;
  std::vector<Transfer> transfers;

  explicit Scene(unsigned seed) {
    std::mt19937 random(seed);
    capacities.resize(4 + random() % 12);
    for (double& capacity : capacities) capacity = 0.1 * static_cast<double>(1 + random() % 6);
    flows.resize(3 + random() % 30);
    for (auto& flow : flows) {
      std::set<uint32_t> channels;
      const size_t length = 1 + random() % 4;
      while (channels.size() < length) channels.insert(static_cast<uint32_t>(random() % capacities.size()));
      flow.assign(channels.begin(), channels.end());
    }
    uint64_t at_ps = 0;
    for (unsigned i = 0; i < 300; ++i) {
      at_ps += random() % 40'000;
      transfers.push_back({at_ps, static_cast<uint32_t>(random() % flows.size()),
                           static_cast<double>(1 + random() % 20'000)});
    }
  }
};

/// Progressive filling: all rates rise together, those over a channel that is full stay.
std::vector<double> fair_rates(const Scene& scene, const std::vector<double>& backlog) {
  std::vector<double> rates(backlog.size(), 0.0);
  std::vector<double> left = scene.capacities;
  std::set<size_t> open;
  for (size_t flow = 0; flow < backlog.size(); ++flow) {
    if (backlog[flow] > 0) open.insert(flow);
  }
  while (!open.empty()) {
    std::vector<unsigned> users(left.size(), 0);
    for (const size_t flow : open) {
      for (const uint32_t channel : scene.flows[flow]) ++users[channel];
    }
    double rise = std::numeric_limits<double>::infinity();
    for (size_t channel = 0; channel < left.size(); ++channel) {
      if (users[channel] > 0) rise = std::min(rise, left[channel] / users[channel]);
    }
    std::set<uint32_t> full;
    for (uint32_t channel = 0; channel < left.size(); ++channel) {
      left[channel] -= rise * users[channel];
      if (users[channel] > 0 && left[channel] < 1e-12) full.insert(channel);
    }
    for (const size_t flow : open) rates[flow] += rise;
    std::erase_if(open, [&](size_t flow) {
      return std::ranges::any_of(scene.flows[flow], [&](uint32_t channel) { return full.contains(channel); });
    });
  }
  return rates;
}

/// When each transfer has left, in ps, of a fluid simulation without any shortcut.
std::vector<double> expected_ends(const Scene& scene) {
  std::vector<double> ends(scene.transfers.size());
  std::vector<double> backlog(scene.flows.size(), 0.0);
  std::vector<std::vector<std::pair<double, size_t>>> queues(scene.flows.size());  // bytes behind, transfer
  double now = 0;
  for (size_t next = 0;;) {
    const std::vector<double> rates = fair_rates(scene, backlog);
    double step = next < scene.transfers.size() ? static_cast<double>(scene.transfers[next].at_ps) - now
                                                : std::numeric_limits<double>::infinity();
    for (size_t flow = 0; flow < queues.size(); ++flow) {
      if (!queues[flow].empty()) step = std::min(step, queues[flow].front().first / rates[flow]);
    }
    if (step == std::numeric_limits<double>::infinity()) return ends;
    now += step;
    for (size_t flow = 0; flow < queues.size(); ++flow) {
      backlog[flow] = std::max(0.0, backlog[flow] - rates[flow] * step);
      for (auto& [behind, transfer] : queues[flow]) behind -= rates[flow] * step;
      while (!queues[flow].empty() && queues[flow].front().first < 1e-6) {
        ends[queues[flow].front().second] = now;
        queues[flow].erase(queues[flow].begin());
      }
      if (queues[flow].empty()) backlog[flow] = 0;
    }
    while (next < scene.transfers.size() && static_cast<double>(scene.transfers[next].at_ps) <= now + 1e-9) {
      const Transfer& transfer = scene.transfers[next];
      backlog[transfer.flow] += transfer.bytes;
      queues[transfer.flow].emplace_back(backlog[transfer.flow], next++);
    }
  }
}

std::map<uint32_t, uint64_t> measured_ends(const Scene& scene) {
  FairShare share(scene.capacities);
  for (const auto& flow : scene.flows) share.add_flow(flow);
  std::map<uint32_t, uint64_t> ends;
  std::vector<FairShare::Finished> finished;
  for (uint32_t next = 0;;) {
    const uint64_t arrival = next < scene.transfers.size() ? scene.transfers[next].at_ps : never;
    const uint64_t now = std::min(arrival, share.next_event_ps());
    if (now == never) return ends;
    for (; next < scene.transfers.size() && scene.transfers[next].at_ps == now; ++next)
      share.begin(scene.transfers[next].flow, scene.transfers[next].bytes, now, now, next);
    finished.clear();
    share.advance(now, finished);
    for (const FairShare::Finished& transfer : finished) ends[transfer.token] = now;
  }
}

}  // namespace

TEST_CASE("Flows get their max-min fair share, whichever others come and go") {
  const auto seed = GENERATE(range(0u, 40u));
  const Scene scene(seed);
  const std::vector<double> expected = expected_ends(scene);
  const std::map<uint32_t, uint64_t> measured = measured_ends(scene);
  REQUIRE(measured.size() == expected.size());
  // Times are rounded up to whole picoseconds at every event on the way.
  for (uint32_t i = 0; i < expected.size(); ++i)
    CHECK(static_cast<double>(measured.at(i)) == Approx(expected[i]).margin(400));
}
