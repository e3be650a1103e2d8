// SPDX-License-Identifier: Apache-2.0
// The same driver inside the simulator and on the simulated core, on the shipped packages with a small model.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <map>

#include "duet/platform/simulation/firmware_debugger.hpp"
#include "duet/sw_driver/regs.h"
#include "duet/tlm_interconnect/register_block.hpp"
#include "small_run.hpp"

using namespace duet;
using namespace duet::test;
using platform::ProgramRun;

namespace {

core::PlatformDescription duet_with(core::DriverKind kind) {
  core::PlatformDescription description = platform::load_platform(
      platform::ConfigDocument::from_file(DUET_SOURCE_DIR "/configs/platforms/duet.yaml", {}));
  for (auto& [name, package] : description.packages) {
    package.driver.kind = kind;
    package.driver.timeout_ps = 1'000'000'000;  // 1 ms, for the tests that wait for it
  }
  return description;
}

/// Debug access by a chiplet's data port, without time or side effects.
std::vector<uint8_t> read_debug(models::Chiplet& chiplet, uint64_t address, unsigned bytes) {
  std::vector<uint8_t> data(bytes);
  tlm::tlm_generic_payload payload;
  payload.set_command(tlm::TLM_READ_COMMAND);
  payload.set_address(address);
  payload.set_data_ptr(data.data());
  payload.set_data_length(bytes);
  payload.set_streaming_width(bytes);
  REQUIRE(chiplet.data_initiator.socket->transport_dbg(payload) == bytes);
  return data;
}

/// Every value that the simulation holds of a package once its programs have run: the descriptor queues in
/// memory, all event counters of the chiplets, their registers that do not count time, and the traffic.
using Values = std::map<std::string, std::vector<uint64_t>>;

Values values_of(SmallRun& run, unsigned index, const workload::Program& program) {
  Values values;
  platform::PackageModule& package = run.simulation.package(index);
  for (unsigned i = 0; i < package.chiplets().size(); ++i) {
    models::Chiplet& chiplet = *package.chiplets()[i];
    std::vector<uint64_t>& of_chiplet = values[chiplet.name()];
    for (unsigned counter = 0; counter < core::ChipletWindow::counters; ++counter) {
      const auto bytes = read_debug(
          chiplet, core::AddressMap::chiplet_base(index, i) | core::ChipletWindow::counter(counter), 8);
      uint64_t value = 0;
      std::memcpy(&value, bytes.data(), sizeof value);
      of_chiplet.push_back(value);
    }
    for (const uint32_t offset :
         {DUET_CHIPLET_mode, DUET_CHIPLET_error, DUET_CHIPLET_interrupt_enable, DUET_CHIPLET_interrupt_status,
          DUET_CHIPLET_queue_base_low, DUET_CHIPLET_queue_base_high, DUET_CHIPLET_argument0,
          DUET_CHIPLET_argument1, DUET_CHIPLET_argument2, DUET_CHIPLET_argument3}) {
      of_chiplet.push_back(chiplet.registers.value(offset));
    }
    of_chiplet.push_back(chiplet.descriptors_done());
    of_chiplet.push_back(chiplet.mode_switches());
    of_chiplet.push_back(chiplet.data_initiator.bytes_read());
    of_chiplet.push_back(chiplet.data_initiator.bytes_written());
    std::vector<uint64_t>& queue = values[std::string(chiplet.name()) + ".queue"];
    for (size_t d = 0; i < program.queues.size() && d < program.queues[i].size(); ++d) {
      std::vector<core::MemoryExtent> extents;
      REQUIRE(run.simulation.map().split(program.queue_address[i] + d * sizeof(duet_descriptor),
                                         sizeof(duet_descriptor), extents));
      for (const uint8_t byte : read_debug(chiplet, extents[0].address, sizeof(duet_descriptor)))
        queue.push_back(byte);
    }
  }
  for (const auto& memory : package.memories()) {
    const memory::MemoryCounters counters = memory->counters();
    values[memory->name()] = {counters.bytes_read, counters.bytes_written, counters.read_requests,
                              counters.write_requests};
  }
  return values;
}

struct Outcome {
  ProgramRun prefill;
  ProgramRun decode;
  Values values;
};

Outcome run_both(core::DriverKind kind) {
  SmallRun run{duet_with(kind)};
  Outcome outcome;
  outcome.prefill = run.run_prefill();
  outcome.decode = run.run_decode();
  INFO(outcome.prefill.diagnosis << outcome.decode.diagnosis);
  REQUIRE(outcome.prefill.ok);
  REQUIRE(outcome.decode.ok);
  outcome.values = values_of(run, run.prefill, run.prompt);
  outcome.values.merge(values_of(run, run.decode, run.step));
  return outcome;
}

void check_counts(const ProgramRun& native, const ProgramRun& riscv) {
  CHECK(riscv.records.size() == native.records.size());  // descriptors
  CHECK(riscv.doorbells == native.doorbells);
  CHECK(riscv.mode_switches == native.mode_switches);
  CHECK(riscv.mode_writes == native.mode_writes);
  CHECK(native.driver_instructions == 0);
  CHECK(riscv.driver_instructions > 1000);
  CHECK(riscv.driver_busy_ps > riscv.driver_access_ps);
  CHECK(riscv.driver_access_ps > 0);
}

/// Descriptors and their layers in the order in which the arrays of each chiplet have taken them.
std::map<std::pair<unsigned, unsigned>, std::vector<uint32_t>> schedule(const ProgramRun& run) {
  std::vector<models::JobRecord> records = run.records;
  std::ranges::stable_sort(records, {}, [](const auto& r) { return std::pair(r.start_ps, r.index); });
  std::map<std::pair<unsigned, unsigned>, std::vector<uint32_t>> order;
  for (const models::JobRecord& record : records)
    order[{record.chiplet, record.engine}].push_back(record.index << 16 | record.layer);
  return order;
}

const auto both = {core::DriverKind::native, core::DriverKind::riscv};

}  // namespace

TEST_CASE("The driver on the simulated core leaves what the native driver leaves", "[run][riscv]") {
  const Outcome native = run_both(core::DriverKind::native);
  const Outcome riscv = run_both(core::DriverKind::riscv);
  check_counts(native.prefill, riscv.prefill);
  check_counts(native.decode, riscv.decode);
  CHECK(schedule(riscv.prefill) == schedule(native.prefill));
  CHECK(schedule(riscv.decode) == schedule(native.decode));
  REQUIRE(riscv.values.size() == native.values.size());
  for (const auto& [name, values] : native.values) {
    INFO(name);
    CHECK(riscv.values.at(name) == values);
  }
}

TEST_CASE("A chiplet that hangs is restarted alone, and the step ends as ever", "[run][riscv][recovery]") {
  for (const core::DriverKind kind : both) {
    SmallRun undisturbed{duet_with(kind)};
    const ProgramRun expected = undisturbed.run_decode();
    core::PlatformDescription description = duet_with(kind);
    description.packages["decode"].hangs = {{.at_ps = 20'000'000, .chiplet = 5}};
    SmallRun disturbed{description};
    const ProgramRun run = disturbed.run_decode();
    INFO(run.diagnosis);
    REQUIRE(run.ok);
    CHECK(run.restarts == 1);
    CHECK(run.records.size() == expected.records.size());
    CHECK(run.doorbells == expected.doorbells);
    CHECK(run.end_ps - run.start_ps > expected.end_ps - expected.start_ps + 900'000'000);  // the time-out
    CHECK(values_of(disturbed, disturbed.decode, disturbed.step) ==
          values_of(undisturbed, undisturbed.decode, undisturbed.step));
  }
}

TEST_CASE("Without restarts a hung chiplet costs an attempt, or ends the run with its name",
          "[run][riscv][recovery]") {
  for (const core::DriverKind kind : both) {
    core::PlatformDescription description = duet_with(kind);
    core::PackageDescription& decode = description.packages["decode"];
    decode.hangs = {{.at_ps = 20'000'000, .chiplet = 5}};
    decode.driver.restarts = 0;
    {
      SmallRun once{description};
      const ProgramRun run = once.run_decode();
      CHECK_FALSE(run.ok);
      CHECK_THAT(run.diagnosis, Catch::Contains("chiplet 5 hangs"));
    }
    decode.driver.attempts = 2;
    SmallRun twice{description};
    const ProgramRun run = twice.run_decode();
    INFO(run.diagnosis);
    CHECK(run.ok);
    CHECK(run.restarts == 0);
  }
}

TEST_CASE("A memory node that is cut off is a link error; once it is back, restarts or an attempt carry on",
          "[run][riscv][recovery]") {
  for (const core::DriverKind kind : both) {
    core::PlatformDescription description = duet_with(kind);
    core::PackageDescription& decode = description.packages["decode"];
    const auto cut = [&](uint64_t from_us, uint64_t to_us) {
      decode.noi.faults.clear();
      for (const unsigned neighbour : {1u, static_cast<unsigned>(decode.noi.columns)}) {
        decode.noi.faults.push_back({from_us * 1'000'000, 0, neighbour, 0, true});
        decode.noi.faults.push_back({to_us * 1'000'000, 0, neighbour, 16, true});
      }
    };
    cut(5, 1'000'000);
    {
      SmallRun run{description};
      const ProgramRun result = run.run_decode();
      CHECK_FALSE(result.ok);
      CHECK_THAT(result.diagnosis,
                 Catch::Contains("data or a link that could not be corrected (ERROR 0x40)"));
    }
    decode.driver.attempts = 20;
    decode.driver.restarts = 0;
    cut(5, 100);
    SmallRun run{description};
    const ProgramRun result = run.run_decode();
    INFO(result.diagnosis);
    CHECK(result.ok);
    CHECK(result.end_ps > 100'000'000);
    CHECK(result.restarts == 0);
  }
}

TEST_CASE("Damaged memory is read again; what stays damaged ends the run with its cause",
          "[run][riscv][recovery]") {
  const bool repaired = GENERATE(true, false);
  for (const core::DriverKind kind : both) {
    core::PlatformDescription description = duet_with(kind);
    for (auto& [name, type] : description.node_types) {
      if (type.memory) type.memory->ecc = true;
    }
    SmallRun run{description};
    platform::PackageModule& package = run.simulation.package(run.decode);
    // In chiplet 0's third descriptor.
    std::vector<core::MemoryExtent> extents;
    REQUIRE(run.simulation.map().split(run.step.queue_address[0] + 1024, 64, extents));
    auto& memory = *package.memories()[extents[0].memory];
    const uint64_t offset = extents[0].address & ((1ull << 40) - 1);
    const auto flip = [&] {
      memory.inject_error(offset, 1);
      memory.inject_error(offset, 2);
    };
    flip();
    unsigned warnings = 0;
    run.simulation.on_warning([&](const std::string&) {
      if (++warnings == 2 && repaired) flip();
    });
    const ProgramRun result = run.run_decode();
    INFO(result.diagnosis);
    CHECK(result.ok == repaired);
    CHECK(result.restarts == (repaired ? 2 : 3));
    if (!repaired) CHECK_THAT(result.diagnosis, Catch::Contains("chiplet 0") && Catch::Contains("corrected"));
  }
}
