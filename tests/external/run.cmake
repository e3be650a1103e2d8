# SPDX-License-Identifier: Apache-2.0
# Installs the build; builds the outside project against it and runs that; makes a module from duet-vp's
# template, builds it as a plugin, and runs it as a node of DUET.
# Usage: cmake -DBUILD_DIR=... -DSOURCE_DIR=... -DWORK_DIR=... -P run.cmake
set(ENV{DUET_CHECK_PROTOCOL} 1)  # watches every socket; a violation ends the program
file(REMOVE_RECURSE ${WORK_DIR})
set(vp ${WORK_DIR}/prefix/bin/duet-vp)
set(module ${WORK_DIR}/link_probe)
set(run ${vp};run;${module}/platform.yaml;--model;mamba2-130m;--workload;chat;--batch;1;--quiet)
set(configure -G;Ninja;-DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix;-DCMAKE_BUILD_TYPE=Release)
foreach(command
    "${CMAKE_COMMAND};--install;${BUILD_DIR};--prefix;${WORK_DIR}/prefix"
    "${CMAKE_COMMAND};-S;${SOURCE_DIR};-B;${WORK_DIR}/build;${configure}"
    "${CMAKE_COMMAND};--build;${WORK_DIR}/build"
    "${WORK_DIR}/build/interoperation"
    "${WORK_DIR}/build/own_platform"
    "${vp};new;module;link_probe;--directory;${module}"
    "${vp};check;${module}/platform.yaml"
    "${CMAKE_COMMAND};-S;${module};-B;${module}/build;${configure}"
    "${CMAKE_COMMAND};--build;${module}/build"
    "${run}")
  execute_process(COMMAND ${command} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${command}\n${output}")
  endif()
endforeach()
message("${output}")
if(NOT output MATCHES "module     link_probe: read_bytes [1-9]")
  message(FATAL_ERROR "the module's counters are not in the result")
endif()
# A mistake in a parameter is the user's, found by the module and told with its key.
execute_process(COMMAND ${run} --set modules.link_probe.parameters.interval_ns=0 RESULT_VARIABLE result
  OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT result EQUAL 2 OR NOT output MATCHES "modules.link_probe.parameters.interval_ns: found '0', allowed")
  message(FATAL_ERROR "exit code ${result}\n${output}")
endif()
# The firmware runs on the installed platform and ends with its own exit code.
if(EXISTS ${WORK_DIR}/build/firmware/outside.elf)
  execute_process(COMMAND ${WORK_DIR}/prefix/bin/duet-vp firmware ${SOURCE_DIR}/../../configs/platforms/duet.yaml
      ${WORK_DIR}/build/firmware/outside.elf --package decode
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT result EQUAL 8 OR NOT output STREQUAL "outside: 8 chiplets\n")
    message(FATAL_ERROR "firmware: exit code ${result}\n${output}${errors}")
  endif()
  message("${output}")
endif()
