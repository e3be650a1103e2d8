// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <utility>

#include "duet/core/dram_standard.hpp"
#include "duet/core/field.hpp"

namespace duet::core {

enum class MemoryLevel { stream, command };
enum class RefreshMode { none, all_bank, per_bank };
enum class SchedulerKind { fcfs, frfcfs };
enum class RowPolicyKind { open, closed, timeout };

template <>
struct EnumNames<MemoryLevel> {
  static constexpr std::pair<MemoryLevel, std::string_view> values[] = {{MemoryLevel::stream, "stream"},
                                                                        {MemoryLevel::command, "command"}};
};
template <>
struct EnumNames<RefreshMode> {
  static constexpr std::pair<RefreshMode, std::string_view> values[] = {
      {RefreshMode::none, "none"}, {RefreshMode::all_bank, "all_bank"}, {RefreshMode::per_bank, "per_bank"}};
};
template <>
struct EnumNames<SchedulerKind> {
  static constexpr std::pair<SchedulerKind, std::string_view> values[] = {{SchedulerKind::fcfs, "fcfs"},
                                                                          {SchedulerKind::frfcfs, "frfcfs"}};
};
template <>
struct EnumNames<RowPolicyKind> {
  static constexpr std::pair<RowPolicyKind, std::string_view> values[] = {
      {RowPolicyKind::open, "open"}, {RowPolicyKind::closed, "closed"}, {RowPolicyKind::timeout, "timeout"}};
};

/// One memory node: the stacks behind one port of the network, with their controllers. A decode
/// package's HBM column has one HBM3e stack a node; a memory-PHY chiplet has two GDDR7 stacks.
struct MemoryDescription {
  std::string standard = "hbm3e_8000";
  uint32_t stacks = 1;
  MemoryLevel level = MemoryLevel::stream;
  std::string mapping = "default";
  uint32_t interleave_bytes = 256;
  SchedulerKind scheduler = SchedulerKind::frfcfs;
  uint32_t starvation_clocks = 2000;
  RowPolicyKind row_policy = RowPolicyKind::open;
  uint32_t row_timeout_clocks = 200;
  uint32_t read_queue = 64;
  uint32_t write_queue = 64;
  double write_high_watermark = 0.8;
  double write_low_watermark = 0.2;
  RefreshMode refresh = RefreshMode::per_bank;
  uint32_t refresh_postpone = 4;
  uint64_t idle_latency_ps = 0;
  uint32_t outstanding_transactions = 64;
  bool ecc = false;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using M = MemoryDescription;
    visit("standard", &M::standard, {.text = "DRAM standard and speed: hbm3e_8000, gddr7_32000, ..."});
    visit("stacks", &M::stacks, {.min = 1, .max = 64, .text = "stacks or devices behind the node's port"});
    visit("level", &M::level, {.text = "stream: bulk transfers; command: every DRAM command"});
    visit("mapping", &M::mapping,
          {.text = "address bits of a channel: default, mapA, mapB, or fields with XOR such as "
                   "'column=5,9-12 bank_group=7^17,8^18 bank=13-14 row=15-29'"});
    visit("interleave_bytes", &M::interleave_bytes,
          {.unit = Unit::bytes,
           .min = 32,
           .max = 1 << 20,
           .text = "bytes that stay on one channel before the address moves to the next"});
    visit("scheduler", &M::scheduler, {.text = "fcfs or frfcfs (row hits and ready commands first)"});
    visit("starvation_clocks", &M::starvation_clocks,
          {.min = 1, .max = 1e9, .text = "age at which a request goes before all younger ones"});
    visit("row_policy", &M::row_policy, {.text = "open, closed, or timeout (closes an idle row)"});
    visit("row_timeout_clocks", &M::row_timeout_clocks,
          {.min = 1, .max = 1e9, .text = "idle clocks after which the timeout policy closes a row"});
    visit("read_queue", &M::read_queue,
          {.min = 1, .max = 4096, .text = "read entries of a channel's controller, in bursts"});
    visit("write_queue", &M::write_queue,
          {.min = 1, .max = 4096, .text = "write entries of a channel's controller, in bursts"});
    visit("write_high_watermark", &M::write_high_watermark,
          {.unit = Unit::ratio, .min = 0, .max = 1, .text = "write queue fill above which writes drain"});
    visit("write_low_watermark", &M::write_low_watermark,
          {.unit = Unit::ratio, .min = 0, .max = 1, .text = "write queue fill at which draining stops"});
    visit("refresh", &M::refresh, {.text = "none, all_bank or per_bank"});
    visit("refresh_postpone", &M::refresh_postpone,
          {.min = 0, .max = 8, .text = "refresh commands that may be postponed while requests wait"});
    visit("idle_latency_ps", &M::idle_latency_ps,
          {.unit = Unit::picoseconds,
           .min = 0,
           .max = 1e9,
           .text = "idle read, request at the node to first data (controller, PHY and DRAM); 0 = the "
                   "standard's own: 250 ns HBM3e, 300 ns GDDR7"});
    visit("outstanding_transactions", &M::outstanding_transactions,
          {.min = 1, .max = 65536, .text = "transactions accepted before END_REQ is held back"});
    visit("ecc", &M::ecc, {.text = "SECDED over each 64-bit word, with error registers and interrupt"});
  }
};

/// The organisation and timing behind a description. Throws UserError for an unknown standard.
const DramStandard& standard_of(const MemoryDescription& memory);
/// Bytes of all stacks: 24 GiB an HBM3e stack, 8 GiB a GDDR7 stack.
uint64_t capacity_bytes(const MemoryDescription& memory);
/// Bytes/s of all data buses: 1.024e12 an HBM3e stack, 128e9 a GDDR7 stack.
double peak_bytes_per_second(const MemoryDescription& memory);
/// Idle read latency in ps, request to first data: the description's or else the standard's.
uint64_t idle_latency_ps(const MemoryDescription& memory);
/// Pseudo channels of all stacks.
uint32_t pseudo_channels(const MemoryDescription& memory);

/// A node of the decode package: one HBM3e stack.
MemoryDescription hbm3e_node();
/// A node of the prefill package: a memory-PHY chiplet with two GDDR7 stacks.
MemoryDescription gddr7_node();

}  // namespace duet::core
