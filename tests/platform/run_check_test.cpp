// SPDX-License-Identifier: Apache-2.0
// `check: true` at any part of a platform: the checkers stand on that part's sockets and see what goes wrong
// there.
#include <tlm_utils/simple_initiator_socket.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>

#include "duet/platform/simulation/simulation.hpp"
#include "run_fixture.hpp"

using namespace duet;

namespace {

/// Writes to the first memory and to a chiplet's SRAM, with a streaming width of 0.
class Careless : public sc_core::sc_module, public platform::NodeModule {
 public:
  explicit Careless(const platform::NodeModuleContext& context)
      : sc_module(sc_core::sc_module_name(context.name.c_str())), memory_(context.memories.at(0).base) {
    SC_HAS_PROCESS(Careless);
    SC_THREAD(write);
  }
  tlm::tlm_initiator_socket<>* initiator() override { return &socket_; }

 private:
  void write() {
    unsigned char data[64] = {};
    for (const uint64_t address : {memory_, core::AddressMap::chiplet_base(0, 0)}) {
      tlm::tlm_generic_payload payload;
      payload.set_command(tlm::TLM_WRITE_COMMAND);
      payload.set_address(address);
      payload.set_data_ptr(data);
      payload.set_data_length(sizeof data);
      payload.set_streaming_width(0);
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      socket_->b_transport(payload, delay);
      wait(delay);
    }
  }

  uint64_t memory_;
  tlm_utils::simple_initiator_socket<Careless> socket_{"careless_socket"};
};

/// Names of the sockets where something was wrong.
std::set<std::string> seen_with(const std::vector<std::string>& overrides, bool module_check) {
  // Only what the description asks for is watched here, not everything as in the other tests.
  unsetenv("DUET_CHECK_PROTOCOL");
  const platform::RunRequest request = test::small_request(test::small_platform_yaml(), overrides);
  platform::register_node_module("careless", [](const platform::NodeModuleContext& context) {
    return std::make_unique<Careless>(context);
  });
  platform::NodeModuleDescriptions modules;
  modules["careless"].package = "only";
  modules["careless"].x = 3;
  modules["careless"].y = 1;
  modules["careless"].check = module_check;
  std::set<std::string> sockets;
  {
    platform::Simulation simulation(request.platform, modules);
    sc_core::sc_report_handler::set_actions("base protocol", sc_core::SC_DO_NOTHING);
    sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_US));
    for (const auto& violation : simulation.protocol_violations()) {
      CHECK(violation.rule == tlm_interconnect::ProtocolRule::streaming_width);
      sockets.insert(violation.socket);
    }
  }
  sc_core::sc_report_handler::set_actions("base protocol", sc_core::SC_UNSPECIFIED);
  setenv("DUET_CHECK_PROTOCOL", "1", 1);
  return sockets;
}

const std::string free_corner = "packages.only.nodes[2]={type: hbm, x: 3, y: 0}";
const std::set<std::string> noi_sockets = {"only.noi.from_node_7", "only.noi.to_node_0",
                                           "only.noi.to_node_1"};

}  // namespace

TEST_CASE("a checker stands where the description wants it, and nowhere else", "[run][check]") {
  using Sockets = std::set<std::string>;
  CHECK(seen_with({free_corner}, false).empty());
  CHECK(seen_with({free_corner, "node_types.hbm.check=true"}, false) == Sockets{"only.memory_x0_y0.socket"});
  CHECK(seen_with({free_corner, "node_types.systolic.check=true"}, false) ==
        Sockets{"only.chiplet_x1_y0.data_target"});
  CHECK(seen_with({free_corner}, true) == Sockets{"only.careless_socket"});
  CHECK(seen_with({free_corner, "packages.only.noi.check=true"}, false) == noi_sockets);
  Sockets all = noi_sockets;
  all.insert({"only.memory_x0_y0.socket", "only.chiplet_x1_y0.data_target", "only.careless_socket"});
  CHECK(seen_with({free_corner, "check=true"}, false) == all);
}

TEST_CASE("a run with all checkers on takes the same time and finds nothing", "[run][check]") {
  unsetenv("DUET_CHECK_PROTOCOL");
  const auto unwatched = platform::evaluate_point(test::short_request(), 2);
  const auto watched = platform::evaluate_point(test::short_request({"check=true"}), 2);
  setenv("DUET_CHECK_PROTOCOL", "1", 1);
  CHECK_FALSE(unwatched.prefill->protocol_violations.has_value());
  REQUIRE(watched.prefill->protocol_violations.has_value());
  CHECK(*watched.prefill->protocol_violations == 0);
  CHECK(*watched.decode->protocol_violations == 0);
  CHECK(watched.ttft_s == unwatched.ttft_s);
  CHECK(watched.tbt_s == unwatched.tbt_s);
}
