// SPDX-License-Identifier: Apache-2.0
// A channel that rests in one go against one that goes through its refreshes command by command.
#include <catch2/catch.hpp>
#include <random>

#include "duet/memory/command/channel_controller.hpp"

using namespace duet;
using memory::ChannelController;
using memory::Cycle;

namespace {

/// A few requests after each of many pauses; the ends of all bursts, by tag.
std::vector<Cycle> ends_of_bursts(const core::MemoryDescription& description, Cycle longest_pause,
                                  bool step_by_step) {
  ChannelController controller(description);
  const core::DramOrganisation& organisation = core::standard_of(description).organisation;
  std::mt19937_64 random(7);
  std::vector<Cycle> ends;
  Cycle at = 0;
  for (int pause = 0; pause < 400; ++pause) {
    at += 1 + random() % longest_pause;
    if (!step_by_step) controller.rest(at);
    controller.advance(at - 1);
    const uint64_t requests = 1 + random() % 8;
    for (uint64_t i = 0; i < requests; ++i) {
      const uint64_t address = random() % organisation.channel_bytes();
      controller.accept(at, address / organisation.burst_bytes * organisation.burst_bytes, random() % 4 == 0,
                        ends.size());
      ends.push_back(0);
    }
    at += 4000;  // long enough for all of them
    controller.advance(at - 1);
    REQUIRE(controller.idle());
  }
  for (const memory::BurstDone& burst : controller.done) ends[burst.tag] = burst.done;
  return ends;
}

}  // namespace

TEST_CASE("After a rest in one go every burst ends when it does after refreshes command by command") {
  const std::string standard = GENERATE(as<std::string>{}, "hbm3e_8000", "gddr7_32000");
  // Pauses within a refresh, of some refreshes, and of many rounds of all banks.
  const Cycle longest_pause = GENERATE(Cycle{300}, Cycle{20'000}, Cycle{2'000'000});
  const auto refresh = GENERATE(core::RefreshMode::per_bank, core::RefreshMode::all_bank);
  CAPTURE(standard, longest_pause, refresh);
  core::MemoryDescription description;
  description.standard = standard;
  description.refresh = refresh;
  const std::vector<Cycle> rested = ends_of_bursts(description, longest_pause, false);
  const std::vector<Cycle> stepped = ends_of_bursts(description, longest_pause, true);
  REQUIRE(rested.size() == stepped.size());
  size_t different = 0;
  for (size_t burst = 0; burst < rested.size(); ++burst) different += rested[burst] != stepped[burst];
  CHECK(different == 0);
}
