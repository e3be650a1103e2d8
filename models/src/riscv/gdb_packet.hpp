// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "duet/models/riscv/local_socket.hpp"

namespace duet::models::riscv {

/// Packets of the GDB remote serial protocol over a connection: framing, check sums, acknowledgements,
/// escapes. GDB manual, appendix E.
class GdbPackets {
 public:
  explicit GdbPackets(LocalConnection& connection) : connection_(&connection) {}

  static constexpr const char* interrupt = "\x03";

  /// The next packet's contents, or `interrupt`; nothing when none came in time.
  std::optional<std::string> receive(std::chrono::milliseconds timeout);
  /// False when the peer is gone.
  bool send(const std::string& contents);
  void stop_acknowledging() { acknowledge_ = false; }

 private:
  std::optional<std::string> receive_body();
  LocalConnection* connection_;
  bool acknowledge_ = true;
};

std::string to_hex(std::span<const uint8_t> bytes);
std::string to_hex(std::string_view text);
/// The bytes, or nothing when a character is no hexadecimal digit or one is missing.
std::optional<std::vector<uint8_t>> from_hex(std::string_view text);
/// A number at the start of the text, which is advanced past it.
std::optional<uint64_t> take_hex_number(std::string_view& text);

}  // namespace duet::models::riscv
