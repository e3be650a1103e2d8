// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace duet::models::riscv {

/// One connection of a LocalServer. All calls end after the given time; a closed peer reads as closed().
class LocalConnection {
 public:
  explicit LocalConnection(int descriptor) : descriptor_(descriptor) {}
  ~LocalConnection();
  LocalConnection(const LocalConnection&) = delete;
  LocalConnection& operator=(const LocalConnection&) = delete;

  /// A byte, or nothing when none came in time or the peer is gone.
  std::optional<uint8_t> read_byte(std::chrono::milliseconds timeout);
  /// Fills the whole span; false when it did not come in time or the peer is gone.
  bool read_exactly(std::span<uint8_t> data, std::chrono::milliseconds timeout);
  /// False when the peer is gone or takes nothing for that long.
  bool write(std::span<const uint8_t> data, std::chrono::milliseconds timeout);
  bool write(const std::string& text, std::chrono::milliseconds timeout);
  [[nodiscard]] bool closed() const { return descriptor_ < 0; }

 private:
  bool fill(std::chrono::milliseconds timeout);
  void close();

  int descriptor_;
  uint8_t buffer_[4096];
  size_t begin_ = 0;
  size_t end_ = 0;
};

/// Listens where only this machine can connect: on a TCP port of 127.0.0.1 or on a Unix socket.
class LocalServer {
 public:
  /// "tcp:1234" (0: any free port) or "unix:/path". Throws core::UserError when it cannot be opened.
  explicit LocalServer(const std::string& endpoint);
  ~LocalServer();
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

  /// The endpoint with the port that was chosen.
  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
  /// A waiting client, or null when none came in time.
  std::unique_ptr<LocalConnection> accept(std::chrono::milliseconds timeout);

 private:
  int descriptor_ = -1;
  std::string endpoint_;
  std::string path_;  // of a Unix socket
};

}  // namespace duet::models::riscv
