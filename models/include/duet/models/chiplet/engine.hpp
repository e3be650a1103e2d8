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
};

/// One kind of array of a chiplet (or its data mover) with the SRAM beside it. Jobs are computed in
/// order, step by step; two loaders run ahead, one with operands that depend on nothing (weights,
/// caches), one with operands that wait for events; results leave while the next steps compute.
/// Each loader fills an SRAM partition of its own, so that neither can starve the other.
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
  /// Forgets all credits and arrivals; only called when no job is in flight.
  void reset();

 private:
  using JobPointer = std::shared_ptr<Job>;
  /// A share that has been read and goes to the group once all members have room for its step.
  struct Post {
    JobPointer job;
    unsigned input;
    uint64_t ready_needed;
    uint64_t bytes;
  };

  void show(EngineState state, const Job* job);
  void load_prefetched();
  void load_dependent();
  void compute();
  void store();

  JobPointer next(std::deque<JobPointer>& queue, sc_core::sc_event& event);
  void resolve_arrivals(Job& job);
  void load_job(const JobPointer& job, bool dependent);
  bool reserve_step(Job& job, bool dependent, unsigned step, SramBudget& budget);
  void announce(Job& job, bool dependent, unsigned steps);
  void request_step(const JobPointer& job, bool dependent, unsigned step, DmaWindow& window);
  void request_input(const JobPointer& job, unsigned input, unsigned step, DmaWindow& window);
  void post_share(const JobPointer& job, unsigned input, unsigned step, uint64_t bytes);
  void send_ready_posts();
  void switch_mode(Job& job);
  void wait_for_step(Job& job, unsigned step);
  void release_step(Job& job, unsigned step);
  void write_step(const JobPointer& job, unsigned step);
  void finish_if_written(const JobPointer& job);
  uint64_t output_part(const Job& job, unsigned output, unsigned step) const;
  uint64_t input_space(const Job& job, unsigned input, unsigned step) const;
  bool selected(const Job& job, unsigned input, bool dependent) const;

  duet_engine kind_;
  uint64_t sram_bytes_;
  EngineSurroundings around_;
  core::Clock clock_;
  std::unique_ptr<DetailedArray> detailed_;
  SramBudget prefetch_space_;
  SramBudget dependent_space_;
  SramBudget output_space_;
  DmaWindow prefetch_window_;
  DmaWindow dependent_window_;
  DmaWindow post_window_;
  DmaWindow output_window_;
  std::deque<JobPointer> prefetch_queue_;
  std::deque<JobPointer> dependent_queue_;
  std::deque<JobPointer> compute_queue_;
  struct StoreItem {
    JobPointer job;
    unsigned step;
  };
  std::deque<StoreItem> store_queue_;
  std::deque<Post> posts_;
  sc_core::sc_event prefetch_event_, dependent_event_, compute_event_, store_event_, step_event_, post_event_;
  std::array<uint64_t, EventCounters::count> arrivals_expected_{};
  size_t in_flight_ = 0;
  EngineState state_ = EngineState::idle;
  uint32_t mode_ = 0;
  uint64_t mode_switches_ = 0;
  uint64_t busy_ps_ = 0;
};

}  // namespace duet::models
