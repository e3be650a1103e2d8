// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <systemc>
#include <vector>

namespace duet::models {

/// An array's way to its SRAM: whole operands through a TLM-2.0 base-protocol socket. The port's rate is
/// part of the array's own cycles (PortRate), so the target's annotated delay is not waited for again.
class SramPort : public sc_core::sc_module {
 public:
  explicit SramPort(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {}

  tlm_utils::simple_initiator_socket<SramPort> socket;

  /// False if the target answers with an error; one warning names it.
  bool read(uint64_t address, std::vector<uint16_t>& halves);
  bool write(uint64_t address, const std::vector<uint16_t>& halves);
  /// Words of the accumulation's width: 2 bytes (FP16) or 4 (binary32), as floats here.
  bool read_sums(uint64_t address, unsigned word_bytes, std::vector<float>& sums);
  bool write_sums(uint64_t address, unsigned word_bytes, const std::vector<float>& sums);

 private:
  bool transport(tlm::tlm_command command, uint64_t address, void* data, uint64_t bytes);
};

}  // namespace duet::models
