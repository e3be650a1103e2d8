// SPDX-License-Identifier: Apache-2.0
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#include <cstdlib>

// Every socket of every platform that a test makes is watched, those of programs that it starts included.
static const int watched = setenv("DUET_CHECK_PROTOCOL", "1", 1);

// libsystemc.so refers to sc_main, although these executables have a main of their own.
extern "C" int sc_main(int /*argc*/, char* /*argv*/[]) {
  return 0;
}
