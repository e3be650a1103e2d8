// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/simulation/firmware_driver.hpp"

#include <fmt/format.h>

#include <cstring>
#include <filesystem>

#include "duet/core/address_map.hpp"
#include "duet/core/error.hpp"
#include "duet/core/quantity.hpp"
#include "duet/models/riscv/diagnosis.hpp"

namespace duet::platform {
namespace {

using namespace models::riscv;

constexpr uint64_t page = 4096;
constexpr uint64_t endless_loop_ps = 100'000'000'000;

uint64_t align(uint64_t value) {
  return (value + page - 1) & ~(page - 1);
}

/// Where the firmware leaves room for the platform's data: behind everything it has.
uint64_t image_base(const ElfFile& elf) {
  if (const auto symbol = elf.find("__image_base")) return *symbol;
  uint64_t end = 0;
  for (const ElfFile::Segment& segment : elf.segments()) end = std::max(end, segment.address + segment.bytes);
  return align(end);
}

core::BoardDescription board_of(const core::DriverDescription& driver) {
  core::BoardDescription board = driver.board;
  board.timeout_ps = 0;  // it waits for jobs for as long as there is anything to simulate
  return board;
}

}  // namespace

std::string FirmwareDriver::shipped_elf(const std::string& program) {
  for (const char* folder : {DUET_FIRMWARE_BUILD_DIR, DUET_FIRMWARE_INSTALL_DIR}) {
    const std::filesystem::path file = std::filesystem::path(folder) / (program + ".elf");
    if (std::filesystem::exists(file)) return file.string();
  }
  throw core::UserError(
      fmt::format("driver: found riscv, but {}.elf has not been built; allowed: install "
                  "gcc-riscv64-unknown-elf and build again, or name a firmware with --elf",
                  program));
}

FirmwareDriver::FirmwareDriver(sc_core::sc_module_name name, const core::PackageLayout& package)
    : sc_module(name), description_(package.description->driver) {
  const core::BoardDescription board = board_of(description_);
  console_ = open_console(board.console);
  board_ = std::make_unique<Board>("board", board, 1, *console_);
  board_->control_window().set_translation(core::AddressMap::control_base(package.index, 0), control_stride,
                                           core::AddressMap::control_stride);
  const ElfFile elf = ElfFile::load(description_.elf.empty() ? shipped_elf("dispatch") : description_.elf);
  boot_address_ = image_base(elf);
  board_->load(elf, boot_address_);
  if (boot_address_ + page > board.ram_base + board.ram_bytes) {
    throw core::UserError(fmt::format(
        "{}: found no room behind it, allowed: at least {} more bytes of board RAM", elf.path(), page));
  }
  duet_boot& shared = boot();
  shared = {};
  shared.magic = DUET_BOOT_MAGIC;
  shared.version = DUET_BOOT_VERSION;
  shared.chiplet_base = board.control_base;
  shared.chiplet_stride = control_stride;
  shared.package_base = board.control_base + core::AddressMap::package_control * control_stride;
  shared.timeout_ns = description_.timeout_ps / 1000;
  shared.chiplets = static_cast<uint32_t>(package.compute.size());
  shared.interrupt_source = Board::first_external_source;
  shared.max_restarts = description_.restarts;
  shared.max_attempts = description_.attempts;
  if (!package.memory.empty()) {
    shared.scratch = core::AddressMap::memory_base(package.index, 0);
    shared.memory_stride = core::AddressMap::memory_base(package.index, 1) - shared.scratch;
  }
  board_->on_notify(
      [this](unsigned, sc_core::sc_time now) { job_done_.notify(now - sc_core::sc_time_stamp()); });
  board_->on_load([this](unsigned hart) { carry_out_load(hart); });
  board_->on_finish([this](const BoardOutcome&) { job_done_.notify(sc_core::SC_ZERO_TIME); });
  SC_HAS_PROCESS(FirmwareDriver);
  SC_METHOD(finish);
  dont_initialize();
  sensitive << job_done_;
}

void FirmwareDriver::bind(tlm::tlm_base_target_socket_b<>& control_bus, sc_core::sc_signal<bool>& interrupt) {
  board_->control_socket().bind(control_bus);
  board_->interrupts[0].bind(interrupt);
}

void FirmwareDriver::collect_protocol_violations(
    std::vector<tlm_interconnect::ProtocolMonitor::Violation>& all) const {
  const auto seen = board_->protocol_violations();
  all.insert(all.end(), seen.begin(), seen.end());
}

duet_boot& FirmwareDriver::boot() const {
  return *reinterpret_cast<duet_boot*>(board_->ram().data() +
                                       (boot_address_ - board_->description().ram_base));
}

void FirmwareDriver::start(std::vector<uint8_t> image, std::array<uint32_t, DUET_ARGUMENTS> arguments) {
  const uint64_t offset = boot_address_ - board_->description().ram_base + page;
  const std::span<uint8_t> ram = board_->ram();
  if (offset > ram.size() || image.size() > ram.size() - offset) {
    throw core::UserError(
        fmt::format("driver.board.ram_size: found {} bytes, allowed: {} or more for this program", ram.size(),
                    offset + image.size()));
  }
  std::memcpy(ram.data() + offset, image.data(), image.size());
  duet_boot& shared = boot();
  duet_job& job = shared.jobs[shared.posted % DUET_JOB_SLOTS];
  job = {};
  job.program = boot_address_ + page;
  std::memcpy(job.arguments, arguments.data(), sizeof job.arguments);
  ++shared.posted;
  is_finished_ = false;
  descriptors_seen_ = 0;
  progress_ps_ = seen_ps_ = sc_core::sc_time_stamp().value();
  board_->raise_software_interrupt(0);
}

void FirmwareDriver::carry_out_load(unsigned hart) {
  if (hart != 0) return;  // the others have no duet_boot
  duet_load& load = boot().load;
  const std::span<uint8_t> ram = board_->ram();
  const uint64_t offset = load.from - board_->description().ram_base;
  const bool in_ram = offset <= ram.size() && load.bytes <= ram.size() - offset;
  const bool done = in_ram && write_memory_ && write_memory_(load.to, ram.subspan(offset, load.bytes));
  load.status = done ? DUET_OK : DUET_BUS_ERROR;
}

void FirmwareDriver::finish() {
  const duet_boot& shared = boot();
  if (board_->outcome()) {
    status_ = DUET_BAD_DEVICE;
    diagnosis_ = board_->outcome()->diagnosis;
    if (diagnosis_.empty())
      diagnosis_ = fmt::format("the firmware ended with exit code {} and has not run the program",
                               board_->outcome()->exit_code);
  } else if (shared.finished == shared.posted && shared.posted != 0) {
    const duet_job& job = shared.jobs[(shared.finished - 1) % DUET_JOB_SLOTS];
    status_ = job.status;
    diagnosis_ = describe_driver_status(status_, shared.timeout_ns, job.failed_chiplet, job.failed_error,
                                        job.failed_descriptor);
  } else {
    return;
  }
  is_finished_ = true;
  sc_core::sc_pause();
}

std::string FirmwareDriver::place() const {
  std::string text;
  for (unsigned i = 0; i < board_->harts(); ++i)
    text += (i == 0 ? "" : "\n") + describe_place(board_->hart(i), board_->elf());
  return text;
}

// A job that does not get on: its driver gives the chiplets nothing to do, or they do nothing for longer than
// all time-outs and retries may take.
void FirmwareDriver::watch_job(uint64_t descriptors_done, bool chiplets_busy) {
  const uint64_t now_ps = sc_core::sc_time_stamp().value();
  if (is_finished_ || descriptors_done != descriptors_seen_) {
    descriptors_seen_ = descriptors_done;
    progress_ps_ = now_ps;
    return;
  }
  const uint64_t waits = uint64_t{description_.attempts} * (description_.restarts + 2u);
  const uint64_t limit_ps = chiplets_busy ? waits * description_.timeout_ps : endless_loop_ps;
  if (now_ps - progress_ps_ <= limit_ps) return;
  board_->stop(Board::exit_guest_failure,
               fmt::format("no descriptor was done for {}, {} (endless loop?)\n{}",
                           core::format_quantity(static_cast<double>(limit_ps), core::Unit::picoseconds),
                           chiplets_busy ? "longer than driver.timeout, restarts and attempts allow"
                                         : "and none was rung for",
                           place()));
}

// A driver that neither waits nor accesses anything for that long computes in circles.
void FirmwareDriver::watch(uint64_t descriptors_done, bool chiplets_busy) {
  watch_job(descriptors_done, chiplets_busy);
  const Hart& hart = board_->hart(0);
  const std::pair<uint64_t, uint64_t> now{hart.bus_accesses(), hart.idle_time_now_ps()};
  const uint64_t now_ps = sc_core::sc_time_stamp().value();
  if (now != seen_ || hart.idle()) {
    seen_ = now;
    seen_ps_ = now_ps;
    return;
  }
  if (now_ps - seen_ps_ < endless_loop_ps) return;
  board_->stop(
      Board::exit_guest_failure,
      fmt::format("the firmware has neither waited nor accessed a device for {} (endless loop?)\n{}",
                  core::format_quantity(static_cast<double>(endless_loop_ps), core::Unit::picoseconds),
                  place()));
}

DriverCounters FirmwareDriver::counters() const {
  const Hart& hart = board_->hart(0);
  const duet_boot& shared = boot();
  DriverCounters counters;
  counters.doorbells = shared.doorbells;
  counters.mode_writes = shared.mode_writes;
  counters.interrupts = shared.interrupts;
  counters.restarts = shared.restarts;
  counters.accesses = hart.bus_accesses();
  counters.access_time_ps = hart.bus_time_ps();
  counters.busy_time_ps = sc_core::sc_time_stamp().value() - hart.idle_time_now_ps();
  counters.instructions = hart.instructions();
  if (shared.finished != 0) {
    const duet_job& job = shared.jobs[(shared.finished - 1) % DUET_JOB_SLOTS];
    counters.dispatch_ps = (job.start_ns + job.setup_ns) * 1000;
  }
  return counters;
}

}  // namespace duet::platform
