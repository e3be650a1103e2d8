// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "duet/platform/experiment/local_engine.hpp"

namespace duet::platform {

struct SlurmEngineOptions {
  /// The command of one task; it is followed by "--points FILE", a file of point keys.
  std::vector<std::string> task_command;
  std::filesystem::path script_template;  ///< site options; empty: the shipped one
  std::uint64_t points_per_task = 8;
  unsigned rounds = 3;          ///< submissions of what failed or was lost, the first included
  double poll_seconds = 1;      ///< between two looks at the queue
  ExperimentProgress progress;  ///< may be empty
};

/// Default job script. `{job_name}`, `{array}` ("0-12"), `{log}` (a file pattern) and `{command}` are
/// replaced; a site adds partitions, accounts, modules.
std::string default_slurm_template();

/// Runs points as a job array and waits: several points a task, every result written atomically by the
/// task itself into the store's folder, which all nodes must see. When the array has left the queue,
/// points without a result are submitted again. Throws core::UserError when sbatch is missing or refuses.
void run_on_slurm(const std::vector<ExperimentPoint>& points, const PointStore& store,
                  const SlurmEngineOptions& options);

}  // namespace duet::platform
