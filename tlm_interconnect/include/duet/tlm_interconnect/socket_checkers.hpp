// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <vector>

#include "duet/tlm_interconnect/base_protocol_checker.hpp"

namespace duet::tlm_interconnect {

/// Binds the sockets of a module's parts, with a BaseProtocolChecker between them where one is wanted. To be
/// used while that module is constructed: the checkers become its children.
class SocketCheckers {
 public:
  /// Binds two sockets; warnings name `watched`, the one of them that belongs to the part under check.
  template <class Initiator, class Target>
  void bind(Initiator& initiator, Target& target, const sc_core::sc_object& watched, bool check) {
    if (!check) {
      initiator.bind(target);
      return;
    }
    BaseProtocolChecker& checker = add(watched);
    initiator.bind(checker.target);
    checker.initiator.bind(target);
  }
  /// What an initiator binds to instead of `target`: a checker in front of it, or itself.
  template <class Target>
  tlm::tlm_base_target_socket_b<>& before(Target& target, bool check) {
    if (!check) return target;
    BaseProtocolChecker& checker = add(target);
    checker.initiator.bind(target);
    return checker.target;
  }
  /// Adds what the checkers have seen to `all`.
  void collect(std::vector<ProtocolMonitor::Violation>& all) const;

 private:
  BaseProtocolChecker& add(const sc_core::sc_object& watched);

  std::vector<std::unique_ptr<BaseProtocolChecker>> checkers_;
};

}  // namespace duet::tlm_interconnect
