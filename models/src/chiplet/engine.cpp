// SPDX-License-Identifier: Apache-2.0
#include "duet/models/chiplet/engine.hpp"

#include <algorithm>
#include <cmath>

namespace duet::models {
namespace {

// Share of an engine's SRAM that holds results on their way out (assumed).
constexpr uint64_t output_share = 8;

bool has(const duet_operand& operand, unsigned flag) {
  return (operand.flags & flag) != 0;
}

uint64_t part_of(const Job& job, const duet_operand& operand, uint64_t bytes, unsigned step,
                 unsigned resident_step) {
  if (has(operand, DUET_OPERAND_RESIDENT)) return step == resident_step ? bytes : 0;
  return job.plan.part(bytes, step);
}

}  // namespace

Engine::Engine(sc_core::sc_module_name name, duet_engine kind, uint64_t sram_bytes,
               EngineSurroundings surroundings)
    : sc_module(name),
      kind_(kind),
      sram_bytes_(sram_bytes),
      around_(std::move(surroundings)),
      clock_(around_.chiplet.clock_hz),
      detailed_(make_detailed_array(kind, around_.chiplet)),
      prefetch_space_(static_cast<uint64_t>(static_cast<double>(sram_bytes - sram_bytes / output_share) *
                                            around_.chiplet.prefetch_share)),
      dependent_space_(sram_bytes - sram_bytes / output_share - prefetch_space_.bytes()),
      output_space_(sram_bytes / output_share),
      prefetch_window_(around_.chiplet.dma_outstanding_bytes),
      dependent_window_(around_.chiplet.dma_outstanding_bytes),
      post_window_(around_.chiplet.dma_outstanding_bytes),
      output_window_(around_.chiplet.dma_outstanding_bytes) {
  SC_HAS_PROCESS(Engine);
  SC_THREAD(load_prefetched);
  SC_THREAD(load_dependent);
  SC_THREAD(compute);
  SC_THREAD(store);
  SC_THREAD(send_ready_posts);
}

void Engine::submit(JobPointer job) {
  resolve_arrivals(*job);
  ++in_flight_;
  prefetch_queue_.push_back(job);
  dependent_queue_.push_back(job);
  compute_queue_.push_back(std::move(job));
  prefetch_event_.notify(sc_core::SC_ZERO_TIME);
  dependent_event_.notify(sc_core::SC_ZERO_TIME);
  compute_event_.notify(sc_core::SC_ZERO_TIME);
}

// Only traces look; each job is told, also when the state stays the same.
void Engine::show(EngineState state, const Job* job) {
  const bool news = state != state_ || state == EngineState::compute;
  state_ = state;
  if (news && around_.observer.engine_state) around_.observer.engine_state(kind_, state, job);
}

void Engine::reset() {
  arrivals_expected_.fill(0);
}

Engine::JobPointer Engine::next(std::deque<JobPointer>& queue, sc_core::sc_event& event) {
  while (queue.empty()) wait(event);
  JobPointer job = queue.front();
  queue.pop_front();
  return job;
}

// Counters only rise, so each operand remembers at which value its own arrivals begin.
void Engine::resolve_arrivals(Job& job) {
  for (unsigned i = 0; i < DUET_INPUTS; ++i) {
    const duet_operand& operand = job.descriptor.inputs[i];
    if (!operand.used || !(operand.flags & (DUET_OPERAND_SHARED | DUET_OPERAND_MAILBOX))) continue;
    job.inputs[i].arrival_base = arrivals_expected_[operand.counter];
    arrivals_expected_[operand.counter] += operand.group_bytes;
    if (!has(operand, DUET_OPERAND_SHARED)) continue;
    job.inputs[i].ready_base = arrivals_expected_[operand.counter + 1u];
    arrivals_expected_[operand.counter + 1u] +=
        static_cast<uint64_t>(operand.group_members) * job.plan.steps();
  }
}

bool Engine::selected(const Job& job, unsigned input, bool dependent) const {
  const duet_operand& operand = job.descriptor.inputs[input];
  return operand.used && !has(operand, DUET_OPERAND_MAILBOX) && has(operand, DUET_OPERAND_WAITS) == dependent;
}

uint64_t Engine::input_space(const Job& job, unsigned input, unsigned step) const {
  const duet_operand& operand = job.descriptor.inputs[input];
  const uint64_t bytes = has(operand, DUET_OPERAND_SHARED) ? operand.group_bytes : job.inputs[input].bytes;
  return part_of(job, operand, bytes, step, 0);
}

uint64_t Engine::output_part(const Job& job, unsigned output, unsigned step) const {
  return part_of(job, job.descriptor.outputs[output], job.outputs[output].bytes, step, job.plan.steps() - 1);
}

void Engine::load_prefetched() {
  while (true) load_job(next(prefetch_queue_, prefetch_event_), false);
}

void Engine::load_dependent() {
  while (true) {
    const JobPointer job = next(dependent_queue_, dependent_event_);
    for (const duet_wait& condition : job->descriptor.waits) {
      if (condition.value != 0) around_.counters.wait_for(condition.counter, condition.value);
    }
    load_job(job, true);
  }
}

bool Engine::reserve_step(Job& job, bool dependent, unsigned step, SramBudget& budget) {
  uint64_t bytes = 0;
  uint64_t resident = 0;
  for (unsigned i = 0; i < DUET_INPUTS; ++i) {
    if (!selected(job, i, dependent)) continue;
    const uint64_t space = input_space(job, i, step);
    bytes += space;
    if (has(job.descriptor.inputs[i], DUET_OPERAND_RESIDENT)) resident += space;
  }
  if (bytes != 0 && !budget.try_reserve(bytes)) return false;
  (dependent ? job.dependent_held : job.prefetch_held) += resident;
  return true;
}

// Tells the members of each shared operand's group that there is room for `steps` more steps here.
void Engine::announce(Job& job, bool dependent, unsigned steps) {
  if (steps == 0) return;
  for (unsigned i = 0; i < DUET_INPUTS; ++i) {
    const duet_operand& operand = job.descriptor.inputs[i];
    if (!selected(job, i, dependent) || !has(operand, DUET_OPERAND_SHARED)) continue;
    around_.dma.post_word(core::AddressMap::group_base(around_.package, operand.group) +
                              core::ChipletWindow::counter(operand.counter + 1u),
                          steps);
  }
}

void Engine::load_job(const JobPointer& job, bool dependent) {
  SramBudget& budget = dependent ? dependent_space_ : prefetch_space_;
  DmaWindow& window = dependent ? dependent_window_ : prefetch_window_;
  unsigned& requested = dependent ? job->dependent_steps : job->prefetch_steps;
  const unsigned steps = job->plan.steps();
  while (requested < steps) {
    // Rooms are announced together where possible; requests can block on the window, announcements must not.
    unsigned reserved = requested;
    while (reserved < steps && reserve_step(*job, dependent, reserved, budget)) ++reserved;
    announce(*job, dependent, reserved - requested);
    if (reserved == requested) {
      wait(budget.released());
      continue;
    }
    while (requested < reserved) {
      request_step(job, dependent, requested, window);
      ++requested;
      step_event_.notify(sc_core::SC_ZERO_TIME);
    }
  }
}

void Engine::request_step(const JobPointer& job, bool dependent, unsigned step, DmaWindow& window) {
  for (unsigned i = 0; i < DUET_INPUTS; ++i) {
    if (selected(*job, i, dependent)) request_input(job, i, step, window);
  }
}

void Engine::request_input(const JobPointer& job, unsigned input, unsigned step, DmaWindow& window) {
  const duet_operand& operand = job->descriptor.inputs[input];
  const bool resident = has(operand, DUET_OPERAND_RESIDENT);
  uint64_t offset = resident ? 0 : job->plan.before(job->inputs[input].bytes, step);
  const uint64_t bytes = part_of(*job, operand, job->inputs[input].bytes, step, 0);
  if (bytes == 0) return;
  const uint64_t wrap = operand.wrap_bytes == 0 ? UINT64_MAX : operand.wrap_bytes;
  const bool shared = has(operand, DUET_OPERAND_SHARED);
  // Counted before the first request, which may block on the window while its data arrives.
  auto left = std::make_shared<uint64_t>(bytes);
  ++job->transfers_left[step];
  for (uint64_t requested = 0; requested < bytes;) {
    const uint64_t begin = (offset + requested) % wrap;
    const uint64_t size = std::min(bytes - requested, wrap - begin);
    around_.dma.transfer(tlm::TLM_READ_COMMAND, job->inputs[input].address + begin, size, window,
                         [this, job, input, step, shared, bytes, size, left](bool ok) {
                           if (!ok) around_.fail(DUET_ERROR_BUS, *job);
                           *left -= size;
                           if (*left != 0) return;
                           if (shared) post_share(job, input, step, bytes);
                           if (--job->transfers_left[step] != 0) return;
                           if (around_.observer.operands_arrived)
                             around_.observer.operands_arrived(kind_, *job);
                           step_event_.notify(sc_core::SC_ZERO_TIME);
                         });
    requested += size;
  }
}

void Engine::post_share(const JobPointer& job, unsigned input, unsigned step, uint64_t bytes) {
  const duet_operand& operand = job->descriptor.inputs[input];
  const uint64_t ready =
      job->inputs[input].ready_base + static_cast<uint64_t>(operand.group_members) * (step + 1u);
  posts_.push_back({job, input, ready, bytes});
  post_event_.notify(sc_core::SC_ZERO_TIME);
}

void Engine::send_ready_posts() {
  while (true) {
    const auto ready = std::ranges::find_if(posts_, [this](const Post& post) {
      return around_.counters.value(post.job->descriptor.inputs[post.input].counter + 1u) >=
             post.ready_needed;
    });
    if (ready == posts_.end()) {
      sc_core::sc_event_or_list wake = post_event_;
      for (const Post& post : posts_) {
        wake |=
            around_.counters.reached(post.job->descriptor.inputs[post.input].counter + 1u, post.ready_needed);
      }
      wait(wake);
      continue;
    }
    const Post post = *ready;
    posts_.erase(ready);
    const duet_operand& operand = post.job->descriptor.inputs[post.input];
    around_.dma.transfer(tlm::TLM_WRITE_COMMAND,
                         core::AddressMap::group_base(around_.package, operand.group) +
                             core::ChipletWindow::mailbox(operand.counter, 0),
                         post.bytes, post_window_, [this, job = post.job](bool ok) {
                           if (!ok) around_.fail(DUET_ERROR_BUS, *job);
                         });
  }
}

void Engine::switch_mode(Job& job) {
  const uint32_t wanted = kind_ == DUET_ENGINE_VECTOR ? (job.mode >> 4) & 3u : job.mode & 3u;
  if (kind_ == DUET_ENGINE_MOVE || wanted == mode_) return;
  const uint64_t mode_switch_cycles = kind_ == DUET_ENGINE_VECTOR
                                          ? around_.chiplet.vector->mode_switch_cycles
                                          : around_.chiplet.systolic->mode_switch_cycles;
  // The arrays have drained: the previous job's last cycle includes its drain.
  const uint64_t cost_ps = clock_.edge_ps(mode_switch_cycles);
  show(EngineState::switch_mode, &job);
  wait(sc_core::sc_time(static_cast<double>(cost_ps), sc_core::SC_PS));
  mode_ = wanted;
  ++mode_switches_;
  job.record.mode_switch_ps = cost_ps;
}

void Engine::wait_for_step(Job& job, unsigned step) {
  while (job.dependent_steps <= step || job.prefetch_steps <= step || job.transfers_left[step] != 0) {
    // Nothing requested yet: the loader still waits for events of producers.
    const bool for_event = job.dependent_steps == 0;
    const auto from = sc_core::sc_time_stamp();
    show(for_event ? EngineState::wait_event : EngineState::wait_data, &job);
    wait(step_event_);
    (for_event ? job.record.wait_event_ps : job.record.wait_data_ps) +=
        (sc_core::sc_time_stamp() - from).value();
  }
  for (unsigned i = 0; i < DUET_INPUTS; ++i) {
    const duet_operand& operand = job.descriptor.inputs[i];
    if (!operand.used || !(operand.flags & (DUET_OPERAND_SHARED | DUET_OPERAND_MAILBOX))) continue;
    const bool resident = has(operand, DUET_OPERAND_RESIDENT);
    // Members round their parts down alike, so the sum of the parts is not the part of the sum.
    const uint64_t needed = resident ? operand.group_bytes
                                     : operand.group_members * job.plan.before(job.inputs[i].bytes, step + 1);
    const auto from = sc_core::sc_time_stamp();
    if (around_.counters.value(operand.counter) < job.inputs[i].arrival_base + needed) {
      show(has(operand, DUET_OPERAND_MAILBOX) ? EngineState::wait_event : EngineState::wait_data, &job);
    }
    around_.counters.wait_for(operand.counter, job.inputs[i].arrival_base + needed);
    (has(operand, DUET_OPERAND_MAILBOX) ? job.record.wait_event_ps : job.record.wait_data_ps) +=
        (sc_core::sc_time_stamp() - from).value();
  }
}

void Engine::release_step(Job& job, unsigned step) {
  for (const bool dependent : {false, true}) {
    SramBudget& budget = dependent ? dependent_space_ : prefetch_space_;
    uint64_t bytes = 0;
    for (unsigned i = 0; i < DUET_INPUTS; ++i) {
      if (selected(job, i, dependent) && !has(job.descriptor.inputs[i], DUET_OPERAND_RESIDENT)) {
        bytes += input_space(job, i, step);
      }
    }
    if (step + 1 == job.plan.steps()) bytes += dependent ? job.dependent_held : job.prefetch_held;
    if (bytes != 0) budget.release(bytes);
  }
}

void Engine::compute() {
  while (true) {
    if (compute_queue_.empty()) show(EngineState::idle, nullptr);
    const JobPointer job = next(compute_queue_, compute_event_);
    switch_mode(*job);
    if (detailed_) job->timing.cycles = detailed_->step(job->timing);
    const uint64_t stall_ps = clock_.edge_ps(job->timing.stall_cycles);
    const uint64_t total_ps = clock_.edge_ps(job->timing.cycles);
    job->record.macs = job->timing.macs;
    JobTimeline times(clock_, job->plan, job->timing.cycles);
    for (unsigned step = 0; step < job->plan.steps(); ++step) {
      wait_for_step(*job, step);
      if (step == 0) job->record.start_ps = sc_core::sc_time_stamp().value();
      uint64_t output_bytes = 0;
      for (unsigned o = 0; o < DUET_OUTPUTS; ++o) {
        if (job->descriptor.outputs[o].used) output_bytes += output_part(*job, o, step);
      }
      const auto from = sc_core::sc_time_stamp();
      if (output_bytes != 0) {
        if (!output_space_.fits(output_bytes)) show(EngineState::wait_output, job.get());
        output_space_.reserve(output_bytes);
      }
      show(EngineState::compute, job.get());
      job->record.wait_output_ps += (sc_core::sc_time_stamp() - from).value();
      const uint64_t step_ps = job->plan.part(total_ps, step);
      if (detailed_) times.begin_step(sc_core::sc_time_stamp().value());
      if (step_ps != 0) wait(sc_core::sc_time(static_cast<double>(step_ps), sc_core::SC_PS));
      release_step(*job, step);
      store_queue_.push_back({job, step});
      store_event_.notify(sc_core::SC_ZERO_TIME);
    }
    if (detailed_) detailed_->show(job->timing, times);
    job->record.sram_stall_ps = stall_ps;
    job->record.compute_ps = total_ps - stall_ps;
    busy_ps_ += total_ps;
  }
}

void Engine::store() {
  while (true) {
    while (store_queue_.empty()) wait(store_event_);
    const StoreItem item = store_queue_.front();
    store_queue_.pop_front();
    write_step(item.job, item.step);
    if (item.step + 1 == item.job->plan.steps()) {
      item.job->all_written = true;
      finish_if_written(item.job);
    }
  }
}

void Engine::write_step(const JobPointer& job, unsigned step) {
  for (unsigned o = 0; o < DUET_OUTPUTS; ++o) {
    const duet_operand& operand = job->descriptor.outputs[o];
    if (!operand.used) continue;
    const uint64_t bytes = output_part(*job, o, step);
    if (bytes == 0) continue;
    uint64_t address = job->outputs[o].address;
    if (operand.group != DUET_NO_GROUP) {
      address = core::AddressMap::group_base(around_.package, operand.group) +
                core::ChipletWindow::mailbox(operand.counter, 0);
    } else if (!has(operand, DUET_OPERAND_RESIDENT)) {
      address += job->plan.before(job->outputs[o].bytes, step);
    }
    ++job->writes_left;
    around_.dma.transfer(tlm::TLM_WRITE_COMMAND, address, bytes, output_window_, [this, job, bytes](bool ok) {
      if (!ok) around_.fail(DUET_ERROR_BUS, *job);
      output_space_.release(bytes);
      --job->writes_left;
      finish_if_written(job);
    });
  }
}

void Engine::finish_if_written(const JobPointer& job) {
  if (!job->all_written || job->writes_left != 0) return;
  job->all_written = false;  // once
  for (const duet_raise& raise : job->descriptor.raises) {
    if (!raise.used) continue;
    around_.dma.post_word(core::AddressMap::group_base(around_.package, raise.group) +
                              core::ChipletWindow::counter(raise.counter),
                          raise.amount);
  }
  job->record.end_ps = sc_core::sc_time_stamp().value();
  --in_flight_;
  around_.job_done(job);
}

}  // namespace duet::models
