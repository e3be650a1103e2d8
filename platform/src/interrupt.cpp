// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/interrupt.hpp"

#include <csignal>

namespace duet::platform {
namespace {

volatile std::sig_atomic_t interrupted = 0;

extern "C" void note_interrupt(int) {
  interrupted = 1;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = note_interrupt;
  action.sa_flags = SA_RESETHAND;
  sigaction(SIGINT, &action, nullptr);
}

bool was_interrupted() {
  return interrupted != 0;
}

}  // namespace duet::platform
