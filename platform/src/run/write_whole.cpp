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
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw core::UserError(fmt::format("{}: cannot be written: {}", path, why));
}

}  // namespace

void require_writable(const std::string& path) {
  if (path.empty() || path == "-") return;
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::is_directory(path, error)) refuse(path, std::strerror(EISDIR));
  const bool device = fs::exists(path, error) && !fs::is_regular_file(path, error);
  const fs::path parent = fs::path(path).parent_path();
  // A file is renamed into place, so it is the folder that must allow it.
  const fs::path place = device ? fs::path(path) : parent.empty() ? fs::path(".") : parent;
  if (!device && fs::exists(place, error) && !fs::is_directory(place, error))
    refuse(path, std::strerror(ENOTDIR));
  if (::access(place.c_str(), W_OK) != 0) refuse(path, std::strerror(errno));
}

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
    refuse(path, why);
  }
  if (plain) fs::rename(target, path);
}

}  // namespace duet::platform
