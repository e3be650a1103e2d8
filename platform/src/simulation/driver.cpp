// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/simulation/driver.hpp"

#include <fmt/format.h>

#include "duet/platform/simulation/firmware_driver.hpp"
#include "duet/platform/simulation/native_driver.hpp"

namespace duet::platform {

std::string describe_driver_status(int status, uint64_t timeout_ns, uint32_t chiplet, uint32_t error,
                                   uint32_t descriptor) {
  switch (status) {
    case DUET_OK:
      return {};
    case DUET_BUS_ERROR:
      return "a control register access got an error response";
    case DUET_TIMED_OUT:
      return fmt::format("no interrupt within {} ns: a chiplet hangs", timeout_ns);
    case DUET_BAD_PROGRAM:
      return "the program image is damaged";
    case DUET_BAD_DEVICE:
      return "a chiplet's identity or version is unknown to the driver";
    case DUET_CHIPLET_ERROR:
      return fmt::format("chiplet {} reports ERROR {:#x} at descriptor {}", chiplet, error, descriptor);
    default:
      return fmt::format("driver status {}", status);
  }
}

std::unique_ptr<Driver> make_driver(const char* name, const core::PackageLayout& package) {
  if (package.description->driver.kind == core::DriverKind::riscv) {
    return std::make_unique<FirmwareDriver>(name, package);
  }
  return std::make_unique<NativeDriver>(name, package);
}

}  // namespace duet::platform
