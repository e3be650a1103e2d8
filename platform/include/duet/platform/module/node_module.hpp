// SPDX-License-Identifier: Apache-2.0
// All that a user's own module needs: only SystemC and the standard library, so that a plugin compiles
// against this header alone and links nothing of duet.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <utility>
#include <vector>

namespace duet::platform {

/// Where a user's module stands and what it may address.
struct NodeModuleContext {
  struct Window {
    std::string name;  ///< "memory_x0_y0"
    uint64_t base = 0;
    uint64_t bytes = 0;
  };
  std::string name;     ///< for the sc_module
  std::string package;  ///< "decode"
  int x = 0;
  int y = 0;
  Window own;                    ///< transactions to it come to target()
  std::vector<Window> memories;  ///< of the package, for initiator(); bulk transfers stay inside one
  std::map<std::string, std::string> parameters;  ///< as written in YAML

  /// A parameter, or `fallback` when it was not written.
  [[nodiscard]] std::string parameter(const std::string& key, const std::string& fallback) const {
    const auto found = parameters.find(key);
    return found == parameters.end() ? fallback : found->second;
  }
};

/// A figure that the module adds to the result of a run.
struct NodeModuleCounter {
  std::string name;  ///< ends with its unit: "read_bytes"
  double value = 0;
};

/// An SC_MODULE of a user's own as a node of a package's network-on-interposer. Implementations derive from
/// sc_module too. Mistakes in parameters are thrown from the constructor as std::invalid_argument ("interval:
/// found '5', allowed a time").
class NodeModule {
 public:
  virtual ~NodeModule() = default;

  /// Sends into the NoI; null if the module only answers.
  virtual tlm::tlm_initiator_socket<>* initiator() { return nullptr; }
  /// Gets what others send to the module's window, with offsets from its base; null if it only asks.
  virtual tlm::tlm_target_socket<>* target() { return nullptr; }
  /// Read at the end of each phase.
  [[nodiscard]] virtual std::vector<NodeModuleCounter> counters() const { return {}; }
};

using NodeModuleFactory = std::function<std::unique_ptr<NodeModule>(const NodeModuleContext&)>;

/// What a plugin's library exports as `duet_node_plugin`.
struct NodePlugin {
  static constexpr int current_version = 1;
  int version;           ///< current_version of the header that it was compiled with
  const char* compiler;  ///< of the plugin; C++ objects cross the border, so it must be that of duet-vp
  NodeModule* (*create)(const NodeModuleContext&);
};

}  // namespace duet::platform

/// Makes the library that this stands in a plugin whose modules are objects of `Class`, made from a
/// NodeModuleContext.
#define DUET_NODE_PLUGIN(Class)                                                                            \
  extern "C" __attribute__((visibility("default"))) const duet::platform::NodePlugin* duet_node_plugin() { \
    static const duet::platform::NodePlugin plugin{                                                        \
        duet::platform::NodePlugin::current_version, __VERSION__,                                          \
        [](const duet::platform::NodeModuleContext& context) -> duet::platform::NodeModule* {              \
          return new Class(context);                                                                       \
        }};                                                                                                \
    return &plugin;                                                                                        \
  }
