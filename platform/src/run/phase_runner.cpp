// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/run/phase_runner.hpp"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string_view>

#include "duet/core/operation_timing.hpp"
#include "duet/platform/guest_failure.hpp"
#include "duet/platform/run/layer_reuse.hpp"
#include "duet/platform/run/stage_times.hpp"
#include "floorplan_result.hpp"
#include "memory_progress.hpp"
#include "phase_company.hpp"
#include "phase_energy.hpp"

namespace duet::platform {
namespace {

constexpr double ps = 1e-12;

/// Sums over the chiplets' queues what no stage plan says: time of the arrays without SRAM stalls, and of
/// the SRAM alone, of the chiplet that needs longest.
class ArrayTimes {
 public:
  ArrayTimes(const core::PackageLayout& package, const workload::Program& program,
             std::uint64_t context_tokens)
      : package_(package), context_tokens_(context_tokens), stages_(program.stages.size()) {
    for (size_t chiplet = 0; chiplet < program.queues.size(); ++chiplet) {
      for (const duet_descriptor& descriptor : program.queues[chiplet])
        add(*package.compute[chiplet].type, descriptor);
    }
  }

  struct Times {
    double compute_s = 0;
    double sram_s = 0;
    double sram_bytes = 0;
    double macs = 0;
  };
  [[nodiscard]] const ArrayActivity& activity() const { return activity_; }
  [[nodiscard]] const Times& of_stage(size_t stage) const { return stages_[stage]; }
  [[nodiscard]] double peak_macs_per_s() const {
    return (uses_systolic_ ? package_.peak_systolic_macs_per_second() : 0) +
           (uses_vector_ ? package_.peak_vector_macs_per_second() : 0);
  }

 private:
  void add(const core::NodeTypeDescription& type, const duet_descriptor& descriptor) {
    if (descriptor.engine == DUET_ENGINE_MOVE) return;
    const bool vector = descriptor.engine == DUET_ENGINE_VECTOR;
    (vector ? uses_vector_ : uses_systolic_) = true;
    // Chiplets mostly do the same, so few different shapes occur.
    std::string key(reinterpret_cast<const char*>(&descriptor.shape), sizeof descriptor.shape);
    key += static_cast<char>(descriptor.opcode);
    key += static_cast<char>(descriptor.engine);
    key.append(reinterpret_cast<const char*>(&context_tokens_), sizeof context_tokens_);
    auto [found, added] = known_[&type].try_emplace(std::move(key));
    if (added) {
      const auto timing = core::operation_timing(descriptor, type, context_tokens_);
      const double sram =
          type.gpu ? type.gpu->l2_bytes_per_second * type.gpu->multiprocessors
          : vector ? type.vector->sram_bytes_per_second * static_cast<double>(type.vector->count)
                   : type.systolic->sram_bytes_per_second * static_cast<double>(type.systolic->count);
      found->second = {static_cast<double>(timing.cycles - timing.stall_cycles) / type.clock_hz,
                       static_cast<double>(timing.sram_bytes) / sram, static_cast<double>(timing.sram_bytes),
                       static_cast<double>(timing.macs)};
    }
    activity_.sram_bytes += found->second.sram_bytes;
    if (type.gpu) {
      activity_.tensor_core_macs += found->second.macs;
    } else if (vector) {
      activity_.vector_lane_cycles += found->second.macs * type.vector->mac_interval_cycles;
    } else {
      activity_.systolic_pe_cycles += found->second.macs * type.systolic->mac_interval_cycles;
    }
    Times& stage = stages_[descriptor.layer];
    stage.compute_s = std::max(stage.compute_s, found->second.compute_s);
    stage.sram_s = std::max(stage.sram_s, found->second.sram_s);
  }

  const core::PackageLayout& package_;
  std::uint64_t context_tokens_;
  std::vector<Times> stages_;
  std::map<const core::NodeTypeDescription*, std::map<std::string, Times>> known_;
  ArrayActivity activity_;
  bool uses_systolic_ = false;
  bool uses_vector_ = false;
};

uint64_t descriptors_of(const workload::Program& program) {
  uint64_t sum = 0;
  for (const auto& queue : program.queues) sum += queue.size();
  return sum;
}

uint64_t doorbells_of(const workload::Program& program) {
  uint64_t sum = 0;
  for (const duet_dispatch& dispatch : program.dispatches) {
    sum += static_cast<uint64_t>(__builtin_popcountll(dispatch.chiplet_mask));
  }
  return sum;
}

double planned_memory_bytes(const workload::Program& program) {
  return std::accumulate(
      program.stages.begin(), program.stages.end(), 0.0,
      [](double sum, const auto& stage) { return sum + static_cast<double>(stage.memory_bytes); });
}

/// Those of the planned bytes that are written, to the memories of package `index`.
double planned_written_bytes(const workload::Program& program, unsigned index) {
  double sum = 0;
  for (const auto& queue : program.queues) {
    for (const duet_descriptor& descriptor : queue) {
      for (const duet_operand& operand : descriptor.outputs) {
        const bool to_memory = operand.used && operand.group == DUET_NO_GROUP;
        if (to_memory && core::AddressMap::package_of(operand.address) == index)
          sum += static_cast<double>(operand.bytes);
      }
    }
  }
  return sum;
}

void add_to_kind(std::vector<KindResult>& kinds, const std::string& kind, const StageResult& stage,
                 bool counts) {
  auto found = std::ranges::find(kinds, kind, &KindResult::kind);
  if (found == kinds.end()) {
    found = kinds.emplace(kinds.end());
    found->kind = kind;
  }
  found->count += counts ? 1 : 0;
  found->time_s += stage.time_s;
  found->bounds += stage.bounds;
  found->macs += stage.macs;
  found->bytes += stage.bytes;
  found->sram_stall_s += stage.sram_stall_s;
}

class PhaseEvaluation {
 public:
  PhaseEvaluation(const PhaseJob& job, const ProgramRun& run, Simulation& simulation,
                  const MemoryProgress& progress)
      : job_(job), run_(run), simulation_(simulation), progress_(progress) {}

  PhaseResult result() {
    result_.package = job_.package.name;
    result_.layers = job_.request.model.layers().size();
    result_.simulated_layers = job_.simulated_layers;
    fill_stages();
    fill_totals();
    fill_counts();
    fill_utilisation();
    const core::Activity activity =
        phase_activity(job_.package, job_.program, activity_, result_, run_, growth());
    result_.energy = core::energy(activity);
    result_.average_power_w = core::average_power_w(result_.energy, activity);
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool reused() const { return &job_.program != &job_.simulated; }

  void fill_stages() {
    const auto& plans = job_.program.stages;
    const ArrayTimes arrays(job_.package, job_.program, job_.context_tokens);
    result_.peak_macs_per_s = arrays.peak_macs_per_s();
    activity_ = arrays.activity();
    const std::vector<StageTime> measured = stage_times(run_, job_.simulated);
    times_ = reused() ? extrapolate(measured) : measured;
    // The driver's work is dealt out over the stages by their descriptors.
    const double driver_s = driver_time_s() / static_cast<double>(plans.size());
    for (size_t i = 0; i < plans.size(); ++i) {
      const workload::StagePlan& plan = plans[i];
      StageResult stage;
      stage.name = plan.name;
      stage.layer_kind = workload::kind_name(plan.layer_kind);
      stage.kind = workload::kind_name(plan.kind);
      stage.split = plan.split;
      stage.layer = plan.layer;
      stage.beside = times_[i].beside;
      stage.simulated = !reused() || i < job_.simulated.stages.size();
      stage.time_s = static_cast<double>(times_[i].time_ps) * ps;
      stage.predicted_s = plan.predicted_s();
      stage.macs = static_cast<double>(plan.macs);
      stage.bytes = static_cast<double>(plan.memory_bytes);
      stage.sram_stall_s = static_cast<double>(times_[i].sram_stall_ps) * ps;
      stage.mode_switch_s = static_cast<double>(times_[i].mode_switch_ps) * ps;
      stage.bounds[Resource::compute] = arrays.of_stage(i).compute_s;
      stage.bounds[Resource::sram] = arrays.of_stage(i).sram_s;
      stage.bounds[Resource::noi] = plan.noi_s;
      stage.bounds[Resource::memory] = plan.memory_s;
      stage.bounds[Resource::link] = plan.link_s;
      stage.bounds[Resource::driver] = driver_s;
      const bool first_of_layer = i == 0 || plans[i - 1].layer != plan.layer;
      add_to_kind(result_.layer_kinds, stage.layer_kind, stage, first_of_layer);
      add_to_kind(result_.stage_kinds, stage.kind, stage, true);
      result_.bounds += stage.bounds;
      result_.stages.push_back(std::move(stage));
    }
  }

  std::vector<StageTime> extrapolate(const std::vector<StageTime>& measured) {
    const LayerReuse reuse(job_.program, job_.request.model);
    if (!reuse.paced_by_memory()) return reuse.extrapolate(job_.simulated, measured);
    const MemoryPacedReuse& paced = *reuse.paced_by_memory();
    const MemoryPacedReuse::Pace pace =
        paced.pace(job_.simulated, measured, [this](double share) { return progress_.time_ps(share); });
    result_.stands_for_whole = pace.lasts();
    return paced.extrapolate(job_.simulated, measured, pace);
  }

  [[nodiscard]] double growth() const {
    return planned_memory_bytes(job_.program) / planned_memory_bytes(job_.simulated);
  }
  /// Reads and writes grow each by themselves: the head, which no part leaves out, only reads.
  void fill_memory_bytes() {
    const unsigned index = job_.package.index;
    const double part_written = planned_written_bytes(job_.simulated, index);
    const double whole_written = planned_written_bytes(job_.program, index);
    const double part_read = planned_memory_bytes(job_.simulated) - part_written;
    const double whole_read = planned_memory_bytes(job_.program) - whole_written;
    const double written = static_cast<double>(run_.memory.bytes_written) *
                           (part_written > 0 ? whole_written / part_written : 1);
    result_.memory_bytes_read = static_cast<double>(run_.memory.bytes_read) * whole_read / part_read;
    result_.memory_bytes = result_.memory_bytes_read + written;
  }
  /// The setup before the first doorbell is done once, the rest grows with the doorbells.
  [[nodiscard]] double driver_time_s() const {
    const double doorbell_growth =
        static_cast<double>(doorbells_of(job_.program)) / static_cast<double>(doorbells_of(job_.simulated));
    return static_cast<double>(run_.driver_setup_ps) * ps +
           static_cast<double>(run_.driver_busy_ps - run_.driver_setup_ps) * ps * doorbell_growth;
  }
  [[nodiscard]] double driver_growth() const {
    return run_.driver_busy_ps == 0 ? 1 : driver_time_s() / (static_cast<double>(run_.driver_busy_ps) * ps);
  }

  void fill_totals() {
    const std::vector<StageTime> measured = stage_times(run_, job_.simulated);
    uint64_t measured_last_ps = 0;
    for (const StageTime& time : measured) {
      if (!time.beside) measured_last_ps = std::max(measured_last_ps, time.end_ps);
    }
    double chain_s = 0;
    for (const StageResult& stage : result_.stages) {
      chain_s += stage.time_s;
      result_.macs += stage.macs;
    }
    for (const workload::StagePlan& plan : job_.program.stages) {
      result_.remote_bytes += static_cast<double>(plan.remote_bytes);
    }
    const double after_chain_s = static_cast<double>(run_.end_ps - run_.start_ps - measured_last_ps) * ps;
    const bool decode = job_.program.phase == workload::Phase::decode;
    result_.time_s = decode ? chain_s + after_chain_s : chain_s;
    // What the hand-over lags behind grows with the layers when the link is the slower of the two.
    result_.completion_s = std::max(chain_s + after_chain_s, result_.bounds[Resource::link]);
    result_.memory_bandwidth_bytes_per_s = job_.package.peak_memory_bytes_per_second();
    fill_memory_bytes();
    result_.roofline_s = std::max(result_.macs / result_.peak_macs_per_s,
                                  result_.memory_bytes / result_.memory_bandwidth_bytes_per_s);
    if (result_.remote_bytes > 0) {
      result_.remote_link_utilisation =
          result_.remote_bytes / (job_.request.platform.inter_package_link->bandwidth * result_.completion_s);
    }
  }

  void fill_counts() {
    const auto scaled = [](uint64_t measured, uint64_t whole, uint64_t part) {
      return part == 0 ? measured : measured * whole / part;
    };
    const uint64_t doorbells = doorbells_of(job_.program);
    const uint64_t doorbells_run = doorbells_of(job_.simulated);
    result_.driver_kind = core::enum_name(job_.package.description->driver.kind);
    result_.driver_s = driver_time_s();
    result_.driver_access_s = static_cast<double>(run_.driver_access_ps) * ps * driver_growth();
    result_.driver_instructions =
        static_cast<uint64_t>(static_cast<double>(run_.driver_instructions) * driver_growth());
    result_.restarts = run_.restarts;
    if (job_.request.platform.check) result_.protocol_violations = run_.protocol_violations;
    result_.descriptors = descriptors_of(job_.program);
    result_.doorbells = doorbells;
    result_.interrupts = scaled(run_.interrupts, doorbells, doorbells_run);
    result_.mode_switches = scaled(run_.mode_switches, doorbells, doorbells_run);
    for (const StageResult& stage : result_.stages) result_.mode_switch_s += stage.mode_switch_s;
    result_.delta_cycles = simulation_.delta_cycles();
    for (const auto& chiplet : simulation_.package(job_.package.index).chiplets()) {
      result_.transactions += chiplet->data_initiator.transactions();
    }
  }

  void fill_utilisation() {
    PackageModule& package = simulation_.package(job_.package.index);
    result_.floorplan = measure_floorplan(package, run_);
    double busy = 0;
    unsigned compute = 0;
    for (const FloorplanNode& node : result_.floorplan.nodes) {
      if (node.kind != "compute") continue;
      busy += node.utilisation;
      ++compute;
    }
    result_.array_utilisation = busy / std::max(1u, compute);
    double sum = 0;
    for (const FloorplanLink& link : result_.floorplan.links) {
      sum += link.utilisation;
      result_.link_utilisation_max = std::max(result_.link_utilisation_max, link.utilisation);
    }
    const auto links = static_cast<double>(std::max<size_t>(1, result_.floorplan.links.size()));
    result_.link_utilisation = sum / links;
  }

  const PhaseJob& job_;
  const ProgramRun& run_;
  Simulation& simulation_;
  const MemoryProgress& progress_;
  std::vector<StageTime> times_;
  ArrayActivity activity_;
  PhaseResult result_;
};

PhaseResult run_on(Simulation& simulation, const PhaseJob& job, const RunObserver& observer) {
  if (observer.warning) simulation.on_warning(observer.warning);
  const std::shared_ptr<void> attached =
      observer.attach ? observer.attach(simulation, job.package.index) : nullptr;
  PhaseCompany company(job, simulation, observer);
  MemoryProgress progress;
  const bool reused = &job.program != &job.simulated;
  if (reused) company.add(progress, job);
  const ProgramRun run =
      simulation.run(job.package.index, job.simulated,
                     {static_cast<uint32_t>(job.context_tokens), static_cast<uint32_t>(job.batch), 0, 0});
  if (!run.ok) {
    throw GuestFailure(fmt::format("package {}: the driver reports: {}", job.package.name, run.diagnosis));
  }
  if (reused) progress.complete(run.end_ps);
  PhaseResult result = PhaseEvaluation(job, run, simulation, progress).result();
  result.modules = simulation.package(job.package.index).module_counters();
  company.end(run, result);
  return result;
}

}  // namespace

PhaseResult run_phase(const PhaseJob& job, const RunObserver& observer) {
  const auto from = std::chrono::steady_clock::now();
  auto simulation = std::make_unique<Simulation>(job.request.platform, job.request.modules);
  try {
    PhaseResult result = run_on(*simulation, job, observer);
    result.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
    return result;
  } catch (const Interrupted&) {
    // Transactions are under way between its modules, and the process is about to end: left as it stands.
    (void)simulation.release();
    throw;
  }
}

}  // namespace duet::platform
