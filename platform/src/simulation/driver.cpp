// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/simulation/driver.hpp"

#include <fmt/format.h>

#include "duet/platform/simulation/external_driver.hpp"
#include "duet/platform/simulation/firmware_driver.hpp"
#include "duet/platform/simulation/native_driver.hpp"

namespace duet::platform {

namespace {

std::string error_names(uint32_t error) {
  static constexpr const char* names[] = {"a bad descriptor",
                                          "a wrong mode",
                                          "a bus error",
                                          "a reserved error",
                                          "a doorbell overflow",
                                          "an event that did not come",
                                          "data or a link that could not be corrected"};
  std::string text;
  for (unsigned bit = 0; bit < std::size(names); ++bit) {
    if ((error >> bit) & 1u) text += (text.empty() ? "" : ", ") + std::string(names[bit]);
  }
  return text.empty() ? "an unknown error" : text;
}

}  // namespace

std::string describe_driver_status(int status, uint64_t timeout_ns, uint32_t chiplet, uint32_t error,
                                   uint32_t descriptor) {
  switch (status) {
    case DUET_OK:
      return {};
    case DUET_BUS_ERROR:
      return "a control register access got an error response";
    case DUET_TIMED_OUT:
      return fmt::format("no interrupt within {} ns: chiplet {} hangs after {} descriptors", timeout_ns,
                         chiplet, descriptor);
    case DUET_BAD_PROGRAM:
      return "the program image is damaged";
    case DUET_BAD_DEVICE:
      return "a chiplet's identity or version is unknown to the driver";
    case DUET_CHIPLET_ERROR:
      return fmt::format("chiplet {} reports {} (ERROR {:#x}) at descriptor {}", chiplet, error_names(error),
                         error, descriptor);
    default:
      return fmt::format("driver status {}", status);
  }
}

std::unique_ptr<Driver> make_driver(const char* name, const core::PackageLayout& package) {
  if (package.description->driver.kind == core::DriverKind::riscv) {
    return std::make_unique<FirmwareDriver>(name, package);
  }
  if (package.description->driver.kind == core::DriverKind::external) {
    return std::make_unique<ExternalDriver>(name, package);
  }
  return std::make_unique<NativeDriver>(name, package);
}

}  // namespace duet::platform
