// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "duet/core/trace/buffered_file.hpp"
#include "duet/core/trace/name_selection.hpp"

namespace duet::core {

struct TransactionLogOptions {
  std::string path;           ///< the .csv
  NameSelection selection{};  ///< a transaction is logged when its initiator or its target is selected
  uint64_t begin_ps = 0;      ///< window of the begin times
  uint64_t end_ps = ~uint64_t{0};
  uint64_t max_bytes = uint64_t{1} << 30;
};

struct Transaction {
  uint64_t begin_ps = 0;
  uint64_t end_ps = 0;
  std::string_view initiator;
  std::string_view target;
  std::string_view command;  ///< "read", "write"
  uint64_t address = 0;
  uint64_t bytes = 0;
  std::string_view response = "ok";
};

/// Logs transactions as CSV (RFC 4180, LF) with a header line, in the order of the calls.
class TransactionLog {
 public:
  /// Throws UserError if the file cannot be written.
  explicit TransactionLog(TransactionLogOptions options);

  void write(const Transaction& transaction);
  /// Writes what is left. A log that was cut ends with a line "# cut at the limit ...".
  void close();

  [[nodiscard]] uint64_t offered() const { return offered_; }
  [[nodiscard]] uint64_t written() const { return written_; }
  [[nodiscard]] bool truncated() const { return truncated_; }
  /// Empty, or one sentence for the user: nothing selected, nothing seen, or cut at the limit.
  [[nodiscard]] std::string warning() const;

 private:
  void append_field(std::string_view text);

  TransactionLogOptions options_;
  BufferedFile file_;
  uint64_t offered_ = 0;
  uint64_t written_ = 0;
  bool truncated_ = false;
  bool closed_ = false;
};

}  // namespace duet::core
