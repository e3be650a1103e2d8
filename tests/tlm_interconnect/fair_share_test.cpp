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

// Now with bytes that come over a time, and with channels and ways that change.

struct Change {
  enum class Kind { transfer, capacity, reroute, cancel };
  uint64_t at_ps;
  Kind kind;
  uint32_t index;  ///< of the flow or the channel
  double value = 0;
  uint64_t last_ps = 0;
  std::vector<uint32_t> channels{};
};

struct LivelyScene {
  Scene base;
  std::vector<Change> changes;

  explicit LivelyScene(unsigned seed) : base(seed) {
    std::mt19937 random(seed + 1000);
    for (const Transfer& transfer : base.transfers) {
      const uint64_t at = transfer.at_ps;
      const auto channel = static_cast<uint32_t>(random() % base.capacities.size());
      switch (random() % 20) {
        case 0:
          changes.push_back(
              {at, Change::Kind::capacity, channel, 0.05 * static_cast<double>(1 + random() % 12)});
          break;
        case 1:
          changes.push_back({at, Change::Kind::reroute, transfer.flow, 0, 0, {channel}});
          break;
        case 2:
          changes.push_back({at, Change::Kind::cancel, transfer.flow});
          break;
        default:
          break;
      }
      const uint64_t last = random() % 2 == 0 ? at : at + 1 + random() % 60'000;
      changes.push_back({at, Change::Kind::transfer, transfer.flow, transfer.bytes, last});
    }
  }
};

/// The same as FairShare in the plainest way: all rates from scratch at every event.
class PlainFluid {
 public:
  explicit PlainFluid(const LivelyScene& scene)
      : scene_(scene), ends_(scene.changes.size(), -1.0), flows_(scene.base.flows.size()) {}

  /// When the last byte of each transfer has left, -1 of those that were dropped.
  std::vector<double> run() {
    for (size_t next = 0; next < scene_.changes.size() || busy();) {
      const double at = next < scene_.changes.size() ? static_cast<double>(scene_.changes[next].at_ps)
                                                     : std::numeric_limits<double>::infinity();
      find_rates();
      step(std::min(at - now_, next_event()));
      while (next < scene_.changes.size() && static_cast<double>(scene_.changes[next].at_ps) <= now_ + 1e-6)
        change(next++);
    }
    return ends_;
  }

 private:
  struct Input {
    double rate;
    double last;
    size_t transfer;
  };
  struct Flow {
    std::vector<Input> inputs;
    std::vector<std::pair<double, size_t>> queue;
    double arrived = 0;
    double served = 0;
    double rate = 0;
    [[nodiscard]] double input() const {
      double sum = 0;
      for (const Input& each : inputs) sum += each.rate;
      return sum;
    }
    [[nodiscard]] bool backlog() const { return arrived - served > 1e-3; }
  };

  [[nodiscard]] bool busy() const {
    return std::ranges::any_of(flows_, [](const Flow& f) { return !f.inputs.empty() || !f.queue.empty(); });
  }

  /// Progressive filling up to each flow's demand.
  void find_rates() {
    std::vector<double> left = scene_.base.capacities;
    std::set<size_t> open;
    for (size_t i = 0; i < flows_.size(); ++i) {
      flows_[i].rate = 0;
      if (flows_[i].backlog() || flows_[i].input() > 0) open.insert(i);
    }
    while (!open.empty()) {
      std::vector<unsigned> users(left.size(), 0);
      double rise = std::numeric_limits<double>::infinity();
      for (const size_t i : open) {
        for (const uint32_t channel : scene_.base.flows[i]) ++users[channel];
        if (!flows_[i].backlog()) rise = std::min(rise, flows_[i].input() - flows_[i].rate);
      }
      for (size_t channel = 0; channel < left.size(); ++channel) {
        if (users[channel] > 0) rise = std::min(rise, left[channel] / users[channel]);
      }
      for (size_t channel = 0; channel < left.size(); ++channel) left[channel] -= rise * users[channel];
      for (const size_t i : open) flows_[i].rate += rise;
      std::erase_if(open, [&](size_t i) {
        if (!flows_[i].backlog() && flows_[i].input() - flows_[i].rate < 1e-12) return true;
        return std::ranges::any_of(scene_.base.flows[i], [&](uint32_t c) { return left[c] < 1e-12; });
      });
    }
  }

  [[nodiscard]] double next_event() const {
    double step = std::numeric_limits<double>::infinity();
    for (const Flow& flow : flows_) {
      for (const Input& input : flow.inputs) step = std::min(step, input.last - now_);
      if (!flow.queue.empty()) step = std::min(step, (flow.queue.front().first - flow.served) / flow.rate);
      const double drains = flow.rate - flow.input();
      if (flow.backlog() && drains > 1e-12) step = std::min(step, (flow.arrived - flow.served) / drains);
      // A backlog that begins makes its flow want all that it can get.
      if (!flow.backlog() && drains < -1e-12) step = std::min(step, 2e-3 / -drains);
    }
    return std::max(step, 0.0);
  }

  void step(double duration) {
    now_ += duration;
    for (Flow& flow : flows_) {
      flow.arrived += flow.input() * duration;
      flow.served = std::min(flow.served + flow.rate * duration, flow.arrived);
      for (const Input& input : flow.inputs) {
        if (input.last <= now_ + 1e-6) flow.queue.emplace_back(flow.arrived, input.transfer);
      }
      std::erase_if(flow.inputs, [&](const Input& input) { return input.last <= now_ + 1e-6; });
      while (!flow.queue.empty() && flow.queue.front().first <= flow.served + 1e-3) {
        ends_[flow.queue.front().second] = now_;
        flow.queue.erase(flow.queue.begin());
      }
    }
  }

  void change(size_t index) {
    const Change& change = scene_.changes[index];
    Flow& flow = flows_[change.kind == Change::Kind::capacity ? 0 : change.index];
    switch (change.kind) {
      case Change::Kind::capacity:
        scene_.base.capacities[change.index] = change.value;
        break;
      case Change::Kind::reroute:
        scene_.base.flows[change.index] = change.channels;
        break;
      case Change::Kind::cancel:
        flow = {};
        break;
      case Change::Kind::transfer:
        if (change.last_ps == change.at_ps) {
          flow.arrived += change.value;
          flow.queue.emplace_back(flow.arrived, index);
        } else {
          const double duration = static_cast<double>(change.last_ps - change.at_ps);
          flow.inputs.push_back({change.value / duration, static_cast<double>(change.last_ps), index});
        }
    }
  }

  LivelyScene scene_;
  double now_ = 0;
  std::vector<double> ends_;
  std::vector<Flow> flows_;
};

std::map<uint32_t, uint64_t> measured_ends(const LivelyScene& scene) {
  FairShare share(scene.base.capacities);
  for (const auto& flow : scene.base.flows) share.add_flow(flow);
  std::map<uint32_t, uint64_t> ends;
  std::vector<FairShare::Finished> finished;
  std::vector<uint32_t> dropped;
  const auto advance = [&](uint64_t now) {
    finished.clear();
    share.advance(now, finished);
    for (const FairShare::Finished& transfer : finished) ends[transfer.token] = now;
  };
  for (uint32_t next = 0; next < scene.changes.size(); ++next) {
    const Change& change = scene.changes[next];
    while (share.next_event_ps() <= change.at_ps) advance(share.next_event_ps());
    switch (change.kind) {
      case Change::Kind::capacity:
        share.set_capacity(change.index, change.value);
        break;
      case Change::Kind::reroute:
        share.reroute(change.index, change.channels, change.at_ps);
        break;
      case Change::Kind::cancel:
        share.cancel(change.index, dropped);
        break;
      case Change::Kind::transfer:
        share.begin(change.index, change.value, change.at_ps, change.last_ps, next);
    }
    advance(change.at_ps);
  }
  while (share.next_event_ps() != never) advance(share.next_event_ps());
  return ends;
}

}  // namespace

TEST_CASE("Flows get their max-min fair share while bytes come in and channels change") {
  const auto seed = GENERATE(range(0u, 40u));
  const LivelyScene scene(seed);
  const std::vector<double> expected = PlainFluid(scene).run();
  const std::map<uint32_t, uint64_t> measured = measured_ends(scene);
  for (uint32_t i = 0; i < expected.size(); ++i) {
    if (scene.changes[i].kind != Change::Kind::transfer) continue;
    INFO(i << " of flow " << scene.changes[i].index);
    REQUIRE(measured.contains(i) == (expected[i] >= 0));
    if (expected[i] >= 0) CHECK(static_cast<double>(measured.at(i)) == Approx(expected[i]).margin(400));
  }
}

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
