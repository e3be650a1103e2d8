// SPDX-License-Identifier: Apache-2.0
#include "chiplet_bench.hpp"

#include <cstring>

#include "support/watched_sockets.hpp"

namespace duet::test {
namespace {

constexpr uint64_t queue_offset = 1 << 20;

class Script : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Script> socket{"socket"};
  sc_core::sc_in<bool> interrupt{"interrupt"};

  explicit Script(sc_core::sc_module_name name) : sc_module(name) {
    SC_HAS_PROCESS(Script);
    SC_THREAD(loop);
  }
  void start(const std::function<void()>& script) {
    script_ = script;
    done = false;
    start_.notify(sc_core::SC_ZERO_TIME);
  }
  bool done = true;

 private:
  void loop() {
    while (true) {
      wait(start_);
      script_();
      done = true;
      sc_core::sc_pause();
    }
  }
  std::function<void()> script_;
  sc_core::sc_event start_;
};

core::PlatformDescription make_platform(const core::NodeTypeDescription& chiplet_type) {
  core::PlatformDescription platform;
  platform.name = "bench";
  platform.node_types["chiplet"] = chiplet_type;
  platform.node_types["hbm"].memory = core::MemoryDescription{};
  platform.node_types["hbm"].memory->standard = "hbm3e_8000";
  platform.node_types["hbm"].memory->ecc = true;
  core::PackageDescription package;
  package.noi.columns = 2;
  package.noi.rows = 1;
  package.nodes = {{"chiplet", {0, 0}, {0, 0}}, {"hbm", {1, 1}, {0, 0}}};
  platform.packages["only"] = package;
  return platform;
}

}  // namespace

struct ChipletBench::Modules {
  Modules(const core::PackageLayout& layout, const core::AddressMap& address_map, bool functional)
      : map(address_map),
        noi("noi", layout.description->noi, {0, 1}),
        bus("bus", sc_core::sc_time(20, sc_core::SC_NS)),
        memory("memory", *layout.memory[0].type->memory),
        chiplet("chiplet", *layout.compute[0].type, map,
                {0, 0, 0, 2 << 20, sc_core::sc_time(10, sc_core::SC_NS), functional}),
        script("script") {
    sockets.bind(noi.to_node(1), memory.socket);
    noi.map(core::AddressMap::memory_base(0, 0), memory.capacity(), 1);
    sockets.bind(chiplet.data_initiator.socket, noi.from_node(0));
    sockets.bind(noi.to_node(0), chiplet.data_target);
    noi.map(core::AddressMap::chiplet_base(0, 0), 1ull << 44, 0);
    noi.map_group_window(core::AddressMap::group_base(0, 0), 1ull << 44, 0, 256);
    noi.set_group(0, {0});
    bus.map(0, 4096, chiplet.registers.socket);
    sockets.bind(script.socket, bus.socket);
    chiplet.interrupt.bind(interrupt);
    script.interrupt.bind(interrupt);
  }
  core::AddressMap map;
  tlm_interconnect::NetworkOnInterposer noi;
  tlm_interconnect::ControlBus bus;
  memory::MemoryNode memory;
  models::Chiplet chiplet;
  Script script;
  WatchedSockets sockets;
  sc_core::sc_signal<bool> interrupt{"interrupt"};
};

ChipletBench::ChipletBench(const core::NodeTypeDescription& chiplet_type, bool functional)
    : platform_(make_platform(chiplet_type)),
      layouts_(core::lay_out(platform_)),
      modules_(std::make_unique<Modules>(layouts_[0], core::AddressMap(layouts_), functional)) {
  modules_->chiplet.on_warning([this](const std::string& text) { warnings.push_back(text); });
  modules_->chiplet.on_job_done([this](const models::JobRecord& record) { records.push_back(record); });
}

ChipletBench::~ChipletBench() = default;

void ChipletBench::end() {
  modules_.reset();
}

bool ChipletBench::run(const std::function<void()>& script, sc_core::sc_time limit) {
  if (sc_core::sc_get_status() < sc_core::SC_RUNNING) sc_core::sc_start(sc_core::SC_ZERO_TIME);
  modules_->script.start(script);
  sc_core::sc_start(limit);
  return modules_->script.done;
}

tlm::tlm_response_status ChipletBench::access(tlm::tlm_command command, uint64_t offset, void* data,
                                              unsigned bytes) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(offset);
  payload.set_data_ptr(static_cast<unsigned char*>(data));
  payload.set_data_length(bytes);
  payload.set_streaming_width(bytes);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  modules_->script.socket->b_transport(payload, delay);
  sc_core::wait(delay);
  status = payload.get_response_status();
  return status;
}

uint32_t ChipletBench::read(uint32_t offset) {
  uint32_t value = 0;
  access(tlm::TLM_READ_COMMAND, offset, &value, 4);
  return value;
}

void ChipletBench::write(uint32_t offset, uint32_t value) {
  access(tlm::TLM_WRITE_COMMAND, offset, &value, 4);
}

bool ChipletBench::wait_for_interrupt(sc_core::sc_time limit) {
  if (!modules_->interrupt.read()) sc_core::wait(limit, modules_->interrupt.posedge_event());
  return modules_->interrupt.read();
}

models::Chiplet& ChipletBench::chiplet() {
  return modules_->chiplet;
}

memory::MemoryNode& ChipletBench::memory() {
  return modules_->memory;
}

uint64_t ChipletBench::memory_address(uint64_t offset) const {
  return core::AddressMap::memory_base(0, 0) + offset;
}

void ChipletBench::load(const std::vector<duet_descriptor>& descriptors) {
  for (size_t i = 0; i < descriptors.size(); ++i) {
    duet_descriptor copy = descriptors[i];
    tlm::tlm_generic_payload payload;
    payload.set_command(tlm::TLM_WRITE_COMMAND);
    payload.set_address(memory_address(queue_offset + i * sizeof copy));
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&copy));
    payload.set_data_length(sizeof copy);
    payload.set_streaming_width(sizeof copy);
    modules_->chiplet.data_initiator.socket->transport_dbg(payload);
  }
}

void ChipletBench::start(uint32_t mode, uint32_t descriptors) {
  const uint64_t queue = memory_address(queue_offset);
  write(DUET_CHIPLET_queue_base_low, static_cast<uint32_t>(queue));
  write(DUET_CHIPLET_queue_base_high, static_cast<uint32_t>(queue >> 32));
  write(DUET_CHIPLET_interrupt_enable, DUET_INTERRUPT_DOORBELL_DONE | DUET_INTERRUPT_ERROR);
  write(DUET_CHIPLET_mode, mode);
  write(DUET_CHIPLET_doorbell, descriptors);
}

core::NodeTypeDescription small_mixed_chiplet() {
  core::NodeTypeDescription type;
  type.systolic = core::SystolicArrayDescription{};
  type.systolic->count = 2;
  type.systolic->rows = 8;
  type.systolic->columns = 8;
  type.vector = core::VectorArrayDescription{};
  type.vector->count = 2;
  type.vector->rows = 2;
  type.vector->columns = 2;
  type.vector->lanes = 8;
  return type;
}

duet_descriptor elementwise_descriptor(const ChipletBench& bench) {
  duet_descriptor descriptor{};
  descriptor.magic = DUET_DESCRIPTOR_MAGIC;
  descriptor.opcode = DUET_OP_ELEMENTWISE;
  descriptor.engine = DUET_ENGINE_SYSTOLIC;
  descriptor.steps = 4;
  descriptor.shape.m = 1;
  descriptor.shape.n = 1000;
  descriptor.shape.sfu_passes = 1;
  duet_operand operand{};
  operand.used = 1;
  operand.bytes = 2000;
  operand.group = DUET_NO_GROUP;
  operand.argument = DUET_NO_ARGUMENT;
  operand.address = bench.memory_address(0);
  descriptor.inputs[0] = operand;
  operand.address = bench.memory_address(65536);
  descriptor.outputs[0] = operand;
  return descriptor;
}

}  // namespace duet::test
