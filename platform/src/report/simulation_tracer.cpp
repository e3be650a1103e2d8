// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/report/simulation_tracer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "duet/core/trace/timeline_writer.hpp"
#include "duet/core/trace/transaction_log.hpp"
#include "duet/core/trace/vcd_writer.hpp"
#include "duet/tlm_interconnect/noi_routing.hpp"

namespace duet::platform {
namespace {

using core::TimelineTrack;
using core::VcdSignal;
using models::EngineState;
using tlm_interconnect::NodeId;
using tlm_interconnect::TlmNetwork;

constexpr std::array engine_names{"systolic", "vector", "mover"};
constexpr std::array operation_names{
    "none",   "gather", "gemm",        "gemv",   "attention", "rotary",    "ssm_prefill", "ssm_decode",
    "conv1d", "norm",   "elementwise", "reduce", "argmax",    "kv_append", "collective",  "transfer"};
const std::vector<std::string> state_names{"idle",        "wait_event",  "wait_data",
                                           "wait_output", "switch_mode", "compute"};

}  // namespace

class SimulationTracer::Recorder {
 public:
  explicit Recorder(const TraceOptions& options) : options_(options) {
    const core::NameSelection selection(options.select);
    if (!options.vcd.empty()) vcd_.emplace(options.vcd_options());
    if (!options.timeline.empty()) {
      timeline_.emplace(core::TimelineOptions{options.timeline, selection, options.begin_ps(),
                                              options.end_ps(), options.max_bytes()});
    }
    if (!options.transactions.empty()) {
      log_.emplace(core::TransactionLogOptions{options.transactions, selection, options.begin_ps(),
                                               options.end_ps(), options.max_bytes()});
    }
  }
  ~Recorder() { detach(); }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void attach(Simulation& simulation) {
    detach();
    simulation_ = &simulation;
    if (packages_.empty()) {
      packages_.resize(simulation.layouts().size());
      links_.resize(simulation.links().size());
      for (unsigned i = 0; i < packages_.size(); ++i) declare_package(i);
      for (unsigned i = 0; i < links_.size(); ++i) declare_link(i);
    }
    for (unsigned i = 0; i < packages_.size(); ++i) look_at_package(i);
    for (unsigned i = 0; i < links_.size(); ++i) look_at_link(i);
  }

  void detach() {
    if (simulation_ == nullptr) return;
    for (unsigned i = 0; i < packages_.size(); ++i) {
      PackageModule& package = simulation_->package(i);
      for (const auto& chiplet : package.chiplets()) chiplet->observe({});
      package.noi().forget_observers();
      package.control_bus().forget_observers();
    }
    for (const auto& link : simulation_->links()) link->forget_observers();
    for (Package& package : packages_) package.routing.reset();
    offset_ps_ = now_ps();
    simulation_ = nullptr;
  }

  void set_program(unsigned package, const workload::Program& program) {
    packages_[package].stages.clear();
    for (const workload::StagePlan& stage : program.stages) packages_[package].stages.push_back(stage.name);
  }

  [[nodiscard]] TraceSizes estimate(unsigned package, const workload::Program& program) const {
    const auto& topology = simulation_->package(package).noi().network().topology();
    const uint64_t mean_hops = (topology.columns() + topology.rows()) / 3;
    uint64_t descriptors = 0;
    uint64_t steps = 0;
    uint64_t transactions = 0;
    std::vector<core::MemoryExtent> extents;
    const auto add = [&](const duet_operand& operand, uint64_t descriptor_steps) {
      if (!operand.used) return;
      const bool resident = (operand.flags & DUET_OPERAND_RESIDENT) != 0;
      const uint64_t parts = resident ? 1 : descriptor_steps;
      extents.clear();
      const bool split =
          operand.bytes > 0 &&
          simulation_->map().split(operand.address, std::max<uint64_t>(operand.bytes / parts, 1), extents);
      transactions += parts * (split ? extents.size() : 1);
    };
    for (const auto& queue : program.queues) {
      descriptors += queue.size();
      for (const duet_descriptor& descriptor : queue) {
        steps += descriptor.steps;
        for (const duet_operand& operand : descriptor.inputs) add(operand, descriptor.steps);
        for (const duet_operand& operand : descriptor.outputs) add(operand, descriptor.steps);
      }
    }
    constexpr uint64_t changes_of_step = 4;  // arrival, waiting, computing, done
    constexpr uint64_t bytes_of_log_line = 100;
    const auto share = [](uint64_t selected, uint64_t offered, uint64_t count) {
      return offered == 0 ? 0
                          : static_cast<uint64_t>(static_cast<double>(count) * static_cast<double>(selected) /
                                                  static_cast<double>(offered));
    };
    TraceSizes sizes;
    if (vcd_) {
      const uint64_t changes = steps * changes_of_step + transactions * 2 * (1 + mean_hops);
      sizes.vcd = core::VcdWriter::estimate_bytes(
          vcd_->selected_signals(), share(vcd_->selected_signals(), vcd_->offered_signals(), changes));
    }
    if (timeline_) {
      sizes.timeline = core::TimelineWriter::estimate_bytes(
          share(timeline_->selected_tracks(), timeline_->offered_tracks(), descriptors + transactions));
    }
    if (log_) sizes.transactions = transactions * bytes_of_log_line;
    return sizes;
  }

  std::vector<std::string> finish() {
    detach();
    std::vector<std::string> sentences;
    const auto note = [&](const std::string& sentence) {
      if (!sentence.empty()) sentences.push_back(sentence);
    };
    if (vcd_) {
      vcd_->close(offset_ps_);
      note(vcd_->warning());
      note(options_.finish_vcd());
    }
    if (timeline_) {
      timeline_->close();
      note(timeline_->warning());
    }
    if (log_) {
      log_->close();
      note(log_->warning());
    }
    return sentences;
  }

 private:
  struct Engine {
    VcdSignal state;
    VcdSignal layer;
    VcdSignal operands_arrived;
    TimelineTrack track;
  };
  struct Chiplet {
    VcdSignal doorbell;
    VcdSignal mode_bits;
    VcdSignal descriptors_done;
    uint64_t done = 0;
    std::array<Engine, 3> engines;
  };
  // A count of transactions under way at one place.
  struct Traffic {
    VcdSignal signal;
    TimelineTrack track;
    uint64_t under_way = 0;
  };
  struct Package {
    std::vector<std::string> stages;
    VcdSignal register_access;
    TimelineTrack driver;
    std::vector<Chiplet> chiplets;
    std::vector<std::string> node_names;
    std::vector<Traffic> nodes;
    std::vector<Traffic> links;
    std::unique_ptr<tlm_interconnect::NoiRouting> routing;
  };
  struct Link {
    std::string name;
    std::array<Traffic, 2> from;
    std::array<std::string, 2> packages;
  };

  TimelineTrack add_track(const std::string& process, const std::string& name) {
    return timeline_ ? timeline_->add_track(process, name) : TimelineTrack{};
  }
  VcdSignal add_count(const std::string& scope, const std::string& name, unsigned width) {
    return vcd_ ? vcd_->add_signal(scope, name, width) : VcdSignal{};
  }

  /// Simulations that follow each other are one trace: each begins where the one before it ended.
  [[nodiscard]] uint64_t now_ps() const { return offset_ps_ + sc_core::sc_time_stamp().value(); }

  void declare_package(unsigned index) {
    const core::PackageLayout& layout = simulation_->layouts()[index];
    Package& package = packages_[index];
    package.chiplets.resize(layout.compute.size());
    for (size_t i = 0; i < layout.compute.size(); ++i) declare_chiplet(index, i);
    package.register_access = add_count(layout.name + ".driver", "register_access", 1);
    package.driver = add_track(layout.name, "driver");
    const auto& topology = simulation_->package(index).noi().network().topology();
    package.nodes.resize(topology.nodes());
    package.node_names.resize(topology.nodes());
    for (const core::NodeInstance& node : layout.nodes) {
      package.node_names[node.node] = layout.name + "." + node.name;
      if (node.kind != core::NodeKind::memory) continue;
      package.nodes[node.node].signal = add_count(package.node_names[node.node], "transactions", 16);
      package.nodes[node.node].track = add_track(layout.name, node.name);
    }
    for (const auto& link : topology.links()) {
      const std::string name = fmt::format("noi.link[{}->{}]", link.from, link.to);
      package.links.push_back({add_count(layout.name + "." + name, "transactions", 16), {}, 0});
    }
  }

  void declare_chiplet(unsigned package_index, size_t index) {
    const core::PackageLayout& layout = simulation_->layouts()[package_index];
    Chiplet& chiplet = packages_[package_index].chiplets[index];
    const std::string scope = layout.name + "." + layout.compute[index].name;
    if (vcd_ && vcd_->wants(scope)) {
      chiplet.doorbell = vcd_->add_event(scope, "doorbell");
      chiplet.mode_bits = vcd_->add_signal(scope, "mode_bits", 8);
      chiplet.descriptors_done = vcd_->add_signal(scope, "descriptors_done", 32);
    }
    const auto& module = simulation_->package(package_index).chiplets()[index];
    for (unsigned kind = 0; kind < chiplet.engines.size(); ++kind) {
      if (module->engine(static_cast<duet_engine>(kind)) == nullptr) continue;
      Engine& engine = chiplet.engines[kind];
      const std::string name = scope + "." + engine_names[kind];
      if (vcd_ && vcd_->wants(name)) {
        engine.state = vcd_->add_state(name, "state", state_names);
        engine.layer = vcd_->add_signal(name, "layer", 16);
        engine.operands_arrived = vcd_->add_event(name, "operands_arrived");
      }
      engine.track =
          add_track(layout.name, fmt::format("{}.{}", layout.compute[index].name, engine_names[kind]));
    }
  }

  void look_at_package(unsigned index) {
    Package& package = packages_[index];
    PackageModule& module = simulation_->package(index);
    package.routing = std::make_unique<tlm_interconnect::NoiRouting>(
        module.noi().network().topology(),
        module.layout().description->noi.routing);  // refers to the topology
    for (size_t i = 0; i < package.chiplets.size(); ++i) look_at_chiplet(index, i);
    for (Traffic& node : package.nodes) start(node);
    for (Traffic& link : package.links) start(link);
    module.noi().on_transaction(
        [this, &package](const TlmNetwork::Sight& sight) { show_transaction(package, sight); });
    module.control_bus().on_access([this, &package](const tlm_interconnect::ControlBus::Access& access) {
      show_access(package, access);
    });
  }

  void look_at_chiplet(unsigned package_index, size_t index) {
    Chiplet& chiplet = packages_[package_index].chiplets[index];
    const auto& module = simulation_->package(package_index).chiplets()[index];
    chiplet.done = 0;
    if (vcd_) {
      vcd_->change(now_ps(), chiplet.descriptors_done, 0);
      for (Engine& engine : chiplet.engines) vcd_->change(now_ps(), engine.state, 0);
    }
    models::ChipletObserver observer;
    observer.doorbell = [this, &chiplet](uint32_t, uint32_t mode_bits) {
      if (!vcd_) return;
      vcd_->trigger(now_ps(), chiplet.doorbell);
      vcd_->change(now_ps(), chiplet.mode_bits, mode_bits);
    };
    observer.engine_state = [this, &chiplet](duet_engine kind, EngineState state, const models::Job* job) {
      if (!vcd_) return;
      Engine& engine = chiplet.engines[kind];
      vcd_->change(now_ps(), engine.state, static_cast<uint64_t>(state));
      if (job != nullptr) vcd_->change(now_ps(), engine.layer, job->record.layer);
    };
    observer.operands_arrived = [this, &chiplet](duet_engine kind, const models::Job&) {
      if (vcd_) vcd_->trigger(now_ps(), chiplet.engines[kind].operands_arrived);
    };
    observer.job_done = [this, &chiplet, package_index](const models::Job& job) {
      if (vcd_) vcd_->change(now_ps(), chiplet.descriptors_done, ++chiplet.done);
      show_job(packages_[package_index], chiplet, job.record);
    };
    module->observe(std::move(observer));
  }

  void show_access(const Package& package, const tlm_interconnect::ControlBus::Access& access) {
    const uint64_t begin_ps = offset_ps_ + access.begin_ps;
    const uint64_t end_ps = offset_ps_ + access.end_ps;
    if (vcd_ && package.register_access) {
      vcd_->schedule(begin_ps, package.register_access, 1);
      vcd_->schedule(end_ps, package.register_access, 0);
    }
    if (timeline_ && package.driver) {
      const core::TimelineArgument arguments[] = {{"address", access.address}};
      timeline_->complete(package.driver, access.write ? "write" : "read", "driver", begin_ps, end_ps,
                          arguments);
    }
  }

  void show_job(const Package& package, const Chiplet& chiplet, const models::JobRecord& record) {
    if (!timeline_) return;
    const std::string name = record.layer < package.stages.size() ? package.stages[record.layer]
                                                                  : fmt::format("layer {}", record.layer);
    const core::TimelineArgument arguments[] = {{"macs", record.macs},
                                                {"compute_ps", record.compute_ps},
                                                {"sram_stall_ps", record.sram_stall_ps},
                                                {"wait_event_ps", record.wait_event_ps},
                                                {"wait_data_ps", record.wait_data_ps},
                                                {"wait_output_ps", record.wait_output_ps}};
    timeline_->complete(chiplet.engines[record.engine].track, name,
                        record.opcode < operation_names.size() ? operation_names[record.opcode] : "?",
                        offset_ps_ + record.start_ps, offset_ps_ + record.end_ps, arguments);
  }

  // The links that a transaction's bytes cross: data to the reader, or from the writer.
  static std::set<uint32_t> links_of(const Package& package, const TlmNetwork::Sight& sight) {
    std::set<uint32_t> links;
    const auto& routing = *package.routing;
    const auto add = [&](NodeId from, NodeId to, unsigned route_class) {
      for (const auto link : routing.path(from, to, route_class)) links.insert(link);
    };
    if (sight.members != nullptr) {
      for (const NodeId member : *sight.members)
        add(sight.source, member, routing.class_of_tree(sight.source));
    } else if (sight.write) {
      add(sight.source, sight.node, routing.class_of(sight.source, sight.node));
    } else {
      add(sight.node, sight.source, routing.class_of(sight.node, sight.source));
    }
    return links;
  }

  void show_transaction(Package& package, const TlmNetwork::Sight& sight) {
    if (vcd_) {
      for (const uint32_t link : links_of(package, sight)) count(package.links[link], sight);
      count(package.nodes[sight.node], sight);
    }
    if (sight.end_ps == 0) return;
    report(package.nodes[sight.node].track, package.node_names[sight.source],
           sight.members == nullptr ? package.node_names[sight.node] : "group", sight);
  }

  void start(Traffic& traffic) {
    traffic.under_way = 0;
    if (vcd_) vcd_->change(now_ps(), traffic.signal, 0);
  }

  void count(Traffic& traffic, const TlmNetwork::Sight& sight) {
    if (!traffic.signal) return;
    if (sight.end_ps == 0) {
      ++traffic.under_way;
    } else if (traffic.under_way > 0) {  // it may have begun before anybody looked
      --traffic.under_way;
    }
    vcd_->change(now_ps(), traffic.signal, traffic.under_way);
  }

  void report(TimelineTrack track, const std::string& source, const std::string& target,
              const TlmNetwork::Sight& sight) {
    if (timeline_ && track) {
      const core::TimelineArgument arguments[] = {
          {"bytes", sight.bytes}, {"address", sight.address}, {"from", std::string_view(source)}};
      timeline_->complete(track, sight.write ? "write" : "read", sight.write ? "write" : "read",
                          offset_ps_ + sight.begin_ps, offset_ps_ + sight.end_ps, arguments);
    }
    if (log_) {
      tlm::tlm_generic_payload named;
      named.set_response_status(sight.response);
      log_->write({offset_ps_ + sight.begin_ps, offset_ps_ + sight.end_ps, source, target,
                   sight.write ? "write" : "read", sight.address, sight.bytes,
                   sight.response == tlm::TLM_OK_RESPONSE ? "ok" : named.get_response_string()});
    }
  }

  void declare_link(unsigned index) {
    Link& link = links_[index];
    link.name = fmt::format("inter_package_link[{}]", index);
    for (unsigned end = 0; end < 2; ++end) {
      link.packages[end] = simulation_->layouts()[end].name;
      link.from[end].signal = add_count(link.name, "from_" + link.packages[end], 16);
      link.from[end].track =
          add_track("inter-package", fmt::format("{}.from_{}", link.name, link.packages[end]));
    }
  }

  void look_at_link(unsigned index) {
    Link& link = links_[index];
    for (Traffic& traffic : link.from) start(traffic);
    simulation_->links()[index]->on_transaction([this, &link](const TlmNetwork::Sight& sight) {
      Traffic& traffic = link.from[sight.source];
      if (vcd_) count(traffic, sight);
      if (sight.end_ps == 0) return;
      report(traffic.track, link.packages[sight.source] + "." + link.name, link.packages[1 - sight.source],
             sight);
    });
  }

  TraceOptions options_;
  Simulation* simulation_ = nullptr;
  uint64_t offset_ps_ = 0;
  std::optional<core::VcdWriter> vcd_;
  std::optional<core::TimelineWriter> timeline_;
  std::optional<core::TransactionLog> log_;
  std::vector<Package> packages_;
  std::vector<Link> links_;
};

SimulationTracer::SimulationTracer(const TraceOptions& options)
    : recorder_(std::make_unique<Recorder>(options)) {}

SimulationTracer::~SimulationTracer() = default;

void SimulationTracer::attach(Simulation& simulation) {
  recorder_->attach(simulation);
}

void SimulationTracer::detach() {
  recorder_->detach();
}

void SimulationTracer::set_program(unsigned package, const workload::Program& program) {
  recorder_->set_program(package, program);
}

TraceSizes SimulationTracer::estimate(unsigned package, const workload::Program& program) const {
  return recorder_->estimate(package, program);
}

std::vector<std::string> SimulationTracer::finish() {
  return recorder_->finish();
}

}  // namespace duet::platform
