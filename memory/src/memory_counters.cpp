// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/memory_counters.hpp"

namespace duet::memory {

double MemoryCounters::command_energy_pj(const core::DramEnergy& energy) const {
  return static_cast<double>(activates) * energy.act_pre_pj +
         static_cast<double>(read_bursts) * energy.read_pj +
         static_cast<double>(write_bursts) * energy.write_pj +
         static_cast<double>(refreshes_all_bank) * energy.refresh_all_pj +
         static_cast<double>(refreshes_per_bank) * energy.refresh_bank_pj;
}

MemoryCounters& MemoryCounters::operator+=(const MemoryCounters& other) {
  read_requests += other.read_requests;
  write_requests += other.write_requests;
  bytes_read += other.bytes_read;
  bytes_written += other.bytes_written;
  read_bursts += other.read_bursts;
  write_bursts += other.write_bursts;
  activates += other.activates;
  row_hits += other.row_hits;
  refreshes_all_bank += other.refreshes_all_bank;
  refreshes_per_bank += other.refreshes_per_bank;
  busy_ps += other.busy_ps;
  errors += other.errors;
  return *this;
}

void register_counters(core::StatisticsRegistry& registry, const std::string& prefix,
                       const core::DramEnergy& energy, std::function<MemoryCounters()> counters) {
  const auto add = [&](const char* name, const char* unit, const char* text,
                       uint64_t MemoryCounters::*member) {
    registry.add(prefix + "." + name, unit, text,
                 [counters, member] { return static_cast<double>(counters().*member); });
  };
  add("read_requests", "1", "read transactions accepted", &MemoryCounters::read_requests);
  add("write_requests", "1", "write transactions accepted", &MemoryCounters::write_requests);
  add("bytes_read", "B", "bytes read by accepted transactions", &MemoryCounters::bytes_read);
  add("bytes_written", "B", "bytes written by accepted transactions", &MemoryCounters::bytes_written);
  add("read_bursts", "1", "RD commands", &MemoryCounters::read_bursts);
  add("write_bursts", "1", "WR commands", &MemoryCounters::write_bursts);
  add("activates", "1", "ACT commands", &MemoryCounters::activates);
  add("row_hits", "1", "column commands to a row that was open for them", &MemoryCounters::row_hits);
  add("refreshes_all_bank", "1", "REFab commands", &MemoryCounters::refreshes_all_bank);
  add("refreshes_per_bank", "1", "REFpb commands", &MemoryCounters::refreshes_per_bank);
  add("busy_time", "ps", "data buses in use, summed over the pseudo channels", &MemoryCounters::busy_ps);
  add("errors", "1", "transactions answered with an error response", &MemoryCounters::errors);
  registry.add(prefix + ".command_energy", "pJ", "energy of all commands, without background",
               [counters, energy] { return counters().command_energy_pj(energy); });
}

}  // namespace duet::memory
