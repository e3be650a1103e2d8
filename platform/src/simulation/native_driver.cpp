// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/simulation/native_driver.hpp"

#include <cstring>

#include "duet/core/address_map.hpp"

namespace duet::platform {

NativeDriver::NativeDriver(sc_core::sc_module_name name, const core::PackageLayout& package)
    : sc_module(name) {
  SC_HAS_PROCESS(NativeDriver);
  const core::DriverDescription& description = package.description->driver;
  interrupt_latency_ = sc_core::sc_time::from_value(description.interrupt_latency_ps);
  hal_.context = this;
  hal_.read32 = [](void* context, uint64_t address, uint32_t* value) {
    return static_cast<NativeDriver*>(context)->access(tlm::TLM_READ_COMMAND, address, *value);
  };
  hal_.write32 = [](void* context, uint64_t address, uint32_t value) {
    return static_cast<NativeDriver*>(context)->access(tlm::TLM_WRITE_COMMAND, address, value);
  };
  hal_.wait_for_interrupt = [](void* context, uint64_t timeout_ns) {
    return static_cast<NativeDriver*>(context)->wait_for_interrupt(timeout_ns);
  };
  hal_.time_ns = [](void*) -> uint64_t { return sc_core::sc_time_stamp().value() / 1000; };
  driver_.hal = &hal_;
  driver_.package_base = core::AddressMap::control_base(package.index, core::AddressMap::package_control);
  driver_.chiplet_base = core::AddressMap::control_base(package.index, 0);
  driver_.chiplet_stride = core::AddressMap::control_stride;
  driver_.chiplets = static_cast<uint32_t>(package.compute.size());
  driver_.timeout_ns = description.timeout_ps / 1000;
  driver_.max_restarts = description.restarts;
  driver_.max_attempts = description.attempts;
  SC_THREAD(run);
}

void NativeDriver::start(std::vector<uint8_t> image, std::array<uint32_t, DUET_ARGUMENTS> arguments) {
  image_.assign((image.size() + 7) / 8, 0);
  std::memcpy(image_.data(), image.data(), image.size());
  arguments_ = arguments;
  is_finished_ = false;
  start_.notify(sc_core::SC_ZERO_TIME);
}

void NativeDriver::run() {
  while (true) {
    wait(start_);
    status_ = initialised_ ? DUET_OK : duet_driver_init(&driver_);
    initialised_ = status_ == DUET_OK;
    if (status_ == DUET_OK) {
      status_ = duet_driver_execute(&driver_, reinterpret_cast<const duet_program*>(image_.data()),
                                    arguments_.data());
    }
    is_finished_ = true;
    sc_core::sc_pause();  // hands control back to whoever runs the simulation, at this very time
  }
}

int NativeDriver::access(tlm::tlm_command command, uint64_t address, uint32_t& value) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  payload.set_data_length(sizeof value);
  payload.set_streaming_width(sizeof value);
  payload.set_byte_enable_ptr(nullptr);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  socket->b_transport(payload, delay);
  // The driver's next step depends on the access, so its time passes before it goes on.
  wait(delay);
  access_time_ps_ += delay.value();
  ++accesses_;
  return payload.is_response_ok() ? DUET_OK : DUET_BUS_ERROR;
}

int NativeDriver::wait_for_interrupt(uint64_t timeout_ns) {
  if (!interrupt.read()) {
    wait(sc_core::sc_time(static_cast<double>(timeout_ns), sc_core::SC_NS), interrupt.posedge_event());
    if (!interrupt.read()) return DUET_TIMED_OUT;
  }
  wait(interrupt_latency_);
  interrupt_time_ps_ += interrupt_latency_.value();
  return DUET_OK;
}

std::string NativeDriver::diagnosis() const {
  return describe_driver_status(status_, driver_.timeout_ns, driver_.failed_chiplet, driver_.failed_error,
                                driver_.failed_descriptor);
}

DriverCounters NativeDriver::counters() const {
  DriverCounters counters;
  counters.doorbells = driver_.doorbells;
  counters.mode_writes = driver_.mode_writes;
  counters.interrupts = driver_.interrupts;
  counters.restarts = driver_.restarts;
  counters.accesses = accesses_;
  counters.access_time_ps = access_time_ps_;
  counters.busy_time_ps = access_time_ps_ + interrupt_time_ps_;
  counters.dispatch_ps = driver_.dispatch_ns * 1000;
  return counters;
}

void NativeDriver::bind(tlm::tlm_base_target_socket_b<>& control_bus, sc_core::sc_signal<bool>& line) {
  socket.bind(control_bus);
  interrupt.bind(line);
}

}  // namespace duet::platform
