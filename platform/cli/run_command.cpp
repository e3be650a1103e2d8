// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <tuple>
#include <vector>
#include "duet/platform/command.hpp"
#include "duet/platform/config/config_library.hpp"
#include "duet/platform/config/load.hpp"
#include "duet/platform/set_option.hpp"
#include "duet/platform/simulation/simulation.hpp"
#include "duet/workload/mapping/decode_mapper.hpp"
#include "duet/workload/mapping/prefill_mapper.hpp"
namespace {
using namespace duet;
using namespace duet::platform;
struct Options { std::string platform, model, workload; uint64_t batch=1; std::vector<std::string> overrides; };
void run(const Options& o) {
  auto p = load_platform(ConfigDocument::from_file(o.platform, o.overrides));
  auto m = load_model(ConfigDocument::from_file(o.model));
  auto w = load_workload(ConfigDocument::from_file(o.workload));
  auto t0 = std::chrono::steady_clock::now();
  Simulation sim(p);
  sim.on_warning([](const std::string& s){ fmt::print(stderr, "warning: {}\n", s); });
  core::MappingDescription mapping;
  std::vector<workload::Placement> caches;
  unsigned dec = 0, pre = 0;
  for (auto& l : sim.layouts()) { if (l.description->role == core::PackageRole::decode) dec = l.index; if (l.description->role == core::PackageRole::prefill) pre = l.index; }
  uint64_t ctx = w.context_tokens(w.decode_steps()/2);
  auto d = workload::map_decode({sim.layouts()[dec], sim.map(), m, mapping, o.batch, w.prompt_tokens, ctx, w.context_tokens(w.decode_steps()), workload::CachePolicy::keep, {}, 0}, caches);
  auto q = workload::map_prefill({sim.layouts()[pre], sim.map(), m, mapping, o.batch, w.prompt_tokens, 0, 0, workload::CachePolicy::hand_over, caches, p.inter_package_link->bandwidth});
  auto t1 = std::chrono::steady_clock::now();
  fmt::print("map {} s, fits {} {} stages {} {}\n", std::chrono::duration<double>(t1-t0).count(), d.fits, q.fits, d.stages.size(), q.stages.size());
  auto report = [&](const ProgramRun& r, const workload::Program& pr) {
    auto t2 = std::chrono::steady_clock::now();
    double compute=0, bytes=0; for (auto& s : pr.stages) { compute += s.compute_s; bytes += double(s.memory_bytes);} 
    fmt::print("ok {} {} time {} ms  bytes {} plan {}  compute sum {} ms, wall {} deltas {}\n", r.ok, r.diagnosis, double(r.end_ps-r.start_ps)*1e-9, r.memory.bytes_read+r.memory.bytes_written, bytes, compute*1e3, std::chrono::duration<double>(t2-t1).count(), sim.delta_cycles());
    t1 = t2;
    uint64_t prev = r.start_ps;
    for (size_t s = 0; s < std::min<size_t>(pr.stages.size(), 26); ++s) { uint64_t e=0, st=UINT64_MAX, we=0, wd=0, wo=0; for (auto& rec : r.records) if (rec.layer==s) { e=std::max(e,rec.end_ps); st=std::min(st,rec.start_ps); we=std::max(we,rec.wait_event_ps); wd=std::max(wd,rec.wait_data_ps); wo=std::max(wo,rec.wait_output_ps);} auto& pl=pr.stages[s];
      fmt::print("{:32} {:22} t={:9.3f}us pred={:9.3f} c={:8.3f} m={:8.3f} n={:8.3f} we={:.2f} wd={:.2f} wo={:.2f}\n", pl.name, pl.split, (double(e)-double(prev))*1e-6, pl.predicted_s()*1e6, pl.compute_s*1e6, pl.memory_s*1e6, pl.noi_s*1e6, double(we)*1e-6, double(wd)*1e-6, double(wo)*1e-6); prev=std::max(prev,e); }
  };
  report(sim.run(dec, d, {uint32_t(ctx), uint32_t(o.batch), 0, 0}), d);
  fflush(stdout); report(sim.run(pre, q, {0, uint32_t(o.batch), 0, 0}), q);
  { const auto& net = sim.package(pre).noi().network(); const auto& topo = net.topology(); std::vector<std::tuple<double,double,uint32_t>> v; for (uint32_t l=0;l<topo.links().size();++l) v.push_back({net.link_busy_ps(l)*1e-6, double(net.link_bytes(l))*1e-6, l}); std::sort(v.rbegin(), v.rend()); for (size_t i=0;i<14 && i<v.size();++i) { const auto& k = topo.links()[std::get<2>(v[i])]; fmt::print("link {}->{} busy {:.1f} us {:.1f} MB\n", k.from, k.to, std::get<0>(v[i]), std::get<1>(v[i])); } }
}
const CommandRegistration registration{[](CLI::App& app) {
  CLI::App* command = app.add_subcommand("run", "simulates");
  auto o = std::make_shared<Options>();
  command->add_option("platform", o->platform, "")->required();
  command->add_option("--model", o->model, "");
  command->add_option("--workload", o->workload, "");
  command->add_option("--batch", o->batch, "");
  add_set_option(*command, o->overrides);
  command->callback([o] { run(*o); });
}};
}  // namespace
