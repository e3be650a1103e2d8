// SPDX-License-Identifier: Apache-2.0
// Connection and run control of the GDB server; gdb_commands.cpp answers the packets.
#include "duet/models/riscv/gdb_server.hpp"

#include <fmt/format.h>

#include "gdb_packet.hpp"

namespace duet::models::riscv {
namespace {

constexpr std::chrono::milliseconds poll_interval{2};
constexpr std::chrono::milliseconds now{0};
constexpr std::chrono::milliseconds heartbeat{1000};
const sc_core::sc_time tick_interval(100, sc_core::SC_US);

}  // namespace

GdbServer::GdbServer(sc_core::sc_module_name name, Board& board, const GdbParameters& parameters)
    : sc_module(name),
      board_(board),
      parameters_(parameters),
      server_(parameters.endpoint),
      general_(&board.hart(0)) {
  for (unsigned i = 0; i < board.harts(); ++i) board.hart(i).set_observer(this);
  add_standard_commands();
  SC_HAS_PROCESS(GdbServer);
  SC_METHOD(tick);
}

GdbServer::~GdbServer() {
  const int code = board_.outcome() ? board_.outcome()->exit_code : 0;
  if (connection_) packets_->send(fmt::format("W{:02x}", static_cast<unsigned>(code) & 0xffu));
  for (unsigned i = 0; i < board_.harts(); ++i) board_.hart(i).set_observer(nullptr);
}

void GdbServer::add_monitor_command(const std::string& command, const std::string& help, MonitorCommand run) {
  commands_[command] = {help, std::move(run)};
}

void GdbServer::connect(std::unique_ptr<LocalConnection> connection) {
  connection_ = std::move(connection);
  packets_ = std::make_unique<GdbPackets>(*connection_);
}

void GdbServer::remove_points() {
  const auto points = points_;
  for (const auto& [packet, set] : points) change_point(packet, false);
  points_.clear();
}

void GdbServer::disconnect() {
  remove_points();
  if (stepping_ != nullptr) stepping_->set_single_step(false);
  stepping_ = nullptr;
  packets_.reset();
  connection_.reset();
}

/// Keeps an eye on the debugger while every hart waits for an interrupt.
void GdbServer::tick() {
  poll(*general_);
  if (!board_.outcome()) next_trigger(tick_interval);
}

void GdbServer::poll(Hart& hart) {
  if (serving_) return;
  if (!started_) {
    started_ = true;
    if (parameters_.wait_for_debugger.count() > 0) {
      if (auto client = server_.accept(parameters_.wait_for_debugger)) {
        connect(std::move(client));
        serve(hart, fmt::format("T05thread:{:x};", hart.interpreter().hart_id() + 1));
      }
    }
  }
  if (board_.outcome()) {
    if (connection_) {
      packets_->send(fmt::format("W{:02x}", static_cast<unsigned>(board_.outcome()->exit_code) & 0xffu));
      disconnect();
    }
    return;
  }
  const auto time = std::chrono::steady_clock::now();
  if (time < next_poll_) return;
  next_poll_ = time + poll_interval;
  if (!connection_) {
    auto client = server_.accept(now);
    if (!client) return;
    connect(std::move(client));
    return serve(hart, fmt::format("T05thread:{:x};", hart.interpreter().hart_id() + 1));
  }
  const auto packet = packets_->receive(now);
  if (packet == GdbPackets::interrupt) {
    serve(hart, fmt::format("T02thread:{:x};", hart.interpreter().hart_id() + 1));
  } else if (connection_->closed()) {
    disconnect();
  }
}

std::string GdbServer::stop_reply(Hart& hart, Stop reason) const {
  const unsigned thread = hart.interpreter().hart_id() + 1;
  if (reason == Stop::trap_loop) return fmt::format("T0bthread:{:x};", thread);
  const auto& hit = hart.interpreter().watch_hit();
  if (reason == Stop::watchpoint && hit) {
    const char* const kind = hit->first.on_read && hit->first.on_write ? "awatch"
                             : hit->first.on_read                      ? "rwatch"
                                                                       : "watch";
    return fmt::format("T05{}:{:x};thread:{:x};", kind, hit->second, thread);
  }
  if (reason == Stop::breakpoint) return fmt::format("T05hwbreak:;thread:{:x};", thread);
  return fmt::format("T05thread:{:x};", thread);
}

void GdbServer::stopped(Hart& hart, Stop reason) {
  if (!connection_) {
    hart.set_single_step(false);
    return;
  }
  serve(hart, stop_reply(hart, reason));
}

void GdbServer::serve(Hart& hart, const std::string& stop) {
  serving_ = true;
  general_ = &hart;
  if (stepping_ != nullptr) stepping_->set_single_step(false);
  stepping_ = nullptr;
  // A debugger that has just connected asks for the reason itself.
  if (!last_stop_.empty()) packets_->send(stop);
  last_stop_ = stop;
  std::chrono::milliseconds silent{0};
  while (connection_) {
    const auto packet = packets_->receive(heartbeat);
    if (!packet) {
      silent += heartbeat;
      const bool gone = parameters_.silence.count() > 0 && silent >= parameters_.silence;
      if (connection_->closed() || gone) disconnect();
      continue;
    }
    silent = std::chrono::milliseconds{0};
    if (*packet == GdbPackets::interrupt) continue;
    if (handle(*packet) == Next::resume) break;
  }
  if (!connection_) last_stop_.clear();
  serving_ = false;
}

GdbServer::Next GdbServer::resume(std::string_view actions) {
  // ";s:1;c" steps one hart while the others run; ";c" runs all.
  while (!actions.empty()) {
    actions.remove_prefix(1);
    std::string_view action = actions.substr(0, actions.find(';'));
    actions.remove_prefix(action.size());
    const bool step = action.starts_with("s") || action.starts_with("S");
    const size_t colon = action.find(':');
    if (!step) continue;
    Hart* hart = general_;
    if (colon != std::string_view::npos) {
      action.remove_prefix(colon + 1);
      const auto thread = take_hex_number(action);
      if (thread && *thread >= 1 && *thread <= board_.harts())
        hart = &board_.hart(static_cast<unsigned>(*thread - 1));
    }
    stepping_ = hart;
    hart->set_single_step(true);
  }
  return Next::resume;
}

}  // namespace duet::models::riscv
