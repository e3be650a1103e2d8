// SPDX-License-Identifier: Apache-2.0
#include "report_example.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace duet::test {
namespace {

using Json = nlohmann::ordered_json;

Json layer_kinds(bool prefill, double time_s) {
  struct Kind {
    const char* name;
    double share;
    const char* bound;
    double flop_per_byte;
  };
  const Kind kinds[] = {{"in_proj", 0.24, prefill ? "compute" : "memory", prefill ? 1800.0 : 16.0},
                        {"out_proj", 0.13, prefill ? "compute" : "memory", prefill ? 1500.0 : 15.5},
                        {"mlp", 0.33, prefill ? "compute" : "memory", prefill ? 2100.0 : 16.2},
                        {"ssm", 0.12, prefill ? "sram" : "memory", prefill ? 300.0 : 1.1},
                        {"conv1d", 0.04, prefill ? "noi" : "link", prefill ? 2.4 : 0.9},
                        {"attention", 0.06, prefill ? "compute" : "memory", prefill ? 900.0 : 7.5},
                        {"norm", 0.05, "memory", prefill ? 1.2 : 0.8},
                        {"lm_head", 0.03, "driver", prefill ? 16.0 : 15.8}};
  Json list = Json::array();
  for (const Kind& kind : kinds) {
    const double own_s = time_s * kind.share;
    const double roof =
        std::min(prefill ? 8.8e15 : 4.4e15, kind.flop_per_byte * (prefill ? 3.072e12 : 12e12));
    const double macs = own_s * roof / 2 * (0.95 - kind.share);
    const double bytes = 2 * macs / kind.flop_per_byte;
    list.push_back({{"kind", kind.name},
                    {"count", 54},
                    {"time_s", own_s},
                    {"bound", kind.bound},
                    {"macs", macs},
                    {"bytes", bytes},
                    {"flop_per_byte", kind.flop_per_byte},
                    {"bounds",
                     {{"compute_s", own_s * 0.8},
                      {"sram_s", own_s * 0.5},
                      {"noi_s", own_s * 0.3},
                      {"memory_s", own_s * 0.7},
                      {"link_s", own_s * 0.2},
                      {"driver_s", own_s * 0.01}}}});
  }
  return list;
}

// The grids of both packages: 6 x 5 with compute in the middle, or columns H C H C H.
Json floorplan(bool prefill, double load) {
  const int columns = prefill ? 6 : 5;
  const int rows = prefill ? 5 : 4;
  Json nodes = Json::array();
  std::vector<int> index(static_cast<size_t>(columns * rows), -1);
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) {
      const bool corner = prefill && y == rows - 1 && (x == 0 || x == columns - 1);
      if (corner) continue;
      const bool compute = prefill ? (x > 0 && x < 5 && y < 4) : x % 2 == 1;
      index[static_cast<size_t>(y * columns + x)] = static_cast<int>(nodes.size());
      nodes.push_back({{"x", x},
                       {"y", y},
                       {"kind", compute   ? "compute"
                                : prefill ? "memory_phy"
                                          : "hbm"},
                       {"name", fmt::format("{}[{}]", compute ? "chiplet" : "mem", nodes.size())},
                       {"utilisation", std::min(1.0, load * (compute ? 0.9 : 0.6 + 0.06 * x))}});
    }
  }
  Json links = Json::array();
  const auto connect = [&](int a, int b, double use) {
    if (a < 0 || b < 0) return;
    links.push_back({{"from", a}, {"to", b}, {"bytes", use * 1e9}, {"utilisation", use}});
    links.push_back({{"from", b}, {"to", a}, {"bytes", use * 4e8}, {"utilisation", use * 0.4}});
  };
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) {
      const int here = index[static_cast<size_t>(y * columns + x)];
      if (x + 1 < columns)
        connect(here, index[static_cast<size_t>(y * columns + x + 1)], load * (0.2 + 0.13 * x));
      if (y + 1 < rows)
        connect(here, index[static_cast<size_t>((y + 1) * columns + x)], load * (0.1 + 0.15 * y));
    }
  }
  return {{"columns", columns}, {"rows", rows}, {"nodes", nodes}, {"links", links}};
}

// 32 tracks with back-to-back events of lengths that vary without a random generator.
Json timeline(const std::string& phase, double time_s, unsigned events) {
  constexpr unsigned tracks = 32;
  const char* categories[] = {"gemm", "ssm", "transfer", "wait"};
  Json list = Json::array();
  const unsigned each = std::max(1U, events / tracks);
  for (unsigned track = 0; track < tracks; ++track) {
    double start_s = 0;
    for (unsigned i = 0; i < each; ++i) {
      const double slot_s = time_s / each * (0.6 + 0.4 * std::sin(i * 0.37 + track));
      const std::string name = track < 16 ? fmt::format("{}.chiplet[{}]", phase, track)
                               : track < 31
                                   ? fmt::format("{}.noi.link[{}->{}]", phase, track - 16, track - 15)
                                   : "driver";
      list.push_back({{"track", name},
                      {"name", fmt::format("layer {}", i % 118)},
                      {"start_s", start_s},
                      {"duration_s", slot_s * 0.8},
                      {"category", categories[track < 16   ? i % 2
                                              : track < 31 ? 2
                                                           : 3]}});
      start_s += slot_s;
    }
  }
  return list;
}

Json over_time(double time_s, double load) {
  Json series = Json::array();
  for (const char* name : {"arrays", "links", "memory"}) {
    Json values = Json::array();
    for (int i = 0; i < 100; ++i) values.push_back(load * (0.6 + 0.35 * std::sin(0.2 * i + name[0])));
    series.push_back({{"name", name}, {"values", values}});
  }
  return {{"interval_s", time_s / 100}, {"series", series}};
}

Json energy(double time_s) {
  return {{"total_j", time_s * 410},
          {"parts",
           {{{"name", "arrays"}, {"energy_j", time_s * 210}},
            {{"name", "SRAM"}, {"energy_j", time_s * 60}},
            {{"name", "DRAM"}, {"energy_j", time_s * 95}},
            {{"name", "links"}, {"energy_j", time_s * 30}},
            {{"name", "leakage"}, {"energy_j", time_s * 15}}}}};
}

Json phase(bool prefill, double time_s, unsigned events) {
  return {{"bound", prefill ? "compute" : "memory"},
          {"time_s", time_s},
          {"memory_bandwidth_utilisation", prefill ? 0.41 : 0.962},
          {"compute_utilisation", prefill ? 0.71 : 0.05},
          {"peak_macs_per_s", prefill ? 4.4e15 : 2.2e15},
          {"memory_bandwidth_bytes_per_s", prefill ? 3.072e12 : 12e12},
          {"layer_kinds", layer_kinds(prefill, time_s)},
          {"utilisation", {{"arrays", 0.7}, {"links", 0.4}, {"memory", 0.5}}},
          {"floorplan", floorplan(prefill, prefill ? 0.8 : 1.0)},
          {"timeline", timeline(prefill ? "prefill" : "decode", time_s, events)},
          {"utilisation_over_time", over_time(time_s, 0.95)},
          {"energy", energy(time_s)}};
}

Json package_area(const char* name, double arrays_mm2) {
  return {{"name", name},
          {"chiplet_mm2", arrays_mm2 + 71.5},
          {"chiplet_limit_mm2", 121},
          {"interposer_mm2", 2412},
          {"interposer_limit_mm2", 3000},
          {"parts",
           {{{"name", "arrays"}, {"area_mm2", arrays_mm2}},
            {{"name", "SRAM"}, {"area_mm2", 41.7}},
            {{"name", "SFU"}, {"area_mm2", 5.7}},
            {{"name", "D2D links"}, {"area_mm2", 2.4}},
            {{"name", "overhead"}, {"area_mm2", 21.7}}}}};
}

}  // namespace

Json example_run(const std::string& label, double factor, unsigned timeline_events) {
  Json points = Json::array();
  for (const int batch : {1, 8, 64}) {
    const double ttft_s = factor * 0.0421 * batch;
    const double tbt_s = factor * (0.0093 + 0.00011 * batch);
    points.push_back({{"batch", batch},
                      {"fits", true},
                      {"ttft_s", ttft_s},
                      {"tbt_s", tbt_s},
                      {"throughput_tokens_per_s", batch / tbt_s},
                      {"prefill", phase(true, ttft_s, timeline_events)},
                      {"decode", phase(false, tbt_s, timeline_events)}});
  }
  points.push_back({{"batch", 128}, {"fits", false}, {"ttft_s", nullptr}, {"tbt_s", nullptr}});
  return {{"title", "Example model on " + label},
          {"label", label},
          {"platform", label},
          {"model", "example"},
          {"workload", "arxiv"},
          {"version", "0.1.0"},
          {"levels", {{"arrays", "tile"}, {"memory", "stream"}, {"noi", "packet"}}},
          {"reuse_layers", true},
          {"prompt_tokens", 2588},
          {"output_tokens", 291},
          {"notes", {"Made-up figures: <script>alert(1)</script> & \"quotes\"."}},
          {"points", points},
          {"summary", {{"mean_ttft_s", factor * 1.02}, {"median_tbt_s", factor * 0.0102}}},
          {"area", {{"packages", {package_area("prefill", 27.4), package_area("decode", 34.1)}}}}};
}

Json example_experiment() {
  Json runs = Json::array();
  int number = 0;
  for (const char* label : {"duet", "b200", "prefill-friendly"}) {
    const double factor = 1 + 0.7 * number++;
    Json points = Json::array();
    for (int batch = 1; batch <= 128; batch *= 2) {
      const bool fits = number == 1 || batch <= 64;
      const double tbt_s = factor * (0.009 + 0.0001 * batch);
      points.push_back({{"batch", batch}, {"fits", fits}});
      if (!fits) continue;
      points.back().update(Json{
          {"ttft_s", factor * 0.05 * batch}, {"tbt_s", tbt_s}, {"throughput_tokens_per_s", batch / tbt_s}});
    }
    runs.push_back({{"label", label}, {"model", "example"}, {"workload", "arxiv"}, {"points", points}});
  }
  Json designs = Json::array();
  for (int rows = 8; rows <= 128; rows *= 2) {
    for (int columns = 8; columns <= 128; columns *= 2) {
      const double area_mm2 = 0.0015 * rows * columns + 0.3 + 0.004 * columns;
      designs.push_back({{"label", fmt::format("{} x {}", rows, columns)},
                         {"x", area_mm2},
                         {"y", 1e-3 / std::min(rows, 64) + 0.5e-3 / std::min(columns, 32)},
                         {"highlight", rows == 64 && columns == 32}});
    }
  }
  for (Json& design : designs) {
    design["on_front"] = std::none_of(designs.begin(), designs.end(), [&](const Json& other) {
      return other["x"] < design["x"] && other["y"] <= design["y"];
    });
  }
  return {{"kind", "experiment"},
          {"title", "Example experiment"},
          {"runs", runs},
          {"published",
           {{{"metric", "TTFT"},
             {"model", "example"},
             {"workload", "arxiv"},
             {"system", "duet"},
             {"unit", "s"},
             {"published", 2.0},
             {"measured", 2.2}},
            {{"metric", "TBT"},
             {"model", "example"},
             {"workload", "arxiv"},
             {"system", "b200"},
             {"unit", "s"},
             {"published", 0.0148},
             {"measured", 0.0148}}}},
          {"pareto",
           {{{"title", "Array designs: latency against area"},
             {"x", {{"label", "area"}, {"unit", "mm²"}}},
             {"y", {{"label", "latency"}, {"unit", "s"}}},
             {"points", designs}}}}};
}

}  // namespace duet::test
