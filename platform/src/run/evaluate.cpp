// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/run/evaluate.hpp"

#include <fmt/format.h>

#include <chrono>

#include "duet/core/error.hpp"
#include "duet/platform/run/layer_reuse.hpp"
#include "duet/platform/run/phase_runner.hpp"
#include "duet/workload/graph/model_size.hpp"
#include "duet/workload/mapping/decode_mapper.hpp"
#include "duet/workload/mapping/prefill_mapper.hpp"
#include "machine.hpp"
#include "memory_need.hpp"
#include "run_clock.hpp"

namespace duet::platform {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point from) {
  return std::chrono::duration<double>(Clock::now() - from).count();
}

/// Maps and simulates the phases of one batch size.
class PointEvaluation {
 public:
  PointEvaluation(const RunRequest& request, const Machine& machine, std::uint64_t batch,
                  const RunObserver& observer)
      : request_(request), machine_(machine), batch_(batch), observer_(observer) {
    point_.batch = batch_;
    point_.contexts = contexts();
  }

  PointResult result() {
    const auto from = Clock::now();
    const std::uint64_t middle = middle_context();
    const workload::Program decode = map_decode(request_.model, middle, caches_);
    const workload::Program prefill = map_prefill(request_.model);
    point_.memory = memory_needs(machine_, prefill, decode);
    point_.reason = why_not(point_.memory, prefill.fits && decode.fits);
    point_.fits = point_.reason.empty();
    try {
      if (point_.fits) {
        run_prefill(prefill);
        run_decode(decode, middle);
      }
    } catch (const Interrupted&) {
      point_.partial = true;
    }
    point_.wall_s = seconds_since(from);
    return std::move(point_);
  }

  PhaseResult decode_only() {
    const std::uint64_t middle = middle_context();
    run_decode(map_decode(request_.model, middle, caches_), middle);
    return std::move(*point_.decode);
  }

  PhaseResult prefill_only() {
    if (machine_.hands_over()) map_decode(request_.model, middle_context(), caches_);
    run_prefill(map_prefill(request_.model));
    return std::move(*point_.prefill);
  }

 private:
  [[nodiscard]] std::uint64_t middle_context() const { return point_.contexts[point_.contexts.size() / 2]; }

  /// Contexts in the middle of equal parts of the output.
  [[nodiscard]] std::vector<std::uint64_t> contexts() const {
    const std::uint64_t steps = request_.workload.decode_steps();
    std::vector<std::uint64_t> result;
    for (unsigned i = 0; i < std::max(1u, request_.contexts); ++i) {
      const double part = (i + 0.5) / std::max(1u, request_.contexts);
      const double step = part * static_cast<double>(steps) - 0.5;
      result.push_back(
          request_.workload.context_tokens(static_cast<std::uint64_t>(std::max(0.0, step + 0.5))));
    }
    return result;
  }

  workload::MappingInput input(const core::PackageLayout& package,
                               const core::ModelDescription& model) const {
    const std::uint64_t longest = request_.workload.context_tokens(request_.workload.decode_steps());
    return {package,
            machine_.map,
            model,
            request_.platform.mapping,
            batch_,
            request_.workload.prompt_tokens,
            longest,
            longest,
            workload::CachePolicy::keep,
            {},
            0,
            nullptr};
  }

  workload::Program map_decode(const core::ModelDescription& model, std::uint64_t context_tokens,
                               std::vector<workload::Placement>& caches) const {
    workload::MappingInput mapping = input(machine_.decode(), model);
    mapping.context_tokens = context_tokens;
    return workload::map_decode(mapping, caches);
  }

  workload::Program map_prefill(const core::ModelDescription& model,
                                const workload::Program* like = nullptr) const {
    workload::MappingInput mapping = input(machine_.prefill(), model);
    mapping.like = like;
    mapping.context_tokens = 0;
    if (machine_.hands_over()) {
      mapping.cache_policy = workload::CachePolicy::hand_over;
      mapping.remote_caches = caches_;
      mapping.remote_bytes_per_second = request_.platform.inter_package_link->bandwidth;
    }
    return workload::map_prefill(mapping);
  }

  template <class MapPart>
  PhaseResult run(const core::PackageLayout& package, const workload::Program& program,
                  std::uint64_t context_tokens, MapPart&& map_part) {
    const std::uint64_t all = request_.model.layers().size();
    if (request_.platform.reuse_layers) {
      const LayerReuse reuse(program, request_.model);
      // A part that may be thrown away is not for firmware, nor for those who debug it or drive from outside.
      const bool native = package.description->driver.kind == core::DriverKind::native;
      const bool possible = native || !reuse.paced_by_memory();
      // The mapper may cut a short model otherwise than the whole one; then a longer part is tried.
      for (std::uint64_t layers = possible ? reuse.layers_to_simulate(0) : all; layers < all;
           layers = reuse.layers_to_simulate(layers + 1)) {
        const workload::Program part = map_part(truncate(request_.model, layers));
        if (!reuse.covered_by(part)) continue;
        const PhaseJob job{request_, package, program, part, batch_, context_tokens, layers};
        // Tried out with nobody looking on first, so that traces begin with the run that counts.
        const bool trial = reuse.paced_by_memory() && (observer_.attach || !observer_.watchers.empty());
        if (!trial || stands_for_whole(job)) {
          PhaseResult result = run_phase(job, observer_);
          if (result.stands_for_whole) return result;
        }
        break;
      }
    }
    return run_phase({request_, package, program, program, batch_, context_tokens, all}, observer_);
  }

  [[nodiscard]] bool stands_for_whole(const PhaseJob& job) const {
    RunObserver unseen;
    unseen.stop = observer_.stop;
    return run_phase(job, unseen).stands_for_whole;
  }

  void run_decode(const workload::Program& at_middle, std::uint64_t middle) {
    double sum_s = 0;
    std::vector<workload::Placement> unused;
    for (const std::uint64_t context : point_.contexts) {
      const workload::Program other =
          context == middle ? workload::Program{} : map_decode(request_.model, context, unused);
      PhaseResult phase =
          run(machine_.decode(), context == middle ? at_middle : other, context,
              [&](const core::ModelDescription& part) { return map_decode(part, context, unused); });
      sum_s += phase.time_s;
      if (context == middle) point_.decode = std::move(phase);
    }
    point_.tbt_s = sum_s / static_cast<double>(point_.contexts.size());
  }

  void run_prefill(const workload::Program& program) {
    point_.prefill = run(machine_.prefill(), program, 0,
                         [&](const core::ModelDescription& part) { return map_prefill(part, &program); });
    point_.ttft_s = point_.prefill->time_s;
  }

  const RunRequest& request_;
  const Machine& machine_;
  std::uint64_t batch_;
  const RunObserver& observer_;
  std::vector<workload::Placement> caches_;
  PointResult point_;
};

std::string join_level(const std::string& known, std::string_view level) {
  if (known.empty() || known == level) return std::string(level);
  return known.find(level) != std::string::npos ? known : known + ", " + std::string(level);
}

std::map<std::string, std::string> levels_of(const Machine& machine) {
  std::map<std::string, std::string> levels;
  for (const core::PackageLayout& package : machine.layouts) {
    levels["noi"] = join_level(levels["noi"], core::enum_name(package.description->noi.level));
    for (const core::NodeInstance& node : package.compute) {
      if (node.type->systolic) {
        levels["arrays"] = join_level(levels["arrays"], core::enum_name(node.type->systolic->level));
      }
      if (node.type->gpu) levels["gpu"] = "kernel";
      if (node.type->vector) {
        levels["arrays"] = join_level(levels["arrays"], core::enum_name(node.type->vector->level));
      }
    }
    for (const core::NodeInstance& node : package.memory) {
      levels["memory"] = join_level(levels["memory"], core::enum_name(node.type->memory->level));
    }
  }
  return levels;
}

void check_weights(const RunRequest& request, std::uint64_t weights, const core::PackageLayout& package) {
  if (weights <= package.memory_bytes()) return;
  throw core::UserError(
      fmt::format("packages.{}.nodes: found {:.1f} GB of weights of model {}, allowed up to {:.1f} GB, the "
                  "memory of this "
                  "package",
                  package.name, static_cast<double>(weights) * 1e-9, request.model.name,
                  static_cast<double>(package.memory_bytes()) * 1e-9));
}

}  // namespace

void check(const RunRequest& request) {
  core::check(request.model);
  if (request.platform.values == core::ValuesMode::functional) {
    throw core::UserError(
        "values: found functional, allowed here: timing; 'duet-vp generate' computes values, with a mapping "
        "that defines where each of them lies");
  }
  const Machine machine(request.platform);
  check(request.modules, machine.layouts);
  const std::uint64_t weights = workload::model_size(request.model).weight_bytes;
  check_weights(request, weights, machine.prefill());
  check_weights(request, weights, machine.decode());
}

PointResult evaluate_point(const RunRequest& request, std::uint64_t batch, const RunObserver& observer) {
  check(request);
  const Machine machine(request.platform);
  return PointEvaluation(request, machine, batch, observer).result();
}

PhaseResult evaluate_phase(const RunRequest& request, workload::Phase phase, std::uint64_t batch,
                           const RunObserver& observer) {
  check(request);
  const Machine machine(request.platform);
  PointEvaluation point(request, machine, batch, observer);
  return phase == workload::Phase::decode ? point.decode_only() : point.prefill_only();
}

RunResult evaluate(const RunRequest& request, const RunObserver& observer) {
  const auto from = Clock::now();
  check(request);
  const Machine machine(request.platform);
  RunResult result;
  result.platform = request.platform.name;
  result.model = request.model.name;
  result.workload = request.workload.name;
  result.prompt_tokens = request.workload.prompt_tokens;
  result.output_tokens = request.workload.output_tokens;
  result.reuse_layers = request.platform.reuse_layers;
  result.levels = levels_of(machine);
  result.area = package_areas(machine.layouts);
  const auto& batches = request.batches.empty() ? request.workload.batch_sizes : request.batches;
  RunClock clock(batches, std::max(1u, request.contexts), observer);
  for (const std::uint64_t batch : batches) {
    result.points.push_back(PointEvaluation(request, machine, batch, clock.observer()).result());
    result.partial = result.points.back().partial;
    if (result.partial) break;
    clock.point_done(batch, result.points.back().wall_s);
  }
  result.wall_s = seconds_since(from);
  return result;
}

}  // namespace duet::platform
