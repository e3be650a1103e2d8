# SPDX-License-Identifier: Apache-2.0
# duet::systemc from Debian's libsystemc-dev, which ships no CMake package.
find_path(DuetSystemC_INCLUDE_DIR systemc)
find_library(DuetSystemC_LIBRARY systemc)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DuetSystemC
  REQUIRED_VARS DuetSystemC_LIBRARY DuetSystemC_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "SystemC 2.3.4 is missing: apt-get install libsystemc-dev")
if(DuetSystemC_FOUND AND NOT TARGET duet::systemc)
  add_library(duet_systemc INTERFACE IMPORTED GLOBAL)
  target_include_directories(duet_systemc SYSTEM INTERFACE ${DuetSystemC_INCLUDE_DIR})
  target_link_libraries(duet_systemc INTERFACE ${DuetSystemC_LIBRARY})
  # Debian's library is tagged C++17; without this, linking C++20 code fails on sc_api_version_*_cxx202002L.
  target_compile_definitions(duet_systemc INTERFACE SC_CPLUSPLUS=201703L SC_INCLUDE_DYNAMIC_PROCESSES)
  add_library(duet::systemc ALIAS duet_systemc)
endif()
