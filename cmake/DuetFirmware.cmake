# SPDX-License-Identifier: Apache-2.0
# duet_add_firmware(<name> SOURCES <files>... [DEFINITIONS <NAME=value>...] [LINK_OPTIONS <options>...]
#                   [DEPENDS <headers>...] [NO_RUNTIME])
#
# Builds <name>.elf for the board's RISC-V harts with Debian's bare-metal cross compiler and this project's startup
# code, traps, HAL and driver; NO_RUNTIME leaves those out. The path is in the property DUET_ELF of target
# firmware_<name>. Without the cross compiler the call does nothing but say so. Works in this project, after
# find_package(duet), and with include(<prefix>/lib/cmake/duet/DuetFirmware.cmake) alone. DUET_FIRMWARE_FLAGS are further
# options for the compiler.
find_program(DUET_RISCV_GCC NAMES riscv64-unknown-elf-gcc riscv64-elf-gcc)
find_path(DUET_FIRMWARE_DIR firmware/startup.S NO_DEFAULT_PATH PATHS ${CMAKE_CURRENT_LIST_DIR}/../sw_driver
  ${CMAKE_CURRENT_LIST_DIR}/../../../share/duet/sw_driver ${CMAKE_CURRENT_LIST_DIR}/../../../../share/duet/sw_driver)
if(NOT DUET_RISCV_GCC)
  message(STATUS "No riscv64-unknown-elf-gcc: firmware is not built (apt-get install gcc-riscv64-unknown-elf)")
endif()

set(DUET_FIRMWARE_OUTPUT ${CMAKE_BINARY_DIR}/firmware)

function(duet_add_firmware name)
  cmake_parse_arguments(ARG "NO_RUNTIME" "" "SOURCES;DEFINITIONS;LINK_OPTIONS;DEPENDS" ${ARGN})
  if(NOT DUET_RISCV_GCC)
    return()
  endif()
  set(sources)
  foreach(source ${ARG_SOURCES})
    get_filename_component(source ${source} ABSOLUTE)
    list(APPEND sources ${source})
  endforeach()
  set(firmware ${DUET_FIRMWARE_DIR}/firmware)
  if(NOT ARG_NO_RUNTIME)
    list(APPEND sources ${firmware}/startup.S ${firmware}/traps.c ${firmware}/runtime.c ${firmware}/hal_riscv.c)
    file(GLOB driver CONFIGURE_DEPENDS ${DUET_FIRMWARE_DIR}/src/*.c)
    list(APPEND sources ${driver})
  endif()
  set(definitions ${ARG_DEFINITIONS})
  list(TRANSFORM definitions PREPEND "-D")
  set(elf ${DUET_FIRMWARE_OUTPUT}/${name}.elf)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${firmware}/include/*.h ${DUET_FIRMWARE_DIR}/include/*.h
    ${DUET_FIRMWARE_DIR}/include/*.def)
  add_custom_command(OUTPUT ${elf}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${DUET_FIRMWARE_OUTPUT}
    COMMAND ${DUET_RISCV_GCC} -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -std=c11 -O2 -g
      -ffreestanding -nostdlib -fno-builtin -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -ffunction-sections -mno-relax
      -Wall -Wextra ${DUET_FIRMWARE_FLAGS} -I${firmware}/include -I${DUET_FIRMWARE_DIR}/include ${definitions}
      -T${firmware}/link.ld -Wl,--gc-sections -Wl,--no-relax -Wl,--no-warn-rwx-segments ${ARG_LINK_OPTIONS} ${sources} -o ${elf}
    DEPENDS ${sources} ${headers} ${firmware}/link.ld ${ARG_DEPENDS}
    COMMENT "Firmware ${name}.elf" VERBATIM)
  add_custom_target(firmware_${name} ALL DEPENDS ${elf})
  set_target_properties(firmware_${name} PROPERTIES DUET_ELF ${elf})
endfunction()
