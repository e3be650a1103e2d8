// SPDX-License-Identifier: Apache-2.0
#include "duet/models/systolic/array_command.hpp"

namespace duet::models {

FetchedSsm::FetchedSsm(SramPort& port, const ArrayCommand& command, unsigned sum_bytes) {
  const core::SsmShape& s = command.ssm;
  if (s.tokens == 0 || s.channels == 0 || s.states == 0) return;  // the engine refuses it
  const uint64_t heads = SsmOperands::heads(s);
  const auto fetch = [&](std::vector<uint16_t>& words, uint64_t address, uint64_t count) {
    words.resize(count);
    ok = ok && port.read(address, words);
  };
  fetch(x, command.x, s.tokens * s.channels);
  fetch(delta, command.delta, s.tokens * heads);
  fetch(a, command.a, s.mamba1 ? s.channels * s.states : heads);
  fetch(b, command.b, s.tokens * s.states);
  fetch(c, command.c, s.tokens * s.states);
  fetch(d, command.d, s.channels);
  if (s.initial_state) {
    state.resize(s.channels * s.states);
    ok = ok && port.read_sums(command.state_in, sum_bytes, state);
  }
}

}  // namespace duet::models
