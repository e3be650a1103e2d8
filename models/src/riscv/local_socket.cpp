// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/local_socket.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

#include "duet/core/error.hpp"

namespace duet::models::riscv {
namespace {

bool wait_for(int descriptor, short events, std::chrono::milliseconds timeout) {
  pollfd waiting{descriptor, events, 0};
  for (;;) {
    const int ready = poll(&waiting, 1, static_cast<int>(timeout.count()));
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0;
  }
}

[[noreturn]] void fail(const std::string& endpoint, std::string_view why) {
  throw core::UserError(
      fmt::format("found '{}' ({}), allowed: tcp:<port> on this machine, or unix:<path>", endpoint, why));
}

int listen_tcp(const std::string& endpoint, std::string_view digits, std::string& chosen) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size()) fail(endpoint, "no port number");
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(listener);
    fail(endpoint, std::strerror(errno));
  }
  socklen_t size = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  chosen = fmt::format("tcp:{}", ntohs(address.sin_port));
  return listener;
}

int listen_unix(const std::string& endpoint, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) fail(endpoint, "the path is empty or too long");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  unlink(path.c_str());
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(listener);
    fail(endpoint, std::strerror(errno));
  }
  return listener;
}

}  // namespace

LocalConnection::~LocalConnection() {
  close();
}

void LocalConnection::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

bool LocalConnection::fill(std::chrono::milliseconds timeout) {
  if (descriptor_ < 0 || !wait_for(descriptor_, POLLIN, timeout)) return false;
  const ssize_t count = recv(descriptor_, buffer_, sizeof buffer_, 0);
  if (count <= 0) {
    close();
    return false;
  }
  begin_ = 0;
  end_ = static_cast<size_t>(count);
  return true;
}

std::optional<uint8_t> LocalConnection::read_byte(std::chrono::milliseconds timeout) {
  if (begin_ == end_ && !fill(timeout)) return std::nullopt;
  return buffer_[begin_++];
}

bool LocalConnection::read_exactly(std::span<uint8_t> data, std::chrono::milliseconds timeout) {
  for (uint8_t& byte : data) {
    const auto next = read_byte(timeout);
    if (!next) return false;
    byte = *next;
  }
  return true;
}

bool LocalConnection::write(std::span<const uint8_t> data, std::chrono::milliseconds timeout) {
  while (!data.empty()) {
    if (descriptor_ < 0 || !wait_for(descriptor_, POLLOUT, timeout)) return false;
    const ssize_t count = send(descriptor_, data.data(), data.size(), MSG_NOSIGNAL);
    if (count <= 0) {
      close();
      return false;
    }
    data = data.subspan(static_cast<size_t>(count));
  }
  return true;
}

bool LocalConnection::write(const std::string& text, std::chrono::milliseconds timeout) {
  return write({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, timeout);
}

LocalServer::LocalServer(const std::string& endpoint) : endpoint_(endpoint) {
  constexpr std::string_view tcp = "tcp:";
  constexpr std::string_view local = "unix:";
  if (endpoint.starts_with(tcp)) {
    descriptor_ = listen_tcp(endpoint, std::string_view(endpoint).substr(tcp.size()), endpoint_);
  } else if (endpoint.starts_with(local)) {
    path_ = endpoint.substr(local.size());
    descriptor_ = listen_unix(endpoint, path_);
  } else {
    fail(endpoint, "another kind of address");
  }
  if (listen(descriptor_, 1) != 0) fail(endpoint, std::strerror(errno));
}

LocalServer::~LocalServer() {
  ::close(descriptor_);
  if (!path_.empty()) unlink(path_.c_str());
}

std::unique_ptr<LocalConnection> LocalServer::accept(std::chrono::milliseconds timeout) {
  if (!wait_for(descriptor_, POLLIN, timeout)) return nullptr;
  const int client = accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return nullptr;
  const int yes = 1;
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return std::make_unique<LocalConnection>(client);
}

}  // namespace duet::models::riscv
