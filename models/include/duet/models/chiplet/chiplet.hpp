// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_target_socket.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "duet/core/address_map.hpp"
#include "duet/core/chiplet_description.hpp"
#include "duet/core/operation_timings.hpp"
#include "duet/models/chiplet/chiplet_observer.hpp"
#include "duet/models/chiplet/dma_port.hpp"
#include "duet/models/chiplet/engine.hpp"
#include "duet/models/chiplet/event_counters.hpp"
#include "duet/models/chiplet/job.hpp"
#include "duet/tlm_interconnect/register_block.hpp"

namespace duet::models {

/// Where a chiplet stands in its platform.
struct ChipletPlace {
  unsigned package = 0;
  unsigned chiplet = 0;  ///< ordinal among the package's compute chiplets
  unsigned node = 0;     ///< NoI node
  uint64_t granularity_bytes = 2 << 20;
  sc_core::sc_time register_latency;
  bool functional = false;  ///< payloads carry data
};

/// A compute chiplet: control registers, descriptor queue, an engine per kind of array, data
/// initiator and data target into the NoI, and an interrupt line. Registers: sw_driver/registers.def.
class Chiplet : public sc_core::sc_module {
 public:
  tlm_interconnect::RegisterBlock registers;
  DmaPort data_initiator;
  tlm_utils::simple_target_socket<Chiplet> data_target{"data_target"};
  sc_core::sc_out<bool> interrupt{"interrupt"};

  Chiplet(sc_core::sc_module_name name, const core::NodeTypeDescription& description,
          const core::AddressMap& map, const ChipletPlace& place);
  /// Ends the traces of its arrays; a trace that shows nothing is told to the sink of warnings.
  ~Chiplet() override;

  /// Chiplets of one kind may share what has been worked out of their operations.
  void share_timings(std::shared_ptr<core::OperationTimings> timings) { timings_ = std::move(timings); }

  /// The controller stops, as after a soft error, until it is restarted or reset.
  void hang() { hung_ = true; }

  /// Called with what was measured of each descriptor when it is done.
  void on_job_done(std::function<void(const JobRecord&)> observer) { observer_ = std::move(observer); }
  /// Lets a trace look on.
  void observe(ChipletObserver observer) { trace_ = std::move(observer); }
  /// Called once per guest mistake with the full text of the warning.
  void on_warning(std::function<void(const std::string&)> sink) { warning_sink_ = std::move(sink); }

  [[nodiscard]] const Engine* engine(duet_engine kind) const { return engines_[kind].get(); }
  [[nodiscard]] uint64_t mode_switches() const;
  [[nodiscard]] uint64_t descriptors_done() const { return descriptors_done_total_; }

 private:
  struct Doorbell {
    uint32_t first;
    uint32_t count;
    uint32_t mode;
    uint32_t left;
  };

  void attach_registers();
  void fetch();
  void ring(uint32_t descriptors);
  std::shared_ptr<Job> make_job(const duet_descriptor& descriptor, uint32_t index, unsigned doorbell);
  bool check(const Job& job);
  bool check_kept(const Job& job);
  void job_done(const std::shared_ptr<Job>& job);
  [[nodiscard]] std::string reason_of(duet_error error) const;
  void fail(duet_error error, uint32_t descriptor, const std::string& why);
  void raise_interrupt(uint32_t bits);
  void update_interrupt();
  void reset();
  void restart();
  void count_doorbells();
  [[nodiscard]] size_t in_flight() const;
  uint64_t argument(unsigned index) const;

  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& payload);
  void on_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase);
  void accept(tlm::tlm_generic_payload& payload);

  core::NodeTypeDescription description_;
  std::shared_ptr<core::OperationTimings> timings_;
  const core::AddressMap& map_;
  ChipletPlace place_;
  EventCounters counters_;
  std::unique_ptr<ValueUnit> values_;  ///< null in timing mode
  ChipletObserver trace_;
  std::array<std::unique_ptr<Engine>, 3> engines_;
  std::vector<Doorbell> doorbells_;
  uint32_t fetched_ = 0;
  uint32_t available_ = 0;
  uint32_t completed_ = 0;
  uint32_t doorbells_completed_ = 0;
  uint64_t descriptors_done_total_ = 0;
  unsigned fetched_doorbell_ = 0;  // whose descriptors are fetched now
  uint32_t epoch_ = 0;             // resets so far
  bool halted_ = false;
  bool hung_ = false;
  uint64_t event_timeout_ps_ = description_.event_timeout_ps;
  sc_core::sc_event fetch_event_;
  sc_core::sc_event interrupt_event_;
  tlm_utils::peq_with_cb_and_phase<Chiplet> target_queue_;
  std::vector<uint8_t> sram_;  // only what data-carrying writes touched
  std::function<void(const JobRecord&)> observer_;
  std::function<void(const std::string&)> warning_sink_;
};

}  // namespace duet::models
