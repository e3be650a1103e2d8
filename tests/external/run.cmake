# SPDX-License-Identifier: Apache-2.0
# Installs the build, builds the outside project against it, and runs that.
# Usage: cmake -DBUILD_DIR=... -DSOURCE_DIR=... -DWORK_DIR=... -P run.cmake
file(REMOVE_RECURSE ${WORK_DIR})
foreach(command
    "${CMAKE_COMMAND};--install;${BUILD_DIR};--prefix;${WORK_DIR}/prefix"
    "${CMAKE_COMMAND};-S;${SOURCE_DIR};-B;${WORK_DIR}/build;-G;Ninja;-DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix;-DCMAKE_BUILD_TYPE=Release"
    "${CMAKE_COMMAND};--build;${WORK_DIR}/build"
    "${WORK_DIR}/build/interoperation")
  execute_process(COMMAND ${command} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${command}\n${output}")
  endif()
endforeach()
message("${output}")
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
