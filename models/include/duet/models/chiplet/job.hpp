// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "duet/core/operation_timing.hpp"
#include "duet/models/chiplet/step_plan.hpp"
#include "duet/sw_driver/descriptor.h"

namespace duet::models {

/// What a chiplet measured of one descriptor; all times in ps.
struct JobRecord {
  uint32_t index = 0;    ///< in the chiplet's queue
  uint16_t chiplet = 0;  ///< ordinal among the package's compute chiplets
  uint16_t layer = 0;
  uint8_t opcode = 0;
  uint8_t engine = 0;
  uint64_t start_ps = 0;        ///< the arrays took it
  uint64_t end_ps = 0;          ///< its last result was written, LATE outputs left out
  uint64_t compute_ps = 0;      ///< arrays at work, stalls by SRAM left out
  uint64_t sram_stall_ps = 0;   ///< arrays stalled by the bandwidth of their SRAM
  uint64_t wait_event_ps = 0;   ///< for producers on other chiplets
  uint64_t wait_data_ps = 0;    ///< for operands on their way
  uint64_t wait_output_ps = 0;  ///< for room for results
  uint64_t mode_switch_ps = 0;
  uint64_t macs = 0;
};

/// The bytes of a job's operands in functional mode.
struct JobData {
  std::array<std::vector<uint8_t>, DUET_INPUTS> inputs;
  std::array<std::vector<uint8_t>, DUET_OUTPUTS> outputs;
};

/// A descriptor in flight in a chiplet: its fields resolved with the run's arguments.
struct Job {
  Job(const duet_descriptor& source, uint32_t descriptor_index, uint32_t mode_bits, unsigned doorbell_index)
      : descriptor(source),
        mode(mode_bits),
        doorbell(doorbell_index),
        plan(source.steps),
        bytes_left(source.steps),
        transfers_left(source.steps, 0),
        openings_left(source.steps, 0) {
    record.index = descriptor_index;
    record.layer = source.layer;
    record.opcode = source.opcode;
    record.engine = source.engine;
  }

  struct Input {
    uint64_t address = 0;
    uint64_t bytes = 0;
    uint64_t arrival_base = 0;  ///< value of the arrival counter when this operand's first byte comes
    uint64_t ready_base = 0;    ///< value of the ready counter when the first credit comes
  };
  struct Output {
    uint64_t address = 0;
    uint64_t bytes = 0;
  };

  duet_descriptor descriptor;
  uint32_t mode;
  unsigned doorbell;
  uint32_t epoch = 0;  ///< of its engine; jobs of an older one have been dropped
  StepPlan plan;
  core::OperationTiming timing;
  std::array<Input, DUET_INPUTS> inputs{};
  std::array<Output, DUET_OUTPUTS> outputs{};
  unsigned prefetch_steps = 0;   ///< steps whose prefetched operands have all been requested
  unsigned dependent_steps = 0;  ///< steps whose waiting operands have all been requested
  std::vector<std::array<uint64_t, DUET_INPUTS>> bytes_left;  ///< per step, requested but not arrived
  std::vector<uint32_t> transfers_left;  ///< per step, operands of which something has not arrived
  std::vector<uint32_t> openings_left;   ///< per step, requested, but nothing to begin with has arrived
  unsigned opened_steps = 0;             ///< steps whose computation has begun
  bool computed = false;
  /// Writes of results, and of outputs that are LATE.
  struct Writes {
    unsigned left = 0;      ///< begun, but not done
    bool all_sent = false;  ///< none will begin any more
    [[nodiscard]] bool done() const { return all_sent && left == 0; }
  };
  Writes results;
  Writes late;
  bool results_raised = false;
  std::unique_ptr<JobData> data;  ///< null in timing mode
  JobRecord record;
};

}  // namespace duet::models
