// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "duet/core/error.hpp"
#include "duet/platform/experiment/slurm_engine.hpp"
#include "platform/experiment_support.hpp"

using namespace duet;
using namespace duet::platform;

TEST_CASE("a job script names what the array needs") {
  const std::string script = default_slurm_template();
  CHECK_THAT(script, Catch::StartsWith("#!") && Catch::Contains("{array}") && Catch::Contains("{command}"));
}

TEST_CASE("a site's job script without a place for the command is a mistake of the user") {
  test::TemporaryFolder folder;
  const auto script = folder.path / "site.sh";
  test::write_file(script, "#!/bin/bash\n#SBATCH --array={array}\n");
  const auto experiment = test::experiment_from("name: e\nbatches: [1]\ncommand: ['{batch}']\n");
  const auto points = plan_points(experiment, ConfigLibrary(DUET_SOURCE_DIR "/configs"), "/bin/sh");
  const PointStore store(folder.path / "out");
  SlurmEngineOptions options;
  options.script_template = script;
  CHECK_THROWS_WITH(run_on_slurm(points, store, options), Catch::Contains("found no {command}"));
}
