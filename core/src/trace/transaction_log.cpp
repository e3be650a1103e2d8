// SPDX-License-Identifier: Apache-2.0
#include "duet/core/trace/transaction_log.hpp"

#include <fmt/format.h>

namespace duet::core {
namespace {

constexpr size_t line_bytes = 512;  // kept free for one line and the note

}  // namespace

TransactionLog::TransactionLog(TransactionLogOptions options)
    : options_(std::move(options)), file_(options_.path) {
  file_.append("begin_ps,end_ps,initiator,target,command,address,bytes,response\n");
}

void TransactionLog::append_field(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) {
    file_.append(text);
    return;
  }
  file_.append('"');
  for (const char c : text) {
    if (c == '"') file_.append('"');
    file_.append(c);
  }
  file_.append('"');
}

void TransactionLog::write(const Transaction& transaction) {
  ++offered_;
  if (closed_ || truncated_ || transaction.begin_ps < options_.begin_ps ||
      transaction.begin_ps >= options_.end_ps) {
    return;
  }
  if (!options_.selection.matches(transaction.initiator) && !options_.selection.matches(transaction.target)) {
    return;
  }
  if (file_.size() + line_bytes > options_.max_bytes) {
    truncated_ = true;
    return;
  }
  ++written_;
  file_.append(fmt::format("{},{},", transaction.begin_ps, transaction.end_ps));
  append_field(transaction.initiator);
  file_.append(',');
  append_field(transaction.target);
  file_.append(',');
  append_field(transaction.command);
  file_.append(fmt::format(",{:#x},{},", transaction.address, transaction.bytes));
  append_field(transaction.response);
  file_.append('\n');
}

void TransactionLog::close() {
  if (closed_) return;
  closed_ = true;
  if (truncated_) file_.append(fmt::format("# cut at the limit of {} bytes\n", options_.max_bytes));
  file_.close();
}

std::string TransactionLog::warning() const {
  if (truncated_) {
    return fmt::format("the log '{}' has only the first {} transactions: it reached its limit of {} bytes",
                       options_.path, written_, options_.max_bytes);
  }
  if (written_ == 0) {
    return fmt::format("the log '{}' is empty: '{}' selects none of {} transactions", options_.path,
                       options_.selection.text(), offered_);
  }
  return {};
}

}  // namespace duet::core
