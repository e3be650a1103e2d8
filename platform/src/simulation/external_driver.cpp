// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/simulation/external_driver.hpp"

#include <fmt/format.h>

#include <cstring>
#include <fstream>

#include "duet/core/address_map.hpp"
#include "duet/core/error.hpp"
#include "duet/sw_driver/boot.h"

namespace duet::platform {

using models::riscv::CosimulationDoor;

ExternalDriver::ExternalDriver(sc_core::sc_module_name name, const core::PackageLayout& package)
    : sc_module(name),
      file_(package.description->driver.job_file.empty() ? package.name + ".job"
                                                         : package.description->driver.job_file),
      window_("window", sc_core::sc_time::from_value(
                            static_cast<uint64_t>(package.description->driver.board.control_latency_ps))),
      door_("door", {.endpoint = package.description->driver.door, .opens_itself = false}, 1) {
  window_.set_translation(core::AddressMap::control_base(package.index, 0), control_stride,
                          core::AddressMap::control_stride);
  door_.socket.bind(window_.socket);
  door_.on_end([this] { finish(); });
}

void ExternalDriver::bind(tlm::tlm_base_target_socket_b<>& control_bus, sc_core::sc_signal<bool>& interrupt) {
  window_.packages.bind(control_bus);
  door_.interrupts[0].bind(interrupt);
}

void ExternalDriver::start(std::vector<uint8_t> image, std::array<uint32_t, DUET_ARGUMENTS> arguments) {
  duet_job job{};
  job.program = sizeof job;
  std::memcpy(job.arguments, arguments.data(), sizeof job.arguments);
  std::ofstream file(file_, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(&job), sizeof job);
  file.write(reinterpret_cast<const char*>(image.data()), static_cast<std::streamsize>(image.size()));
  file.close();
  if (!file) {
    throw core::UserError(
        fmt::format("driver.job_file: found '{}', allowed a file that can be written", file_));
  }
  is_finished_ = false;
  try {
    door_.open();
  } catch (const core::UserError& error) {
    throw core::UserError(fmt::format("driver.door: {}", error.what()));
  }
  if (on_open_) on_open_(door_.endpoint(), file_);
}

void ExternalDriver::finish() {
  is_finished_ = true;
  status_ = DUET_BAD_DEVICE;
  switch (door_.end()) {
    case CosimulationDoor::End::bye:
      status_ = static_cast<int>(door_.farewell());
      diagnosis_ = status_ == DUET_OK ? "" : fmt::format("the external driver ended with status {}", status_);
      break;
    case CosimulationDoor::End::no_client:
      diagnosis_ = fmt::format("no external driver has connected to {}", door_.endpoint());
      break;
    case CosimulationDoor::End::bad_version:
      diagnosis_ = "the external driver speaks another version of the protocol";
      break;
    default:
      diagnosis_ = "the external driver has gone without a BYE";
  }
}

DriverCounters ExternalDriver::counters() const {
  DriverCounters counters;
  counters.accesses = door_.accesses();
  counters.access_time_ps = counters.busy_time_ps = door_.access_time_ps();
  return counters;
}

}  // namespace duet::platform
