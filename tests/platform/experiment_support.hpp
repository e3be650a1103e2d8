// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "duet/platform/config/yaml_reader.hpp"
#include "duet/platform/experiment/experiment_plan.hpp"

namespace duet::test {

/// A folder that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    static int count = 0;
    path = std::filesystem::temp_directory_path() /
           ("duet_experiment_" + std::to_string(::getpid()) + "_" + std::to_string(count++));
    std::filesystem::create_directories(path);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path path;
};

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

/// A stand-in for duet-vp: a shell script with the arguments in "$@".
inline std::filesystem::path write_program(const TemporaryFolder& folder, const std::string& body) {
  const auto file = folder.path / "program.sh";
  write_file(file, "#!/bin/sh\n" + body);
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  return file;
}

inline platform::ExperimentDescription experiment_from(const std::string& yaml) {
  return platform::read_config<platform::ExperimentDescription>(
      platform::ConfigDocument::from_text(yaml, "experiment.yaml"));
}

}  // namespace duet::test
