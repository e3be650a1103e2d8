// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include "duet/core/address_map.hpp"
#include "duet/sw_driver/regs.h"

namespace duet::models {

/// Bytes that one user of the DMA port has in flight; bounds how far it runs ahead of the memory.
class DmaWindow {
 public:
  explicit DmaWindow(uint64_t limit_bytes) : limit_bytes_(limit_bytes) {}

 private:
  friend class DmaPort;
  uint64_t limit_bytes_;
  uint64_t in_flight_bytes_ = 0;
  unsigned in_flight_pieces_ = 0;
  sc_core::sc_event released_;
};

/// The data initiator of a chiplet: reads and writes of any size, split by the address map and by the
/// granularity, sent by the approximately timed base protocol with any number outstanding. Requests
/// without data point their payloads to scratch and give them core::TimingOnlyExtension.
class DmaPort : public sc_core::sc_module, private tlm::tlm_mm_interface {
 public:
  /// Called for each piece that has arrived, and for each that got an error response.
  using PieceDone = std::function<void(uint64_t bytes)>;
  using PieceFailed = std::function<void(uint64_t address, uint64_t bytes)>;

  tlm_utils::simple_initiator_socket<DmaPort> socket{"socket"};

  /// Pieces have about `granularity_bytes`, more where a transfer would be cut into many. What goes to other
  /// chiplets stays whole: it has come in pieces.
  DmaPort(sc_core::sc_module_name name, const core::AddressMap& map, uint64_t granularity_bytes);
  ~DmaPort() override;

  struct Request {
    tlm::tlm_command command = tlm::TLM_READ_COMMAND;
    uint64_t address = 0;
    uint64_t bytes = 0;
    PieceDone done;
    PieceFailed failed;
    uint64_t last_data_ps = 0;  ///< of a write: its bytes become available evenly from now to then
    uint8_t* data = nullptr;    ///< `bytes` of them, alive until all pieces are done; null: carries none.
                                ///< The address must be linear then.
  };

  /// Starts transfers that progress side by side; blocks the calling SC_THREAD only while the window is full.
  void transfer(std::vector<Request> requests, DmaWindow& window);

  /// Starts a posted write of 4 bytes with data; never blocks.
  void post_word(uint64_t address, uint32_t value);

  /// Reads through debug transport, in no time. False where no memory answers.
  bool peek(uint64_t address, void* data, unsigned bytes);

  /// Reads real data; blocks the calling SC_THREAD until it is there. False after an error response.
  bool fetch(uint64_t address, void* data, unsigned bytes);

  [[nodiscard]] uint64_t granularity_bytes() const { return granularity_bytes_; }
  [[nodiscard]] uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] uint64_t bytes_written() const { return bytes_written_; }
  [[nodiscard]] uint64_t transactions() const { return transactions_; }
  [[nodiscard]] tlm::tlm_response_status last_error() const { return last_error_; }
  /// What a chiplet reports of it: data that could not be corrected, or an access that is wrong.
  [[nodiscard]] duet_error last_failure() const {
    return last_error_ == tlm::TLM_GENERIC_ERROR_RESPONSE ? DUET_ERROR_UNCORRECTABLE_DATA : DUET_ERROR_BUS;
  }
  /// Transactions that have not come back.
  [[nodiscard]] size_t in_flight() const { return pieces_.size() - free_pieces_.size(); }
  [[nodiscard]] uint64_t last_error_address() const { return last_error_address_; }
  /// Where the piece begins whose PieceDone is being called.
  [[nodiscard]] uint64_t done_address() const { return done_address_; }

 private:
  struct Transfer;
  struct Piece;

  void free(tlm::tlm_generic_payload* payload) override;
  [[nodiscard]] uint64_t piece_bytes_of(uint64_t bytes, uint64_t slots) const;
  Piece* allocate();
  void enqueue(Piece* piece);
  void pump();
  void handle(Piece* piece, const tlm::tlm_phase& phase);
  void on_annotated_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase);
  void complete(Piece* piece);
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);

  const core::AddressMap& map_;
  uint64_t granularity_bytes_;
  std::vector<std::unique_ptr<Piece>> pieces_;
  std::vector<Piece*> free_pieces_;
  std::deque<Piece*> pending_;
  std::deque<Piece*> control_;   ///< events, credits, descriptors: they do not queue behind bulk transfers
  Piece* requesting_ = nullptr;  // sent BEGIN_REQ, no END_REQ yet
  sc_core::sc_event pump_event_;
  tlm_utils::peq_with_cb_and_phase<DmaPort> annotated_{this, &DmaPort::on_annotated_phase};
  uint64_t bytes_read_ = 0;
  uint64_t bytes_written_ = 0;
  uint64_t transactions_ = 0;
  tlm::tlm_response_status last_error_ = tlm::TLM_OK_RESPONSE;
  uint64_t last_error_address_ = 0;
  uint64_t done_address_ = 0;
};

}  // namespace duet::models
