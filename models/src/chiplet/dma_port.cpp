// SPDX-License-Identifier: Apache-2.0
#include "duet/models/chiplet/dma_port.hpp"

#include <algorithm>
#include <cstring>

#include "duet/core/detach_extensions.hpp"
#include "duet/core/tlm_extensions.hpp"

namespace duet::models {
namespace {

// A transfer is cut into at most this many pieces per slot of its interleave set, so that the number of
// transactions stays bounded whatever the batch.
constexpr uint64_t most_pieces = 8;

// Timing-only payloads of all ports share it; it is never read by our own modules.
unsigned char* shared_scratch(uint64_t bytes) {
  static std::unique_ptr<unsigned char[]> scratch;
  static uint64_t size = 0;
  if (bytes > size) {
    size = std::max<uint64_t>(bytes, 64ull << 20);
    scratch.reset(new unsigned char[size]);  // left uninitialised: pages are only touched by foreign targets
  }
  return scratch.get();
}

}  // namespace

struct DmaPort::Transfer {
  unsigned pieces = 0;
  bool ok = true;
  Done done;
  DmaWindow* window = nullptr;
};

struct DmaPort::Piece {
  tlm::tlm_generic_payload payload;
  core::TimingOnlyExtension timing_only;
  Transfer* transfer = nullptr;
  uint32_t word = 0;
};

DmaPort::DmaPort(sc_core::sc_module_name name, const core::AddressMap& map, uint64_t granularity_bytes)
    : sc_module(name), map_(map), granularity_bytes_(granularity_bytes) {
  SC_HAS_PROCESS(DmaPort);
  socket.register_nb_transport_bw(this, &DmaPort::nb_transport_bw);
  SC_METHOD(pump);
  sensitive << pump_event_;
  dont_initialize();
}

DmaPort::~DmaPort() {
  // Pieces in flight also carry extensions of those that hold them.
  for (auto& piece : pieces_) core::detach_extensions(piece->payload);
}

DmaPort::Piece* DmaPort::allocate() {
  if (free_pieces_.empty()) {
    pieces_.push_back(std::make_unique<Piece>());
    free_pieces_.push_back(pieces_.back().get());
    pieces_.back()->payload.set_mm(this);
  }
  Piece* piece = free_pieces_.back();
  free_pieces_.pop_back();
  piece->payload.acquire();
  piece->payload.set_byte_enable_ptr(nullptr);
  piece->payload.set_dmi_allowed(false);
  piece->payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  return piece;
}

void DmaPort::free(tlm::tlm_generic_payload* payload) {
  // The piece begins with its payload (standard layout up to that member).
  auto* piece = reinterpret_cast<Piece*>(payload);
  payload->clear_extension(&piece->timing_only);
  payload->reset();
  free_pieces_.push_back(piece);
}

void DmaPort::transfer(tlm::tlm_command command, uint64_t address, uint64_t bytes, DmaWindow& window,
                       Done done) {
  auto* transfer = new Transfer{0, true, std::move(done), &window};
  std::vector<core::MemoryExtent> extents;
  if (!map_.split(address, bytes, extents)) extents.push_back({0, 0, address, bytes});
  const uint64_t piece_bytes =
      std::max(granularity_bytes_, (bytes / extents.size() / most_pieces + 4095) / 4096 * 4096);
  for (const auto& extent : extents) {
    transfer->pieces += static_cast<unsigned>((extent.bytes + piece_bytes - 1) / piece_bytes);
  }
  // When the thread is reset while it waits for the window, the transfer ends with the pieces it has sent.
  struct Unsent {
    Transfer* transfer;
    unsigned pieces;
    ~Unsent() {
      transfer->pieces -= pieces;
      if (pieces != 0 && transfer->pieces == 0) delete transfer;
    }
  } unsent{transfer, transfer->pieces};
  // Round robin over the extents, so that all slots of an interleave set work at the same time.
  for (uint64_t offset = 0, left = bytes; left > 0; offset += piece_bytes) {
    for (const auto& extent : extents) {
      if (offset >= extent.bytes) continue;
      const uint64_t size = std::min(piece_bytes, extent.bytes - offset);
      while (window.in_flight_bytes_ != 0 && window.in_flight_bytes_ + size > window.limit_bytes_) {
        sc_core::wait(window.released_);
      }
      window.in_flight_bytes_ += size;
      Piece* piece = allocate();
      piece->transfer = transfer;
      piece->payload.set_command(command);
      piece->payload.set_address(extent.address + offset);
      piece->payload.set_data_ptr(shared_scratch(size));
      piece->payload.set_data_length(static_cast<unsigned>(size));
      piece->payload.set_streaming_width(static_cast<unsigned>(size));
      piece->payload.set_extension(&piece->timing_only);
      enqueue(piece);
      --unsent.pieces;
      left -= size;
    }
  }
}

void DmaPort::post_word(uint64_t address, uint32_t value) {
  Piece* piece = allocate();
  piece->transfer = nullptr;
  piece->word = value;
  piece->payload.set_command(tlm::TLM_WRITE_COMMAND);
  piece->payload.set_address(address);
  piece->payload.set_data_ptr(reinterpret_cast<unsigned char*>(&piece->word));
  piece->payload.set_data_length(sizeof piece->word);
  piece->payload.set_streaming_width(sizeof piece->word);
  enqueue(piece);
}

bool DmaPort::fetch(uint64_t address, void* data, unsigned bytes) {
  sc_core::sc_event arrived;
  bool ok = true;
  bool done = false;
  DmaWindow window{UINT64_MAX};
  Transfer transfer{1, true,
                    [&](bool result) {
                      ok = result;
                      done = true;
                      arrived.notify(sc_core::SC_ZERO_TIME);
                    },
                    &window};
  std::vector<core::MemoryExtent> extents;
  if (!map_.split(address, bytes, extents)) extents.push_back({0, 0, address, bytes});
  transfer.pieces = static_cast<unsigned>(extents.size());
  auto* heap = new Transfer(transfer);
  auto* target = static_cast<unsigned char*>(data);
  for (const auto& extent : extents) {
    Piece* piece = allocate();
    piece->transfer = heap;
    window.in_flight_bytes_ += extent.bytes;
    piece->payload.set_command(tlm::TLM_READ_COMMAND);
    piece->payload.set_address(extent.address);
    piece->payload.set_data_ptr(target);
    piece->payload.set_data_length(static_cast<unsigned>(extent.bytes));
    piece->payload.set_streaming_width(static_cast<unsigned>(extent.bytes));
    target += extent.bytes;
    enqueue(piece);
  }
  while (!done) sc_core::wait(arrived);
  return ok;
}

void DmaPort::enqueue(Piece* piece) {
  pending_.push_back(piece);
  if (requesting_ == nullptr) pump_event_.notify(sc_core::SC_ZERO_TIME);
}

void DmaPort::pump() {
  while (requesting_ == nullptr && !pending_.empty()) {
    Piece* piece = pending_.front();
    pending_.pop_front();
    requesting_ = piece;
    ++transactions_;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum result = socket->nb_transport_fw(piece->payload, phase, delay);
    if (result == tlm::TLM_COMPLETED) {
      requesting_ = nullptr;
      complete(piece);
    } else if (result == tlm::TLM_UPDATED) {
      nb_transport_bw(piece->payload, phase, delay);
    }
  }
}

tlm::tlm_sync_enum DmaPort::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                            sc_core::sc_time& delay) {
  if (delay != sc_core::SC_ZERO_TIME) {
    annotated_.notify(payload, phase, delay);
    return tlm::TLM_ACCEPTED;
  }
  const bool responded = phase == tlm::BEGIN_RESP;
  handle(reinterpret_cast<Piece*>(&payload), phase);
  if (!responded) return tlm::TLM_ACCEPTED;
  phase = tlm::END_RESP;
  return tlm::TLM_COMPLETED;
}

void DmaPort::on_annotated_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase) {
  if (phase == tlm::BEGIN_RESP) {
    payload.acquire();
    handle(reinterpret_cast<Piece*>(&payload), phase);
    tlm::tlm_phase end = tlm::END_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_fw(payload, end, delay);
    payload.release();
  } else {
    handle(reinterpret_cast<Piece*>(&payload), phase);
  }
}

void DmaPort::handle(Piece* piece, const tlm::tlm_phase& phase) {
  if (requesting_ == piece) {
    requesting_ = nullptr;  // END_REQ, or BEGIN_RESP which implies it
    if (!pending_.empty()) pump_event_.notify(sc_core::SC_ZERO_TIME);
  }
  if (phase == tlm::BEGIN_RESP) complete(piece);
}

void DmaPort::complete(Piece* piece) {
  const bool ok = piece->payload.is_response_ok();
  const unsigned bytes = piece->payload.get_data_length();
  (piece->payload.is_read() ? bytes_read_ : bytes_written_) += bytes;
  if (!ok) {
    last_error_ = piece->payload.get_response_status();
    last_error_address_ = piece->payload.get_address();
  }
  Transfer* transfer = piece->transfer;
  piece->payload.release();
  if (transfer == nullptr) return;
  transfer->ok = transfer->ok && ok;
  transfer->window->in_flight_bytes_ -= bytes;
  transfer->window->released_.notify(sc_core::SC_ZERO_TIME);
  if (--transfer->pieces == 0) {
    if (transfer->done) transfer->done(transfer->ok);
    delete transfer;
  }
}

}  // namespace duet::models
