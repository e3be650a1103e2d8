// SPDX-License-Identifier: Apache-2.0
#include "phase_details.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace duet::platform {
namespace {

constexpr double ps = 1e-12;
constexpr std::array engine_names{"systolic", "vector", "mover"};
constexpr double load_steps = 10;  // loads are told in tenths

const char* load_name(double load) {
  if (load < 1.0 / 3) return "load below 1/3";
  return load < 2.0 / 3 ? "load 1/3 to 2/3" : "load above 2/3";
}

/// Neighbouring intervals with about the same load are one event.
void add_load_track(const std::string& track, const std::vector<double>& loads, uint64_t interval_ps,
                    uint64_t end_of_run_ps, std::vector<TimelineEvent>& timeline) {
  const auto step = [&](size_t i) { return std::min(static_cast<int>(loads[i] * load_steps), 9); };
  for (size_t i = 0; i < loads.size();) {
    size_t end = i;
    while (end < loads.size() && step(end) == step(i)) ++end;
    double sum = 0;
    for (size_t k = i; k < end; ++k) sum += loads[k];
    const double mean = sum / static_cast<double>(end - i);
    if (mean >= 0.005) {
      timeline.push_back({track, fmt::format("{:.0f} % busy", mean * 100), load_name(mean), i * interval_ps,
                          std::min(end * interval_ps, end_of_run_ps)});
    }
    i = end;
  }
}

/// The arrays' work of a descriptor counts evenly over its time.
void spread(const models::JobRecord& record, uint64_t start_ps, uint64_t interval_ps,
            std::vector<double>& busy_ps) {
  const uint64_t begin = record.start_ps - start_ps;
  const uint64_t end = std::max(record.end_ps - start_ps, begin + 1);
  const double density = std::min(
      1.0, static_cast<double>(record.compute_ps + record.sram_stall_ps) / static_cast<double>(end - begin));
  for (uint64_t i = begin / interval_ps; i < busy_ps.size() && i * interval_ps < end; ++i) {
    const uint64_t from = std::max(begin, i * interval_ps);
    const uint64_t to = std::min(end, (i + 1) * interval_ps);
    busy_ps[i] += density * static_cast<double>(to - from);
  }
}

/// Links from and to a free place of the grid do not count in means.
std::set<uint32_t> occupied_nodes(const PackageModule& package) {
  std::set<uint32_t> nodes;
  for (const core::NodeInstance& node : package.layout().nodes) nodes.insert(node.node);
  for (const auto& [name, own] : package.modules()) nodes.insert(own.node);
  return nodes;
}

std::vector<double> mean_of(const std::vector<std::vector<double>>& all) {
  std::vector<double> mean(all.empty() ? 0 : all.front().size(), 0.0);
  for (const auto& one : all) {
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += one[i] / static_cast<double>(all.size());
  }
  return mean;
}

}  // namespace

void PhaseDetails::begin(Simulation& simulation, const PhaseJob& job) {
  package_ = &simulation.package(job.package.index);
  program_ = &job.simulated;
  package_->control_bus().on_access([this](const tlm_interconnect::ControlBus::Access& access) {
    driver_.intervals.add(access.begin_ps, access.end_ps);
  });
  for (size_t i = 0; i < simulation.links().size(); ++i) {
    auto& transfers = hand_overs_.emplace_back(
        std::make_unique<Transfers>(Transfers{fmt::format("inter_package_link[{}]", i)}));
    simulation.links()[i]->on_transaction(
        [to = transfers.get()](const tlm_interconnect::TlmNetwork::Sight& sight) {
          if (sight.end_ps != 0) to->intervals.add(sight.begin_ps, sight.end_ps);
        });
  }
}

uint64_t PhaseDetails::look(uint64_t now_ps) {
  if (samples_.empty()) {
    sample();
  } else if (now_ps >= samples_.back().time_ps + interval_ps_) {
    sample();
    if (samples_.size() > most_samples) {  // every second one goes
      for (size_t i = 2; i < samples_.size(); i += 2) samples_[i / 2] = std::move(samples_[i]);
      samples_.resize((samples_.size() + 1) / 2);
      interval_ps_ *= 2;
    }
  }
  return samples_.back().time_ps + interval_ps_;
}

void PhaseDetails::sample() {
  samples_.push_back(activity_of(*package_));
}

std::vector<double> PhaseDetails::link_counts(size_t link) const {
  std::vector<double> counts;
  for (const PackageActivity& sample : samples_) counts.push_back(sample.link_busy_ps[link]);
  return counts;
}

std::vector<double> PhaseDetails::memory_counts(size_t memory) const {
  std::vector<double> counts;
  for (const PackageActivity& sample : samples_) counts.push_back(sample.memory_bytes[memory]);
  return counts;
}

void PhaseDetails::end(Simulation& /*simulation*/, const ProgramRun& run, PhaseResult& result) {
  if (run.end_ps > samples_.back().time_ps) sample();
  add_engines(run, result);
  add_intervals(driver_, "register accesses", "driver", run, result);
  for (auto& transfers : hand_overs_) add_intervals(*transfers, "transfers", "hand-over", run, result);
  add_loads(run, result);
  add_utilisation(run, result);
}

void PhaseDetails::add_engines(const ProgramRun& run, PhaseResult& result) const {
  const core::PackageLayout& layout = package_->layout();
  for (const models::JobRecord& record : run.records) {
    if (record.chiplet >= layout.compute.size() || record.engine >= engine_names.size()) continue;
    if (result.timeline.size() == most_events_) {
      ++result.timeline_dropped;
      continue;
    }
    const workload::StagePlan& stage = program_->stages.at(record.layer);
    result.timeline.push_back(
        {fmt::format("{}.{}", layout.compute[record.chiplet].name, engine_names[record.engine]), stage.name,
         std::string(workload::kind_name(stage.kind)), record.start_ps - run.start_ps,
         record.end_ps - run.start_ps});
  }
}

void PhaseDetails::add_intervals(Transfers& transfers, const char* name, const char* category,
                                 const ProgramRun& run, PhaseResult& result) const {
  for (const BusyIntervals::Interval& interval : transfers.intervals.intervals()) {
    result.timeline.push_back({transfers.track, fmt::format("{} {}", interval.count, name), category,
                               interval.begin_ps - std::min(interval.begin_ps, run.start_ps),
                               interval.end_ps - std::min(interval.end_ps, run.start_ps)});
  }
}

void PhaseDetails::add_loads(const ProgramRun& run, PhaseResult& result) const {
  const core::PackageLayout& layout = package_->layout();
  const auto interval = static_cast<double>(interval_ps_);
  const uint64_t end_ps = run.end_ps - run.start_ps;
  for (const core::NodeInstance& node : layout.memory) {
    const double peak = package_->memories()[node.ordinal]->peak_bytes_per_second() * ps;
    add_load_track(node.name, ratios_over_time(memory_counts(node.ordinal), peak * interval), interval_ps_,
                   end_ps, result.timeline);
  }
  const auto& links = package_->noi().network().topology().links();
  for (size_t i = 0; i < links.size(); ++i) {
    add_load_track(fmt::format("noi.link[{}->{}]", links[i].from, links[i].to),
                   ratios_over_time(link_counts(i), interval), interval_ps_, end_ps, result.timeline);
  }
}

void PhaseDetails::add_utilisation(const ProgramRun& run, PhaseResult& result) const {
  const size_t intervals = samples_.size() - 1;
  const auto interval = static_cast<double>(interval_ps_);
  std::vector<std::vector<double>> arrays(package_->chiplets().size(), std::vector<double>(intervals, 0.0));
  for (const models::JobRecord& record : run.records) {
    if (record.engine != DUET_ENGINE_MOVE && record.chiplet < arrays.size())
      spread(record, run.start_ps, interval_ps_, arrays[record.chiplet]);
  }
  for (auto& chiplet : arrays) {
    for (double& busy : chiplet) busy = std::min(1.0, busy / interval);
  }
  std::vector<std::vector<double>> links;
  const auto& all_links = package_->noi().network().topology().links();
  const std::set<uint32_t> occupied = occupied_nodes(*package_);
  for (size_t i = 0; i < all_links.size(); ++i) {
    if (occupied.contains(all_links[i].from) && occupied.contains(all_links[i].to))
      links.push_back(ratios_over_time(link_counts(i), interval));
  }
  std::vector<std::vector<double>> memories;
  for (size_t i = 0; i < samples_.front().memory_bytes.size(); ++i) {
    const double peak = package_->memories()[i]->peak_bytes_per_second() * ps;
    memories.push_back(ratios_over_time(memory_counts(i), peak * interval));
  }
  result.utilisation_over_time = {
      interval * ps, {{"arrays", mean_of(arrays)}, {"links", mean_of(links)}, {"memory", mean_of(memories)}}};
}

}  // namespace duet::platform
