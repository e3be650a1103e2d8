// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "duet/core/trace/vcd_writer.hpp"

namespace duet::core {
namespace {

// Display flags of GTKWave's savefile (analyzer.h of GTKWave 3.3).
constexpr unsigned hexadecimal = 0x2;
constexpr unsigned binary = 0x8;
constexpr unsigned right_justified = 0x20;
constexpr unsigned blank = 0x200;
constexpr unsigned ascii = 0x800;
constexpr unsigned analog_step = 0x8000;
constexpr unsigned closed_group = 0x400000;
constexpr unsigned group_begin = 0x800000;
constexpr unsigned group_end = 0x1000000;

constexpr size_t open_groups_limit = 200;  // with more signals, the groups start closed
constexpr size_t signals_limit = 20000;    // GTKWave is slow to load more; the tree still has them

// GTKWave's zoom is the negative logarithm of the time that 200 pixels show; about 1000 show waves.
double zoom_for(uint64_t span_ps) {
  constexpr double frames = 5;
  return -std::log2(std::max(1.0, static_cast<double>(span_ps) / frames));
}

std::string file_name(const std::string& path) {
  return path.substr(path.find_last_of('/') + 1);
}

}  // namespace

std::string VcdWriter::savefile_path() const {
  const std::string& path = options_.path;
  return (path.ends_with(".vcd") ? path.substr(0, path.size() - 4) : path) + ".gtkw";
}

void VcdWriter::save_scope(BufferedFile& out, const Scope& scope, const std::string& path,
                           unsigned depth) const {
  const bool grouped = depth > 0 && !scope.signals.empty();
  const unsigned closed = signals_.size() > open_groups_limit ? closed_group : 0;
  if (grouped) out.append(fmt::format("@{:x}\n-{}\n", group_begin | blank | closed, path));
  for (const uint32_t index : scope.signals) {
    if (index >= signals_limit) continue;
    const Signal& signal = signals_[index];
    const std::string name = path.empty() ? signal.name : path + "." + signal.name;
    switch (signal.kind) {
      case Kind::vector:
        out.append(signal.width == 1 ? fmt::format("@{:x}\n{}\n", right_justified | binary, name)
                                     : fmt::format("@{:x}\n{}[{}:0]\n", right_justified | hexadecimal, name,
                                                   signal.width - 1));
        break;
      case Kind::real:
        out.append(fmt::format("@{:x}\n{}\n", right_justified | ascii | analog_step, name));
        break;
      case Kind::event:
        out.append(fmt::format("@{:x}\n{}\n", right_justified | binary, name));
        break;
      case Kind::state:
      case Kind::text:
        out.append(fmt::format("@{:x}\n{}\n", right_justified | ascii, name));
        break;
    }
  }
  if (grouped) out.append(fmt::format("@{:x}\n-{}\n", group_end | blank | closed, path));
  for (const uint32_t child : scope.children) {
    const std::string& name = scopes_[child].name;
    save_scope(out, scopes_[child], path.empty() ? name : fmt::format("{}.{}", path, name), depth + 1);
  }
}

void VcdWriter::write_savefile() const {
  BufferedFile out(savefile_path());
  // Without a window a view begins where something changes first.
  const bool skips = options_.view_ps > 0 && options_.begin_ps == 0;
  const uint64_t start_ps = skips ? first_stamp_ps_ : options_.begin_ps;
  const uint64_t whole_ps = stamped_time_ps_ - std::min(stamped_time_ps_, start_ps);
  const uint64_t view_ps = options_.view_ps > 0 ? std::min(options_.view_ps, whole_ps) : whole_ps;
  out.append(
      fmt::format("[dumpfile] \"{}\"\n[timestart] {}\n[size] 1600 900\n*{:.6f} -1\n[sst_width] 260\n"
                  "[signals_width] 320\n[sst_expanded] 1\n",
                  file_name(options_.path), start_ps, zoom_for(view_ps)));
  for (const uint32_t child : scopes_.front().children) {
    out.append(fmt::format("[treeopen] {}.\n", scopes_[child].name));
  }
  save_scope(out, scopes_.front(), "", 0);
  out.close();
}

}  // namespace duet::core
