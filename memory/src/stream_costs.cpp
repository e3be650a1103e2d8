// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/stream_costs.hpp"

#include <bit>
#include <cmath>

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

/// Mean wait for the last of the banks in refresh, when `expected` of them are on average (Poisson)
/// and each has a uniform rest of `busy` to go.
double mean_longest_wait(double busy, double expected) {
  return expected > 0 ? busy * (1 - (1 - std::exp(-expected)) / expected) : 0.0;
}

}  // namespace

StreamCosts::StreamCosts(const core::MemoryDescription& memory) {
  const core::DramStandard& standard = core::standard_of(memory);
  const core::DramOrganisation& organisation = standard.organisation;
  const core::DramTiming& t = standard.timing;
  const AddressMapping mapping(AddressMapping::resolve(memory.mapping, standard), organisation);
  const RowSetShape shape = row_set_of(mapping, organisation);
  const double clock = t.tck_ps;
  const double parallel = organisation.pseudo_channels;

  burst_bytes = organisation.burst_bytes;
  burst_ps = t.burst * clock / parallel;
  queue_bursts = memory.read_queue;
  queue_wait_ps = static_cast<uint64_t>(queue_bursts * burst_ps);
  row_set_banks = shape.banks * organisation.pseudo_channels;
  row_set_bytes = row_set_banks * organisation.row_bytes();
  stripe_bytes = shape.stripe_bytes;
  bank_sets = std::max(1U, organisation.banks_per_pseudo_channel() / shape.banks);

  // The data bus idles from RD end to WR data and from WR end to RD data, once each per pair of switches.
  turnaround_ps = (double{1} * t.rd_to_wr + t.write_latency + t.wtr_l - t.burst) * clock;
  const double drained = (memory.write_high_watermark - memory.write_low_watermark) * memory.write_queue;
  drain_bytes = std::max<uint64_t>(1, static_cast<uint64_t>(drained)) * burst_bytes;
  // Reads that were queued before a long write are served between its first drains.
  drains_per_switch = 1 + queue_bursts / std::max(1.0, drained);

  // A stream that leaves its rows needs PRE, ACT and a column command.
  const double set_data = static_cast<double>(row_set_bytes) / burst_bytes * burst_ps;
  bank_cycle_ps = bank_sets > 1 ? 0 : std::max(0.0, t.rc * clock - set_data);
  const auto row_change = [&](uint32_t rcd) {
    return (double{1} * t.rp + rcd + t.act_bus_clocks - 1) * clock;
  };
  const uint64_t idle_read = core::idle_latency_ps(memory);
  const uint64_t idle_write =
      idle_read - standard.device_read_latency_ps() + standard.device_write_latency_ps();
  // RTP counts from the RD, so by the end of its data RL and the burst have passed already; the new
  // RD's own RL makes up for them. A write's recovery counts from the end of its data.
  read = {idle_read, t.rcd_read * clock, row_change(t.rcd_read),
          (double{1} * t.rtp + t.rp + t.rcd_read) * clock};
  write = {idle_write, t.rcd_write * clock, row_change(t.rcd_write),
           (double{1} * t.wr + t.rp + t.rcd_write + t.write_latency) * clock};
  // After a jump the rows open one by one; until enough of them are, tCCD_L holds the bus back.
  const double spacing = std::max<double>(t.rrd_s, (t.act_bus_clocks + 1) * parallel);
  double ramp = 0;
  for (uint32_t open = 1; open < shape.banks; ++open)
    ramp += std::max(0.0, spacing - spacing / t.ccd_l * open * t.ccd_s);
  jump_ramp_ps = ramp * clock;
  // The controller opens rows only for the direction it serves.
  exposed_rows_ps = std::max(0.0, read.row_change_ps + write.row_change_ps - turnaround_ps);
  close_ps = t.rp * clock;
  double in_rank = std::max<double>(t.rrd_s, t.faw / 4.0);
  if (memory.refresh == core::RefreshMode::per_bank && t.rrefd > in_rank)
    in_rank /= 1 - (t.rrefd - in_rank) / t.refi_per_bank;  // no ACT for tRREFD after each REFpb
  in_rank *= clock / parallel;
  act_spacing_ps = std::max(in_rank, (double{1} * t.act_bus_clocks + 1) * clock);  // with the PRE before

  refresh_stretch = 1;
  refresh_interval_ps = 0;
  refresh_busy_ps = 0;
  refresh_per_bank = memory.refresh == core::RefreshMode::per_bank;
  refreshed_units = organisation.pseudo_channels * (refresh_per_bank ? 1 : organisation.ranks);
  refresh_wait_ps.assign(row_set_banks + 1, 0.0);
  if (memory.refresh == core::RefreshMode::all_bank) {
    refresh_busy_ps = t.rfc_all_bank * clock;
    refresh_interval_ps = uint64_t{t.refi} * t.tck_ps;
    // Rows are closed before and opened after each REFab.
    refresh_stretch = 1 / (1 - double{1} * (t.rfc_all_bank + t.rp + t.rcd_read) / t.refi);
    const double wait = mean_longest_wait(refresh_busy_ps, double{1} * t.rfc_all_bank / t.refi);
    refresh_wait_ps.assign(row_set_banks + 1, wait);
  } else if (refresh_per_bank) {
    refresh_busy_ps = t.rfc_per_bank * clock;
    refresh_interval_ps = uint64_t{t.refi_per_bank} * t.tck_ps;
    const double share =
        double{1} * t.rfc_per_bank / t.refi_per_bank / organisation.banks_per_pseudo_channel();
    for (uint32_t banks = 1; banks <= row_set_banks; ++banks)
      refresh_wait_ps[banks] = mean_longest_wait(refresh_busy_ps, banks * share);
  }
}

}  // namespace duet::memory
