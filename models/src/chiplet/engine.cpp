// SPDX-License-Identifier: Apache-2.0
#include "duet/models/chiplet/engine.hpp"

#include <algorithm>
#include <cmath>

namespace duet::models {
namespace {

// Of a shared operand, for the head of a step and for its rest.
constexpr unsigned rooms_per_step = 2;

// A kept share of a step goes to the group in so many pieces, so that members can begin before they have it
// all.
constexpr uint64_t kept_pieces = 4;
constexpr uint64_t least_kept_piece = 16 << 10;

// Share of an engine's SRAM that holds results on their way out (assumed).
constexpr uint64_t output_share = 8;

uint64_t operand_bytes(uint64_t sram_bytes) {
  return sram_bytes - sram_bytes / output_share;
}

bool has(const duet_operand& operand, unsigned flag) {
  return (operand.flags & flag) != 0;
}

// A computation begins with something of every operand, so that even the smallest has a head.
uint64_t head_of(uint64_t bytes, uint64_t space, uint64_t streamed) {
  if (space == streamed) return bytes;
  return std::max<uint64_t>(1, static_cast<uint64_t>(static_cast<double>(bytes) * static_cast<double>(space) /
                                                     static_cast<double>(streamed)));
}

// An input that this chiplet neither reads nor waits for.
bool is_kept_here(const duet_operand& input) {
  return has(input, DUET_OPERAND_KEPT) && !has(input, DUET_OPERAND_SHARED);
}

bool has_late_outputs(const duet_descriptor& descriptor) {
  return std::ranges::any_of(descriptor.outputs, [](const duet_operand& output) {
    return output.used && has(output, DUET_OPERAND_LATE);
  });
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
      prefetch_space_(static_cast<uint64_t>(static_cast<double>(operand_bytes(sram_bytes)) *
                                            around_.chiplet.prefetch_share)),
      dependent_space_(operand_bytes(sram_bytes) - prefetch_space_.bytes()),
      output_space_(sram_bytes / output_share),
      prefetch_window_(around_.chiplet.dma_outstanding_bytes),
      dependent_window_(around_.chiplet.dma_outstanding_bytes),
      post_window_(around_.chiplet.dma_outstanding_bytes),
      output_window_(around_.chiplet.dma_outstanding_bytes),
      late_window_(around_.chiplet.dma_outstanding_bytes) {
  SC_HAS_PROCESS(Engine);
  spawn("load_prefetched", &Engine::load_prefetched);
  spawn("load_dependent", &Engine::load_dependent);
  spawn("compute", &Engine::compute);
  spawn("store_results", &Engine::store_results);
  spawn("store_late", &Engine::store_late);
  spawn("send_ready_posts", &Engine::send_ready_posts);
  spawn("repeat_failed", &Engine::repeat_failed);
}

// Spawned, because a reset needs the handles.
void Engine::spawn(const char* name, void (Engine::*loop)()) {
  threads_.push_back(sc_core::sc_spawn([this, loop] { (this->*loop)(); }, name));
}

void Engine::submit(JobPointer job) {
  job->epoch = epoch_;
  job->late.all_sent = !has_late_outputs(job->descriptor);
  resolve_arrivals(*job);
  if (around_.values != nullptr) ValueUnit::open(*job);
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
  ++epoch_;
  prefetch_queue_.clear();
  dependent_queue_.clear();
  compute_queue_.clear();
  store_queue_.clear();
  late_queue_.clear();
  posts_.clear();
  failed_.clear();
  repeated_.clear();
  for (SramBudget* space : {&prefetch_space_, &dependent_space_, &output_space_}) space->reset();
  arrivals_expected_.fill(0);
  if (in_flight_ != 0) {
    for (sc_core::sc_process_handle& thread : threads_) thread.reset();
  }
  in_flight_ = 0;
}

void Engine::restart() {
  std::ranges::move(failed_, std::back_inserter(repeated_));
  failed_.clear();
  repeat_event_.notify(sc_core::SC_ZERO_TIME);
  step_event_.notify(sc_core::SC_ZERO_TIME);  // a hung controller goes on
  restart_event_.notify(sc_core::SC_ZERO_TIME);
}

void Engine::repeat_failed() {
  while (true) {
    Failed failed = next(repeated_, repeat_event_);
    send(failed.job, {std::move(failed.request)}, *failed.window);
  }
}

// Blocks while the window is full. An error response leaves the job where it is until a restart.
void Engine::send(const JobPointer& job, std::vector<DmaPort::Request> requests, DmaWindow& window) {
  for (DmaPort::Request& request : requests) {
    const DmaPort::PieceDone done = std::move(request.done);
    request.done = [this, job, done](uint64_t bytes) {
      if (job->epoch == epoch_) done(bytes);
    };
    request.failed = [this, job, done, command = request.command, begin = request.address,
                      data = request.data, &window](uint64_t address, uint64_t bytes) {
      if (job->epoch != epoch_) return;
      uint8_t* const again = data == nullptr ? nullptr : data + (address - begin);
      failed_.push_back({job, {command, address, bytes, done, {}, 0, again}, &window});
      around_.fail(around_.dma.last_failure(), *job);
    };
  }
  around_.dma.transfer(std::move(requests), window);
}

template <class Item>
Item Engine::next(std::deque<Item>& queue, sc_core::sc_event& event) {
  while (queue.empty()) wait(event);
  Item item = std::move(queue.front());
  queue.pop_front();
  return item;
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
        static_cast<uint64_t>(operand.group_members) * rooms_per_step * job.plan.steps();
  }
}

bool Engine::selected(const Job& job, unsigned input, bool dependent) const {
  const duet_operand& operand = job.descriptor.inputs[input];
  const bool is_there = has(operand, DUET_OPERAND_MAILBOX) || is_kept_here(operand);
  return operand.used && !is_there && has(operand, DUET_OPERAND_WAITS) == dependent;
}

uint64_t Engine::streamed_bytes(const Job& job, bool dependent, unsigned step) const {
  uint64_t bytes = 0;
  for (unsigned i = 0; i < DUET_INPUTS; ++i) {
    const duet_operand& operand = job.descriptor.inputs[i];
    if (!selected(job, i, dependent) || has(operand, DUET_OPERAND_RESIDENT)) continue;
    bytes +=
        job.plan.part(has(operand, DUET_OPERAND_SHARED) ? operand.group_bytes : job.inputs[i].bytes, step);
  }
  return bytes;
}

// Operands stream through SRAM tile by tile. A step that is larger than half of what resident operands leave
// of its partition, because steps stand for many tiles, has that half: its head is loaded ahead, the rest
// when its computation has begun.
uint64_t Engine::streamed_space(const Job& job, bool dependent, unsigned step) const {
  const SramBudget& budget = dependent ? dependent_space_ : prefetch_space_;
  return std::min(streamed_bytes(job, dependent, step),
                  (budget.bytes() - resident_space(job, dependent)) / 2);
}

uint64_t Engine::resident_space(const Job& job, bool dependent) const {
  uint64_t bytes = dependent ? uint64_t{job.descriptor.shape.kept_kibibytes} * 1024 : 0;
  for (unsigned i = 0; i < DUET_INPUTS; ++i) {
    const duet_operand& operand = job.descriptor.inputs[i];
    if (!selected(job, i, dependent) || !has(operand, DUET_OPERAND_RESIDENT)) continue;
    bytes += has(operand, DUET_OPERAND_SHARED) ? operand.group_bytes : job.inputs[i].bytes;
  }
  // Mappers keep resident operands small; larger ones are not allowed to starve the streams.
  return std::min(bytes, (dependent ? dependent_space_ : prefetch_space_).bytes() / 4 * 3);
}

uint64_t Engine::input_part(const Job& job, unsigned input, unsigned step) const {
  return part_of(job, job.descriptor.inputs[input], job.inputs[input].bytes, step, 0);
}

uint64_t Engine::output_space(const Job& job, unsigned output, unsigned step) const {
  return std::min(output_part(job, output, step), output_space_.bytes() / (4 * DUET_OUTPUTS));
}

uint64_t Engine::output_part(const Job& job, unsigned output, unsigned step) const {
  return part_of(job, job.descriptor.outputs[output], job.outputs[output].bytes, step, job.plan.steps() - 1);
}

// The job fails when the event does not come in time, and waits on: it may come after a restart.
void Engine::wait_for_event(const Job& job, unsigned counter, uint64_t value) {
  while (around_.counters.value(counter) < value) {
    const auto limit = sc_core::sc_time::from_value(around_.event_timeout_ps);
    const sc_core::sc_event& reached = around_.counters.reached(counter, value);
    if (limit == sc_core::SC_ZERO_TIME) {
      wait(reached);
      continue;
    }
    const sc_core::sc_time from = sc_core::sc_time_stamp();
    wait(limit, reached);
    if (around_.counters.value(counter) >= value || sc_core::sc_time_stamp() - from < limit) continue;
    around_.fail(DUET_ERROR_TIMEOUT, job);
    wait(reached | restart_event_);
  }
}

void Engine::load_prefetched() {
  while (true) load_job(next(prefetch_queue_, prefetch_event_), false);
}

void Engine::load_dependent() {
  while (true) {
    const JobPointer job = next(dependent_queue_, dependent_event_);
    for (const duet_wait& condition : job->descriptor.waits) {
      if (condition.value != 0) wait_for_event(*job, condition.counter, condition.value);
    }
    load_job(job, true);
  }
}

bool Engine::reserve_step(const Job& job, bool dependent, unsigned step, SramBudget& budget) const {
  const uint64_t bytes =
      streamed_space(job, dependent, step) + (step == 0 ? resident_space(job, dependent) : 0);
  return bytes == 0 || budget.try_reserve(bytes);
}

// Tells the members of each shared operand's group that there is room for more here.
void Engine::announce(const Job& job, bool dependent, unsigned rooms) {
  if (rooms == 0) return;
  for (unsigned i = 0; i < DUET_INPUTS; ++i) {
    const duet_operand& operand = job.descriptor.inputs[i];
    if (!selected(job, i, dependent) || !has(operand, DUET_OPERAND_SHARED)) continue;
    around_.dma.post_word(core::AddressMap::group_base(around_.package, operand.group) +
                              core::ChipletWindow::counter(operand.counter + 1u),
                          rooms);
  }
}

void Engine::load_job(const JobPointer& job, bool dependent) {
  SramBudget& budget = dependent ? dependent_space_ : prefetch_space_;
  DmaWindow& window = dependent ? dependent_window_ : prefetch_window_;
  unsigned& requested = dependent ? job->dependent_steps : job->prefetch_steps;
  const unsigned steps = job->plan.steps();
  const auto has_rest = [&](unsigned step) {
    return streamed_space(*job, dependent, step) < streamed_bytes(*job, dependent, step);
  };
  while (requested < steps) {
    // Rooms are announced together where possible; requests can block on the window, announcements must not.
    unsigned reserved = requested;
    unsigned rooms = 0;
    bool rest = false;
    while (reserved < steps && !rest && reserve_step(*job, dependent, reserved, budget)) {
      rest = has_rest(reserved++);
      rooms += rest ? rooms_per_step - 1 : rooms_per_step;
    }
    announce(*job, dependent, rooms);
    if (reserved == requested) {
      wait(budget.released());
      continue;
    }
    while (requested < reserved) request_step(job, dependent, requested, window, requested);
    if (!rest) continue;
    while (job->opened_steps < reserved) wait(opened_event_);
    announce(*job, dependent, 1);
    send(job, requests_of(job, dependent, reserved - 1, true), window);
  }
}

void Engine::request_step(const JobPointer& job, bool dependent, unsigned step, DmaWindow& window,
                          unsigned& requested) {
  for (unsigned i = 0; i < DUET_INPUTS; ++i) {
    if (!selected(*job, i, dependent) || input_part(*job, i, step) == 0) continue;
    job->bytes_left[step][i] = input_part(*job, i, step);
    ++job->transfers_left[step];
    ++job->openings_left[step];
  }
  // Counted before the first request, which may block on the window while its data arrives.
  ++requested;
  step_event_.notify(sc_core::SC_ZERO_TIME);
  send(job, requests_of(job, dependent, step, false), window);
}

// The heads of a step's operands, or what follows them.
std::vector<DmaPort::Request> Engine::requests_of(const JobPointer& job, bool dependent, unsigned step,
                                                  bool rest) {
  const uint64_t space = streamed_space(*job, dependent, step);
  const uint64_t streamed = streamed_bytes(*job, dependent, step);
  std::vector<DmaPort::Request> requests;
  for (unsigned i = 0; i < DUET_INPUTS; ++i) {
    const uint64_t bytes = selected(*job, i, dependent) ? input_part(*job, i, step) : 0;
    if (bytes == 0) continue;
    const bool resident = has(job->descriptor.inputs[i], DUET_OPERAND_RESIDENT);
    const uint64_t head = resident ? bytes : head_of(bytes, space, streamed);
    add_requests(job, i, step, rest ? head : 0, rest ? bytes : head, requests);
  }
  return requests;
}

// The bytes [from, to) of an operand's part of a step.
void Engine::add_requests(const JobPointer& job, unsigned input, unsigned step, uint64_t from, uint64_t to,
                          std::vector<DmaPort::Request>& requests) {
  const duet_operand& operand = job->descriptor.inputs[input];
  const bool resident = has(operand, DUET_OPERAND_RESIDENT);
  const uint64_t bytes = input_part(*job, input, step);
  const uint64_t offset = resident ? 0 : job->plan.before(job->inputs[input].bytes, step);
  const uint64_t wrap = operand.wrap_bytes == 0 ? UINT64_MAX : operand.wrap_bytes;
  const unsigned rooms = step * rooms_per_step + (to == bytes ? rooms_per_step : 1);
  uint8_t* const data = input_data(*job, input);
  while (from < to && has(operand, DUET_OPERAND_KEPT)) {
    const uint64_t size = std::min(to - from, std::max(least_kept_piece, bytes / kept_pieces));
    arrive(job, input, step, rooms, size, offset + from);
    from += size;
  }
  while (from < to) {
    const uint64_t begin = (offset + from) % wrap;
    const uint64_t size = std::min(to - from, wrap - begin);
    requests.push_back({tlm::TLM_READ_COMMAND,
                        job->inputs[input].address + begin,
                        size,
                        [this, job, input, step, rooms](uint64_t piece) {
                          arrive(job, input, step, rooms, piece,
                                 around_.dma.done_address() - job->inputs[input].address);
                        },
                        {},
                        0,
                        data == nullptr ? nullptr : data + offset + from});
    from += size;
  }
}

void Engine::arrive(const JobPointer& job, unsigned input, unsigned step, unsigned rooms, uint64_t bytes,
                    uint64_t offset) {
  const duet_operand& operand = job->descriptor.inputs[input];
  uint64_t& left = job->bytes_left[step][input];
  const bool first = left == input_part(*job, input, step);
  left -= bytes;
  if (has(operand, DUET_OPERAND_SHARED)) post_share(job, input, rooms, bytes, offset);
  if (has(operand, DUET_OPERAND_RESIDENT) ? left == 0 : first) --job->openings_left[step];
  if (left == 0 && --job->transfers_left[step] == 0 && around_.observer.operands_arrived)
    around_.observer.operands_arrived(kind_, *job);
  if (first || left == 0) step_event_.notify(sc_core::SC_ZERO_TIME);
}

void Engine::post_share(const JobPointer& job, unsigned input, unsigned rooms, uint64_t bytes,
                        uint64_t offset) {
  const duet_operand& operand = job->descriptor.inputs[input];
  const uint64_t ready = job->inputs[input].ready_base + static_cast<uint64_t>(operand.group_members) * rooms;
  posts_.push_back({job, input, ready, bytes, offset});
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
    uint8_t* const data = input_data(*post.job, post.input);
    const Job::Input& share = post.job->inputs[post.input];
    const uint64_t place =
        data == nullptr ? 0
                        : share.arrival_base + post.job->descriptor.values.member * share.bytes + post.offset;
    send(post.job,
         {{tlm::TLM_WRITE_COMMAND,
           core::AddressMap::group_base(around_.package, operand.group) +
               core::ChipletWindow::mailbox(operand.counter, place),
           post.bytes,
           [](uint64_t) {},
           {},
           0,
           data == nullptr ? nullptr : data + post.offset}},
         post_window_);
  }
}

// A member's own share stands in its place among the others.
uint8_t* Engine::input_data(const Job& job, unsigned input) {
  if (!job.data) return nullptr;
  const uint64_t before = has(job.descriptor.inputs[input], DUET_OPERAND_SHARED)
                              ? job.descriptor.values.member * job.inputs[input].bytes
                              : 0;
  return job.data->inputs[input].data() + before;
}

void Engine::compute_values(const JobPointer& job) {
  operands_.clear();
  const bool shown = detailed_ && detailed_->is_shown(job->timing);
  if (!around_.values->compute(*job, shown ? &operands_ : nullptr))
    around_.fail(DUET_ERROR_BAD_DESCRIPTOR, *job);
}

void Engine::switch_mode(Job& job) {
  const uint32_t wanted = kind_ == DUET_ENGINE_VECTOR ? (job.mode >> 4) & 3u : job.mode & 3u;
  if (kind_ == DUET_ENGINE_MOVE || wanted == mode_) return;
  if (around_.chiplet.gpu) {
    mode_ = wanted;  // another kernel, no other hardware
    return;
  }
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

void Engine::wait_for_opening(Job& job, unsigned step) {
  while (job.dependent_steps <= step || job.prefetch_steps <= step || job.openings_left[step] != 0) {
    // Nothing requested yet: the loader still waits for events of producers.
    const bool for_event = job.dependent_steps == 0;
    const auto from = sc_core::sc_time_stamp();
    show(for_event ? EngineState::wait_event : EngineState::wait_data, &job);
    wait(step_event_);
    (for_event ? job.record.wait_event_ps : job.record.wait_data_ps) +=
        (sc_core::sc_time_stamp() - from).value();
  }
  wait_for_arrivals(job, step, false);
}

void Engine::wait_for_step(Job& job, unsigned step) {
  while (job.transfers_left[step] != 0) wait(step_event_);
  wait_for_arrivals(job, step, true);
}

// Waits for what other chiplets post: for the first of it, or for the whole of the step.
void Engine::wait_for_arrivals(Job& job, unsigned step, bool whole) {
  for (unsigned i = 0; i < DUET_INPUTS; ++i) {
    const duet_operand& operand = job.descriptor.inputs[i];
    if (!operand.used || !(operand.flags & (DUET_OPERAND_SHARED | DUET_OPERAND_MAILBOX))) continue;
    // Members round their parts down alike, so the sum of the parts is not the part of the sum.
    const uint64_t before = operand.group_members * job.plan.before(job.inputs[i].bytes, step);
    const uint64_t after = operand.group_members * job.plan.before(job.inputs[i].bytes, step + 1);
    const bool resident = has(operand, DUET_OPERAND_RESIDENT);
    const uint64_t opening = std::min(after, before + 1);
    const uint64_t needed = resident ? operand.group_bytes : whole ? after : opening;
    const auto from = sc_core::sc_time_stamp();
    if (!whole && around_.counters.value(operand.counter) < job.inputs[i].arrival_base + needed) {
      show(has(operand, DUET_OPERAND_MAILBOX) ? EngineState::wait_event : EngineState::wait_data, &job);
    }
    wait_for_event(job, operand.counter, job.inputs[i].arrival_base + needed);
    if (whole) continue;
    (has(operand, DUET_OPERAND_MAILBOX) ? job.record.wait_event_ps : job.record.wait_data_ps) +=
        (sc_core::sc_time_stamp() - from).value();
  }
}

// Time of the tiles that can only be computed when the last bulk transaction of a step has arrived.
uint64_t Engine::last_tile_ps(const Job& job, unsigned step, uint64_t step_ps) const {
  uint64_t bytes = 0;
  for (unsigned i = 0; i < DUET_INPUTS; ++i) {
    const duet_operand& operand = job.descriptor.inputs[i];
    if (!operand.used || has(operand, DUET_OPERAND_RESIDENT) || is_kept_here(operand)) continue;
    bytes +=
        job.plan.part(has(operand, DUET_OPERAND_SHARED) ? operand.group_bytes : job.inputs[i].bytes, step);
  }
  const uint64_t granularity = around_.dma.granularity_bytes();
  if (bytes <= granularity) return bytes == 0 ? 0 : step_ps;
  return static_cast<uint64_t>(static_cast<double>(step_ps) * static_cast<double>(granularity) /
                               static_cast<double>(bytes));
}

void Engine::release_step(const Job& job, unsigned step) {
  const bool last = step + 1 == job.plan.steps();
  for (const bool dependent : {false, true}) {
    const uint64_t bytes = streamed_space(job, dependent, step) + (last ? resident_space(job, dependent) : 0);
    if (bytes != 0) (dependent ? dependent_space_ : prefetch_space_).release(bytes);
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
      times.begin_step(run_step(job, step, job->plan.part(total_ps, step)));
    }
    if (detailed_ && job->data) detailed_->show(job->timing, times, operands_);
    if (detailed_ && !job->data) detailed_->show(job->timing, times);
    job->record.sram_stall_ps = stall_ps;
    job->record.compute_ps = total_ps - stall_ps;
    busy_ps_ += total_ps;
    job->computed = true;
    finish_if_written(job);
  }
}

uint64_t Engine::run_step(const JobPointer& job, unsigned step, uint64_t step_ps) {
  wait_for_opening(*job, step);
  while (around_.hung) wait(step_event_);
  if (step == 0) job->record.start_ps = sc_core::sc_time_stamp().value();
  uint64_t output_bytes = 0;
  for (unsigned o = 0; o < DUET_OUTPUTS; ++o) {
    const duet_operand& output = job->descriptor.outputs[o];
    if (output.used && !has(output, DUET_OPERAND_KEPT)) output_bytes += output_space(*job, o, step);
  }
  const uint64_t opened_ps = sc_core::sc_time_stamp().value();
  if (output_bytes != 0) {
    if (!output_space_.fits(output_bytes)) show(EngineState::wait_output, job.get());
    output_space_.reserve(output_bytes);
  }
  const uint64_t begin_ps = sc_core::sc_time_stamp().value();
  job->record.wait_output_ps += begin_ps - opened_ps;
  ++job->opened_steps;
  opened_event_.notify(sc_core::SC_ZERO_TIME);
  show(EngineState::compute, job.get());
  // Results leave as they are made, in a middle step at the pace of the step before; its own end is known
  // only when all operands are there.
  const bool paced = step != 0;
  if (paced) queue_store({job, step, begin_ps + std::max(step_ps, last_step_ps_), true, false});
  wait_for_step(*job, step);
  if (job->data) compute_values(job);
  const uint64_t arrived_ps = sc_core::sc_time_stamp().value();
  const uint64_t end_ps = std::max(begin_ps + step_ps, arrived_ps + last_tile_ps(*job, step, step_ps));
  last_step_ps_ = end_ps - begin_ps;
  job->record.wait_data_ps += last_step_ps_ - step_ps;
  queue_store({job, step, end_ps, !paced, true});
  if (end_ps > arrived_ps) wait(sc_core::sc_time::from_value(end_ps - arrived_ps));
  release_step(*job, step);
  return begin_ps;
}

void Engine::queue_store(const StoreItem& item) {
  store_queue_.push_back(item);
  store_event_.notify(sc_core::SC_ZERO_TIME);
}

// Late outputs of a step go behind its results.
void Engine::store_results() {
  while (true) {
    const StoreItem item = next(store_queue_, store_event_);
    write_step(item, false);
    if (!has_late_outputs(item.job->descriptor)) continue;
    late_queue_.push_back(item);
    late_event_.notify(sc_core::SC_ZERO_TIME);
  }
}

void Engine::store_late() {
  while (true) write_step(next(late_queue_, late_event_), true);
}

void Engine::write_step(const StoreItem& item, bool late) {
  Job::Writes& writes_of_kind = late ? item.job->late : item.job->results;
  std::vector<DmaPort::Request> posts;
  std::vector<DmaPort::Request> writes;
  for (unsigned o = 0; o < DUET_OUTPUTS; ++o) {
    const duet_operand& operand = item.job->descriptor.outputs[o];
    if (!operand.used || has(operand, DUET_OPERAND_KEPT) || has(operand, DUET_OPERAND_LATE) != late) continue;
    if (has(operand, DUET_OPERAND_RESIDENT) ? !item.whole : !item.streamed) continue;
    if (output_part(*item.job, o, item.step) == 0) continue;
    ++writes_of_kind.left;
    add_write_requests(item, o, operand.group != DUET_NO_GROUP ? posts : writes);
  }
  // What other chiplets wait for goes first.
  DmaWindow& window = late ? late_window_ : output_window_;
  send(item.job, std::move(posts), window);
  send(item.job, std::move(writes), window);
  if (!item.whole || item.step + 1 != item.job->plan.steps()) return;
  writes_of_kind.all_sent = true;
  finish_if_written(item.job);
}

void Engine::add_write_requests(const StoreItem& item, unsigned output,
                                std::vector<DmaPort::Request>& requests) {
  const JobPointer& job = item.job;
  const duet_operand& operand = job->descriptor.outputs[output];
  uint64_t address = job->outputs[output].address;
  // Partial sums go in equal pieces to the members of the group, who get the sums of everybody's.
  const unsigned pieces = has(operand, DUET_OPERAND_SUMMED) ? operand.group_members : 1;
  if (has(operand, DUET_OPERAND_SUMMED)) {
    address = core::AddressMap::reduction_base(around_.package, operand.group, 0) +
              core::ChipletWindow::mailbox(operand.counter, 0);
  } else if (operand.group != DUET_NO_GROUP) {
    address = core::AddressMap::group_base(around_.package, operand.group) +
              core::ChipletWindow::mailbox(operand.counter, 0);
  } else if (!has(operand, DUET_OPERAND_RESIDENT)) {
    address += job->plan.before(job->outputs[output].bytes, item.step);
  }
  const uint64_t space = output_space(*job, output, item.step);
  const uint64_t bytes = output_part(*job, output, item.step);
  const bool late = has(operand, DUET_OPERAND_LATE);
  const auto done = [this, job, space, late, left = std::make_shared<uint64_t>(bytes)](uint64_t piece) {
    *left -= piece;
    if (*left != 0) return;
    output_space_.release(space);
    --(late ? job->late : job->results).left;
    finish_if_written(job);
  };
  for (unsigned i = 0; i < pieces; ++i) {
    requests.push_back({tlm::TLM_WRITE_COMMAND,
                        address + (uint64_t{i} << core::AddressMap::reduction_member_shift),
                        bytes / pieces,
                        done,
                        {},
                        item.end_ps,
                        job->data ? job->data->outputs[output].data() + i * (bytes / pieces) : nullptr});
  }
}

void Engine::finish_if_written(const JobPointer& job) {
  if (!job->computed || !job->results.done()) return;
  if (!job->results_raised) {
    job->results_raised = true;
    job->record.end_ps = sc_core::sc_time_stamp().value();
    raise(*job, DUET_RAISE_RESULTS);
  }
  if (!job->late.done()) return;
  job->late.all_sent = false;  // once
  raise(*job, DUET_RAISE_WRITTEN);
  --in_flight_;
  around_.job_done(job);
}

void Engine::raise(const Job& job, duet_raise_when when) {
  for (const duet_raise& raise : job.descriptor.raises) {
    if (raise.when != when) continue;
    around_.dma.post_word(core::AddressMap::group_base(around_.package, raise.group) +
                              core::ChipletWindow::counter(raise.counter),
                          raise.amount);
  }
}

}  // namespace duet::models
