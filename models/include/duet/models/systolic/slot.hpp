// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace duet::models {

/// What the PEs of one anti-diagonal do in one step. Mode bits, in effect: they enter at PE (0, 0) and
/// move one PE south-east per step together with the operands.
enum class SlotOperation : uint8_t {
  none,
  mac_first,    ///< accumulator = WE * NS
  mac,          ///< accumulator += WE * NS
  decay,        ///< SSM register 1 = WE * state (in the named column, or in all)
  decay_first,  ///< SSM register 1 = WE * 0: the state is created in the array
  input,        ///< state = SSM register 1 + WE * NS
  output,       ///< SSM register 2 = WE + NS * state, driven east in place of WE
  deposit,      ///< state = WE in the named column
};

/// One slot of the schedule: a wave that visits PE (i, j) i + j steps after PE (0, 0). A wave may also
/// collect: the PE of column `collect` puts its accumulator or state on the WE link.
struct Slot {
  SlotOperation operation = SlotOperation::none;
  int16_t column = -1;         ///< decay, deposit: the only column that takes part, -1: all
  int16_t collect = -1;        ///< column whose accumulator leaves with this wave, -1: none
  uint16_t rows = 0;           ///< rows with operands
  uint16_t columns = 0;        ///< columns with operands
  uint16_t timed_rows = 0;     ///< rows that the schedule waits for (plain: all)
  uint16_t timed_columns = 0;  ///< columns that the schedule waits for (plain: all)
};

}  // namespace duet::models
