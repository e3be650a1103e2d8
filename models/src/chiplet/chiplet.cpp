// SPDX-License-Identifier: Apache-2.0
#include "duet/models/chiplet/chiplet.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "duet/sw_driver/regs.h"

namespace duet::models {
namespace {

constexpr size_t queue_depth = 8;         // descriptors in flight; the contract asks for four or more
constexpr uint32_t doorbell_depth = 16;   // doorbells that the hardware remembers
constexpr uint64_t move_sram_share = 16;  // of the chiplet's SRAM, staging of the data mover (assumed)

bool is_move(const duet_descriptor& descriptor) {
  return descriptor.engine == DUET_ENGINE_MOVE;
}

/// The mode bits that an operation needs of its engine; -1: runs in any mode.
int needed_mode(const duet_descriptor& descriptor) {
  switch (descriptor.opcode) {
    case DUET_OP_SSM_PREFILL:
      return DUET_SYSTOLIC_SSM_PREFILL;
    case DUET_OP_SSM_DECODE:
      return DUET_VECTOR_SSM_DECODE;
    case DUET_OP_GEMM:
    case DUET_OP_GEMV:
    case DUET_OP_ATTENTION:
      return 0;
    default:
      return -1;
  }
}

bool can_run(const core::NodeTypeDescription& chiplet, const duet_descriptor& descriptor) {
  const int mode = needed_mode(descriptor);
  if (is_move(descriptor) || mode < 0) return true;
  return chiplet.runs(descriptor.engine == DUET_ENGINE_SYSTOLIC,
                      mode == 0 ? core::ArrayKernels::matrix : core::ArrayKernels::ssm);
}

/// A kernel of the arrays without extent has no time.
bool is_empty(const duet_descriptor& descriptor) {
  const duet_shape& shape = descriptor.shape;
  switch (descriptor.opcode) {
    case DUET_OP_GEMM:
    case DUET_OP_GEMV:
      return shape.m == 0 || shape.k == 0 || shape.n == 0;
    case DUET_OP_SSM_PREFILL:
    case DUET_OP_SSM_DECODE:
      return shape.m == 0 || shape.k == 0 || shape.n == 0 || shape.states == 0;
    case DUET_OP_ATTENTION:
      return shape.m == 0 || shape.k == 0 || shape.heads == 0 || shape.kv_heads == 0 || shape.head_dim == 0;
    default:
      return false;
  }
}

}  // namespace

Chiplet::Chiplet(sc_core::sc_module_name name, const core::NodeTypeDescription& description,
                 const core::AddressMap& map, const ChipletPlace& place)
    : sc_module(name),
      registers("registers", tlm_interconnect::chiplet_registers(), place.register_latency),
      data_initiator("data_initiator", map, place.granularity_bytes),
      description_(description),
      timings_(std::make_shared<core::OperationTimings>(description)),
      map_(map),
      place_(place),
      target_queue_(this, &Chiplet::on_phase) {
  SC_HAS_PROCESS(Chiplet);
  if (place.functional) values_ = std::make_unique<ValueUnit>(description_, data_initiator);
  const EngineSurroundings around{
      description_,
      map_,
      place.package,
      data_initiator,
      counters_,
      [this](const std::shared_ptr<Job>& job) { job_done(job); },
      [this](duet_error error, const Job& job) { fail(error, job.record.index, reason_of(error)); },
      trace_,
      hung_,
      event_timeout_ps_,
      values_.get()};
  const uint64_t total = description_.sram_bytes();
  const uint64_t staging = total / move_sram_share;
  const auto share = [&](const auto& arrays) {
    return arrays.count * arrays.sram_bytes * (total - staging) / total;
  };
  if (description_.gpu) {
    const uint64_t sram = total - staging;
    engines_[DUET_ENGINE_SYSTOLIC] = std::make_unique<Engine>("gpu", DUET_ENGINE_SYSTOLIC, sram, around);
  }
  if (description_.systolic) {
    engines_[DUET_ENGINE_SYSTOLIC] =
        std::make_unique<Engine>("systolic", DUET_ENGINE_SYSTOLIC, share(*description_.systolic), around);
  }
  if (description_.vector) {
    engines_[DUET_ENGINE_VECTOR] =
        std::make_unique<Engine>("vector", DUET_ENGINE_VECTOR, share(*description_.vector), around);
  }
  engines_[DUET_ENGINE_MOVE] = std::make_unique<Engine>("mover", DUET_ENGINE_MOVE, staging, around);
  attach_registers();
  data_target.register_nb_transport_fw(this, &Chiplet::nb_transport_fw);
  data_target.register_b_transport(this, &Chiplet::b_transport);
  data_target.register_transport_dbg(this, &Chiplet::transport_dbg);
  SC_THREAD(fetch);
  SC_METHOD(update_interrupt);
  sensitive << interrupt_event_;
  dont_initialize();
}

Chiplet::~Chiplet() {
  for (const auto& engine : engines_) {
    if (!engine || engine->detailed_array() == nullptr) continue;
    const std::string sentence = engine->detailed_array()->end_trace();
    if (!sentence.empty() && warning_sink_) warning_sink_(fmt::format("{}: {}", name(), sentence));
  }
}

void Chiplet::attach_registers() {
  const auto counter = [this](uint32_t low, std::function<uint64_t()> value) {
    registers.on_read(low, [value] { return static_cast<uint32_t>(value()); });
    registers.on_read(low + 4, [value] { return static_cast<uint32_t>(value() >> 32); });
  };
  registers.on_read(DUET_CHIPLET_capabilities, [this] {
    uint32_t capabilities = place_.node << 16;
    if (engines_[DUET_ENGINE_SYSTOLIC]) capabilities |= DUET_CAPABILITY_SYSTOLIC;
    if (engines_[DUET_ENGINE_VECTOR]) capabilities |= DUET_CAPABILITY_VECTOR;
    return capabilities;
  });
  registers.on_read(DUET_CHIPLET_status, [this] {
    uint32_t status = completed_ != available_ ? DUET_STATUS_BUSY : 0;
    if (halted_) status |= DUET_STATUS_HALTED;
    if (data_initiator.in_flight() != 0) status |= DUET_STATUS_TRANSFERS;
    if (engines_[DUET_ENGINE_SYSTOLIC]) status |= engines_[DUET_ENGINE_SYSTOLIC]->mode() << 4;
    if (engines_[DUET_ENGINE_VECTOR]) status |= engines_[DUET_ENGINE_VECTOR]->mode() << 8;
    return status;
  });
  registers.on_write(DUET_CHIPLET_doorbell, [this](uint32_t descriptors) { ring(descriptors); });
  registers.on_read(DUET_CHIPLET_doorbell_space, [this] {
    return doorbell_depth - (static_cast<uint32_t>(doorbells_.size()) - doorbells_completed_);
  });
  registers.on_read(DUET_CHIPLET_completed, [this] { return completed_; });
  registers.on_read(DUET_CHIPLET_doorbells_completed, [this] { return doorbells_completed_; });
  registers.on_write(DUET_CHIPLET_reset, [this](uint32_t bits) {
    if (bits & DUET_RESET_ALL) {
      reset();
    } else if (bits & DUET_RESET_RESTART) {
      restart();
    }
  });
  registers.on_write(DUET_CHIPLET_event_timeout, [this](uint32_t ns) {
    event_timeout_ps_ = ns == 0 ? description_.event_timeout_ps : uint64_t{ns} * 1000;
  });
  registers.on_write(DUET_CHIPLET_interrupt_clear, [this](uint32_t bits) {
    registers.set_value(DUET_CHIPLET_interrupt_status,
                        registers.value(DUET_CHIPLET_interrupt_status) & ~bits);
    interrupt_event_.notify(sc_core::SC_ZERO_TIME);
  });
  registers.on_write(DUET_CHIPLET_interrupt_enable,
                     [this](uint32_t) { interrupt_event_.notify(sc_core::SC_ZERO_TIME); });
  registers.on_read(DUET_CHIPLET_count_descriptors,
                    [this] { return static_cast<uint32_t>(descriptors_done_total_); });
  registers.on_read(DUET_CHIPLET_count_mode_switches,
                    [this] { return static_cast<uint32_t>(mode_switches()); });
  counter(DUET_CHIPLET_count_busy_cycles_low, [this] {
    uint64_t busy_ps = 0;
    for (const auto& engine : engines_) busy_ps += engine ? engine->busy_ps() : 0;
    return static_cast<uint64_t>(static_cast<double>(busy_ps) * description_.clock_hz * 1e-12);
  });
  counter(DUET_CHIPLET_count_bytes_read_low, [this] { return data_initiator.bytes_read(); });
  counter(DUET_CHIPLET_count_bytes_written_low, [this] { return data_initiator.bytes_written(); });
}

uint64_t Chiplet::mode_switches() const {
  uint64_t sum = 0;
  for (const auto& engine : engines_) sum += engine ? engine->mode_switches() : 0;
  return sum;
}

size_t Chiplet::in_flight() const {
  size_t sum = 0;
  for (const auto& engine : engines_) sum += engine ? engine->jobs_in_flight() : 0;
  return sum;
}

uint64_t Chiplet::argument(unsigned index) const {
  return registers.value(DUET_CHIPLET_argument0 + 4 * index);
}

void Chiplet::ring(uint32_t descriptors) {
  if (doorbells_.size() - doorbells_completed_ >= doorbell_depth) {
    fail(DUET_ERROR_DOORBELL_OVERFLOW, available_, "doorbell rung although there was no space");
    return;
  }
  if (trace_.doorbell) trace_.doorbell(descriptors, registers.value(DUET_CHIPLET_mode));
  doorbells_.push_back({available_, descriptors, registers.value(DUET_CHIPLET_mode), descriptors});
  available_ += descriptors;
  fetch_event_.notify(sc_core::SC_ZERO_TIME);
}

void Chiplet::reset() {
  ++epoch_;
  hung_ = false;
  doorbells_.clear();
  fetched_doorbell_ = 0;
  fetched_ = available_ = completed_ = doorbells_completed_ = 0;
  counters_.reset();
  if (values_) values_->reset();
  for (auto& engine : engines_) {
    if (engine) engine->reset();
  }
  halted_ = false;
  registers.set_value(DUET_CHIPLET_error, 0);
  registers.set_value(DUET_CHIPLET_error_info, 0);
  registers.set_value(DUET_CHIPLET_interrupt_status, 0);
  interrupt_event_.notify(sc_core::SC_ZERO_TIME);
}

void Chiplet::restart() {
  hung_ = false;
  halted_ = false;
  registers.set_value(DUET_CHIPLET_error, 0);
  registers.set_value(DUET_CHIPLET_error_info, 0);
  for (auto& engine : engines_) {
    if (engine) engine->restart();
  }
  count_doorbells();
  fetch_event_.notify(sc_core::SC_ZERO_TIME);
}

void Chiplet::fetch() {
  const sc_core::sc_time decode(
      static_cast<double>(description_.descriptor_cycles) * 1e12 / description_.clock_hz, sc_core::SC_PS);
  while (true) {
    if (fetched_ == available_ || halted_ || hung_ || in_flight() >= queue_depth) {
      wait(fetch_event_);
      continue;
    }
    const uint32_t epoch = epoch_;
    const uint64_t base = static_cast<uint64_t>(registers.value(DUET_CHIPLET_queue_base_high)) << 32 |
                          registers.value(DUET_CHIPLET_queue_base_low);
    duet_descriptor descriptor{};
    const bool ok = data_initiator.fetch(base + fetched_ * uint64_t{DUET_DESCRIPTOR_BYTES}, &descriptor,
                                         sizeof descriptor);
    if (epoch != epoch_) continue;
    if (!ok) {
      fail(data_initiator.last_failure(), fetched_, "descriptor cannot be read");
      continue;
    }
    wait(decode);
    if (epoch != epoch_) continue;
    unsigned& doorbell = fetched_doorbell_;
    while (fetched_ >= doorbells_[doorbell].first + doorbells_[doorbell].count) ++doorbell;
    if (auto job = make_job(descriptor, fetched_, doorbell)) {
      ++fetched_;
      engines_[descriptor.engine]->submit(std::move(job));
    }
  }
}

std::shared_ptr<Job> Chiplet::make_job(const duet_descriptor& descriptor, uint32_t index, unsigned doorbell) {
  const bool sane = descriptor.magic == DUET_DESCRIPTOR_MAGIC && descriptor.opcode != DUET_OP_NONE &&
                    descriptor.opcode < DUET_OP_COUNT && descriptor.engine <= DUET_ENGINE_MOVE &&
                    descriptor.steps >= 1 && descriptor.steps <= 1024 && engines_[descriptor.engine];
  if (!sane) {
    fail(DUET_ERROR_BAD_DESCRIPTOR, index,
         fmt::format("magic {:#x}, opcode {}, engine {}, steps {}", descriptor.magic, descriptor.opcode,
                     descriptor.engine, descriptor.steps));
    return nullptr;
  }
  auto job = std::make_shared<Job>(descriptor, index, doorbells_[doorbell].mode, doorbell);
  job->record.chiplet = static_cast<uint16_t>(place_.chiplet);
  const auto resolve = [this](const duet_operand& operand, auto& resolved) {
    const int64_t factor =
        operand.argument < 4 ? static_cast<int64_t>(argument(operand.argument)) : int64_t{0};
    resolved.address = operand.address + static_cast<uint64_t>(operand.address_stride * factor);
    resolved.bytes = operand.bytes + static_cast<uint64_t>(operand.bytes_stride * factor);
  };
  for (unsigned i = 0; i < DUET_INPUTS; ++i) resolve(descriptor.inputs[i], job->inputs[i]);
  for (unsigned i = 0; i < DUET_OUTPUTS; ++i) resolve(descriptor.outputs[i], job->outputs[i]);
  if (!check(*job)) return nullptr;
  if (const std::string why = values_ ? values_->refuse(*job) : std::string(); !why.empty()) {
    fail(DUET_ERROR_BAD_DESCRIPTOR, index, why);
    return nullptr;
  }
  if (!is_move(descriptor)) job->timing = timings_->of(descriptor, argument(0));
  return job;
}

bool Chiplet::check_kept(const Job& job) {
  const duet_descriptor& descriptor = job.descriptor;
  const uint64_t kept_bytes = uint64_t{descriptor.shape.kept_kibibytes} * 1024;
  const uint64_t sram_bytes = engines_[descriptor.engine]->sram_bytes();
  if (kept_bytes > sram_bytes) {
    fail(DUET_ERROR_BAD_DESCRIPTOR, job.record.index,
         fmt::format("{} bytes of kept operands in an SRAM of {}", kept_bytes, sram_bytes));
    return false;
  }
  const auto goes_elsewhere = [](const duet_operand& output) {
    return output.used && (output.flags & DUET_OPERAND_KEPT) && output.group != DUET_NO_GROUP;
  };
  const auto comes_from_elsewhere = [](const duet_operand& input) {
    return input.used && (input.flags & DUET_OPERAND_KEPT) && (input.flags & DUET_OPERAND_MAILBOX);
  };
  if (std::ranges::any_of(descriptor.outputs, goes_elsewhere) ||
      std::ranges::any_of(descriptor.inputs, comes_from_elsewhere)) {
    fail(DUET_ERROR_BAD_DESCRIPTOR, job.record.index, "an operand that is kept goes to or comes from others");
    return false;
  }
  return true;
}

bool Chiplet::check(const Job& job) {
  if (!check_kept(job)) return false;
  const duet_descriptor& descriptor = job.descriptor;
  if (!is_move(descriptor) && is_empty(descriptor)) {
    const duet_shape& shape = descriptor.shape;
    fail(DUET_ERROR_BAD_DESCRIPTOR, job.record.index,
         fmt::format("opcode {} with a shape of 0: m {}, k {}, n {}, states {}, heads {}, kv_heads {}, "
                     "head_dim {}",
                     descriptor.opcode, shape.m, shape.k, shape.n, shape.states, shape.heads, shape.kv_heads,
                     shape.head_dim));
    return false;
  }
  if (!can_run(description_, descriptor)) {
    fail(DUET_ERROR_BAD_DESCRIPTOR, job.record.index,
         fmt::format("opcode {} is none of the kernels of the arrays of engine {}", descriptor.opcode,
                     descriptor.engine));
    return false;
  }
  for (const duet_operand& input : descriptor.inputs) {
    if (input.used && (input.flags & (DUET_OPERAND_SHARED | DUET_OPERAND_MAILBOX)) &&
        input.counter + 1u >= EventCounters::count) {
      fail(DUET_ERROR_BAD_DESCRIPTOR, job.record.index, fmt::format("event counter {}", input.counter));
      return false;
    }
  }
  for (unsigned i = 0; i < DUET_OUTPUTS; ++i) {
    const duet_operand& output = descriptor.outputs[i];
    if (!output.used || !(output.flags & DUET_OPERAND_SUMMED)) continue;
    // FP32 sums in equal pieces, whole at the end of the descriptor.
    const unsigned members = output.group_members;
    const bool sound = output.group != DUET_NO_GROUP && (output.flags & DUET_OPERAND_RESIDENT) &&
                       members >= 1 && members <= core::AddressMap::reduction_members &&
                       job.outputs[i].bytes % (sizeof(float) * members) == 0;
    if (!sound) {
      fail(DUET_ERROR_BAD_DESCRIPTOR, job.record.index,
           fmt::format("partial sums of {} bytes for {} members of group {}", job.outputs[i].bytes, members,
                       output.group));
      return false;
    }
  }
  for (const duet_wait& condition : descriptor.waits) {
    if (condition.counter >= EventCounters::count) {
      fail(DUET_ERROR_BAD_DESCRIPTOR, job.record.index, fmt::format("event counter {}", condition.counter));
      return false;
    }
  }
  const int needed = needed_mode(descriptor);
  const uint32_t latched = descriptor.engine == DUET_ENGINE_VECTOR ? (job.mode >> 4) & 3u : job.mode & 3u;
  const bool right_engine =
      (descriptor.opcode != DUET_OP_SSM_PREFILL && descriptor.opcode != DUET_OP_SSM_DECODE) ||
      !is_move(descriptor);
  if (!right_engine || (needed >= 0 && !is_move(descriptor) && latched != static_cast<uint32_t>(needed))) {
    fail(DUET_ERROR_WRONG_MODE, job.record.index,
         fmt::format("opcode {} needs mode {}, the doorbell latched {}", descriptor.opcode, needed, latched));
    return false;
  }
  return true;
}

// Why an engine gave up.
std::string Chiplet::reason_of(duet_error error) const {
  if (error == DUET_ERROR_BAD_DESCRIPTOR) return values_->why();
  if (error == DUET_ERROR_TIMEOUT)
    return fmt::format("an event did not come within {} ps", event_timeout_ps_);
  return fmt::format("access to {:#x} got an error response", data_initiator.last_error_address());
}

void Chiplet::job_done(const std::shared_ptr<Job>& job) {
  ++completed_;
  ++descriptors_done_total_;
  if (observer_) observer_(job->record);
  if (trace_.job_done) trace_.job_done(*job);
  fetch_event_.notify(sc_core::SC_ZERO_TIME);
  --doorbells_[job->doorbell].left;
  if (!halted_) count_doorbells();
}

// Doorbells are counted in their order, although engines finish in any.
void Chiplet::count_doorbells() {
  const uint32_t before = doorbells_completed_;
  while (doorbells_completed_ < doorbells_.size() && doorbells_[doorbells_completed_].left == 0)
    ++doorbells_completed_;
  if (doorbells_completed_ != before) raise_interrupt(DUET_INTERRUPT_DOORBELL_DONE);
}

void Chiplet::fail(duet_error error, uint32_t descriptor, const std::string& why) {
  if (!halted_) registers.set_value(DUET_CHIPLET_error_info, descriptor);
  halted_ = true;
  registers.set_value(DUET_CHIPLET_error, registers.value(DUET_CHIPLET_error) | 1u << error);
  if (warning_sink_) {
    warning_sink_(fmt::format("{} at {}: descriptor {}: error {}: {}", name(),
                              sc_core::sc_time_stamp().to_string(), descriptor, static_cast<int>(error),
                              why));
  }
  raise_interrupt(DUET_INTERRUPT_ERROR);
}

void Chiplet::raise_interrupt(uint32_t bits) {
  registers.set_value(DUET_CHIPLET_interrupt_status, registers.value(DUET_CHIPLET_interrupt_status) | bits);
  interrupt_event_.notify(sc_core::SC_ZERO_TIME);
}

void Chiplet::update_interrupt() {
  interrupt.write(
      (registers.value(DUET_CHIPLET_interrupt_status) & registers.value(DUET_CHIPLET_interrupt_enable)) != 0);
}

}  // namespace duet::models
