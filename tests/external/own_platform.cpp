// SPDX-License-Identifier: Apache-2.0
// A platform in C++, without YAML and without duet-vp, with a module of one's own as a node.
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdio>
#include <duet/platform/module/node_modules.hpp>
#include <duet/platform/run/evaluate.hpp>
#include <memory>
#include <vector>

// Reads 4 KiB from the first memory every microsecond.
class Reader : public sc_core::sc_module, public duet::platform::NodeModule {
 public:
  explicit Reader(const duet::platform::NodeModuleContext& context)
      : sc_module(sc_core::sc_module_name(context.name.c_str())), memory_(context.memories.at(0)) {
    SC_HAS_PROCESS(Reader);
    SC_THREAD(read);
  }
  tlm::tlm_initiator_socket<>* initiator() override { return &socket_; }
  std::vector<duet::platform::NodeModuleCounter> counters() const override { return {{"reads", reads_}}; }

 private:
  void read() {
    std::vector<unsigned char> data(4096);
    while (true) {
      tlm::tlm_generic_payload payload;
      payload.set_command(tlm::TLM_READ_COMMAND);
      payload.set_address(memory_.base);
      payload.set_data_ptr(data.data());
      payload.set_data_length(static_cast<unsigned>(data.size()));
      payload.set_streaming_width(static_cast<unsigned>(data.size()));
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      socket_->b_transport(payload, delay);
      wait(delay + sc_core::sc_time(1, sc_core::SC_US));
      if (payload.is_response_ok()) reads_ += 1;
    }
  }

  duet::platform::NodeModuleContext::Window memory_;
  tlm_utils::simple_initiator_socket<Reader> socket_{"socket"};
  double reads_ = 0;
};

duet::platform::RunRequest small_machine() {
  duet::platform::RunRequest request;
  auto& platform = request.platform;
  platform.name = "mine";
  auto& chiplet = platform.node_types["chiplet"];
  chiplet.systolic.emplace().count = 16;
  chiplet.vector.emplace().count = 8;
  platform.node_types["hbm"].memory.emplace().standard = "hbm3e_8000";
  auto& package = platform.packages["only"];
  package.noi.columns = 3;
  package.noi.rows = 2;
  package.noi.link.bandwidth = 512e9;
  package.nodes = {{"chiplet", {1, 1}, {0, 1}}, {"hbm", {0, 0}, {0, 1}}};

  auto& model = request.model;
  model.name = "tiny";
  model.hidden_size = 512;
  model.vocabulary_size = 4096;
  model.pattern = "M-M-";
  model.mamba.emplace().inner_size = 1024;
  model.mlp.emplace().intermediate_size = 2048;

  request.workload = {"short", "", 64, 9, {1}};
  return request;
}

int sc_main(int /*argc*/, char* /*argv*/[]) {
  duet::platform::RunRequest request = small_machine();
  const double alone_s = duet::platform::evaluate(request).points.at(0).ttft_s;

  duet::platform::register_node_module("reader", [](const duet::platform::NodeModuleContext& context) {
    return std::make_unique<Reader>(context);
  });
  duet::platform::NodeModuleDescription reader;
  reader.package = "only";
  reader.x = 2;
  reader.y = 0;
  request.modules["reader"] = reader;
  const duet::platform::PointResult point = duet::platform::evaluate(request).points.at(0);
  const double reads = point.prefill->modules.at("reader").at(0).value;
  std::printf("TTFT %.3f us alone, %.3f us beside %.0f reads\n", alone_s * 1e6, point.ttft_s * 1e6, reads);
  return alone_s > 0 && point.ttft_s > 0 && reads > 0 ? 0 : 1;
}
