// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <tlm>
#include <vector>

namespace duet::tlm_interconnect {

/// Generic payloads with reference counts, used again and again. One that is given back has lost its
/// extensions and its attributes stand on their defaults. Extensions of payloads that are in use when the
/// pool goes stay with those who attached them.
class PayloadPool : public tlm::tlm_mm_interface {
 public:
  ~PayloadPool() override;
  /// A payload with one reference, which the caller gives back with `release`.
  tlm::tlm_generic_payload& acquire();
  void free(tlm::tlm_generic_payload* payload) override;
  /// Payloads that somebody holds.
  [[nodiscard]] size_t in_use() const { return all_.size() - free_.size(); }

 private:
  std::vector<std::unique_ptr<tlm::tlm_generic_payload>> all_;
  std::vector<tlm::tlm_generic_payload*> free_;
};

}  // namespace duet::tlm_interconnect
