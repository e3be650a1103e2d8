// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/stream_costs.hpp"

#include <bit>

#include "duet/memory/address_mapping.hpp"

namespace duet::memory {
namespace {

struct RowSetShape {
  uint32_t banks = 1;     // of one pseudo channel
  uint64_t stripe_bytes;  // below the lowest bit that changes the bank or the pseudo channel
};

/// Banks that a sequential stream visits before it leaves their rows: those selected by address
/// bits below the highest column bit.
RowSetShape row_set_of(const AddressMapping& mapping, const core::DramOrganisation& organisation) {
  uint64_t columns = 0;
  for (const uint64_t mask : mapping.bits(AddressMapping::column)) columns |= mask;
  const auto limit = static_cast<int>(std::bit_width(columns));
  RowSetShape shape{.stripe_bytes = organisation.row_bytes()};
  const auto visit = [&](AddressMapping::Field field, bool counts) {
    for (const uint64_t mask : mapping.bits(field)) {
      const int bit = std::countr_zero(mask);
      if (bit >= limit) continue;
      if (counts) shape.banks *= 2;
      shape.stripe_bytes = std::min(shape.stripe_bytes, uint64_t{1} << bit);
    }
  };
  visit(AddressMapping::pseudo_channel, false);
  for (const auto field : {AddressMapping::bank_group, AddressMapping::bank, AddressMapping::rank})
    visit(field, true);
  return shape;
}

}  // namespace

StreamCosts::StreamCosts(const core::MemoryDescription& memory)
    : mapping(AddressMapping::resolve(memory.mapping, core::standard_of(memory)),
              core::standard_of(memory).organisation) {
  const core::DramStandard& standard = core::standard_of(memory);
  const core::DramOrganisation& organisation = standard.organisation;
  const core::DramTiming& t = standard.timing;
  const RowSetShape shape = row_set_of(mapping, organisation);
  const int64_t clock = t.tck_ps;

  clock_ps = clock;
  burst_bytes = organisation.burst_bytes;
  pseudo_channels = organisation.pseudo_channels;
  banks = organisation.banks_per_pseudo_channel();
  banks_per_rank = organisation.banks_per_rank();
  groups = organisation.bank_groups;
  banks_per_group = organisation.banks_per_group;
  row_set_banks = shape.banks;
  row_set_bytes = shape.banks * organisation.pseudo_channels * organisation.row_bytes();
  stripe_bytes = shape.stripe_bytes * organisation.pseudo_channels;
  for (uint64_t stripe = 0; stripe < row_set_bytes / stripe_bytes; ++stripe)
    stripe_bank.push_back(bank_of(mapping.decode(stripe * stripe_bytes)));

  slot_ps = std::max(t.burst, t.ccd_s) * clock;
  long_slot_ps = t.ccd_l * clock;
  row_cycle_ps = t.rc * clock;
  act_spacing_ps = t.rrd_s * clock;
  act_window_ps = t.faw * clock;
  act_bus_ps = int64_t{organisation.pseudo_channels} * (t.act_bus_clocks + 1) * clock;
  // A command counts from the last clock on its bus.
  const int64_t act_ps = (t.act_bus_clocks - 1) * clock;
  const int64_t column_ps = (t.column_bus_clocks - 1) * clock;
  precharge_ps = t.rp * clock - act_ps;
  const auto outside_ps =
      static_cast<int64_t>(core::idle_latency_ps(memory) - standard.device_read_latency_ps());
  const int64_t half_ps = outside_ps / 2 / clock * clock;
  front_ps = half_ps + clock;
  back_ps = outside_ps - half_ps;
  read = {.open_ps = act_ps + t.rcd_read * clock - column_ps,
          .close_ps = column_ps + t.rtp * clock - slot_ps,
          .tail_ps = column_ps + (t.read_latency + t.burst) * clock + back_ps,
          .queue_bursts = memory.read_queue};
  write = {.open_ps = act_ps + t.rcd_write * clock - column_ps,
           .close_ps = column_ps + (t.write_latency + t.burst + t.wr) * clock - slot_ps,
           .tail_ps = column_ps + (t.write_latency + t.burst) * clock + back_ps,
           .queue_bursts = memory.write_queue};

  read_to_write_ps = t.rd_to_wr * clock;
  write_to_read_ps = (t.write_latency + t.burst + t.wtr_l) * clock;
  high_watermark = static_cast<uint32_t>(memory.write_high_watermark * memory.write_queue);
  low_watermark = static_cast<uint32_t>(memory.write_low_watermark * memory.write_queue);
  drain_bursts = high_watermark - low_watermark;

  double refresh_stretch = 1;
  refresh_interval_ps = 0;
  refresh_busy_ps = 0;
  refresh_per_bank = memory.refresh == core::RefreshMode::per_bank;
  refreshed_units = organisation.pseudo_channels * (refresh_per_bank ? 1 : organisation.ranks);
  refresh_wait_ps = 0;
  if (memory.refresh == core::RefreshMode::all_bank) {
    refresh_busy_ps = t.rfc_all_bank * clock;
    refresh_interval_ps = uint64_t{t.refi} * t.tck_ps;
    // Rows are closed before and opened after each REFab.
    refresh_stretch = 1 / (1 - double{1} * (t.rfc_all_bank + t.rp + t.rcd_read) / t.refi);
    refresh_wait_ps = refresh_busy_ps * t.rfc_all_bank / (2 * int64_t{t.refi});
  } else if (refresh_per_bank) {
    refresh_busy_ps = t.rfc_per_bank * clock;
    refresh_interval_ps = uint64_t{t.refi_per_bank} * t.tck_ps;
  }
  burst_ps = static_cast<double>(slot_ps) / organisation.pseudo_channels * refresh_stretch;
}

}  // namespace duet::memory
