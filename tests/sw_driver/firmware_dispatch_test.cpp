// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstring>

#include "duet/core/simulation_context.hpp"
#include "duet/models/riscv/board.hpp"
#include "duet/sw_driver/boot.h"
#include "scripted_package.hpp"
#include "support/watched_sockets.hpp"

using namespace duet;
using namespace duet::models::riscv;

namespace {

constexpr unsigned chiplets = 3;

/// A board whose control window shows a scripted package, with one of the shipped programs.
struct Machine {
  explicit Machine(const std::string& program) {
    description.timeout_ps = 50e9;
    description.check = true;
    board = std::make_unique<Board>("board", description, 1, console);
    package = std::make_unique<ScriptedPackage>("package", chiplets);
    sockets.bind(board->control_socket(), package->bus.socket);
    board->interrupts[0].bind(package->interrupt);
    const ElfFile elf = ElfFile::load(DUET_FIRMWARE_DIR "/" + program + ".elf");
    boot_offset = *elf.find("__image_base") - description.ram_base;
    board->load(elf, description.ram_base + boot_offset);
    duet_boot& shared = boot();
    shared.magic = DUET_BOOT_MAGIC;
    shared.version = DUET_BOOT_VERSION;
    shared.chiplet_base = description.control_base;
    shared.chiplet_stride = ScriptedPackage::stride;
    shared.package_base = description.control_base + ScriptedPackage::package_offset;
    shared.chiplets = chiplets;
    shared.interrupt_source = Board::first_external_source;
    shared.timeout_ns = 100'000;
    shared.max_attempts = 1;
  }
  ~Machine() {
    test::WatchedSockets::expect_none(board->protocol_violations());
    package.reset();
    board.reset();
  }
  duet_boot& boot() { return *reinterpret_cast<duet_boot*>(board->ram().data() + boot_offset); }
  void post(const std::vector<uint8_t>& image, uint32_t token) {
    duet_boot& shared = boot();
    const uint64_t at = boot_offset + 4096 * (shared.posted + 1);
    std::memcpy(board->ram().data() + at, image.data(), image.size());
    duet_job& job = shared.jobs[shared.posted++];
    job.program = description.ram_base + at;
    job.arguments[2] = token;
  }
  void run() {
    boot().closed = 1;
    sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_MS));
  }

  core::SimulationContext context;
  core::BoardDescription description;
  StringConsole console;
  std::unique_ptr<Board> board;
  std::unique_ptr<ScriptedPackage> package;
  test::WatchedSockets sockets;
  uint64_t boot_offset = 0;
};

/// The same driver, native, on the same script.
struct NativeHost : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<NativeHost> socket{"socket"};
  test::WatchedSockets sockets;
  explicit NativeHost(sc_core::sc_module_name name, ScriptedPackage& target)
      : sc_module(name), package(target) {
    SC_HAS_PROCESS(NativeHost);
    sockets.bind(socket, target.bus.socket);
    SC_THREAD(run);
  }
  int access(tlm::tlm_command command, uint64_t address, uint32_t* value) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(value));
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    sc_core::sc_time delay;
    socket->b_transport(payload, delay);
    wait(delay + sc_core::sc_time(1, sc_core::SC_NS));
    return payload.is_response_ok() ? DUET_OK : DUET_BUS_ERROR;
  }
  void run() {
    hal.context = this;
    hal.read32 = [](void* c, uint64_t a, uint32_t* v) {
      return static_cast<NativeHost*>(c)->access(tlm::TLM_READ_COMMAND, a, v);
    };
    hal.write32 = [](void* c, uint64_t a, uint32_t v) {
      return static_cast<NativeHost*>(c)->access(tlm::TLM_WRITE_COMMAND, a, &v);
    };
    hal.wait_for_interrupt = [](void* c, uint64_t) {
      auto& line = static_cast<NativeHost*>(c)->package.interrupt;
      if (!line.read()) sc_core::wait(line.posedge_event());
      return int{DUET_OK};
    };
    hal.time_ns = [](void*) -> uint64_t { return 0; };
    driver.hal = &hal;
    driver.package_base = ScriptedPackage::package_offset;
    driver.chiplet_stride = ScriptedPackage::stride;
    driver.chiplets = chiplets;
    const std::vector<uint8_t> image = scripted_program(chiplets, 20);
    std::vector<uint64_t> aligned((image.size() + 7) / 8);
    std::memcpy(aligned.data(), image.data(), image.size());
    status = duet_driver_init(&driver);
    for (uint32_t token = 0; token < 3 && status == DUET_OK; ++token) {
      const uint32_t arguments[DUET_ARGUMENTS] = {0, 0, token, 0};
      status = duet_driver_load(&driver, reinterpret_cast<const duet_program*>(aligned.data()));
      if (status == DUET_OK) status = duet_driver_run(&driver, arguments);
    }
    sc_core::sc_pause();
  }
  ScriptedPackage& package;
  duet_hal hal{};
  duet_driver driver{};
  int status = -100;
};

}  // namespace

TEST_CASE("dispatch on a simulated core does what the native driver does") {
  Machine machine("dispatch");
  for (uint32_t token = 0; token < 3; ++token) machine.post(scripted_program(chiplets, 20), token);
  machine.run();
  REQUIRE(machine.board->outcome());
  INFO(machine.board->outcome()->diagnosis);
  CHECK(machine.board->outcome()->exit_code == 0);
  uint64_t seen[chiplets][3];
  for (unsigned i = 0; i < chiplets; ++i) {
    seen[i][0] = machine.package->descriptors(i);
    seen[i][1] = machine.package->doorbells(i);
    seen[i][2] = machine.package->mode_switches(i);
    CHECK(machine.package->last_argument(i) == 2);
  }
  const uint64_t doorbells = machine.boot().doorbells;
  const uint64_t mode_writes = machine.boot().mode_writes;
  for (unsigned i = 0; i < 3; ++i) {
    CHECK(machine.boot().jobs[i].status == DUET_OK);
    CHECK(machine.boot().jobs[i].end_ns > machine.boot().jobs[i].start_ns);
  }

  const core::SimulationContext context;
  ScriptedPackage package("package", chiplets);
  NativeHost native("native", package);
  sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_MS));
  REQUIRE(native.status == DUET_OK);
  CHECK(native.driver.doorbells == doorbells);
  CHECK(native.driver.mode_writes == mode_writes);
  for (unsigned i = 0; i < chiplets; ++i) {
    CHECK(package.descriptors(i) == seen[i][0]);
    CHECK(package.doorbells(i) == seen[i][1]);
    CHECK(package.mode_switches(i) == seen[i][2]);
  }
}

TEST_CASE("dispatch reports a chiplet that hangs and one that fails") {
  SECTION("hung") {
    Machine machine("dispatch");
    machine.package->hang(1);
    machine.post(scripted_program(chiplets, 4), 0);
    machine.run();
    CHECK(machine.boot().jobs[0].status == DUET_TIMED_OUT);
    REQUIRE(machine.board->outcome());
    CHECK(machine.board->outcome()->exit_code == -DUET_TIMED_OUT);
  }
  SECTION("uncorrectable data") {
    Machine machine("dispatch");
    machine.package->fail_next(2, 1);
    machine.post(scripted_program(chiplets, 4), 0);
    machine.run();
    CHECK(machine.boot().jobs[0].status == DUET_CHIPLET_ERROR);
    CHECK(machine.boot().jobs[0].failed_chiplet == 2);
    CHECK(machine.boot().jobs[0].failed_error == 1u << DUET_ERROR_UNCORRECTABLE_DATA);
  }
  SECTION("a second attempt after a reset") {
    Machine machine("dispatch");
    machine.package->fail_next(2, 1);
    machine.boot().max_attempts = 3;
    machine.post(scripted_program(chiplets, 4), 0);
    machine.run();
    CHECK(machine.boot().jobs[0].status == DUET_OK);
    CHECK(machine.boot().jobs[0].attempts == 2);
    CHECK(machine.board->outcome()->exit_code == 0);
  }
  SECTION("a chiplet that hangs once is restarted, and nobody else is disturbed") {
    Machine machine("dispatch");
    machine.package->hang_once(1);
    machine.boot().max_restarts = 1;
    machine.post(scripted_program(chiplets, 4), 0);
    machine.run();
    CHECK(machine.boot().jobs[0].status == DUET_OK);
    CHECK(machine.boot().jobs[0].attempts == 1);
    CHECK(machine.boot().restarts == 1);
    for (unsigned i = 0; i < chiplets; ++i) {
      CHECK(machine.package->restarts(i) == (i == 1 ? 1 : 0));
      CHECK(machine.package->descriptors(i) == 8);
    }
  }
  SECTION("damaged data are read again by the chiplet that met them") {
    Machine machine("dispatch");
    machine.package->fail_next(2, 2);
    machine.boot().max_restarts = 2;
    machine.post(scripted_program(chiplets, 4), 0);
    machine.run();
    CHECK(machine.boot().jobs[0].status == DUET_OK);
    CHECK(machine.boot().restarts == 2);
    CHECK(machine.package->restarts(2) == 2);
    for (unsigned i = 0; i < chiplets; ++i) CHECK(machine.package->descriptors(i) == 8);
  }
  SECTION("damaged program") {
    Machine machine("dispatch");
    std::vector<uint8_t> image = scripted_program(chiplets, 4);
    image[0] ^= 1;
    machine.post(image, 0);
    machine.run();
    CHECK(machine.boot().jobs[0].status == DUET_BAD_PROGRAM);
  }
}
