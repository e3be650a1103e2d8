// SPDX-License-Identifier: Apache-2.0
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

// libsystemc.so refers to sc_main, although these executables have a main of their own.
extern "C" int sc_main(int /*argc*/, char* /*argv*/[]) {
  return 0;
}
