// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace duet::platform {

/// The shipped YAML files, so that "--model zamba2-7b" needs no path.
class ConfigLibrary {
 public:
  explicit ConfigLibrary(std::filesystem::path root) : root_(std::move(root)) {}

  /// Of $DUET_CONFIG_DIR if set, else of the first of `candidates` that exists.
  static ConfigLibrary standard(const std::vector<std::filesystem::path>& candidates);

  /// Names (file names without ".yaml") in a folder: "platforms", "models", "workloads", "experiments".
  [[nodiscard]] std::vector<std::string> names(std::string_view folder) const;

  /// An existing file as given, or the shipped file of that name. Throws core::UserError with the
  /// names that exist; `what` ("--model") begins the message.
  [[nodiscard]] std::filesystem::path find(std::string_view folder, const std::string& name_or_file,
                                           std::string_view what) const;

  /// The same for a file of any kind: the first folder of `folders` that ships that name.
  [[nodiscard]] std::filesystem::path find(const std::vector<std::string>& folders,
                                           const std::string& name_or_file, std::string_view what) const;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

}  // namespace duet::platform
