// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace duet::core {

/// Append-only text file with a large buffer, for traces of millions of short lines.
class BufferedFile {
 public:
  /// Creates or truncates the file. Throws UserError if that is not possible.
  explicit BufferedFile(const std::string& path);
  /// Writes what is left; errors are lost here, so close() is called where they matter.
  ~BufferedFile();
  BufferedFile(const BufferedFile&) = delete;
  BufferedFile& operator=(const BufferedFile&) = delete;

  /// Space for at least `count` characters (at most `max_reserve`); commit() says how many were used.
  char* reserve(size_t count) {
    if (buffer_.size() - used_ < count) flush();
    return buffer_.data() + used_;
  }
  void commit(const char* end) { used_ = static_cast<size_t>(end - buffer_.data()); }
  void append(std::string_view text);
  void append(char c) {
    char* at = reserve(1);
    *at = c;
    commit(at + 1);
  }

  /// Characters written so far, including those in the buffer.
  [[nodiscard]] uint64_t size() const { return flushed_ + used_; }
  /// Throws std::system_error when the disk refuses.
  void flush();
  void close();
  [[nodiscard]] const std::string& path() const { return path_; }

  static constexpr size_t max_reserve = 4096;

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::vector<char> buffer_;
  size_t used_ = 0;
  uint64_t flushed_ = 0;
};

}  // namespace duet::core
