// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "duet/core/field.hpp"

namespace duet::core {

/// Requests of one kind: every sequence of a batch has the same prompt and output length (means of
/// the traces; how the paper's batches vary inside is open, duet.md section 5).
struct WorkloadDescription {
  std::string name;
  std::string source;
  std::uint64_t prompt_tokens = 0;
  std::uint64_t output_tokens = 1;
  std::vector<std::uint64_t> batch_sizes = {1, 2, 4, 8, 16, 32, 64, 128};

  /// Tokens in the caches of one sequence before decode step `step` (0 = the step that follows the
  /// first token, which the prefill made).
  [[nodiscard]] std::uint64_t context_tokens(std::uint64_t step) const { return prompt_tokens + step; }
  /// Decode steps of one sequence: the prefill makes the first output token.
  [[nodiscard]] std::uint64_t decode_steps() const { return output_tokens > 1 ? output_tokens - 1 : 0; }

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = WorkloadDescription;
    visit("name", &Self::name, {.text = "the workload's name in results", .required = true});
    visit("source", &Self::source, {.text = "where the lengths come from"});
    visit("prompt_tokens", &Self::prompt_tokens,
          {.min = 1, .max = 1 << 24, .text = "tokens of a prompt", .required = true});
    visit("output_tokens", &Self::output_tokens,
          {.min = 1,
           .max = 1 << 24,
           .text = "tokens generated, the prefill's first one included",
           .required = true});
    visit("batch_sizes", &Self::batch_sizes,
          {.min = 1, .max = 1 << 20, .text = "sequences that run together; one point each"});
  }
};

}  // namespace duet::core
