// SPDX-License-Identifier: Apache-2.0
#include "duet/models/values/value_unit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "duet/core/address_map.hpp"
#include "duet/models/chiplet/dma_port.hpp"
#include "value_job.hpp"

namespace duet::models {
namespace {

constexpr uint64_t most_operand_bytes = 1ull << 32;

bool is_linear(uint64_t address) {
  return ((address >> 52) & 0xf) == 0;
}

bool is_shared(const duet_operand& operand) {
  return (operand.flags & DUET_OPERAND_SHARED) != 0;
}

uint64_t bytes_at_chiplet(const duet_operand& operand, uint64_t own_bytes) {
  return is_shared(operand) ? operand.group_bytes : own_bytes;
}

// The table's rows come in no time, because their addresses depend on values; the operand's transfer, from
// the table's begin, takes the time.
bool gather(ValueJob& job, DmaPort& dma) {
  const auto ids = job.input<uint32_t>(0);
  const auto out = job.output<uint8_t>(0);
  const uint64_t row_bytes = uint64_t{job.shape().n} * 2;
  if (ids.size() != job.shape().m || out.size() != ids.size() * row_bytes) return false;
  for (uint64_t i = 0; i < ids.size(); ++i) {
    if (ids[i] >= job.values().rows) return false;
    if (!dma.peek(job.input_address(1) + ids[i] * row_bytes, &out[i * row_bytes],
                  static_cast<unsigned>(row_bytes))) {
      return false;
    }
  }
  return true;
}

}  // namespace

ValueUnit::ValueUnit(const core::NodeTypeDescription& chiplet, DmaPort& dma) : dma_(dma) {
  for (const duet_engine kind : {DUET_ENGINE_SYSTOLIC, DUET_ENGINE_VECTOR})
    arrays_[kind] = make_value_arrays(kind, chiplet);
}

ValueUnit::~ValueUnit() = default;

std::string ValueUnit::refuse(const Job& job) const {
  const duet_descriptor& descriptor = job.descriptor;
  if (!(descriptor.values.flags & DUET_VALUE_LAYOUT)) return "its operands have sizes, but no layout";
  if (descriptor.steps != 1) return fmt::format("values need 1 step, found {}", descriptor.steps);
  if (descriptor.engine != DUET_ENGINE_MOVE && !arrays_[descriptor.engine])
    return "its engine computes no values";
  for (unsigned i = 0; i < DUET_INPUTS; ++i) {
    const duet_operand& operand = descriptor.inputs[i];
    if (!operand.used) continue;
    const uint64_t bytes = bytes_at_chiplet(operand, job.inputs[i].bytes);
    if (operand.flags & DUET_OPERAND_MAILBOX) return fmt::format("input {} has no layout: mailbox", i);
    if (operand.flags & DUET_OPERAND_KEPT) return fmt::format("input {} has no layout: kept in SRAM", i);
    if (!is_linear(job.inputs[i].address)) return fmt::format("input {} lies in stripes", i);
    if (bytes > most_operand_bytes) return fmt::format("input {} has {} bytes", i, bytes);
    if (is_shared(operand) && (descriptor.values.member >= operand.group_members ||
                               operand.group_bytes != operand.group_members * job.inputs[i].bytes)) {
      return fmt::format("input {} is share {} of {}", i, descriptor.values.member, operand.group_members);
    }
  }
  for (unsigned i = 0; i < DUET_OUTPUTS; ++i) {
    if (!descriptor.outputs[i].used) continue;
    if (descriptor.outputs[i].group != DUET_NO_GROUP) return fmt::format("output {} goes to a group", i);
    if (descriptor.outputs[i].flags & DUET_OPERAND_KEPT) return fmt::format("output {} is kept in SRAM", i);
    if (!is_linear(job.outputs[i].address)) return fmt::format("output {} lies in stripes", i);
    if (job.outputs[i].bytes > most_operand_bytes)
      return fmt::format("output {} has {} bytes", i, job.outputs[i].bytes);
  }
  return {};
}

void ValueUnit::open(Job& job) {
  job.data = std::make_unique<JobData>();
  for (unsigned i = 0; i < DUET_INPUTS; ++i) {
    const duet_operand& operand = job.descriptor.inputs[i];
    if (operand.used) job.data->inputs[i].resize(bytes_at_chiplet(operand, job.inputs[i].bytes));
  }
  for (unsigned i = 0; i < DUET_OUTPUTS; ++i) {
    if (job.descriptor.outputs[i].used) job.data->outputs[i].resize(job.outputs[i].bytes);
  }
}

void ValueUnit::receive(unsigned counter, uint64_t offset, const uint8_t* data, uint64_t bytes) {
  mailboxes_[counter].push_back({offset, {data, data + bytes}});
}

void ValueUnit::reset() {
  for (auto& mailbox : mailboxes_) mailbox.clear();
}

// Moves what has been posted for an input from the mailbox to the operand. A mailbox may hold what
// belongs to later jobs.
void ValueUnit::take_posted(Job& job, unsigned input) {
  const duet_operand& operand = job.descriptor.inputs[input];
  const uint64_t begin = job.inputs[input].arrival_base;
  std::vector<uint8_t>& data = job.data->inputs[input];
  std::erase_if(mailboxes_[operand.counter], [&](const Posted& posted) {
    if (posted.offset < begin || posted.offset + posted.data.size() > begin + data.size()) return false;
    std::memcpy(&data[posted.offset - begin], posted.data.data(), posted.data.size());
    return true;
  });
}

bool ValueUnit::compute(Job& job, OperandLog* log) {
  const duet_descriptor& descriptor = job.descriptor;
  for (unsigned i = 0; i < DUET_INPUTS; ++i) {
    if (descriptor.inputs[i].used && is_shared(descriptor.inputs[i])) take_posted(job, i);
  }
  ValueJob view(job);
  const auto ok = [&] {
    if (descriptor.engine == DUET_ENGINE_MOVE) return compute_move(view);
    ValueArrays& arrays = *arrays_[descriptor.engine];
    arrays.log_to(log);
    switch (descriptor.opcode) {
      case DUET_OP_GATHER:
        return gather(view, dma_);
      case DUET_OP_GEMM:
      case DUET_OP_GEMV:
        return compute_product(view, arrays);
      case DUET_OP_ATTENTION:
        return compute_attention(view, arrays);
      case DUET_OP_SSM_PREFILL:
      case DUET_OP_SSM_DECODE:
        return compute_ssm(view, arrays);
      case DUET_OP_CONV1D:
        return compute_conv1d(view, arrays);
      case DUET_OP_NORM:
        return compute_norm(view, arrays);
      case DUET_OP_ARGMAX:
        return compute_argmax(view);
      default:
        return false;
    }
  }();
  if (!ok)
    why_ = fmt::format("opcode {} and its operands do not agree, or it has no values", descriptor.opcode);
  return ok;
}

}  // namespace duet::models
