# SPDX-License-Identifier: Apache-2.0
# The CMake package, so that another project's sc_main can find_package(duet) and use one part alone.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/duet)
install(EXPORT duet_targets NAMESPACE duet:: DESTINATION ${package_dir})
configure_package_config_file(cmake/duetConfig.cmake.in duetConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(duetConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/duetConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/duetConfigVersion.cmake
  cmake/FindDuetSystemC.cmake cmake/DuetFirmware.cmake DESTINATION ${package_dir})
# Sources of the firmware's runtime and driver, which duet_add_firmware compiles for the RISC-V harts.
install(DIRECTORY sw_driver/firmware sw_driver/src sw_driver/include DESTINATION ${CMAKE_INSTALL_DATADIR}/duet/sw_driver
  PATTERN CMakeLists.txt EXCLUDE)
