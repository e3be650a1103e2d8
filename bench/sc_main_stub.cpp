// SPDX-License-Identifier: Apache-2.0
// libsystemc.so refers to sc_main, although the benchmarks have a main of their own.
extern "C" int sc_main(int /*argc*/, char* /*argv*/[]) {
  return 0;
}
