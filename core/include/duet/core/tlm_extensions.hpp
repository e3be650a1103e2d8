// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <tlm>

namespace duet::core {

/// Ignorable: the payload carries no data (timing mode). Our own memories skip the copy; a foreign
/// target may copy, because the data pointer stands on scratch of at least the payload's length.
class TimingOnlyExtension : public tlm::tlm_extension<TimingOnlyExtension> {
 public:
  tlm::tlm_extension_base* clone() const override { return new TimingOnlyExtension(*this); }
  void copy_from(const tlm::tlm_extension_base&) override {}
};

/// Ignorable: cut-through of bulk data. An initiator (an interconnect, mostly) that attaches it to a
/// read lets the target send BEGIN_RESP when the *first* byte is ready, provided that the target
/// writes the time of the last byte here. A target that ignores it responds when all data is there
/// and leaves `last_data_ps` 0. For a write, the initiator states when its last byte will have
/// arrived; a target that ignores it takes the data as complete at BEGIN_REQ.
/// An interconnect also says whose transaction it is, so that a target can serve initiators fairly.
class CutThroughExtension : public tlm::tlm_extension<CutThroughExtension> {
 public:
  uint64_t first_data_ps = 0;  ///< absolute simulation time of the first byte
  uint64_t last_data_ps = 0;   ///< absolute simulation time of the last byte, 0 = not stated
  uint32_t initiator = 0;      ///< the interconnect's number of the initiator + 1, 0 = not stated
  tlm::tlm_extension_base* clone() const override { return new CutThroughExtension(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const CutThroughExtension&>(other);
  }
};

}  // namespace duet::core
