// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <thread>

#include "duet/core/simulation_context.hpp"
#include "duet/models/riscv/cosimulation_door.hpp"
#include "duet_cosim.h"
#include "scripted_package.hpp"
#include "support/watched_sockets.hpp"

using namespace duet;
using namespace duet::models::riscv;

namespace {

constexpr unsigned chiplets = 2;

struct Platform {
  explicit Platform(const DoorParameters& parameters)
      : package("package", chiplets), door("door", parameters, 1) {
    sockets.bind(door.socket, package.bus.socket);
    door.interrupts[0].bind(package.interrupt);
  }
  void run() { sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_SEC)); }
  core::SimulationContext context;
  ScriptedPackage package;
  CosimulationDoor door;
  test::WatchedSockets sockets;
};

using namespace std::chrono_literals;

}  // namespace

TEST_CASE("an external process drives the platform through the co-simulation door") {
  for (const std::string endpoint : {"tcp:0", "unix:" DUET_FIRMWARE_DIR "/door.socket"}) {
    Platform platform({endpoint, 10'000ms, 10'000ms});
    const std::string image = DUET_FIRMWARE_DIR "/cosim_image.bin";
    const std::string output = DUET_FIRMWARE_DIR "/cosim_output.txt";
    const std::vector<uint8_t> program = scripted_program(chiplets, 10);
    std::ofstream(image, std::ios::binary)
        .write(reinterpret_cast<const char*>(program.data()), static_cast<std::streamsize>(program.size()));
    int status = -1;
    std::thread client([&] {
      status = std::system(fmt::format("timeout 20 {}/cosim_client {} {} {} > {}", DUET_BINARY_DIR,
                                       platform.door.endpoint(), image, chiplets, output)
                               .c_str());
    });
    platform.run();
    client.join();
    std::ifstream file(output);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    CHECK(status == 0);
    CHECK(platform.door.end() == CosimulationDoor::End::bye);
    CHECK(text ==
          fmt::format("status 0 doorbells 20 outside {} advanced 1000000\n", int{DUET_COSIM_BUS_ERROR}));
    for (unsigned i = 0; i < chiplets; ++i) {
      CHECK(platform.package.descriptors(i) == 20);
      CHECK(platform.package.doorbells(i) == 10);
      CHECK(platform.package.last_argument(i) == 7);
    }
  }
}

TEST_CASE("the door times out, refuses another version, and survives a client that goes away") {
  SECTION("nobody comes") {
    Platform platform({"tcp:0", 50ms, 50ms});
    platform.run();
    CHECK(platform.door.end() == CosimulationDoor::End::no_client);
  }
  SECTION("another version") {
    Platform platform({"tcp:0", 5000ms, 5000ms});
    const auto port = static_cast<unsigned>(std::stoul(platform.door.endpoint().substr(4)));
    std::thread client([&] {
      // Straight to the socket, because the client library cannot say anything wrong.
      const std::string command = fmt::format(
          "timeout 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/{}; printf "
          "\"\\1\\0\\0\\0\\0\\0\\0\\0DUET\\0\\0\\0\\0\\x63\\0\\0\\0\\0\\0\\0\\0\" >&3; "
          "head -c 4 <&3 > /dev/null'",
          port);
      [[maybe_unused]] const int status = std::system(command.c_str());
    });
    platform.run();
    client.join();
    CHECK(platform.door.end() == CosimulationDoor::End::bad_version);
  }
  SECTION("the client says nothing more") {
    Platform platform({"tcp:0", 5000ms, 200ms});
    duet_cosim door{};
    std::thread client(
        [&] { CHECK(duet_cosim_connect(&door, platform.door.endpoint().c_str(), 5000) == DUET_COSIM_OK); });
    platform.run();
    client.join();
    CHECK(platform.door.end() == CosimulationDoor::End::lost);
    CHECK(sc_core::sc_time_stamp() == sc_core::SC_ZERO_TIME);  // time stood still meanwhile
  }
}
