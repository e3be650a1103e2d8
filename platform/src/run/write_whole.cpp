// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "duet/core/error.hpp"
#include "duet/platform/run/result_output.hpp"

namespace duet::platform {

void write_whole(const std::string& path, const std::string& text) {
  if (path == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return;
  }
  namespace fs = std::filesystem;
  std::error_code error;
  // Devices and pipes cannot be renamed over.
  const bool plain = !fs::exists(path, error) || fs::is_regular_file(path, error);
  const std::string target = plain ? fmt::format("{}.part{}", path, ::getpid()) : path;
  std::ofstream file(target, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file) {
    const std::string why = std::strerror(errno);
    if (plain) fs::remove(target, error);
    throw core::UserError(fmt::format("{}: cannot be written: {}", path, why));
  }
  if (plain) fs::rename(target, path);
}

}  // namespace duet::platform
