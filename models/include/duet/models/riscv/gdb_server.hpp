// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <systemc>

#include "duet/models/riscv/board.hpp"
#include "duet/models/riscv/local_socket.hpp"

namespace duet::models::riscv {

class GdbPackets;

struct GdbParameters {
  std::string endpoint = "tcp:1234";  ///< see LocalServer
  /// Wait that long for a debugger before the first instruction and stop there; 0: run at once.
  std::chrono::milliseconds wait_for_debugger{0};
  /// While halted, a debugger that says nothing for that long is taken for gone; 0: never.
  std::chrono::milliseconds silence{0};
};

/// A GDB remote serial protocol server for the harts of a board, which it shows as threads. While the program
/// is halted the call blocks in the process of the simulation, so that simulated time stands still. A
/// debugger that goes away lets the program run on without breakpoints.
class GdbServer : public sc_core::sc_module, private HartObserver {
 public:
  using MonitorCommand = std::function<std::string(std::string_view arguments)>;

  /// Throws core::UserError when the endpoint cannot be opened.
  GdbServer(sc_core::sc_module_name name, Board& board, const GdbParameters& parameters);
  ~GdbServer() override;

  [[nodiscard]] const std::string& endpoint() const { return server_.endpoint(); }

  /// Adds a `monitor` command; what it returns is printed by GDB.
  void add_monitor_command(const std::string& command, const std::string& help, MonitorCommand run);

 private:
  struct Command {
    std::string help;
    MonitorCommand run;
  };
  enum class Next : uint8_t { answer, resume };

  void poll(Hart& hart) override;
  void stopped(Hart& hart, Stop reason) override;
  void tick();

  void connect(std::unique_ptr<LocalConnection> connection);
  void disconnect();
  void serve(Hart& hart, const std::string& stop_reply);
  Next handle(const std::string& packet);
  std::string query(std::string_view packet);
  std::string transfer(std::string_view packet);
  std::string monitor(std::string_view hex);
  std::string read_registers();
  std::string write_registers(std::string_view hex);
  std::string access_register(std::string_view packet);
  std::string read_memory(std::string_view packet);
  std::string write_memory(std::string_view packet, bool binary);
  std::string change_point(std::string_view packet, bool insert);
  Next resume(std::string_view actions);
  std::string stop_reply(Hart& hart, Stop reason) const;
  void remove_points();
  void add_standard_commands();
  std::string control_registers_text(std::string_view arguments);

  Board& board_;
  GdbParameters parameters_;
  LocalServer server_;
  std::unique_ptr<LocalConnection> connection_;
  std::unique_ptr<GdbPackets> packets_;
  std::map<std::string, Command> commands_;
  std::map<std::string, bool> points_;  // what is set, by packet text
  Hart* general_;                       // of g, G, p, P, m
  Hart* stepping_ = nullptr;
  std::string last_stop_;
  std::string reply_;
  bool started_ = false;
  bool serving_ = false;
  std::chrono::steady_clock::time_point next_poll_{};
};

}  // namespace duet::models::riscv
