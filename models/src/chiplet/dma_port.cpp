// SPDX-License-Identifier: Apache-2.0
#include "duet/models/chiplet/dma_port.hpp"

#include <algorithm>
#include <cstring>

#include "duet/core/detach_extensions.hpp"
#include "duet/core/tlm_extensions.hpp"

namespace duet::models {
namespace {

// A transfer is cut into at most this many pieces per slot of its interleave set, and slots are not cut where
// there are many, so that the number of transactions stays bounded whatever the batch.
constexpr uint64_t most_pieces_per_slot = 2;
constexpr uint64_t enough_pieces = 16;

// Pieces of a large transfer stand for streams of small ones, so a window always has room for some.
constexpr unsigned least_pieces = 8;

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
  PieceDone done;
  PieceFailed failed;
  DmaWindow* window = nullptr;
};

struct DmaPort::Piece {
  tlm::tlm_generic_payload payload;
  core::TimingOnlyExtension timing_only;
  core::CutThroughExtension cut_through;
  std::shared_ptr<Transfer> transfer;
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
  payload->clear_extension(&piece->cut_through);
  payload->reset();
  free_pieces_.push_back(piece);
}

uint64_t DmaPort::piece_bytes_of(uint64_t bytes, uint64_t slots) const {
  const uint64_t pieces = std::min(slots * most_pieces_per_slot, std::max(slots, enough_pieces));
  return std::max(granularity_bytes_, (bytes / pieces + 4095) / 4096 * 4096);
}

void DmaPort::transfer(std::vector<Request> requests, DmaWindow& window) {
  struct Part {
    double progress;  // of its request, when this part has been sent
    size_t request;
    uint64_t address;
    uint64_t bytes;
  };
  std::vector<Part> parts;
  std::vector<std::shared_ptr<Transfer>> transfers;
  std::vector<core::MemoryExtent> extents;
  for (size_t i = 0; i < requests.size(); ++i) {
    Request& request = requests[i];
    extents.clear();
    const bool to_memory = map_.split(request.address, request.bytes, extents);
    if (!to_memory) extents.push_back({0, 0, request.address, request.bytes});
    const uint64_t piece_bytes = to_memory ? piece_bytes_of(request.bytes, extents.size()) : request.bytes;
    // Round robin over the extents, so that all slots of an interleave set work at the same time.
    uint64_t sent = 0;
    for (uint64_t offset = 0; sent < request.bytes; offset += piece_bytes) {
      for (const auto& extent : extents) {
        if (offset >= extent.bytes) continue;
        const uint64_t size = std::min(piece_bytes, extent.bytes - offset);
        sent += size;
        parts.push_back({static_cast<double>(sent) / static_cast<double>(request.bytes), i,
                         extent.address + offset, size});
      }
    }
    transfers.push_back(
        std::make_shared<Transfer>(Transfer{std::move(request.done), std::move(request.failed), &window}));
  }
  std::ranges::stable_sort(parts, {}, &Part::progress);
  const uint64_t now_ps = sc_core::sc_time_stamp().value();
  for (const Part& part : parts) {
    while (window.in_flight_pieces_ >= least_pieces &&
           window.in_flight_bytes_ + part.bytes > window.limit_bytes_) {
      sc_core::wait(window.released_);
    }
    window.in_flight_bytes_ += part.bytes;
    ++window.in_flight_pieces_;
    const Request& request = requests[part.request];
    Piece* piece = allocate();
    piece->transfer = transfers[part.request];
    piece->payload.set_command(request.command);
    piece->payload.set_address(part.address);
    piece->payload.set_data_ptr(request.data == nullptr ? shared_scratch(part.bytes)
                                                        : request.data + (part.address - request.address));
    piece->payload.set_data_length(static_cast<unsigned>(part.bytes));
    piece->payload.set_streaming_width(static_cast<unsigned>(part.bytes));
    if (request.data == nullptr) piece->payload.set_extension(&piece->timing_only);
    if (request.last_data_ps > now_ps) {
      piece->cut_through = {};
      piece->cut_through.last_data_ps =
          now_ps + static_cast<uint64_t>(static_cast<double>(request.last_data_ps - now_ps) * part.progress);
      piece->payload.set_extension(&piece->cut_through);
    }
    pending_.push_back(piece);
    pump();
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

bool DmaPort::peek(uint64_t address, void* data, unsigned bytes) {
  tlm::tlm_generic_payload payload;
  payload.set_command(tlm::TLM_READ_COMMAND);
  payload.set_address(address);
  payload.set_data_ptr(static_cast<unsigned char*>(data));
  payload.set_data_length(bytes);
  payload.set_streaming_width(bytes);
  return socket->transport_dbg(payload) == bytes;
}

bool DmaPort::fetch(uint64_t address, void* data, unsigned bytes) {
  struct Waiter {
    sc_core::sc_event arrived;
    uint64_t left;
    bool ok = true;
  };
  auto waiter = std::make_shared<Waiter>();
  waiter->left = bytes;
  const auto end = [waiter](uint64_t piece, bool ok) {
    waiter->left -= piece;
    waiter->ok = waiter->ok && ok;
    if (waiter->left == 0) waiter->arrived.notify(sc_core::SC_ZERO_TIME);
  };
  const auto transfer = std::make_shared<Transfer>(
      Transfer{[end](uint64_t piece) { end(piece, true); },
               [end](uint64_t /*address*/, uint64_t piece) { end(piece, false); }, nullptr});
  std::vector<core::MemoryExtent> extents;
  if (!map_.split(address, bytes, extents)) extents.push_back({0, 0, address, bytes});
  auto* target = static_cast<unsigned char*>(data);
  for (const auto& extent : extents) {
    Piece* piece = allocate();
    piece->transfer = transfer;
    piece->payload.set_command(tlm::TLM_READ_COMMAND);
    piece->payload.set_address(extent.address);
    piece->payload.set_data_ptr(target);
    piece->payload.set_data_length(static_cast<unsigned>(extent.bytes));
    piece->payload.set_streaming_width(static_cast<unsigned>(extent.bytes));
    target += extent.bytes;
    enqueue(piece);
  }
  while (waiter->left != 0) sc_core::wait(waiter->arrived);
  return waiter->ok;
}

void DmaPort::enqueue(Piece* piece) {
  control_.push_back(piece);
  if (requesting_ == nullptr) pump_event_.notify(sc_core::SC_ZERO_TIME);
}

void DmaPort::pump() {
  while (requesting_ == nullptr && !(control_.empty() && pending_.empty())) {
    std::deque<Piece*>& queue = control_.empty() ? pending_ : control_;
    Piece* piece = queue.front();
    queue.pop_front();
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
  // The response is answered first: afterwards the payload may serve another piece.
  if (phase == tlm::BEGIN_RESP) {
    tlm::tlm_phase end = tlm::END_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_fw(payload, end, delay);
  }
  handle(reinterpret_cast<Piece*>(&payload), phase);
}

void DmaPort::handle(Piece* piece, const tlm::tlm_phase& phase) {
  if (requesting_ == piece) {
    requesting_ = nullptr;  // END_REQ, or BEGIN_RESP which implies it
    if (!(control_.empty() && pending_.empty())) pump_event_.notify(sc_core::SC_ZERO_TIME);
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
  const uint64_t address = piece->payload.get_address();
  const std::shared_ptr<Transfer> transfer = std::move(piece->transfer);
  piece->payload.release();
  if (!transfer) return;
  if (DmaWindow* window = transfer->window) {
    window->in_flight_bytes_ -= bytes;
    --window->in_flight_pieces_;
    window->released_.notify(sc_core::SC_ZERO_TIME);
  }
  done_address_ = address;
  ok ? transfer->done(bytes) : transfer->failed(address, bytes);
}

}  // namespace duet::models
