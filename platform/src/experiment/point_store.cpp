// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/experiment/point_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include <fstream>

#include "duet/core/error.hpp"

namespace duet::platform {

namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

ordered_json record_of(const ExperimentPoint& point, std::string_view status) {
  ordered_json record;
  record["key"] = point.key;
  record["status"] = status;
  record["inputs"] = point.inputs;
  record["arguments"] = point.arguments;
  return record;
}

/// `run` prints a list of points, one a batch size; an experiment asks for one. What stands beside the
/// list (levels of detail, versions) belongs to the point.
ordered_json flatten(ordered_json output) {
  if (!output.is_object() || !output.contains("points")) return output;
  const ordered_json points = output["points"];
  output.erase("points");
  output.erase("summary");
  if (!points.is_array() || points.size() != 1) {
    throw core::UserError(fmt::format("found {} points, allowed one", points.size()));
  }
  ordered_json result = points.at(0);
  for (const auto& [name, value] : output.items()) {
    if (!result.contains(name)) result[name] = value;
  }
  return result;
}

}  // namespace

void write_atomically(const fs::path& file, const std::string& text) {
  const fs::path part = fmt::format("{}.{}.part", file.string(), ::getpid());
  const int descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  bool good = descriptor >= 0;
  for (std::size_t done = 0; good && done < text.size();) {
    const ssize_t count = ::write(descriptor, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    good = count > 0;
    if (good) done += static_cast<std::size_t>(count);
  }
  good = good && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  if (!good || std::rename(part.c_str(), file.c_str()) != 0) {
    throw core::UserError(fmt::format("{}: cannot be written", file.string()));
  }
}

PointStore::PointStore(fs::path folder) : folder_(std::move(folder)) {
  std::error_code error;
  fs::create_directories(folder_ / "points", error);
  if (error) throw core::UserError(fmt::format("{}: {}", folder_.string(), error.message()));
}

fs::path PointStore::file_of(const ExperimentPoint& point) const {
  return folder_ / "points" / (point.key + ".json");
}

std::optional<nlohmann::json> PointStore::read(const ExperimentPoint& point, std::string_view status) const {
  std::ifstream stream(file_of(point));
  if (!stream) return std::nullopt;
  auto record = nlohmann::json::parse(stream, nullptr, false);
  if (record.is_discarded() || record.value("status", "") != status) return std::nullopt;
  return record;
}

std::optional<nlohmann::json> PointStore::load(const ExperimentPoint& point) const {
  return read(point, "done");
}

std::optional<nlohmann::json> PointStore::load_failure(const ExperimentPoint& point) const {
  return read(point, "failed");
}

void PointStore::save(const ExperimentPoint& point, const std::string& output, double wall_seconds) const {
  const ordered_json parsed = ordered_json::parse(output, nullptr, false);
  if (parsed.is_discarded()) {
    save_failure(point, "printed no JSON: " + output.substr(0, 200));
    return;
  }
  ordered_json record = record_of(point, "done");
  try {
    record["result"] = flatten(parsed);
  } catch (const core::UserError& error) {
    save_failure(point, error.what());
    return;
  }
  record["process"] = {{"wall_time_s", wall_seconds}};
  write_atomically(file_of(point), record.dump(1) + "\n");
}

void PointStore::save_failure(const ExperimentPoint& point, const std::string& message) const {
  ordered_json record = record_of(point, "failed");
  record["message"] = message;
  write_atomically(file_of(point), record.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

std::vector<ExperimentPoint> PointStore::missing(const std::vector<ExperimentPoint>& points) const {
  std::vector<ExperimentPoint> left;
  for (const ExperimentPoint& point : points) {
    if (!load(point)) left.push_back(point);
  }
  return left;
}

}  // namespace duet::platform
