# SPDX-License-Identifier: Apache-2.0
# Compiler settings, the SystemC target, and duet_add_library(), which every folder uses.
include(GNUInstallDirs)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# Nobody replaces our functions at load time, so they may be inlined in spite of -fPIC.
add_compile_options(-fno-semantic-interposition)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

find_package(DuetSystemC REQUIRED)
find_package(fmt REQUIRED)

add_library(duet_warnings INTERFACE)
target_compile_options(duet_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror)

# duet_add_library(<folder> LINK <targets>...): duet::<folder> from src/**.cpp (and .c) and include/.
function(duet_add_library folder)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/src/*.c)
  if(sources)
    add_library(duet_${folder} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(duet_${folder} PRIVATE $<BUILD_INTERFACE:duet_warnings>)
  else()
    add_library(duet_${folder} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(duet::${folder} ALIAS duet_${folder})
  set_target_properties(duet_${folder} PROPERTIES EXPORT_NAME ${folder})
  target_include_directories(duet_${folder} ${scope}
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(duet_${folder} ${scope} ${ARG_LINK})
  install(TARGETS duet_${folder} EXPORT duet_targets)
  install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endfunction()

# Precompiles the SystemC and TLM headers, and those named behind the target, for targets that include them in most
# files.
function(duet_precompile_systemc target)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    return()
  endif()
  target_precompile_headers(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:<systemc$<ANGLE-R>> $<$<COMPILE_LANGUAGE:CXX>:<tlm$<ANGLE-R>>
    $<$<COMPILE_LANGUAGE:CXX>:<fmt/format.h$<ANGLE-R>>)
  foreach(header ${ARGN})
    target_precompile_headers(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:<${header}$<ANGLE-R>>)
  endforeach()
endfunction()
