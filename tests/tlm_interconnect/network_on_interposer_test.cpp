// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/network_on_interposer.hpp"

#include <catch2/catch.hpp>

#include "duet/core/simulation_context.hpp"
#include "test_modules.hpp"

using namespace duet;
using test::Initiator;
using test::Memory;
using tlm_interconnect::NetworkOnInterposer;

namespace {

constexpr uint64_t memory_bytes = 1 << 20;
constexpr uint64_t window = 0x1'0000'0000;
constexpr uint64_t ns = 1000;

/// Four nodes in a row, an initiator and a memory at each: router 4 ns, link 2 ns, local port 1 ns, 256 GB/s.
struct Row {
  static core::NoiDescription description() {
    core::NoiDescription noi;
    noi.columns = 4;
    noi.rows = 1;
    noi.link.wire_length = 0;
    noi.check = true;
    return noi;
  }
  ~Row() { CHECK(network.protocol_violations().empty()); }

  explicit Row(core::NoiDescription noi = description(), bool cut_through = true, double memory_rate = 0.256)
      : network("noi", noi, {0, 1, 2, 3}) {
    for (unsigned node = 0; node < 4; ++node) {
      initiators.push_back(std::make_unique<Initiator>(("initiator" + std::to_string(node)).c_str()));
      memories.push_back(std::make_unique<Memory>(("memory" + std::to_string(node)).c_str(), memory_bytes,
                                                  100 * ns, memory_rate, cut_through));
      initiators[node]->socket.bind(network.from_node(node));
      network.to_node(node).bind(memories[node]->socket);
      network.map(node * window, memory_bytes, node);
    }
  }

  NetworkOnInterposer network;
  std::vector<std::unique_ptr<Initiator>> initiators;
  std::vector<std::unique_ptr<Memory>> memories;
};

// One way without waiting: two local ports, h + 1 routers, h links.
constexpr uint64_t way(unsigned hops) {
  return (2 + (hops + 1) * 4 + hops * 2) * ns;
}

}  // namespace

TEST_CASE("a write takes its data there and a header back") {
  const core::SimulationContext context;
  Row row;
  const size_t request = row.initiators[0]->write(0, 2 * window + 0x40, std::vector<unsigned char>(256, 7));
  sc_core::sc_start();
  const auto& result = row.initiators[0]->results[request];
  CHECK(result.status == tlm::TLM_OK_RESPONSE);
  // 256 B and the response's flit each fill a link for 1 ns; the memory takes 1 ns for the data.
  CHECK(result.done_ps == 2 * way(2) + 2 * ns + 101 * ns);
  CHECK(row.memories[2]->storage[0x40] == 7);
  CHECK(row.memories[2]->accesses.at(0).address == 0x40);
}

TEST_CASE("a read is cut through: memory and link stream at the same time") {
  const core::SimulationContext context;
  const bool cut_through = GENERATE(true, false);
  Row row(Row::description(), cut_through);
  row.memories[1]->storage[5] = 42;
  const size_t request = row.initiators[0]->read(0, window, 256 * 1024);
  sc_core::sc_start();
  const auto& result = row.initiators[0]->results[request];
  CHECK(result.data[5] == 42);
  const uint64_t streaming = 1024 * ns;
  const uint64_t expected = 2 * way(1) + ns + 100 * ns + (cut_through ? 1 : 2) * streaming;
  CHECK(double(result.done_ps) == Approx(double(expected)).margin(20));
}

TEST_CASE("two bulk transfers over one link get half of it each") {
  const core::SimulationContext context;
  Row row(Row::description(), true, 100.0);
  const size_t a = row.initiators[0]->read(0, 2 * window, 512 * 1024);
  const size_t b = row.initiators[0]->read(0, 3 * window, 256 * 1024);
  sc_core::sc_start();
  // Both cross 1 -> 0 at 128 GB/s until the shorter one is through.
  CHECK(double(row.initiators[0]->results[b].done_ps) == Approx(2 * 1024e3).epsilon(0.1));
  CHECK(double(row.initiators[0]->results[a].done_ps) == Approx(3 * 1024e3).epsilon(0.1));
}

TEST_CASE("a short packet does not wait for a bulk transfer") {
  const core::SimulationContext context;
  Row row(Row::description(), true, 100.0);
  row.initiators[0]->write(0, 3 * window, 1 << 20);
  const size_t request = row.initiators[1]->write(500 * ns, 2 * window, 4);
  sc_core::sc_start();
  const auto& result = row.initiators[1]->results[request];
  // Half a packet of 4 KiB on average in front of it, not a mebibyte.
  CHECK(result.done_ps - result.issued_ps < 2 * way(1) + 102 * ns + 17 * ns);
}

TEST_CASE("an unmapped address is an address error and nothing else happens") {
  const core::SimulationContext context;
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
  Row row;
  const size_t nowhere = row.initiators[0]->read(0, 9 * window, 64);
  const size_t across = row.initiators[0]->read(0, memory_bytes - 32, 64);
  const size_t good = row.initiators[0]->read(0, memory_bytes - 64, 64);
  sc_core::sc_start();
  CHECK(row.initiators[0]->results[nowhere].status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(row.initiators[0]->results[across].status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(row.initiators[0]->results[good].status == tlm::TLM_OK_RESPONSE);
}

TEST_CASE("a write to a group window reaches every member and crosses each link once") {
  const core::SimulationContext context;
  Row row;
  row.network.map_group_window(0x9000'0000'0000, 0x10'0000, 0x1000);
  row.network.set_group(5, {1, 2, 3});
  const unsigned bytes = 64 * 1024;
  const size_t post = row.initiators[0]->write(0, 0x9000'0000'0000 + 5 * 0x10'0000 + 0x20,
                                               std::vector<unsigned char>(bytes, 9));
  // An event counter behind the data.
  const size_t counter = row.initiators[0]->write(1, 3 * window + 8, 4);
  sc_core::sc_start();
  // 64 KiB at 256 GB/s and the counter's flit in between: then the tail has left the sender.
  const uint64_t left = 257 * ns;
  CHECK(row.initiators[0]->results[post].done_ps == left);
  for (unsigned member = 1; member < 4; ++member) {
    INFO(member);
    CHECK(row.memories[member]->storage[0x1020] == 9);
    CHECK(row.memories[member]->accesses.at(0).at_ps == left + way(member));
    CHECK(row.network.network().link_bytes(row.network.network().topology().find(member - 1, member)) ==
          bytes + 256);
  }
  CHECK(row.initiators[0]->results[counter].status == tlm::TLM_OK_RESPONSE);
  CHECK(row.memories[3]->accesses.at(1).address == 8);
  CHECK(row.memories[3]->accesses.at(1).at_ps >= row.memories[3]->accesses.at(0).at_ps);
}

namespace {

/// One read of 2 KiB from node 2 every microsecond beside writes over the links of its data; when each was
/// done.
struct LoadedReads {
  static constexpr unsigned reads = 200;
  std::vector<uint64_t> done_ps;

  /// Reads through `b_transport`.
  struct Caller : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<Caller> socket{"socket"};
    std::vector<uint64_t>& done_ps;
    Caller(const sc_core::sc_module_name& name, std::vector<uint64_t>& done)
        : sc_module(name), done_ps(done) {
      SC_HAS_PROCESS(Caller);
      SC_THREAD(call);
    }
    void call() {
      std::vector<unsigned char> data(2048);
      for (unsigned i = 0; i < reads; ++i) {
        wait(sc_core::sc_time::from_value(uint64_t{i} * 1000 * ns) - sc_core::sc_time_stamp());
        tlm::tlm_generic_payload payload;
        payload.set_command(tlm::TLM_READ_COMMAND);
        payload.set_address(2 * window);
        payload.set_data_ptr(data.data());
        payload.set_data_length(2048);
        payload.set_streaming_width(2048);
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        socket->b_transport(payload, delay);
        CHECK(payload.is_response_ok());
        done_ps.push_back((sc_core::sc_time_stamp() + delay).value());
      }
    }
  };

  LoadedReads(core::NoiLevel level, bool blocking, bool loaded) {
    const core::SimulationContext context;
    core::NoiDescription noi = Row::description();
    noi.level = level;
    NetworkOnInterposer network("noi", noi, {0, 1, 2, 3});
    Memory target("target", memory_bytes, 100 * ns, 100.0, false);
    Memory sink("sink", memory_bytes, 0, 100.0, false);
    Initiator writer("writer");
    Caller caller("caller", done_ps);
    Initiator reader("reader");
    network.map(2 * window, memory_bytes, 2);
    network.map(0, memory_bytes, 0);
    network.to_node(2).bind(target.socket);
    network.to_node(0).bind(sink.socket);
    writer.socket.bind(network.from_node(3));
    // Both are always there; one of them has another network to itself.
    NetworkOnInterposer other("other", noi, {0, 2});
    Memory unused("unused", memory_bytes, 100 * ns, 100.0, false);
    other.map(2 * window, memory_bytes, 2);
    other.to_node(2).bind(unused.socket);
    caller.socket.bind(blocking ? network.from_node(0) : other.from_node(0));
    reader.socket.bind(blocking ? other.from_node(0) : network.from_node(0));
    if (loaded) {
      for (unsigned i = 0; i < 2 * reads * 1000 / 20; ++i)
        writer.write(uint64_t{i} * 10'007, 0, 2048);  // 80 % of a link
    }
    for (unsigned i = 0; i < reads; ++i) reader.read(uint64_t{i} * 1000 * ns, 2 * window, 2048);
    sc_core::sc_start();
    REQUIRE(done_ps.size() == reads);
    if (!blocking) {
      for (unsigned i = 0; i < reads; ++i) done_ps[i] = reader.results[i].done_ps;
    }
    CHECK(network.protocol_violations().empty());
  }
  [[nodiscard]] double mean_ps() const {
    double sum = 0;
    for (unsigned i = 0; i < reads; ++i) sum += double(done_ps[i] - uint64_t{i} * 1000 * ns) / reads;
    return sum;
  }
};

}  // namespace

TEST_CASE("blocking transport has the mean time of non-blocking transport under load, at both levels") {
  const auto level = GENERATE(core::NoiLevel::packet, core::NoiLevel::flit);
  const double idle = LoadedReads(level, false, false).mean_ps();
  const double non_blocking = LoadedReads(level, false, true).mean_ps();
  const double blocking = LoadedReads(level, true, true).mean_ps();
  CHECK(non_blocking > idle + 2 * ns);  // the load is felt
  CHECK(blocking == Approx(non_blocking).epsilon(0.01));
  CHECK(LoadedReads(level, true, false).mean_ps() == Approx(idle).epsilon(1e-6));
}

TEST_CASE("blocking transport takes the same time as non-blocking transport") {
  const core::SimulationContext context;
  const unsigned bytes = GENERATE(4u, 256u, 4096u, 65536u);
  Row row(Row::description(), false);
  struct Caller : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<Caller> socket{"socket"};
    unsigned bytes;
    sc_core::sc_time took;
    Caller(const sc_core::sc_module_name& name, unsigned b) : sc_module(name), bytes(b) {
      SC_HAS_PROCESS(Caller);
      SC_THREAD(call);
    }
    void call() {
      std::vector<unsigned char> data(bytes, 3);
      tlm::tlm_generic_payload payload;
      payload.set_command(tlm::TLM_READ_COMMAND);
      payload.set_address(2 * window);
      payload.set_data_ptr(data.data());
      payload.set_data_length(bytes);
      payload.set_streaming_width(bytes);
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      socket->b_transport(payload, delay);
      took = sc_core::sc_time_stamp() + delay;
      CHECK(payload.is_response_ok());
    }
  } caller("caller", bytes);
  NetworkOnInterposer other("other", Row::description(), {0, 2});
  Memory memory("memory", memory_bytes, 100 * ns, 0.256, false);
  caller.socket.bind(other.from_node(0));
  other.to_node(2).bind(memory.socket);
  other.map(2 * window, memory_bytes, 2);
  const size_t request = row.initiators[0]->read(0, 2 * window, bytes);
  sc_core::sc_start();
  CHECK(double(caller.took.value()) == Approx(double(row.initiators[0]->results[request].done_ps)).margin(2));
}

TEST_CASE("debug transport and DMI pass with the right addresses") {
  const core::SimulationContext context;
  Row row;
  tlm::tlm_generic_payload payload;
  unsigned char byte = 77;
  payload.set_command(tlm::TLM_WRITE_COMMAND);
  payload.set_address(3 * window + 12);
  payload.set_data_ptr(&byte);
  payload.set_data_length(1);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  CHECK(row.initiators[0]->socket->transport_dbg(payload) == 1);
  CHECK(row.memories[3]->storage[12] == 77);
  CHECK(payload.get_address() == 3 * window + 12);
  tlm::tlm_dmi dmi;
  CHECK(row.initiators[0]->socket->get_direct_mem_ptr(payload, dmi));
  CHECK(dmi.get_start_address() == 3 * window);
  CHECK(dmi.get_end_address() == 3 * window + memory_bytes - 1);
  CHECK(dmi.get_dmi_ptr()[12] == 77);
  payload.set_address(3 * window + memory_bytes);
  CHECK(row.initiators[0]->socket->transport_dbg(payload) == 0);
  CHECK_FALSE(row.initiators[0]->socket->get_direct_mem_ptr(payload, dmi));
}
