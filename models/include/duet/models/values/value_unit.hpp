// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "duet/core/chiplet_description.hpp"
#include "duet/models/chiplet/event_counters.hpp"
#include "duet/models/chiplet/job.hpp"

namespace duet::models {

class DmaPort;
class OperandLog;
class ValueArrays;

/// The values of a chiplet in functional mode: what its mailboxes hold, and what its arrays make of a job's
/// operands. Layouts and roundings: docs/models/values.md. Takes no time; the engines keep that.
class ValueUnit {
 public:
  ValueUnit(const core::NodeTypeDescription& chiplet, DmaPort& dma);
  ~ValueUnit();

  /// Why the job has no defined values, or nothing.
  [[nodiscard]] std::string refuse(const Job& job) const;
  /// Makes room for the job's operands.
  static void open(Job& job);

  /// Bytes that peers have posted; `offset` counts all that mailbox `counter` ever gets.
  void receive(unsigned counter, uint64_t offset, const uint8_t* data, uint64_t bytes);
  /// The mailboxes forget what they hold.
  void reset();

  /// Makes the job's outputs of its inputs. False, with a reason, when shape and operands do not agree.
  /// `log`, if any, gets the operands of what the first array runs for the job.
  bool compute(Job& job, OperandLog* log = nullptr);
  [[nodiscard]] const std::string& why() const { return why_; }

 private:
  struct Posted {
    uint64_t offset;
    std::vector<uint8_t> data;
  };

  void take_posted(Job& job, unsigned input);

  DmaPort& dma_;
  std::array<std::unique_ptr<ValueArrays>, 2> arrays_;  ///< by engine; null: none of that kind
  std::array<std::vector<Posted>, EventCounters::count> mailboxes_;
  std::string why_;
};

}  // namespace duet::models
