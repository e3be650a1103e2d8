// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/base_protocol_checker.hpp"

#include <catch2/catch.hpp>
#include <functional>

#include "duet/core/simulation_context.hpp"
#include "duet/tlm_interconnect/payload_pool.hpp"
#include "duet/tlm_interconnect/socket_checkers.hpp"
#include "test_modules.hpp"

using namespace duet;
using tlm_interconnect::BaseProtocolChecker;
using tlm_interconnect::ProtocolRule;

namespace {

/// Both ends of a checker by hand: what a test says is done.
struct Hands : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Hands> out{"out"};
  tlm_utils::simple_target_socket<Hands> in{"in"};
  tlm::tlm_sync_enum fw_result = tlm::TLM_ACCEPTED;
  tlm::tlm_phase fw_phase = tlm::UNINITIALIZED_PHASE;
  tlm::tlm_sync_enum bw_result = tlm::TLM_ACCEPTED;
  tlm::tlm_phase bw_phase = tlm::UNINITIALIZED_PHASE;
  tlm_interconnect::PayloadPool pool;
  unsigned char byte = 0;
  std::function<void(tlm::tlm_generic_payload&, sc_core::sc_time&)> on_b_transport =
      [](tlm::tlm_generic_payload&, sc_core::sc_time&) {};

  explicit Hands(const sc_core::sc_module_name& name) : sc_module(name) {
    in.register_nb_transport_fw(this, &Hands::nb_fw);
    in.register_b_transport(this, &Hands::b_transport);
    out.register_nb_transport_bw(this, &Hands::nb_bw);
  }
  tlm::tlm_generic_payload& payload() {
    tlm::tlm_generic_payload& p = pool.acquire();
    p.set_command(tlm::TLM_WRITE_COMMAND);
    p.set_data_ptr(&byte);
    p.set_data_length(1);
    p.set_streaming_width(1);
    return p;
  }
  void forward(tlm::tlm_generic_payload& p, tlm::tlm_phase phase, uint64_t delay_ps = 0) {
    sc_core::sc_time delay = sc_core::sc_time::from_value(delay_ps);
    out->nb_transport_fw(p, phase, delay);
  }
  void backward(tlm::tlm_generic_payload& p, tlm::tlm_phase phase, uint64_t delay_ps = 0) {
    sc_core::sc_time delay = sc_core::sc_time::from_value(delay_ps);
    in->nb_transport_bw(p, phase, delay);
  }

 private:
  tlm::tlm_sync_enum nb_fw(tlm::tlm_generic_payload&, tlm::tlm_phase& phase, sc_core::sc_time&) {
    if (fw_result == tlm::TLM_UPDATED) phase = fw_phase;
    return fw_result;
  }
  tlm::tlm_sync_enum nb_bw(tlm::tlm_generic_payload&, tlm::tlm_phase& phase, sc_core::sc_time&) {
    if (bw_result == tlm::TLM_UPDATED) phase = bw_phase;
    return bw_result;
  }
  void b_transport(tlm::tlm_generic_payload& p, sc_core::sc_time& delay) { on_b_transport(p, delay); }
};

std::vector<ProtocolRule> provoke(const std::function<void(Hands&)>& what) {
  const core::SimulationContext context;
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
  Hands hands("hands");
  BaseProtocolChecker checker("checker");
  hands.out.bind(checker.target);
  checker.initiator.bind(hands.in);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  what(hands);
  std::vector<ProtocolRule> rules;
  for (const auto& violation : checker.violations()) rules.push_back(violation.rule);
  return rules;
}

using Rules = std::vector<ProtocolRule>;

}  // namespace

TEST_CASE("the checker is silent on every legal sequence") {
  CHECK(provoke([](Hands& h) {
          auto& a = h.payload();
          auto& b = h.payload();
          h.forward(a, tlm::BEGIN_REQ);
          h.backward(a, tlm::END_REQ, 10);
          h.forward(b, tlm::BEGIN_REQ, 20);
          a.set_response_status(tlm::TLM_OK_RESPONSE);
          h.backward(a, tlm::BEGIN_RESP, 30);
          h.forward(a, tlm::END_RESP, 40);
          b.set_response_status(tlm::TLM_OK_RESPONSE);
          h.bw_result = tlm::TLM_COMPLETED;
          h.backward(b, tlm::BEGIN_RESP, 50);  // END_REQ is implied, END_RESP is the return value
        }).empty());
  CHECK(provoke([](Hands& h) {
          auto& a = h.payload();
          h.fw_result = tlm::TLM_UPDATED;
          h.fw_phase = tlm::END_REQ;
          h.forward(a, tlm::BEGIN_REQ);
          a.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
          h.bw_result = tlm::TLM_UPDATED;
          h.bw_phase = tlm::END_RESP;
          h.backward(a, tlm::BEGIN_RESP);
          auto& b = h.payload();
          b.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
          h.forward(b, tlm::BEGIN_REQ);
          b.set_response_status(tlm::TLM_OK_RESPONSE);
          h.backward(b, tlm::BEGIN_RESP);
        }).empty());
}

TEST_CASE("the checker finds each kind of violation") {
  CHECK(provoke([](Hands& h) {
          h.forward(h.payload(), tlm::BEGIN_REQ);
          h.forward(h.payload(), tlm::BEGIN_REQ);
        }) == Rules{ProtocolRule::request_exclusion});
  CHECK(provoke([](Hands& h) {
          auto& a = h.payload();
          auto& b = h.payload();
          for (auto* p : {&a, &b}) {
            h.forward(*p, tlm::BEGIN_REQ);
            h.backward(*p, tlm::END_REQ);
            p->set_response_status(tlm::TLM_OK_RESPONSE);
          }
          h.backward(a, tlm::BEGIN_RESP);
          h.backward(b, tlm::BEGIN_RESP);
        }) == Rules{ProtocolRule::response_exclusion});
  CHECK(provoke([](Hands& h) { h.forward(h.payload(), tlm::END_RESP); }) == Rules{ProtocolRule::phase_order});
  CHECK(provoke([](Hands& h) { h.backward(h.payload(), tlm::END_REQ); }) == Rules{ProtocolRule::phase_order});
  CHECK(provoke([](Hands& h) { h.backward(h.payload(), tlm::BEGIN_RESP); }) ==
        Rules{ProtocolRule::phase_order});
  CHECK(provoke([](Hands& h) { h.forward(h.payload(), tlm::BEGIN_RESP); }) ==
        Rules{ProtocolRule::phase_order});
  CHECK(provoke([](Hands& h) { h.backward(h.payload(), tlm::BEGIN_REQ); }) ==
        Rules{ProtocolRule::phase_order});
  CHECK(provoke([](Hands& h) {
          auto& a = h.payload();
          h.forward(a, tlm::BEGIN_REQ);
          h.backward(a, tlm::END_REQ);
          h.backward(a, tlm::END_REQ);
        }) == Rules{ProtocolRule::phase_order});
  CHECK(provoke([](Hands& h) {
          h.fw_result = tlm::TLM_UPDATED;
          h.fw_phase = tlm::END_RESP;
          h.forward(h.payload(), tlm::BEGIN_REQ);
        }) == Rules{ProtocolRule::return_value});
  CHECK(provoke([](Hands& h) {
          auto& a = h.payload();
          h.forward(a, tlm::BEGIN_REQ);
          h.bw_result = tlm::TLM_COMPLETED;
          h.backward(a, tlm::END_REQ);
        }) == Rules{ProtocolRule::return_value});
  CHECK(provoke([](Hands& h) {
          auto& a = h.payload();
          h.forward(a, tlm::BEGIN_REQ, 100);
          h.backward(a, tlm::END_REQ, 50);
        }) == Rules{ProtocolRule::time_order});
  CHECK(provoke([](Hands& h) {
          tlm::tlm_generic_payload payload;
          payload.set_command(tlm::TLM_READ_COMMAND);
          payload.set_data_ptr(&h.byte);
          payload.set_data_length(1);
          payload.set_streaming_width(1);
          h.forward(payload, tlm::BEGIN_REQ);
        }) == Rules{ProtocolRule::no_memory_manager});
  CHECK(provoke([](Hands& h) {
          auto& a = h.payload();
          a.set_data_ptr(nullptr);
          h.forward(a, tlm::BEGIN_REQ);
        }) == Rules{ProtocolRule::data_pointer});
  CHECK(provoke([](Hands& h) {
          auto& a = h.payload();
          a.set_streaming_width(0);
          h.forward(a, tlm::BEGIN_REQ);
        }) == Rules{ProtocolRule::streaming_width});
  CHECK(provoke([](Hands& h) {
          auto& a = h.payload();
          a.set_response_status(tlm::TLM_OK_RESPONSE);
          h.forward(a, tlm::BEGIN_REQ);
        }) == Rules{ProtocolRule::response_at_request});
  CHECK(provoke([](Hands& h) {
          auto& a = h.payload();
          h.forward(a, tlm::BEGIN_REQ);
          h.backward(a, tlm::BEGIN_RESP);
        }) == Rules{ProtocolRule::no_response});
  CHECK(provoke([](Hands& h) {
          auto& a = h.payload();
          h.forward(a, tlm::BEGIN_REQ);
          a.set_response_status(tlm::TLM_OK_RESPONSE);
          a.set_data_length(2);
          h.backward(a, tlm::BEGIN_RESP);
        }) == Rules{ProtocolRule::changed_attribute});
  CHECK(provoke([](Hands& h) {
          auto& a = h.payload();
          h.forward(a, tlm::BEGIN_REQ);
          a.set_response_status(tlm::TLM_OK_RESPONSE);
          a.set_byte_enable_ptr(&h.byte);
          h.backward(a, tlm::BEGIN_RESP);
        }) == Rules{ProtocolRule::changed_attribute});
  CHECK(provoke([](Hands& h) {
          auto& a = h.payload();
          a.set_dmi_allowed(true);
          h.forward(a, tlm::BEGIN_REQ);
        }) == Rules{ProtocolRule::response_at_request});
  CHECK(provoke([](Hands& h) {
          auto& a = h.payload();
          a.set_data_length(0);
          h.forward(a, tlm::BEGIN_REQ);
        }) == Rules{ProtocolRule::data_pointer});
  CHECK(provoke([](Hands& h) {
          // A pool that hands out payloads without keeping a reference.
          struct Pool : tlm::tlm_mm_interface {
            void free(tlm::tlm_generic_payload*) override {}
          } pool;
          tlm::tlm_generic_payload payload(&pool);
          payload.set_command(tlm::TLM_READ_COMMAND);
          payload.set_data_ptr(&h.byte);
          payload.set_data_length(1);
          payload.set_streaming_width(1);
          h.forward(payload, tlm::BEGIN_REQ);
        }) == Rules{ProtocolRule::no_memory_manager});
}

TEST_CASE("the checker looks at blocking transport too") {
  CHECK(provoke([](Hands& h) {
          sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
          h.out->b_transport(h.payload(), delay);
        }) == Rules{ProtocolRule::no_response});
  const auto answer = [](std::function<void(tlm::tlm_generic_payload&, sc_core::sc_time&)> how) {
    return provoke([&how](Hands& h) {
      h.on_b_transport = [&how](tlm::tlm_generic_payload& p, sc_core::sc_time& delay) {
        p.set_response_status(tlm::TLM_OK_RESPONSE);
        how(p, delay);
      };
      sc_core::sc_time delay(10, sc_core::SC_NS);
      h.out->b_transport(h.payload(), delay);
    });
  };
  CHECK(answer([](tlm::tlm_generic_payload&, sc_core::sc_time& delay) { delay += delay; }).empty());
  CHECK(answer([](tlm::tlm_generic_payload&, sc_core::sc_time& delay) { delay = sc_core::SC_ZERO_TIME; }) ==
        Rules{ProtocolRule::time_order});
  CHECK(answer([](tlm::tlm_generic_payload& p, sc_core::sc_time&) { p.set_data_length(2); }) ==
        Rules{ProtocolRule::changed_attribute});
}

TEST_CASE("checkers between bound sockets name the socket that they watch") {
  const core::SimulationContext context;
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
  Hands hands("hands");
  tlm_interconnect::SocketCheckers checkers;
  checkers.bind(hands.out, hands.in, hands.out, true);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  hands.forward(hands.payload(), tlm::END_RESP);
  std::vector<tlm_interconnect::ProtocolMonitor::Violation> seen;
  checkers.collect(seen);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].socket == "hands.out");
}
