// SPDX-License-Identifier: Apache-2.0
#include "duet/core/trace/buffered_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "duet/core/error.hpp"

namespace duet::core {
namespace {

constexpr size_t buffer_bytes = size_t{1} << 18;

}  // namespace

BufferedFile::BufferedFile(const std::string& path)
    : path_(path), file_(std::fopen(path.c_str(), "wb")), buffer_(buffer_bytes) {
  if (!file_) {
    throw UserError(fmt::format("cannot write '{}': {}, allowed a file in a writable folder", path,
                                std::strerror(errno)));
  }
  std::setvbuf(file_.get(), nullptr, _IONBF, 0);
}

BufferedFile::~BufferedFile() {
  try {
    close();
  } catch (const std::system_error&) {
    // A destructor has nobody to tell.
  }
}

void BufferedFile::append(std::string_view text) {
  while (!text.empty()) {
    const size_t part = std::min(text.size(), max_reserve);
    char* at = reserve(part);
    std::memcpy(at, text.data(), part);
    commit(at + part);
    text.remove_prefix(part);
  }
}

void BufferedFile::flush() {
  if (!file_ || used_ == 0) return;
  const size_t count = used_;
  used_ = 0;
  if (std::fwrite(buffer_.data(), 1, count, file_.get()) != count) {
    throw std::system_error(errno, std::generic_category(), "writing " + path_);
  }
  flushed_ += count;
}

void BufferedFile::close() {
  flush();
  file_.reset();
}

}  // namespace duet::core
