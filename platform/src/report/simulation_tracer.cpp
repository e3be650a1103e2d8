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

uint64_t now_ps() {
  return sc_core::sc_time_stamp().value();
}

}  // namespace

class SimulationTracer::Recorder {
 public:
  Recorder(const TraceOptions& options, Simulation& simulation) : options_(options), simulation_(simulation) {
    const core::NameSelection selection(options.select);
    if (!options.vcd.empty()) {
      wants_fst_ = options.vcd.ends_with(".fst");
      const std::string path =
          wants_fst_ ? options.vcd.substr(0, options.vcd.size() - 4) + ".vcd" : options.vcd;
      vcd_.emplace(
          core::VcdOptions{path, selection, options.begin_ps(), options.end_ps(), options.max_bytes()});
    }
    if (!options.timeline.empty()) {
      timeline_.emplace(core::TimelineOptions{options.timeline, selection, options.begin_ps(),
                                              options.end_ps(), options.max_bytes()});
    }
    if (!options.transactions.empty()) {
      log_.emplace(core::TransactionLogOptions{options.transactions, selection, options.begin_ps(),
                                               options.end_ps(), options.max_bytes()});
    }
    packages_.resize(simulation.layouts().size());
    for (unsigned i = 0; i < packages_.size(); ++i) look_at_package(i);
    look_at_links();
  }

  ~Recorder() {
    for (unsigned i = 0; i < packages_.size(); ++i) {
      for (const auto& chiplet : simulation_.package(i).chiplets()) chiplet->observe({});
      simulation_.package(i).noi().on_transaction({});
    }
    for (const auto& link : simulation_.links()) link->on_transaction({});
  }

  void set_program(unsigned package, const workload::Program& program) {
    packages_[package].stages.clear();
    for (const workload::StagePlan& stage : program.stages) packages_[package].stages.push_back(stage.name);
  }

  std::vector<std::string> finish() {
    std::vector<std::string> sentences;
    const auto note = [&](const std::string& sentence) {
      if (!sentence.empty()) sentences.push_back(sentence);
    };
    if (vcd_) {
      vcd_->close(now_ps());
      note(vcd_->warning());
      if (wants_fst_)
        note(convert_to_fst(options_.vcd.substr(0, options_.vcd.size() - 4) + ".vcd", options_.vcd));
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

  void look_at_package(unsigned index) {
    const core::PackageLayout& layout = simulation_.layouts()[index];
    Package& package = packages_[index];
    package.chiplets.resize(layout.compute.size());
    for (size_t i = 0; i < layout.compute.size(); ++i) look_at_chiplet(index, i);
    const auto& topology = simulation_.package(index).noi().network().topology();
    package.routing =
        std::make_unique<tlm_interconnect::NoiRouting>(topology, layout.description->noi.routing);
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
    simulation_.package(index).noi().on_transaction(
        [this, index](const TlmNetwork::Sight& sight) { show_transaction(packages_[index], sight); });
  }

  void look_at_chiplet(unsigned package_index, size_t index) {
    const core::PackageLayout& layout = simulation_.layouts()[package_index];
    Chiplet& chiplet = packages_[package_index].chiplets[index];
    const std::string scope = layout.name + "." + layout.compute[index].name;
    if (vcd_ && vcd_->wants(scope)) {
      chiplet.doorbell = vcd_->add_event(scope, "doorbell");
      chiplet.mode_bits = vcd_->add_signal(scope, "mode_bits", 8);
      chiplet.descriptors_done = vcd_->add_signal(scope, "descriptors_done", 32);
      vcd_->change(now_ps(), chiplet.descriptors_done, 0);
    }
    const auto& module = simulation_.package(package_index).chiplets()[index];
    for (unsigned kind = 0; kind < chiplet.engines.size(); ++kind) {
      if (module->engine(static_cast<duet_engine>(kind)) == nullptr) continue;
      Engine& engine = chiplet.engines[kind];
      const std::string name = scope + "." + engine_names[kind];
      if (vcd_ && vcd_->wants(name)) {
        engine.state = vcd_->add_state(name, "state", state_names);
        engine.layer = vcd_->add_signal(name, "layer", 16);
        engine.operands_arrived = vcd_->add_event(name, "operands_arrived");
        vcd_->change(now_ps(), engine.state, 0);
      }
      engine.track =
          add_track(layout.name, fmt::format("{}.{}", layout.compute[index].name, engine_names[kind]));
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
                        record.start_ps, record.end_ps, arguments);
  }

  // The links that a transaction's bytes cross: data to the reader, or from the writer.
  static std::set<uint32_t> links_of(const Package& package, const TlmNetwork::Sight& sight) {
    std::set<uint32_t> links;
    const auto add = [&](NodeId from, NodeId to) {
      for (const auto link : package.routing->path(from, to)) links.insert(link);
    };
    if (sight.members != nullptr) {
      for (const NodeId member : *sight.members) add(sight.source, member);
    } else if (sight.write) {
      add(sight.source, sight.node);
    } else {
      add(sight.node, sight.source);
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
                          sight.begin_ps, sight.end_ps, arguments);
    }
    if (log_) {
      tlm::tlm_generic_payload named;
      named.set_response_status(sight.response);
      log_->write({sight.begin_ps, sight.end_ps, source, target, sight.write ? "write" : "read",
                   sight.address, sight.bytes,
                   sight.response == tlm::TLM_OK_RESPONSE ? "ok" : named.get_response_string()});
    }
  }

  void look_at_links() {
    links_.resize(simulation_.links().size());
    for (size_t i = 0; i < links_.size(); ++i) {
      Link& link = links_[i];
      link.name = fmt::format("inter_package_link[{}]", i);
      for (unsigned end = 0; end < 2; ++end) {
        link.packages[end] = simulation_.layouts()[end].name;
        link.from[end].signal = add_count(link.name, "from_" + link.packages[end], 16);
        link.from[end].track =
            add_track("inter-package", fmt::format("{}.from_{}", link.name, link.packages[end]));
      }
      simulation_.links()[i]->on_transaction([this, &link](const TlmNetwork::Sight& sight) {
        Traffic& traffic = link.from[sight.source];
        if (vcd_) count(traffic, sight);
        if (sight.end_ps == 0) return;
        report(traffic.track, link.packages[sight.source] + "." + link.name, link.packages[1 - sight.source],
               sight);
      });
    }
  }

  TraceOptions options_;
  Simulation& simulation_;
  std::optional<core::VcdWriter> vcd_;
  std::optional<core::TimelineWriter> timeline_;
  std::optional<core::TransactionLog> log_;
  bool wants_fst_ = false;
  std::vector<Package> packages_;
  std::vector<Link> links_;
};

SimulationTracer::SimulationTracer(const TraceOptions& options, Simulation& simulation)
    : recorder_(std::make_unique<Recorder>(options, simulation)) {}

SimulationTracer::~SimulationTracer() = default;

void SimulationTracer::set_program(unsigned package, const workload::Program& program) {
  recorder_->set_program(package, program);
}

std::vector<std::string> SimulationTracer::finish() {
  return recorder_->finish();
}

}  // namespace duet::platform
