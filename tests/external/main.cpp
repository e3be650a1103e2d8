// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "duet/tlm_interconnect/base_protocol_checker.hpp"
#include "duet/tlm_interconnect/network_on_interposer.hpp"
#include "foreign_modules.hpp"

int sc_main(int /*argc*/, char* /*argv*/[]) {
  duet::core::NoiDescription description;
  description.columns = 3;
  description.rows = 2;
  description.check = true;
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
  duet::tlm_interconnect::NetworkOnInterposer network("network", description, {0, 5});
  duet::tlm_interconnect::BaseProtocolChecker checker("checker");
  ForeignInitiator initiator("initiator");
  ForeignTarget target("target");
  initiator.socket.bind(checker.target);
  checker.initiator.bind(network.from_node(0));
  network.to_node(5).bind(target.socket);
  network.map(0x4000'0000, 1 << 20, 5);
  sc_core::sc_start();
  const size_t violations = checker.violations().size() + network.protocol_violations().size();
  for (const auto& violation : network.protocol_violations())
    std::printf("%s: %s\n", violation.socket.c_str(), violation.text.c_str());
  std::printf("%u transactions, %u wrong, %zu violations, %s\n", initiator.done, initiator.wrong, violations,
              sc_core::sc_time_stamp().to_string().c_str());
  return initiator.done == 26 && initiator.wrong == 0 && violations == 0 ? 0 : 1;
}
