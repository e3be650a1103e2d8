// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <span>

#include "duet/models/riscv/diagnosis.hpp"
#include "duet/models/riscv/gdb_server.hpp"
#include "duet/sw_driver/regs.h"
#include "duet/tlm_interconnect/register_block.hpp"
#include "gdb_packet.hpp"
#include "gdb_target.hpp"

namespace duet::models::riscv {
namespace {

constexpr const char* error_reply = "E01";
constexpr size_t max_packet = 0x4000;

std::string register_hex(uint64_t value) {
  uint8_t bytes[8];
  std::memcpy(bytes, &value, sizeof bytes);
  return to_hex(bytes);
}

std::optional<unsigned> decimal(std::string_view text) {
  unsigned number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return number;
}

bool skip(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

GdbServer::Next GdbServer::handle(const std::string& packet) {
  const std::string_view rest = std::string_view(packet).substr(packet.empty() ? 0 : 1);
  std::string reply;
  switch (packet.empty() ? '\0' : packet[0]) {
    case '?':
      reply = last_stop_;
      break;
    case 'g':
      reply = read_registers();
      break;
    case 'G':
      reply = write_registers(rest);
      break;
    case 'p':
    case 'P':
      reply = access_register(packet);
      break;
    case 'm':
      reply = read_memory(rest);
      break;
    case 'M':
      reply = write_memory(rest, false);
      break;
    case 'X':
      reply = write_memory(rest, true);
      break;
    case 'Z':
    case 'z':
      reply = change_point(rest, packet[0] == 'Z');
      break;
    case 'q':
      reply = query(packet);
      break;
    case 'H': {
      std::string_view thread = rest.substr(rest.empty() ? 0 : 1);
      const auto number = take_hex_number(thread);
      if (number && *number >= 1 && *number <= board_.harts() && rest.starts_with("g")) {
        general_ = &board_.hart(static_cast<unsigned>(*number - 1));
      }
      reply = "OK";
      break;
    }
    case 'T': {
      std::string_view thread = rest;
      const auto number = take_hex_number(thread);
      reply = number && *number >= 1 && *number <= board_.harts() ? "OK" : error_reply;
      break;
    }
    case 'Q':
      if (packet == "QStartNoAckMode") {
        packets_->send("OK");
        packets_->stop_acknowledging();
        return Next::answer;
      }
      break;
    case 'v':
      if (packet == "vCont?") {
        reply = "vCont;c;C;s;S";
      } else if (packet.starts_with("vCont;")) {
        return resume(std::string_view(packet).substr(5));
      } else if (packet.starts_with("vKill")) {
        packets_->send("OK");
        disconnect();
        board_.stop(Board::exit_guest_failure, "killed by the debugger");
        return Next::resume;
      }
      break;
    case 'c':
      return resume(";c");
    case 's':
      return resume(";s");
    case 'D':
      packets_->send("OK");
      disconnect();
      return Next::resume;
    case 'k':
      disconnect();
      board_.stop(Board::exit_guest_failure, "killed by the debugger");
      return Next::resume;
    default:
      break;
  }
  packets_->send(reply);
  return Next::answer;
}

std::string GdbServer::query(std::string_view packet) {
  if (packet.starts_with("qSupported")) {
    return fmt::format("PacketSize={:x};QStartNoAckMode+;qXfer:features:read+;hwbreak+;vContSupported+",
                       max_packet);
  }
  if (packet.starts_with("qXfer:features:read:")) return transfer(packet.substr(20));
  if (packet == "qAttached") return "1";
  if (packet == "qC") return fmt::format("QC{:x}", general_->interpreter().hart_id() + 1);
  if (packet == "qfThreadInfo") {
    std::string threads = "m";
    for (unsigned i = 0; i < board_.harts(); ++i) threads += fmt::format("{}{:x}", i == 0 ? "" : ",", i + 1);
    return threads;
  }
  if (packet == "qsThreadInfo") return "l";
  if (packet.starts_with("qThreadExtraInfo,")) {
    std::string_view thread = packet.substr(17);
    const auto number = take_hex_number(thread);
    if (!number || *number < 1 || *number > board_.harts()) return error_reply;
    Hart& hart = board_.hart(static_cast<unsigned>(*number - 1));
    return to_hex(fmt::format("hart {}{}", *number - 1, hart.idle() ? " (WFI)" : ""));
  }
  if (packet.starts_with("qRcmd,")) return monitor(packet.substr(6));
  return "";
}

std::string GdbServer::transfer(std::string_view packet) {
  const std::string xml = gdb_target_xml();
  if (!packet.starts_with("target.xml:")) return "E00";
  packet.remove_prefix(11);
  const auto offset = take_hex_number(packet);
  if (!offset || !skip(packet, ',')) return error_reply;
  const auto length = take_hex_number(packet);
  if (!length || *offset > xml.size()) return error_reply;
  const std::string part = xml.substr(*offset, *length);
  return (*offset + part.size() < xml.size() ? "m" : "l") + part;
}

std::string GdbServer::read_registers() {
  std::string text;
  for (unsigned i = 0; i <= gdb_pc; ++i) text += register_hex(*read_gdb_register(*general_, i));
  return text;
}

std::string GdbServer::write_registers(std::string_view hex) {
  const auto bytes = from_hex(hex);
  if (!bytes || bytes->size() < 8 * (gdb_pc + 1)) return error_reply;
  for (unsigned i = 0; i <= gdb_pc; ++i) {
    uint64_t value = 0;
    std::memcpy(&value, bytes->data() + 8 * size_t{i}, sizeof value);
    write_gdb_register(*general_, i, value);
  }
  return "OK";
}

std::string GdbServer::access_register(std::string_view packet) {
  const bool write = packet[0] == 'P';
  packet.remove_prefix(1);
  const auto number = take_hex_number(packet);
  if (!number || *number > gdb_privilege) return error_reply;
  if (!write) {
    const auto value = read_gdb_register(*general_, static_cast<unsigned>(*number));
    return value ? register_hex(*value) : error_reply;
  }
  if (!skip(packet, '=')) return error_reply;
  const auto bytes = from_hex(packet);
  if (!bytes || bytes->size() != 8) return error_reply;
  uint64_t value = 0;
  std::memcpy(&value, bytes->data(), sizeof value);
  return write_gdb_register(*general_, static_cast<unsigned>(*number), value) ? "OK" : error_reply;
}

std::string GdbServer::read_memory(std::string_view packet) {
  const auto address = take_hex_number(packet);
  if (!address || !skip(packet, ',')) return error_reply;
  const auto length = take_hex_number(packet);
  if (!length || *length > max_packet) return error_reply;
  std::vector<uint8_t> data(*length);
  data.resize(board_.read_debug(*address, data));
  return data.empty() && *length != 0 ? error_reply : to_hex(data);
}

std::string GdbServer::write_memory(std::string_view packet, bool binary) {
  const auto address = take_hex_number(packet);
  if (!address || !skip(packet, ',')) return error_reply;
  const auto length = take_hex_number(packet);
  if (!length || !skip(packet, ':')) return error_reply;
  const auto bytes = binary ? std::vector<uint8_t>(packet.begin(), packet.end()) : from_hex(packet);
  if (!bytes || bytes->size() != *length) return error_reply;
  return board_.write_debug(*address, *bytes) == *length ? "OK" : error_reply;
}

std::string GdbServer::change_point(std::string_view packet, bool insert) {
  const std::string key(packet);
  if (points_.contains(key) == insert) return "OK";  // both are idempotent
  const auto kind = take_hex_number(packet);
  if (!kind || *kind > 4 || !skip(packet, ',')) return "";
  const auto address = take_hex_number(packet);
  if (!address || !skip(packet, ',')) return error_reply;
  const auto length = take_hex_number(packet);
  if (!length) return error_reply;
  const Watchpoint watchpoint{*address, *address + std::max<uint64_t>(*length, 1), *kind == 3 || *kind == 4,
                              *kind == 2 || *kind == 4};
  for (unsigned i = 0; i < board_.harts(); ++i) {
    Interpreter& core = board_.hart(i).interpreter();
    if (*kind < 2) {
      insert ? core.add_breakpoint(*address) : core.remove_breakpoint(*address);
    } else {
      insert ? core.add_watchpoint(watchpoint) : core.remove_watchpoint(watchpoint);
    }
  }
  if (insert) {
    points_[key] = true;
  } else {
    points_.erase(key);
  }
  return "OK";
}

std::string GdbServer::monitor(std::string_view hex) {
  const auto bytes = from_hex(hex);
  if (!bytes) return error_reply;
  const std::string text(bytes->begin(), bytes->end());
  const size_t space = text.find(' ');
  const auto command = commands_.find(text.substr(0, space));
  if (command == commands_.end()) {
    return to_hex(fmt::format("unknown command '{}', try 'monitor help'\n", text.substr(0, space)));
  }
  const std::string_view arguments =
      space == std::string::npos ? "" : std::string_view(text).substr(space + 1);
  std::string output = command->second.run(arguments);
  if (output.empty() || output.back() != '\n') output += '\n';
  return to_hex(output);
}

std::string GdbServer::control_registers_text(std::string_view arguments) {
  std::optional<unsigned> window;
  std::span<const tlm_interconnect::RegisterDeclaration> lines = tlm_interconnect::chiplet_registers();
  if (arguments == "package") {
    window = DUET_PACKAGE_WINDOW;
    lines = tlm_interconnect::package_registers();
  } else if (arguments.starts_with("memory ")) {
    if (const auto memory = decimal(arguments.substr(7))) window = DUET_MEMORY_WINDOW + *memory;
    lines = tlm_interconnect::memory_registers();
  } else {
    window = decimal(arguments);
  }
  if (!window) return "usage: monitor registers <chiplet>|memory <node>|package";
  std::string text;
  for (const auto& line : lines) {
    uint8_t bytes[4] = {};
    const uint64_t address =
        board_.description().control_base + *window * board_.control_window().stride() + line.offset;
    if (board_.read_debug(address, bytes) != sizeof bytes) continue;
    uint32_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    text += fmt::format("{:<28} {:#05x}  {:#010x}\n", line.name, line.offset, value);
  }
  return text.empty() ? fmt::format("nothing at 'registers {}' behind the control window", arguments) : text;
}

void GdbServer::add_standard_commands() {
  add_monitor_command("help", "this list", [this](std::string_view) {
    std::string text;
    for (const auto& [command, entry] : commands_) text += fmt::format("{:<12} {}\n", command, entry.help);
    return text;
  });
  add_monitor_command("time", "simulated time of the current hart",
                      [this](std::string_view) { return general_->local_time().to_string(); });
  add_monitor_command("map", "the board's memory map",
                      [this](std::string_view) { return board_.memory_map(); });
  add_monitor_command("harts", "where every hart is", [this](std::string_view) {
    std::string text;
    for (unsigned i = 0; i < board_.harts(); ++i) text += describe_place(board_.hart(i), board_.elf()) + "\n";
    return text;
  });
  add_monitor_command("statistics", "what the harts have counted", [this](std::string_view) {
    core::StatisticsRegistry registry;
    board_.register_statistics(registry);
    std::string text;
    for (const auto& line : registry.all())
      text += fmt::format("{:<32} {:>16.0f} {}\n", line.name, line.value(), line.unit);
    return text;
  });
  add_monitor_command("registers", "control registers: registers <chiplet>|memory <node>|package",
                      [this](std::string_view arguments) { return control_registers_text(arguments); });
}

}  // namespace duet::models::riscv
