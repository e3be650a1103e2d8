// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace duet::platform {

/// The weights of a model. Names as in the workload's graph ("layer.0.mamba.in_proj"), shapes as in
/// docs/models/values.md.
///
/// Generated: element `index` (row by row) of a tensor is a function of seed, name and index alone, wherever
/// it lies. Matrices are uniform with variance 1 / columns, so that activations keep their size; decays are
/// negative, norms near 1.
class WeightSource {
 public:
  explicit WeightSource(uint64_t seed) : seed_(seed) {}
  /// From files NAME.f16: FP16, little endian, row by row.
  explicit WeightSource(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// FP16 words of `count` elements from `index` on; `columns` of the whole tensor. Throws core::UserError
  /// when there is no such file or it is too short.
  [[nodiscard]] std::vector<uint16_t> words(const std::string& tensor, uint64_t columns, uint64_t index,
                                            uint64_t count);

  /// A generated value before it is rounded to FP16.
  [[nodiscard]] double element(const std::string& tensor, uint64_t columns, uint64_t index) const;

 private:
  uint64_t seed_ = 0;
  std::filesystem::path folder_;
  std::map<std::string, std::vector<uint16_t>> files_;  ///< read so far
};

}  // namespace duet::platform
