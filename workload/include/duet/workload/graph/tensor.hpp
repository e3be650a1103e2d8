// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

namespace duet::workload {

/// An activation as an operator consumes or produces it. Rows are tokens (of all sequences), or
/// sequences. A consumer may use fewer rows than were produced (the head: each last token).
struct TensorUse {
  std::string name;
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
  std::uint64_t element_bytes = 2;

  [[nodiscard]] std::uint64_t bytes() const { return rows * columns * element_bytes; }
};

/// A weight as an operator reads it. Equal names are one tensor in memory (shared blocks, tied
/// embeddings): it takes capacity once and is read at each use.
struct Weight {
  std::string name;
  std::uint64_t rows = 0;     ///< input columns (k) of a matrix, 1 of a vector
  std::uint64_t columns = 0;  ///< output columns (n)
  std::uint64_t element_bytes = 2;
  std::uint64_t rows_read = 0;  ///< rows that the operator reads: fewer than `rows` for the embedding

  [[nodiscard]] std::uint64_t elements() const { return rows * columns; }
  [[nodiscard]] std::uint64_t bytes() const { return elements() * element_bytes; }
  [[nodiscard]] std::uint64_t read_bytes() const { return rows_read * columns * element_bytes; }
};

enum class CacheKind { kv, ssm_state, conv_state };

/// What an operator does to a cache, summed over the sequences of the batch.
struct CacheUse {
  CacheKind kind = CacheKind::kv;
  std::string name;  ///< "layer.7.kv"
  std::uint64_t read_bytes = 0;
  std::uint64_t write_bytes = 0;
};

}  // namespace duet::workload
