// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <systemc>

namespace duet::core {

/// Gives SystemC a fresh kernel for the lifetime of this object, so that several simulations can
/// run in one process, one after another. Create it before any module and destroy it after all of
/// them. The time resolution is the standard's default of 1 ps.
class SimulationContext {
 public:
  SimulationContext()
      : previous_(sc_core::sc_curr_simcontext),
        previous_default_(sc_core::sc_default_global_context),
        context_(std::make_unique<sc_core::sc_simcontext>()) {
    sc_core::sc_curr_simcontext = context_.get();
    sc_core::sc_default_global_context = context_.get();
  }
  ~SimulationContext() {
    context_.reset();
    sc_core::sc_curr_simcontext = previous_;
    sc_core::sc_default_global_context = previous_default_;
  }
  SimulationContext(const SimulationContext&) = delete;
  SimulationContext& operator=(const SimulationContext&) = delete;

 private:
  sc_core::sc_simcontext* previous_;
  sc_core::sc_simcontext* previous_default_;
  std::unique_ptr<sc_core::sc_simcontext> context_;
};

}  // namespace duet::core
