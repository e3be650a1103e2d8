// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <catch2/catch.hpp>
#include <vector>

#include "duet/tlm_interconnect/socket_checkers.hpp"

namespace duet::test {

/// Binds sockets with a base-protocol checker between them; a violation fails the test.
class WatchedSockets {
 public:
  template <class Initiator, class Target>
  void bind(Initiator& initiator, Target& target) {
    checkers_.bind(initiator, target, initiator, true);
  }
  WatchedSockets() = default;
  WatchedSockets(const WatchedSockets&) = delete;
  WatchedSockets& operator=(const WatchedSockets&) = delete;
  ~WatchedSockets() {
    std::vector<tlm_interconnect::ProtocolMonitor::Violation> all;
    checkers_.collect(all);
    expect_none(all);
  }
  static void expect_none(const std::vector<tlm_interconnect::ProtocolMonitor::Violation>& violations) {
    for (const auto& violation : violations) {
      FAIL_CHECK(violation.socket << " at " << violation.at_ps << " ps: " << rule_name(violation.rule) << ": "
                                  << violation.text);
    }
  }

 private:
  tlm_interconnect::SocketCheckers checkers_;
};

}  // namespace duet::test
