// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "duet/platform/experiment/experiment_plan.hpp"

namespace duet::platform {

/// Writes `text` to a file beside and renames it, so that a reader never sees a part of it, whatever
/// is killed, also over a network file system. Throws core::UserError.
void write_atomically(const std::filesystem::path& file, const std::string& text);

/// What became of a point: one file a point in "<folder>/points".
class PointStore {
 public:
  explicit PointStore(std::filesystem::path folder);

  /// A finished point's record, or nothing when it has none, failed, or its file cannot be read.
  [[nodiscard]] std::optional<nlohmann::json> load(const ExperimentPoint& point) const;
  [[nodiscard]] std::optional<nlohmann::json> load_failure(const ExperimentPoint& point) const;

  /// The point has run, whether it is done or failed.
  [[nodiscard]] bool has_run(const ExperimentPoint& point) const {
    return load(point) || load_failure(point);
  }

  /// `output` is what the command printed: its JSON becomes the point's result. Output that is no JSON
  /// is a failure. Wall times go into a part of the record that is not compared.
  void save(const ExperimentPoint& point, const std::string& output, double wall_seconds) const;
  void save_failure(const ExperimentPoint& point, const std::string& message) const;

  [[nodiscard]] std::vector<ExperimentPoint> missing(const std::vector<ExperimentPoint>& points) const;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  [[nodiscard]] std::filesystem::path file_of(const ExperimentPoint& point) const;
  [[nodiscard]] std::optional<nlohmann::json> read(const ExperimentPoint& point,
                                                   std::string_view status) const;

  std::filesystem::path folder_;
};

}  // namespace duet::platform
