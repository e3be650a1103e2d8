// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>

#include "duet/models/riscv/local_socket.hpp"

namespace duet::models::riscv {

struct DoorParameters {
  std::string endpoint = "tcp:5555";                  ///< see LocalServer
  std::chrono::milliseconds connect_timeout{30'000};  ///< wait that long for a client
  std::chrono::milliseconds silence{30'000};          ///< a client that says nothing for that long is gone
  bool opens_itself = true;                           ///< at time 0; else open() does, any number of times
};

/// The co-simulation door: an external process (QEMU, Renode, an RTL test bench) reads and writes a control
/// bus and sees interrupt lines in lock-step. Its requests and answers are those of duet_cosim.h. While the
/// door waits for a request the simulation's process blocks, so that simulated time stands still.
/// When the client has gone the simulation is paused.
class CosimulationDoor : public sc_core::sc_module {
 public:
  enum class End : uint8_t { none, bye, lost, no_client, bad_version };

  tlm_utils::simple_initiator_socket<CosimulationDoor> socket{"socket"};
  sc_core::sc_vector<sc_core::sc_in<bool>> interrupts;

  /// Throws core::UserError when the endpoint cannot be opened.
  CosimulationDoor(sc_core::sc_module_name name, const DoorParameters& parameters, unsigned interrupt_lines);

  /// Opens the door for one client. Throws core::UserError when the endpoint cannot be opened.
  void open();
  /// Called when a session has ended, before the simulation is paused.
  void on_end(std::function<void()> callback) { on_end_ = std::move(callback); }

  /// The endpoint with the port that was chosen.
  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
  /// How the session ended; none while it goes on.
  [[nodiscard]] End end() const { return end_; }
  /// What the client said with its BYE.
  [[nodiscard]] int64_t farewell() const { return farewell_; }
  [[nodiscard]] uint64_t requests() const { return requests_; }
  /// Reads and writes, and the simulated time that they took.
  [[nodiscard]] uint64_t accesses() const { return accesses_; }
  [[nodiscard]] uint64_t access_time_ps() const { return access_time_ps_; }

 private:
  void serve();
  End session(LocalConnection& client);
  int access(uint32_t operation, uint64_t address, uint32_t bytes, uint64_t& value);
  int wait_for_interrupt(uint64_t picoseconds);
  [[nodiscard]] uint32_t levels() const;

  DoorParameters parameters_;
  std::unique_ptr<LocalServer> server_;  // while it waits for a client or has one
  std::string endpoint_;
  std::function<void()> on_end_;
  sc_core::sc_event opened_{"opened"};
  End end_ = End::none;
  int64_t farewell_ = 0;
  uint64_t requests_ = 0;
  uint64_t accesses_ = 0;
  uint64_t access_time_ps_ = 0;
};

}  // namespace duet::models::riscv
