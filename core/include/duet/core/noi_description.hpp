// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "duet/core/field.hpp"

namespace duet::core {

/// Level of detail of the network-on-interposer.
enum class NoiLevel {
  packet,  ///< per-link reservation of packets, fair fluid sharing of bulk transfers
  flit     ///< input-queued routers with virtual channels and credits, every flit every cycle
};

enum class NoiRouting {
  xy,          ///< dimension-ordered, x first
  yx,          ///< dimension-ordered, y first
  o1turn,      ///< xy for half of the pairs of nodes, yx for the others, in virtual channels of their own
  west_first,  ///< turn model: all hops to the west first, then minimal and adaptive
  table        ///< shortest paths over whatever links exist, made deadlock-free if need be
};

template <>
struct EnumNames<NoiLevel> {
  static constexpr std::pair<NoiLevel, std::string_view> values[] = {{NoiLevel::packet, "packet"},
                                                                     {NoiLevel::flit, "flit"}};
};

template <>
struct EnumNames<NoiRouting> {
  static constexpr std::pair<NoiRouting, std::string_view> values[] = {{NoiRouting::xy, "xy"},
                                                                       {NoiRouting::yx, "yx"},
                                                                       {NoiRouting::o1turn, "o1turn"},
                                                                       {NoiRouting::west_first, "west_first"},
                                                                       {NoiRouting::table, "table"}};
};

/// A die-to-die link of the interposer, one direction.
struct NoiLinkDescription {
  double bandwidth = 256e9;     ///< B/s
  uint64_t phy_latency = 2000;  ///< ps
  double wire_length = 2.0;     ///< mm
  unsigned lanes = 16;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    visit("bandwidth", &NoiLinkDescription::bandwidth,
          {.unit = Unit::bytes_per_second,
           .min = 1e6,
           .max = 1e15,
           .text = "Payload and header rate of one direction with all lanes up."});
    visit("phy_latency", &NoiLinkDescription::phy_latency,
          {.unit = Unit::picoseconds,
           .min = 0,
           .max = 1e9,
           .text = "Both PHYs of a die-to-die link together (*assumed*, UCIe class)."});
    visit("wire_length", &NoiLinkDescription::wire_length,
          {.unit = Unit::millimetres,
           .min = 0,
           .max = 200,
           .text = "Interposer wire between the two bump fields (*assumed*)."});
    visit("lanes", &NoiLinkDescription::lanes,
          {.min = 1, .max = 4096, .text = "Lanes that share the bandwidth; a fault may take some of them."});
  }
};

/// What differs from the default at the link between two neighbours.
struct NoiLinkOverride {
  unsigned from = 0;
  unsigned to = 0;
  bool both_ways = true;
  std::optional<double> bandwidth = std::nullopt;      ///< B/s
  std::optional<uint64_t> phy_latency = std::nullopt;  ///< ps
  std::optional<double> wire_length = std::nullopt;    ///< mm
  std::optional<unsigned> lanes = std::nullopt;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    visit("from", &NoiLinkOverride::from, {.min = 0, .text = "Node at the sending end.", .required = true});
    visit("to", &NoiLinkOverride::to, {.min = 0, .text = "Node at the receiving end.", .required = true});
    visit("both_ways", &NoiLinkOverride::both_ways, {.text = "Applies to the opposite direction as well."});
    visit("bandwidth", &NoiLinkOverride::bandwidth,
          {.unit = Unit::bytes_per_second, .min = 1e6, .max = 1e15, .text = "Rate of this link."});
    visit("phy_latency", &NoiLinkOverride::phy_latency,
          {.unit = Unit::picoseconds, .min = 0, .max = 1e9, .text = "PHY latency of this link."});
    visit("wire_length", &NoiLinkOverride::wire_length,
          {.unit = Unit::millimetres, .min = 0, .max = 200, .text = "Wire of this link."});
    visit("lanes", &NoiLinkOverride::lanes, {.min = 1, .max = 4096, .text = "Lanes of this link."});
  }
};

/// A pair of nodes, one direction or both.
struct NoiNodePair {
  unsigned from = 0;
  unsigned to = 0;
  bool both_ways = true;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    visit("from", &NoiNodePair::from, {.min = 0, .text = "Node at the sending end.", .required = true});
    visit("to", &NoiNodePair::to, {.min = 0, .text = "Node at the receiving end.", .required = true});
    visit("both_ways", &NoiNodePair::both_ways, {.text = "Means the opposite direction as well."});
  }
};

/// A link that loses lanes at a given time.
struct NoiFaultDescription {
  uint64_t at = 0;  ///< ps
  unsigned from = 0;
  unsigned to = 0;
  unsigned lanes_left = 0;
  bool both_ways = false;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    visit("at", &NoiFaultDescription::at,
          {.unit = Unit::picoseconds, .min = 0, .text = "Simulation time of the fault.", .required = true});
    visit("from", &NoiFaultDescription::from,
          {.min = 0, .text = "Node at the sending end.", .required = true});
    visit("to", &NoiFaultDescription::to, {.min = 0, .text = "Node at the receiving end.", .required = true});
    visit("lanes_left", &NoiFaultDescription::lanes_left,
          {.min = 0, .max = 4096, .text = "Lanes that still work; 0 means that the link is dead."});
    visit("both_ways", &NoiFaultDescription::both_ways, {.text = "Hits the opposite direction as well."});
  }
};

/// The network-on-interposer of a package. Node id = y * columns + x.
struct NoiDescription {
  unsigned columns = 4;
  unsigned rows = 4;
  NoiLevel level = NoiLevel::packet;
  NoiRouting routing = NoiRouting::xy;
  NoiLinkDescription link;
  std::vector<NoiLinkOverride> links;
  std::vector<NoiNodePair> missing_links;
  std::vector<NoiNodePair> extra_links;
  std::vector<NoiFaultDescription> faults;
  double wire_delay_ps_per_mm = 7.0;
  double router_clock = 1e9;  ///< Hz
  unsigned routing_cycles = 1;
  unsigned vc_allocation_cycles = 1;
  unsigned switch_allocation_cycles = 1;
  unsigned traversal_cycles = 1;
  unsigned credit_delay_cycles = 0;
  unsigned vcs = 4;
  unsigned buffer_flits = 8;
  unsigned flit_bytes = 256;
  unsigned local_ports = 4;
  unsigned header_bytes = 0;
  unsigned max_packet_bytes = 4096;
  unsigned max_outstanding = 256;
  bool reads_pass_writes = true;
  bool reduction = false;
  unsigned adder_cycles = 4;
  uint64_t timeout = 0;  ///< ps
  double bit_error_rate = 0.0;
  uint64_t seed = 1;
  bool check = false;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    visit("columns", &NoiDescription::columns, {.min = 1, .max = 64, .text = "Width of the mesh in nodes."});
    visit("rows", &NoiDescription::rows, {.min = 1, .max = 64, .text = "Height of the mesh in nodes."});
    visit("level", &NoiDescription::level, {.text = "Level of detail."});
    visit("routing", &NoiDescription::routing,
          {.text = "Routing function. `o1turn` gives x first and y first half of the pairs of nodes each; at "
                   "`flit` level it needs at least two virtual channels."});
    visit("link", &NoiDescription::link, {.text = "What every link is like unless `links` says otherwise."});
    visit("links", &NoiDescription::links, {.text = "Links that differ from the default."});
    visit("missing_links", &NoiDescription::missing_links,
          {.text = "Links between neighbours that do not exist."});
    visit("extra_links", &NoiDescription::extra_links,
          {.text = "Links between nodes that are no neighbours; they need `routing: table`."});
    visit("faults", &NoiDescription::faults, {.text = "Links that lose lanes or die at a given time."});
    visit("wire_delay_ps_per_mm", &NoiDescription::wire_delay_ps_per_mm,
          {.min = 0, .max = 1000, .text = "Delay of interposer wire in ps per mm (*assumed*)."});
    visit("router_clock", &NoiDescription::router_clock,
          {.unit = Unit::hertz, .min = 1e6, .max = 1e11, .text = "Clock of the routers."});
    visit("routing_cycles", &NoiDescription::routing_cycles,
          {.min = 0, .max = 16, .text = "Route computation."});
    visit("vc_allocation_cycles", &NoiDescription::vc_allocation_cycles,
          {.min = 1, .max = 16, .text = "Virtual-channel allocation."});
    visit("switch_allocation_cycles", &NoiDescription::switch_allocation_cycles,
          {.min = 1, .max = 16, .text = "Switch allocation."});
    visit("traversal_cycles", &NoiDescription::traversal_cycles,
          {.min = 1, .max = 16, .text = "Crossbar traversal."});
    visit("credit_delay_cycles", &NoiDescription::credit_delay_cycles,
          {.min = 0, .max = 64, .text = "Added to the way of a credit back to the sender."});
    visit("vcs", &NoiDescription::vcs, {.min = 1, .max = 32, .text = "Virtual channels of each input port."});
    visit("buffer_flits", &NoiDescription::buffer_flits,
          {.min = 1, .max = 1024, .text = "Buffer of each virtual channel in flits."});
    visit("flit_bytes", &NoiDescription::flit_bytes,
          {.unit = Unit::bytes, .min = 4, .max = 4096, .text = "Size of a flit; packets fill whole flits."});
    visit("local_ports", &NoiDescription::local_ports,
          {.min = 1,
           .max = 8,
           .text = "Ports between a router and its own die, each with the bandwidth of the default link."});
    visit("header_bytes", &NoiDescription::header_bytes,
          {.unit = Unit::bytes,
           .min = 0,
           .max = 256,
           .text = "Part of each packet's flits that its header takes; 0 = the header has wires of its own "
                   "(*assumed*). A packet without data fills one flit."});
    visit("max_packet_bytes", &NoiDescription::max_packet_bytes,
          {.unit = Unit::bytes,
           .min = 64,
           .max = 65536,
           .text = "Longest payload of one packet; bulk transfers are trains of such packets that share "
                   "links fairly."});
    visit("max_outstanding", &NoiDescription::max_outstanding,
          {.min = 1,
           .max = 65536,
           .text = "Transactions a node may have in the network; END_REQ waits for a free one."});
    visit("reads_pass_writes", &NoiDescription::reads_pass_writes,
          {.text = "Read requests have a virtual network of their own and may overtake write data of the "
                   "same source and destination; writes always stay in order among each other."});
    visit("reduction", &NoiDescription::reduction,
          {.text = "Adders beside the routers sum what the members of a group write to a reduction window, "
                   "on its way (FP32; *assumed*). Without them there is no such window."});
    visit(
        "adder_cycles", &NoiDescription::adder_cycles,
        {.min = 0, .max = 64, .text = "Router cycles from the last summand's tail to the sum (*assumed*)."});
    visit("timeout", &NoiDescription::timeout,
          {.unit = Unit::picoseconds,
           .min = 0,
           .text = "A target that has not answered after this time is hung: the initiator gets an error "
                   "response. 0 waits for ever."});
    visit("bit_error_rate", &NoiDescription::bit_error_rate,
          {.min = 0,
           .max = 1e-3,
           .text = "Probability that a bit on a link is wrong; the packet is sent again over that link."});
    visit("seed", &NoiDescription::seed, {.min = 0, .text = "Seed of the injected errors."});
    visit("check", &NoiDescription::check,
          {.text = "Puts a base-protocol checker on each socket of the network."});
  }
};

/// Checks what the ranges of the fields cannot: nodes exist, links join neighbours, no link is named
/// twice. Throws UserError; the message starts with the path of the key below the description.
void validate(const NoiDescription& description);

/// Whether a packet from one node to another goes along y before x. `o1turn` (Seo et al., ISCA 2005, with an
/// order that is fixed for each pair): where their columns are an odd number apart. Adaptive and table routes
/// count as x first.
[[nodiscard]] bool goes_y_first(const NoiDescription& description, unsigned from, unsigned to);
/// The same for a multicast from `root` or a sum to it, all of whose ways must form one tree: `o1turn` goes
/// along y first where x + y of the root is odd, as on a chessboard.
[[nodiscard]] bool tree_goes_y_first(const NoiDescription& description, unsigned root);

/// A link of NVLink / UALink class between two packages, full duplex.
struct InterPackageLinkDescription {
  double bandwidth = 900e9;    ///< B/s, each direction
  uint64_t latency = 500'000;  ///< ps
  unsigned lanes = 36;
  unsigned flit_bytes = 256;
  unsigned flit_overhead_bytes = 0;
  unsigned credits = 4096;
  double bit_error_rate = 0.0;
  unsigned replay_window_flits = 8192;
  unsigned max_outstanding = 256;
  uint64_t timeout = 0;  ///< ps
  uint64_t seed = 1;
  std::vector<NoiFaultDescription> faults;
  bool check = false;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    visit("bandwidth", &InterPackageLinkDescription::bandwidth,
          {.unit = Unit::bytes_per_second,
           .min = 1e6,
           .max = 1e15,
           .text = "Rate of each direction with all lanes up (*open* in the paper; NVLink class)."});
    visit("latency", &InterPackageLinkDescription::latency,
          {.unit = Unit::picoseconds,
           .min = 0,
           .max = 1e12,
           .text = "One way, last bit in to last bit out on an idle link (*open* in the paper)."});
    visit("lanes", &InterPackageLinkDescription::lanes,
          {.min = 1, .max = 4096, .text = "Lanes that share the bandwidth."});
    visit("flit_bytes", &InterPackageLinkDescription::flit_bytes,
          {.unit = Unit::bytes, .min = 16, .max = 4096, .text = "Payload of a link flit (UALink: 256 B)."});
    visit("flit_overhead_bytes", &InterPackageLinkDescription::flit_overhead_bytes,
          {.unit = Unit::bytes,
           .min = 0,
           .max = 256,
           .text = "CRC and header of a link flit on top of `flit_bytes`; 0 means that `bandwidth` is net."});
    visit("credits", &InterPackageLinkDescription::credits,
          {.min = 1,
           .max = 1e7,
           .text = "Flits that may be on their way or in the far buffer; full rate needs the round trip's."});
    visit(
        "bit_error_rate", &InterPackageLinkDescription::bit_error_rate,
        {.min = 0, .max = 1e-3, .text = "Probability that a bit is wrong; CRC finds it, replay repairs it."});
    visit("replay_window_flits", &InterPackageLinkDescription::replay_window_flits,
          {.min = 1, .max = 1e7, .text = "Flits that the sender keeps until they are acknowledged."});
    visit("max_outstanding", &InterPackageLinkDescription::max_outstanding,
          {.min = 1, .max = 65536, .text = "Transactions in flight per direction."});
    visit("timeout", &InterPackageLinkDescription::timeout,
          {.unit = Unit::picoseconds,
           .min = 0,
           .text = "Error response to the initiator when the far side has not answered; 0 waits for ever."});
    visit("seed", &InterPackageLinkDescription::seed, {.min = 0, .text = "Seed of the injected errors."});
    visit("faults", &InterPackageLinkDescription::faults,
          {.text = "Lanes lost at a given time; from 0 to 1 is the direction from the first end."});
    visit("check", &InterPackageLinkDescription::check,
          {.text = "Puts a base-protocol checker on both ends."});
  }
};

}  // namespace duet::core
