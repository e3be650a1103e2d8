// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/stream_costs.hpp"

#include <algorithm>
#include <bit>

#include "duet/memory/address_mapping.hpp"

namespace duet::memory {
namespace {

/// Banks that a sequential stream visits before it leaves their rows: those selected by address
/// bits below the highest column bit.
uint32_t banks_of_a_row_set(const AddressMapping& mapping) {
  uint64_t highest_column = 0;
  for (const uint64_t mask : mapping.bits(AddressMapping::column)) highest_column |= mask;
  const auto limit = static_cast<int>(std::bit_width(highest_column));
  uint32_t banks = 1;
  for (const auto field : {AddressMapping::bank_group, AddressMapping::bank, AddressMapping::rank}) {
    for (const uint64_t mask : mapping.bits(field)) {
      if (std::countr_zero(mask) < limit) banks *= 2;
    }
  }
  return banks;
}

}  // namespace

StreamCosts::StreamCosts(const core::MemoryDescription& memory) {
  const core::DramStandard& standard = core::standard_of(memory);
  const core::DramOrganisation& organisation = standard.organisation;
  const core::DramTiming& t = standard.timing;
  const AddressMapping mapping(AddressMapping::resolve(memory.mapping, standard), organisation);
  const double clock = t.tck_ps;
  const double parallel = organisation.pseudo_channels;

  burst_bytes = organisation.burst_bytes;
  read_latency_ps = core::idle_latency_ps(memory);
  write_latency_ps = read_latency_ps - standard.device_read_latency_ps() + standard.device_write_latency_ps();
  burst_ps = t.burst * clock / parallel;
  queue_wait_ps = static_cast<uint64_t>(memory.read_queue * burst_ps);

  // The data bus idles RD end to WR data, and WR end to RD data, once each per pair of switches.
  turnaround_ps = static_cast<uint64_t>((t.rd_to_wr + t.write_latency + t.wtr_l - t.burst) * clock);
  const double drained = (memory.write_high_watermark - memory.write_low_watermark) * memory.write_queue;
  drain_bytes = std::max<uint64_t>(1, static_cast<uint64_t>(drained)) * burst_bytes;

  // A stream that leaves its rows needs PRE, ACT and RD of the next ones; the queue looks ahead far
  // enough to hide as much of that as its entries take on the bus.
  const uint32_t set_banks = banks_of_a_row_set(mapping);
  row_bytes = organisation.row_bytes();
  row_set_bytes = set_banks * row_bytes * organisation.pseudo_channels;
  const double row_change = (t.rp + t.rcd_read) * clock;
  const double lookahead = memory.read_queue * burst_ps;
  const double bank_cycle = t.rc * clock - static_cast<double>(row_set_bytes) / burst_bytes * burst_ps;
  row_set_stall_ps = std::max({0.0, row_change - lookahead, set_banks == 1 ? 0.0 : bank_cycle});
  activates_per_byte = 1.0 / static_cast<double>(row_bytes);

  const double act_spacing = std::max<double>(t.rrd_s, t.faw / 4.0) * clock;
  const double bank_share = t.rc * clock / organisation.banks_per_pseudo_channel();
  scattered_row_ps = std::max(act_spacing, bank_share) / parallel;

  refresh_stretch = 1;
  refresh_interval_ps = 0;
  refresh_per_bank = memory.refresh == core::RefreshMode::per_bank;
  refreshed_units = organisation.pseudo_channels * (refresh_per_bank ? 1 : organisation.ranks);
  if (memory.refresh == core::RefreshMode::all_bank) {
    // Rows are closed before and opened after each REFab.
    refresh_stretch = 1 / (1 - double{1} * (t.rfc_all_bank + t.rp + t.rcd_read) / t.refi);
    refresh_interval_ps = uint64_t{t.refi} * t.tck_ps;
  } else if (refresh_per_bank) {
    refresh_interval_ps = uint64_t{t.refi_per_bank} * t.tck_ps;
  }
}

}  // namespace duet::memory
