// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>

#include "duet/core/array_timing.hpp"
#include "duet/models/vector/vector_units.hpp"

namespace duet::models {

/// How dot products of a given length lie on the units of an array.
struct ChainLayout {
  unsigned units = 1;          ///< of one chain
  unsigned beats = 1;          ///< of one dot product
  unsigned products = 1;       ///< dot products at a time
  uint64_t length = 1;         ///< elements of a dot product
  uint64_t beat_elements = 1;  ///< of one dot product in a beat that is not the last

  ChainLayout(const core::VectorArrayDescription& array, uint64_t elements) : length(elements) {
    const uint64_t slices = (elements + array.lanes - 1) / array.lanes;
    const uint64_t least_beats = (slices + array.rows - 1) / array.rows;
    units = static_cast<unsigned>((slices + least_beats - 1) / least_beats);
    products = array.columns * (array.rows / units);
    beat_elements = uint64_t{units} * array.lanes;
    beats = static_cast<unsigned>((elements + beat_elements - 1) / beat_elements);
  }
  [[nodiscard]] uint64_t elements_of(uint64_t beat) const {
    return std::min(beat_elements, length - beat * beat_elements);
  }
};

/// A slot as the controller issues it at the port.
struct IssuedUnitSlot {
  UnitSlot slot;
  uint64_t read_bytes = 0;
  uint64_t write_bytes = 0;   ///< written by the controller itself (state after many tokens)
  bool pass_start = false;    ///< first slot of a pass
  bool pass_issued = false;   ///< first slot of the pass's last beat: its results follow in a fixed time
  bool last_pass = false;     ///< with pass_issued: no pass of this stream follows
  bool stream_start = false;  ///< first slot of a stream of passes
  uint64_t result_bytes = 0;  ///< with pass_issued: bytes of the pass's results
};

/// Controller of one kernel part.
class PassSource : public UnitOperands {
 public:
  /// Builds the next slot, a bubble if need be; false when nothing is left to issue.
  /// `results_pending`: results of passes are still to be written.
  virtual bool next(IssuedUnitSlot& slot, bool results_pending) = 0;
  /// Steps of a pass, and from the first slot of its last beat to its write.
  [[nodiscard]] virtual uint64_t pass_steps() const = 0;
  [[nodiscard]] virtual uint64_t write_delay() const = 0;
};

}  // namespace duet::models
