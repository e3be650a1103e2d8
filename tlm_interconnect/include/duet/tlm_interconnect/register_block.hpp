// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string_view>
#include <systemc>
#include <tlm>

namespace duet::tlm_interconnect {

enum class RegisterAccess { read_only, read_write, write_only, write_one_to_clear };

/// One line of a registers.def file.
struct RegisterDeclaration {
  std::string_view name;
  uint32_t offset;
  uint32_t reset_value;
  RegisterAccess access;
  uint32_t bits;  ///< that are not reserved
  std::string_view text;
};

/// The declarations of sw_driver's registers.def (a compute chiplet), package_registers.def and
/// memory_registers.def.
std::span<const RegisterDeclaration> chiplet_registers();
std::span<const RegisterDeclaration> package_registers();
std::span<const RegisterDeclaration> memory_registers();

/// A block of 32-bit registers behind a loosely timed TLM-2.0 target socket. Decodes, checks access
/// and answers; a model attaches callbacks. Only aligned 4-byte accesses are taken:
/// otherwise TLM_BURST_ERROR_RESPONSE; an offset without register, or an access that the
/// register does not allow, is a TLM_ADDRESS_ERROR_RESPONSE or TLM_COMMAND_ERROR_RESPONSE.
/// Writes do not reach reserved bits, nor callbacks through them.
/// transport_dbg reads without side effects and writes plain values.
class RegisterBlock : public sc_core::sc_module {
 public:
  using ReadCallback = std::function<uint32_t()>;
  using WriteCallback = std::function<void(uint32_t)>;

  tlm_utils::simple_target_socket<RegisterBlock> socket{"socket"};

  /// `access_latency` is added to every transaction's delay.
  RegisterBlock(sc_core::sc_module_name name, std::span<const RegisterDeclaration> declarations,
                sc_core::sc_time access_latency);

  /// Replaces the stored value when the register is read. The offset must be declared.
  void on_read(uint32_t offset, ReadCallback callback);
  /// Runs after a write; for write_one_to_clear the argument is the written mask.
  void on_write(uint32_t offset, WriteCallback callback);

  /// What a read gives.
  [[nodiscard]] uint32_t value(uint32_t offset) const;
  /// What is stored, without the callback: for a callback that makes something of it.
  [[nodiscard]] uint32_t stored_value(uint32_t offset) const { return registers_.at(offset).value; }
  void set_value(uint32_t offset, uint32_t value);
  void reset_values();

 private:
  struct Register {
    RegisterDeclaration declaration;
    uint32_t value;
    ReadCallback read;
    WriteCallback write;
  };

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& payload);
  tlm::tlm_response_status access(tlm::tlm_generic_payload& payload);
  void write(Register& target, uint32_t value);

  std::map<uint32_t, Register> registers_;
  sc_core::sc_time access_latency_;
};

}  // namespace duet::tlm_interconnect
