// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/module/module_template.hpp"

#include <fmt/format.h>

#include <cctype>
#include <regex>

#include "duet/core/error.hpp"

namespace duet::platform {
namespace {

constexpr const char* cmake_text = R"(# Builds the module as a plugin of duet-vp:
#   cmake -S . -B build -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH=<where duet is installed>
#   cmake --build build
#   duet-vp run platform.yaml --model mamba2-130m --workload chat --batch 1
cmake_minimum_required(VERSION 3.25)
project(@name@ CXX)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
find_package(duet REQUIRED)
add_library(@name@ MODULE @name@.cpp)
target_link_libraries(@name@ PRIVATE duet::plugin)
)";

constexpr const char* source_text =
    R"(// A node of a package's network-on-interposer: reads a block from one memory after the other, and is itself
// a register of 64 bytes that others may read and write. A start: keep what you need.
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstring>
#include <duet/platform/module/node_module.hpp>
#include <stdexcept>
#include <string>
#include <vector>

class @Class@ : public sc_core::sc_module, public duet::platform::NodeModule {
 public:
  explicit @Class@(const duet::platform::NodeModuleContext& context)
      : sc_module(sc_core::sc_module_name(context.name.c_str())),
        memories_(context.memories),
        block_(number(context, "block_bytes", 65536)),
        interval_(number(context, "interval_ns", 1000), sc_core::SC_NS) {
    if (memories_.empty()) throw std::invalid_argument("found a package without memory, allowed one with memory");
    target_socket_.register_b_transport(this, &@Class@::answer);
    SC_HAS_PROCESS(@Class@);
    SC_THREAD(ask);
  }

  tlm::tlm_initiator_socket<>* initiator() override { return &initiator_socket_; }
  tlm::tlm_target_socket<>* target() override { return &target_socket_; }
  std::vector<duet::platform::NodeModuleCounter> counters() const override {
    return {{"read_bytes", static_cast<double>(read_bytes_)}, {"errors", static_cast<double>(errors_)}};
  }

 private:
  static unsigned number(const duet::platform::NodeModuleContext& context, const char* key, unsigned fallback) {
    const std::string text = context.parameter(key, std::to_string(fallback));
    try {
      const long value = std::stol(text);
      if (value >= 1 && value <= 1 << 30) return static_cast<unsigned>(value);
    } catch (const std::exception&) {
    }
    throw std::invalid_argument(std::string(key) + ": found '" + text + "', allowed a whole number from 1 to 1073741824");
  }

  // The initiator: one block after the other, from all memories in turn.
  void ask() {
    std::vector<unsigned char> data(block_);
    for (size_t turn = 0;; ++turn) {
      const auto& memory = memories_[turn % memories_.size()];
      const uint64_t blocks = memory.bytes / block_;
      tlm::tlm_generic_payload payload;
      payload.set_command(tlm::TLM_READ_COMMAND);
      payload.set_address(memory.base + turn / memories_.size() % blocks * block_);
      payload.set_data_ptr(data.data());
      payload.set_data_length(block_);
      payload.set_streaming_width(block_);
      payload.set_byte_enable_ptr(nullptr);
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      initiator_socket_->b_transport(payload, delay);
      wait(delay);
      (payload.is_response_ok() ? read_bytes_ : errors_) += payload.is_response_ok() ? block_ : 1;
      wait(interval_);
    }
  }

  // The target: addresses are offsets in the module's window.
  void answer(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const uint64_t end = payload.get_address() + payload.get_data_length();
    if (payload.get_address() >= sizeof register_ || end > sizeof register_) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    unsigned char* at = register_ + payload.get_address();
    if (payload.is_write()) std::memcpy(at, payload.get_data_ptr(), payload.get_data_length());
    if (payload.is_read()) std::memcpy(payload.get_data_ptr(), at, payload.get_data_length());
    delay += sc_core::sc_time(10, sc_core::SC_NS);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  std::vector<duet::platform::NodeModuleContext::Window> memories_;
  unsigned block_;
  sc_core::sc_time interval_;
  tlm_utils::simple_initiator_socket<@Class@> initiator_socket_{"initiator"};
  tlm_utils::simple_target_socket<@Class@> target_socket_{"target"};
  unsigned char register_[64] = {};
  uint64_t read_bytes_ = 0;
  uint64_t errors_ = 0;
};

DUET_NODE_PLUGIN(@Class@)
)";

constexpr const char* platform_text =
    R"(# DUET with the module at a free position of the decode package's grid.
include: @platform@
name: duet-with-@name@

modules:
  @name@:
    package: decode
    x: 5
    y: 1
    library: build/lib@name@.so
    parameters: {block_bytes: 65536, interval_ns: 100}
)";

std::string replaced(std::string text, const std::vector<std::pair<std::string, std::string>>& pairs) {
  for (const auto& [from, to] : pairs) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  }
  return text;
}

// "link_probe" to "LinkProbe".
std::string class_name_of(const std::string& name) {
  std::string class_name;
  bool upper = true;
  for (const char c : name) {
    if (c != '_') class_name += upper ? static_cast<char>(std::toupper(c)) : c;
    upper = c == '_';
  }
  return class_name;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> module_template(const std::string& name,
                                                                 const std::string& platform) {
  if (!std::regex_match(name, std::regex("[a-z][a-z0-9]*(_[a-z0-9]+)*"))) {
    throw core::UserError(fmt::format(
        "found module name '{}', allowed lower-case words joined by '_', such as 'link_probe'", name));
  }
  const std::vector<std::pair<std::string, std::string>> pairs{
      {"@name@", name}, {"@Class@", class_name_of(name)}, {"@platform@", platform}};
  return {{"CMakeLists.txt", replaced(cmake_text, pairs)},
          {name + ".cpp", replaced(source_text, pairs)},
          {"platform.yaml", replaced(platform_text, pairs)}};
}

}  // namespace duet::platform
