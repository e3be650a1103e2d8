// SPDX-License-Identifier: Apache-2.0
// The A extension. Harts interleave only where one waits for simulated time, so a read followed by a write
// is atomic for memory that is accessed directly; for a device the two are separate transactions.
#include <algorithm>
#include <cstring>
#include <type_traits>

#include "arithmetic.hpp"
#include "duet/models/riscv/interpreter.hpp"

namespace duet::models::riscv {
namespace {

template <class T>
T combine(Operation operation, T memory, T operand) {
  using S = std::make_signed_t<T>;
  switch (operation) {
    case Operation::amoswap_w:
    case Operation::amoswap_d:
      return operand;
    case Operation::amoadd_w:
    case Operation::amoadd_d:
      return memory + operand;
    case Operation::amoxor_w:
    case Operation::amoxor_d:
      return memory ^ operand;
    case Operation::amoand_w:
    case Operation::amoand_d:
      return memory & operand;
    case Operation::amoor_w:
    case Operation::amoor_d:
      return memory | operand;
    case Operation::amomin_w:
    case Operation::amomin_d:
      return static_cast<T>(std::min(static_cast<S>(memory), static_cast<S>(operand)));
    case Operation::amomax_w:
    case Operation::amomax_d:
      return static_cast<T>(std::max(static_cast<S>(memory), static_cast<S>(operand)));
    case Operation::amominu_w:
    case Operation::amominu_d:
      return std::min(memory, operand);
    default:
      return std::max(memory, operand);
  }
}

template <class T>
uint64_t extend(T value) {
  return static_cast<uint64_t>(static_cast<int64_t>(static_cast<std::make_signed_t<T>>(value)));
}

}  // namespace

template <class T>
bool Interpreter::load_reserved(const Instruction& instruction) {
  const uint64_t address = x_[instruction.rs1];
  T value = 0;
  if (!load_slow(address, &value, sizeof value)) return false;
  reservations_->reserve(hart_id_, address);
  x_[instruction.rd] = extend(value);
  return true;
}

template <class T>
bool Interpreter::store_conditional(const Instruction& instruction) {
  const uint64_t address = x_[instruction.rs1];
  const T value = static_cast<T>(x_[instruction.rs2]);
  if (!may_access(address, sizeof value, Access::write, Exception::store_misaligned,
                  Exception::store_access_fault)) {
    return false;
  }
  const bool valid = reservations_->take(hart_id_, address);
  if (valid) {
    if (!store_slow(address, &value, sizeof value)) return false;
    if (reservations_->any()) reservations_->stored(hart_id_, address);
  }
  x_[instruction.rd] = valid ? 0 : 1;
  return true;
}

template <class T>
bool Interpreter::read_modify_write(const Instruction& instruction) {
  const uint64_t address = x_[instruction.rs1];
  const T operand = static_cast<T>(x_[instruction.rs2]);
  for (const Access access : {Access::read, Access::write}) {
    if (!may_access(address, sizeof(T), access, Exception::store_misaligned, Exception::store_access_fault)) {
      return false;
    }
  }
  T memory = 0;
  if (!watchpoints_.empty()) note_watchpoint(address, sizeof(T), false);
  if (const uint8_t* host = fill_direct(address, Access::read)) {
    std::memcpy(&memory, host, sizeof memory);
  } else if (!port_->read(address, &memory, sizeof memory)) {
    return fail(Exception::store_access_fault, address);
  }
  const T result = combine(instruction.operation, memory, operand);
  if (!store_slow(address, &result, sizeof result)) return false;
  if (reservations_->any()) reservations_->stored(hart_id_, address);
  x_[instruction.rd] = extend(memory);
  return true;
}

bool Interpreter::execute_atomic(const Instruction& instruction) {
  switch (instruction.operation) {
    case Operation::lr_w:
      return load_reserved<uint32_t>(instruction);
    case Operation::lr_d:
      return load_reserved<uint64_t>(instruction);
    case Operation::sc_w:
      return store_conditional<uint32_t>(instruction);
    case Operation::sc_d:
      return store_conditional<uint64_t>(instruction);
    default:
      return instruction.operation >= Operation::amoswap_d ? read_modify_write<uint64_t>(instruction)
                                                           : read_modify_write<uint32_t>(instruction);
  }
}

}  // namespace duet::models::riscv
