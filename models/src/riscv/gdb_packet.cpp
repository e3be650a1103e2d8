// SPDX-License-Identifier: Apache-2.0
#include "gdb_packet.hpp"

#include <fmt/format.h>

#include <charconv>

namespace duet::models::riscv {
namespace {

constexpr std::chrono::milliseconds patience{2000};
constexpr char escape = '}';
constexpr char escape_mask = 0x20;

uint8_t checksum(std::string_view text) {
  uint8_t sum = 0;
  for (const char c : text) sum = static_cast<uint8_t>(sum + static_cast<uint8_t>(c));
  return sum;
}

std::optional<uint8_t> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

std::string unescape(std::string_view raw) {
  std::string result;
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == escape && i + 1 < raw.size()) {
      result += static_cast<char>(raw[++i] ^ escape_mask);
    } else {
      result += raw[i];
    }
  }
  return result;
}

}  // namespace

std::optional<std::string> GdbPackets::receive_body() {
  std::string raw;
  for (;;) {
    const auto next = connection_->read_byte(patience);
    if (!next) return std::nullopt;
    if (*next == '#') break;
    raw += static_cast<char>(*next);
  }
  const auto high = connection_->read_byte(patience);
  const auto low = connection_->read_byte(patience);
  if (!high || !low) return std::nullopt;
  const char digits[] = {static_cast<char>(*high), static_cast<char>(*low)};
  const auto sum = from_hex({digits, 2});
  if (acknowledge_) {
    const bool good = sum && (*sum)[0] == checksum(raw);
    connection_->write(good ? "+" : "-", patience);
    if (!good) return std::nullopt;
  }
  return unescape(raw);
}

std::optional<std::string> GdbPackets::receive(std::chrono::milliseconds timeout) {
  for (;;) {
    const auto first = connection_->read_byte(timeout);
    if (!first) return std::nullopt;
    if (*first == 0x03) return interrupt;
    if (*first == '$') return receive_body();
    // '+', '-' and noise: a lost packet on a local socket does not happen, so nothing is repeated
  }
}

bool GdbPackets::send(const std::string& contents) {
  std::string raw;
  for (const char c : contents) {
    if (c == '#' || c == '$' || c == escape || c == '*') {
      raw += escape;
      raw += static_cast<char>(c ^ escape_mask);
    } else {
      raw += c;
    }
  }
  return connection_->write(fmt::format("${}#{:02x}", raw, checksum(raw)), patience);
}

std::string to_hex(std::span<const uint8_t> bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::string to_hex(std::string_view text) {
  return to_hex(std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
}

std::optional<std::vector<uint8_t>> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    const auto high = digit(text[i]);
    const auto low = digit(text[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes.push_back(static_cast<uint8_t>(*high << 4 | *low));
  }
  return bytes;
}

std::optional<uint64_t> take_hex_number(std::string_view& text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

}  // namespace duet::models::riscv
