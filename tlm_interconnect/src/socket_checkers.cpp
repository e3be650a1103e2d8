// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/socket_checkers.hpp"

namespace duet::tlm_interconnect {

BaseProtocolChecker& SocketCheckers::add(const sc_core::sc_object& watched) {
  checkers_.push_back(
      std::make_unique<BaseProtocolChecker>(sc_core::sc_gen_unique_name("checker"), watched.name()));
  return *checkers_.back();
}

void SocketCheckers::collect(std::vector<ProtocolMonitor::Violation>& all) const {
  for (const auto& checker : checkers_) {
    all.insert(all.end(), checker->violations().begin(), checker->violations().end());
  }
}

}  // namespace duet::tlm_interconnect
