// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <systemc>

#include "duet/core/chiplet_description.hpp"
#include "duet/core/clock.hpp"
#include "duet/models/chiplet/chiplet_observer.hpp"
#include "duet/models/chiplet/detailed_array.hpp"
#include "duet/models/chiplet/dma_port.hpp"
#include "duet/models/chiplet/event_counters.hpp"
#include "duet/models/chiplet/job.hpp"
#include "duet/models/chiplet/sram_budget.hpp"
#include "duet/models/values/value_unit.hpp"
#include "duet/sw_driver/regs.h"

namespace duet::models {

/// What an engine needs of the chiplet around it.
struct EngineSurroundings {
  const core::NodeTypeDescription& chiplet;
  const core::AddressMap& map;
  unsigned package;
  DmaPort& dma;
  EventCounters& counters;
  std::function<void(const std::shared_ptr<Job>&)> job_done;
  std::function<void(duet_error, const Job&)> fail;
  const ChipletObserver& observer;
  const bool& hung;                  ///< the controller has stopped
  const uint64_t& event_timeout_ps;  ///< longest wait for an event; 0: no limit
  ValueUnit* values = nullptr;       ///< null in timing mode
};

/// One kind of array of a chiplet (or its data mover) with the SRAM beside it. Jobs are computed in
/// order, step by step. A step stands for many tiles, which are computed as their operands arrive and whose
/// results leave as they are made: a step begins with its first operands, and ends when its computation is
/// done, but not before that of the last operands to arrive. So times hardly depend on the number of steps.
/// Two loaders run ahead, one with operands that depend on nothing (weights, caches), one with operands that
/// wait for events; results leave while the next steps compute. Each loader fills an SRAM partition of its
/// own, so that neither can starve the other.
class Engine : public sc_core::sc_module {
 public:
  /// `sram_bytes` is the SRAM of all arrays together.
  Engine(sc_core::sc_module_name name, duet_engine kind, uint64_t sram_bytes,
         EngineSurroundings surroundings);

  void submit(std::shared_ptr<Job> job);
  /// Jobs that are not finished.
  [[nodiscard]] size_t jobs_in_flight() const { return in_flight_; }
  [[nodiscard]] uint64_t mode_switches() const { return mode_switches_; }
  [[nodiscard]] uint64_t busy_ps() const { return busy_ps_; }
  [[nodiscard]] uint32_t mode() const { return mode_; }
  [[nodiscard]] uint64_t sram_bytes() const { return sram_bytes_; }
  /// Null at level `tile`.
  [[nodiscard]] DetailedArray* detailed_array() const { return detailed_.get(); }
  /// Drops all jobs, credits and arrivals. Transfers under way end without effect.
  void reset();
  /// Repeats the transfers that got an error response, and goes on.
  void restart();

 private:
  using JobPointer = std::shared_ptr<Job>;
  /// A share that has been read and goes to the group once all members have room for its step.
  struct Post {
    JobPointer job;
    unsigned input;
    uint64_t ready_needed;
    uint64_t bytes;
    uint64_t offset;  ///< in the share
  };

  /// A step whose results leave.
  struct StoreItem {
    JobPointer job;
    unsigned step;
    uint64_t end_ps;  ///< of its computation
    bool streamed;    ///< write the results that leave step by step
    bool whole;       ///< write those that leave as a whole; nothing of the step follows
  };
  /// A transfer that got an error response; repeated after a restart.
  struct Failed {
    JobPointer job;
    DmaPort::Request request;
    DmaWindow* window;
  };

  void spawn(const char* name, void (Engine::*loop)());
  void send(const JobPointer& job, std::vector<DmaPort::Request> requests, DmaWindow& window);
  void repeat_failed();
  void show(EngineState state, const Job* job);
  void wait_for_event(const Job& job, unsigned counter, uint64_t value);
  void load_prefetched();
  void load_dependent();
  void compute();
  void store_results();
  void store_late();
  void raise(const Job& job, duet_raise_when when);

  template <class Item>
  Item next(std::deque<Item>& queue, sc_core::sc_event& event);
  void resolve_arrivals(Job& job);
  void load_job(const JobPointer& job, bool dependent);
  bool reserve_step(const Job& job, bool dependent, unsigned step, SramBudget& budget) const;
  void announce(const Job& job, bool dependent, unsigned rooms);
  void request_step(const JobPointer& job, bool dependent, unsigned step, DmaWindow& window,
                    unsigned& requested);
  std::vector<DmaPort::Request> requests_of(const JobPointer& job, bool dependent, unsigned step, bool rest);
  void add_requests(const JobPointer& job, unsigned input, unsigned step, uint64_t from, uint64_t to,
                    std::vector<DmaPort::Request>& requests);
  /// `bytes` of a step of an input are in SRAM; those of a share, at `offset` of it, go on to the group.
  void arrive(const JobPointer& job, unsigned input, unsigned step, unsigned rooms, uint64_t bytes,
              uint64_t offset);
  void post_share(const JobPointer& job, unsigned input, unsigned rooms, uint64_t bytes, uint64_t offset);
  /// Functional mode: where an operand's own bytes go, and the results once all operands are there.
  static uint8_t* input_data(const Job& job, unsigned input);
  void compute_values(const JobPointer& job);
  void send_ready_posts();
  void switch_mode(Job& job);
  void wait_for_opening(Job& job, unsigned step);
  void wait_for_step(Job& job, unsigned step);
  uint64_t last_tile_ps(const Job& job, unsigned step, uint64_t step_ps) const;
  void wait_for_arrivals(Job& job, unsigned step, bool whole);
  /// Returns when the step began, in ps.
  uint64_t run_step(const JobPointer& job, unsigned step, uint64_t step_ps);
  void release_step(const Job& job, unsigned step);
  void write_step(const StoreItem& item, bool late);
  void queue_store(const StoreItem& item);
  void add_write_requests(const StoreItem& item, unsigned output, std::vector<DmaPort::Request>& requests);
  void finish_if_written(const JobPointer& job);
  uint64_t input_part(const Job& job, unsigned input, unsigned step) const;
  uint64_t output_part(const Job& job, unsigned output, unsigned step) const;
  uint64_t streamed_bytes(const Job& job, bool dependent, unsigned step) const;
  uint64_t streamed_space(const Job& job, bool dependent, unsigned step) const;
  uint64_t resident_space(const Job& job, bool dependent) const;
  uint64_t output_space(const Job& job, unsigned output, unsigned step) const;
  bool selected(const Job& job, unsigned input, bool dependent) const;

  duet_engine kind_;
  uint64_t sram_bytes_;
  EngineSurroundings around_;
  core::Clock clock_;
  std::unique_ptr<DetailedArray> detailed_;
  OperandLog operands_;  ///< of the current job, where a trace shows them
  SramBudget prefetch_space_;
  SramBudget dependent_space_;
  SramBudget output_space_;
  DmaWindow prefetch_window_;
  DmaWindow dependent_window_;
  DmaWindow post_window_;
  DmaWindow output_window_;
  DmaWindow late_window_;
  std::deque<JobPointer> prefetch_queue_;
  std::deque<JobPointer> dependent_queue_;
  std::deque<JobPointer> compute_queue_;
  std::deque<StoreItem> store_queue_;
  std::deque<StoreItem> late_queue_;  ///< the same steps, for outputs that are LATE
  std::deque<Post> posts_;
  sc_core::sc_event prefetch_event_, dependent_event_, compute_event_, store_event_, late_event_, step_event_,
      opened_event_, post_event_;
  std::deque<Failed> failed_;
  std::deque<Failed> repeated_;
  sc_core::sc_event repeat_event_, restart_event_;
  std::vector<sc_core::sc_process_handle> threads_;
  uint32_t epoch_ = 0;  // resets so far
  std::array<uint64_t, EventCounters::count> arrivals_expected_{};
  size_t in_flight_ = 0;
  EngineState state_ = EngineState::idle;
  uint32_t mode_ = 0;
  uint64_t last_step_ps_ = 0;  ///< duration of the step before
  uint64_t mode_switches_ = 0;
  uint64_t busy_ps_ = 0;
};

}  // namespace duet::models
