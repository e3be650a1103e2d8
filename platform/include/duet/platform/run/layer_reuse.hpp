// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "duet/core/model_description.hpp"
#include "duet/platform/run/stage_times.hpp"
#include "duet/workload/mapping/program.hpp"

namespace duet::platform {

/// The model cut after the first `layers` characters of its pattern.
core::ModelDescription truncate(const core::ModelDescription& model, std::uint64_t layers);

/// How many layers of the model's pattern, at least `least`, have to be simulated so that every layer of its
/// program has a counterpart between the same kinds of neighbours. The whole pattern when nothing less will
/// do.
std::uint64_t layers_to_simulate(const workload::Program& program, const core::ModelDescription& model,
                                 std::uint64_t least);

/// Whether every layer of the whole program has a counterpart in the program of the truncated model, mapped
/// alike.
bool covers(const workload::Program& program, const workload::Program& simulated);

/// Times of the stages of the whole `program` from those of a program of the truncated model: a layer
/// takes the mean time of the simulated layers of its kind with the most equal neighbours. Throws
/// std::logic_error unless covers().
std::vector<StageTime> extrapolate(const workload::Program& program, const workload::Program& simulated,
                                   const std::vector<StageTime>& times);

}  // namespace duet::platform
