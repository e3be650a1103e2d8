// SPDX-License-Identifier: Apache-2.0
#include "duet/core/trace/vcd_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <stdexcept>

#include "duet/core/error.hpp"

namespace duet::core {
namespace {

constexpr size_t note_bytes = 256;  // kept free for the note at the limit

// The eight binary digits of every byte.
constexpr auto binary_digits = [] {
  std::array<std::array<char, 8>, 256> table{};
  for (size_t byte = 0; byte < 256; ++byte) {
    for (size_t bit = 0; bit < 8; ++bit) table[byte][bit] = ((byte >> (7 - bit)) & 1) != 0 ? '1' : '0';
  }
  return table;
}();

// Leading zeros are left out: a reader extends with zeros.
char* write_binary(char* at, uint64_t bits) {
  std::array<char, 64> digits;
  const size_t count = bits == 0 ? 1 : static_cast<size_t>(std::bit_width(bits));
  const size_t bytes = (count + 7) / 8;
  for (size_t i = 0; i < bytes; ++i) {
    std::memcpy(&digits[64 - 8 * (i + 1)], binary_digits[(bits >> (8 * i)) & 0xff].data(), 8);
  }
  std::memcpy(at, &digits[64 - count], count);
  return at + count;
}

uint64_t mask_of(unsigned width) {
  return width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
}

// A value of the string extension ends at the first blank.
std::string without_blanks(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c <= ' ' || c > '~') c = '_';
  }
  return result;
}

}  // namespace

VcdWriter::VcdWriter(VcdOptions options) : options_(std::move(options)), file_(options_.path), scopes_(1) {
  if (options_.begin_ps >= options_.end_ps) {
    throw UserError(fmt::format("trace window: found {} ps to {} ps, allowed a begin before the end",
                                options_.begin_ps, options_.end_ps));
  }
}

VcdWriter::~VcdWriter() {
  try {
    close();
  } catch (const std::exception&) {
    // A destructor has nobody to tell.
  }
}

uint32_t VcdWriter::scope_of(std::string_view path) {
  uint32_t scope = 0;
  while (!path.empty()) {
    const size_t dot = path.find('.');
    const std::string_view level = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    const auto& children = scopes_[scope].children;
    // Parts add their signals together, so the wanted scope is mostly the newest one.
    const auto found = std::find_if(children.rbegin(), children.rend(),
                                    [&](uint32_t child) { return scopes_[child].name == level; });
    if (found != children.rend()) {
      scope = *found;
    } else {
      const auto child = static_cast<uint32_t>(scopes_.size());
      scopes_[scope].children.push_back(child);
      scopes_.push_back({std::string(level), {}, {}});
      scope = child;
    }
  }
  return scope;
}

VcdSignal VcdWriter::add(std::string_view scope_path, std::string_view name, Kind kind, unsigned width,
                         uint32_t extra) {
  if (header_written_ || closed_) throw std::logic_error("VCD signals are added before the first change");
  if (width < 1 || width > 64) throw std::logic_error("a VCD signal has 1 to 64 bits");
  ++offered_signals_;
  if (!options_.selection.matches(scope_path.empty() ? std::string(name)
                                                     : fmt::format("{}.{}", scope_path, name))) {
    return {};
  }
  const auto index = static_cast<uint32_t>(signals_.size());
  Signal signal;
  signal.kind = kind;
  signal.width = static_cast<uint8_t>(width);
  signal.extra = extra;
  signal.name = name;
  uint32_t rest = index;
  do {
    signal.identifier[signal.identifier_length++] = static_cast<char>('!' + rest % 94);
    rest /= 94;
  } while (rest != 0);
  signals_.push_back(std::move(signal));
  scopes_[scope_of(scope_path)].signals.push_back(index);
  return VcdSignal(index);
}

VcdSignal VcdWriter::add_signal(std::string_view scope_path, std::string_view name, unsigned width) {
  return add(scope_path, name, Kind::vector, width, 0);
}

VcdSignal VcdWriter::add_real(std::string_view scope_path, std::string_view name) {
  return add(scope_path, name, Kind::real, 64, 0);
}

VcdSignal VcdWriter::add_text(std::string_view scope_path, std::string_view name) {
  const VcdSignal signal = add(scope_path, name, Kind::text, 1, static_cast<uint32_t>(texts_.size()));
  if (signal) texts_.emplace_back();
  return signal;
}

VcdSignal VcdWriter::add_state(std::string_view scope_path, std::string_view name,
                               std::vector<std::string> names) {
  const VcdSignal signal = add(scope_path, name, Kind::state, 64, static_cast<uint32_t>(names_.size()));
  if (signal) {
    for (std::string& value : names) value = without_blanks(value);
    names_.push_back(std::move(names));
  }
  return signal;
}

VcdSignal VcdWriter::add_event(std::string_view scope_path, std::string_view name) {
  return add(scope_path, name, Kind::event, 1, 0);
}

// Moves on to `time_ps`, writing what was scheduled until then; the time that a change now has.
uint64_t VcdWriter::advance(uint64_t time_ps) {
  while (!pending_.empty() && pending_.top().time_ps <= time_ps) {
    const Scheduled next = pending_.top();
    pending_.pop();
    last_time_ps_ = std::max(last_time_ps_, next.time_ps);
    apply_bits(last_time_ps_, signals_[next.signal], next.value);
  }
  if (time_ps < last_time_ps_) ++late_changes_;
  last_time_ps_ = std::max(last_time_ps_, time_ps);
  return last_time_ps_;
}

void VcdWriter::change_bits(uint64_t time_ps, uint32_t index, uint64_t value) {
  apply_bits(advance(time_ps), signals_[index], value);
}

void VcdWriter::apply_bits(uint64_t time_ps, Signal& signal, uint64_t value) {
  value &= mask_of(signal.width);
  if (stopped_ || (signal.state.known && signal.state.bits == value)) return;
  const bool inside = stamp(time_ps, false);
  signal.state = {value, true};
  if (inside) write_value(signal);
}

void VcdWriter::change_real(uint64_t time_ps, VcdSignal signal, double value) {
  change(time_ps, signal, std::bit_cast<uint64_t>(value));
}

void VcdWriter::change_text(uint64_t time_ps, VcdSignal handle, std::string_view value) {
  if (!handle || stopped_) return;
  Signal& signal = signals_[handle.index()];
  std::string text = without_blanks(value);
  if (signal.state.known && texts_[signal.extra] == text) return;
  const bool inside = stamp(advance(time_ps), false);
  signal.state.known = true;
  texts_[signal.extra] = std::move(text);
  if (inside) write_value(signal);
}

void VcdWriter::trigger(uint64_t time_ps, VcdSignal handle) {
  if (!handle || stopped_) return;
  if (stamp(advance(time_ps), true)) write_value(signals_[handle.index()]);
}

void VcdWriter::schedule(uint64_t time_ps, VcdSignal signal, uint64_t value) {
  if (!signal || stopped_) return;
  pending_.push({time_ps, sequence_++, signal.index(), value});
}

// Makes `time_ps` the current time of the file. False if changes at this time are not written. Values
// at the begin of the window belong to the first dump, so they need no stamp; an event does.
bool VcdWriter::stamp(uint64_t time_ps, bool is_event) {
  if (time_ps < options_.begin_ps || time_ps >= options_.end_ps || stopped_) return false;
  if (!header_written_) {
    if (time_ps == options_.begin_ps && !is_event) return false;
    write_header();
  }
  if (file_.size() + note_bytes > options_.max_bytes) {
    file_.append(
        fmt::format("#{}\n$comment cut at the limit of {} bytes $end\n", time_ps, options_.max_bytes));
    truncated_ = stopped_ = true;
    return false;
  }
  if (time_ps != stamped_time_ps_) {
    if (stamped_time_ps_ == options_.begin_ps) first_stamp_ps_ = time_ps;
    stamped_time_ps_ = time_ps;
    char* at = file_.reserve(24);
    *at++ = '#';
    at = std::to_chars(at, at + 20, time_ps).ptr;
    *at++ = '\n';
    file_.commit(at);
  }
  ++written_changes_;
  return true;
}

void VcdWriter::write_value(const Signal& signal) {
  char* at = file_.reserve(128);
  switch (signal.kind) {
    case Kind::vector:
      if (signal.width == 1) {
        *at++ = signal.state.bits != 0 ? '1' : '0';
      } else {
        *at++ = 'b';
        at = write_binary(at, signal.state.bits);
        *at++ = ' ';
      }
      break;
    case Kind::event:
      *at++ = '1';
      break;
    case Kind::real:
      *at++ = 'r';
      at = fmt::format_to(at, "{}", std::bit_cast<double>(signal.state.bits));
      *at++ = ' ';
      break;
    case Kind::state: {
      const auto& names = names_[signal.extra];
      const bool named = signal.state.bits < names.size();
      const std::string number = named ? std::string() : fmt::format("{}?", signal.state.bits);
      const std::string& text = named ? names[signal.state.bits] : number;
      file_.append('s');
      file_.append(text);
      at = file_.reserve(16);
      *at++ = ' ';
      break;
    }
    case Kind::text:
      file_.append('s');
      file_.append(texts_[signal.extra]);
      at = file_.reserve(16);
      *at++ = ' ';
      break;
  }
  std::memcpy(at, signal.identifier, signal.identifier_length);
  at += signal.identifier_length;
  *at++ = '\n';
  file_.commit(at);
}

void VcdWriter::write_scope(const Scope& scope) {
  for (const uint32_t index : scope.signals) {
    const Signal& signal = signals_[index];
    const std::string_view identifier(signal.identifier, signal.identifier_length);
    switch (signal.kind) {
      case Kind::vector:
        file_.append(signal.width == 1 ? fmt::format("$var wire 1 {} {} $end\n", identifier, signal.name)
                                       : fmt::format("$var wire {} {} {} [{}:0] $end\n", signal.width,
                                                     identifier, signal.name, signal.width - 1));
        break;
      case Kind::real:
        file_.append(fmt::format("$var real 64 {} {} $end\n", identifier, signal.name));
        break;
      case Kind::event:
        file_.append(fmt::format("$var event 1 {} {} $end\n", identifier, signal.name));
        break;
      case Kind::state:
      case Kind::text:
        file_.append(fmt::format("$var string 1 {} {} $end\n", identifier, signal.name));
        break;
    }
  }
  for (const uint32_t child : scope.children) {
    file_.append(fmt::format("$scope module {} $end\n", scopes_[child].name));
    write_scope(scopes_[child]);
    file_.append("$upscope $end\n");
  }
}

// No $date: the same run gives the same bytes.
void VcdWriter::write_header() {
  header_written_ = true;
  file_.append("$version DUET virtual platform $end\n$timescale 1 ps $end\n");
  write_scope(scopes_.front());
  file_.append(fmt::format("$enddefinitions $end\n#{}\n$dumpvars\n", options_.begin_ps));
  stamped_time_ps_ = options_.begin_ps;
  for (const Signal& signal : signals_) {
    if (signal.state.known) {
      write_value(signal);
    } else if (signal.kind == Kind::vector) {
      const std::string_view identifier(signal.identifier, signal.identifier_length);
      file_.append(fmt::format("{}{}\n", signal.width == 1 ? "x" : "bx ", identifier));
    }
  }
  file_.append("$end\n");
}

void VcdWriter::close(uint64_t now_ps) {
  if (closed_) return;
  if (!stopped_) {
    const uint64_t last_ps = std::min(now_ps, options_.end_ps - 1);
    advance(last_ps);
    if (!header_written_) write_header();
    if (now_ps != ~uint64_t{0} && last_ps > stamped_time_ps_) file_.append(fmt::format("#{}\n", last_ps));
  }
  closed_ = stopped_ = true;
  file_.close();
  write_savefile();
}

std::string VcdWriter::warning() const {
  if (signals_.empty()) {
    return offered_signals_ == 0
               ? fmt::format("the trace '{}' is empty: no part offered a signal", options_.path)
               : fmt::format("the trace '{}' is empty: '{}' selects none of {} signals", options_.path,
                             options_.selection.text(), offered_signals_);
  }
  if (truncated_) {
    return fmt::format("the trace '{}' ends at {} ps: it reached its limit of {} bytes", options_.path,
                       stamped_time_ps_, options_.max_bytes);
  }
  if (written_changes_ == 0) {
    return fmt::format("the trace '{}' has {} signals, and none changes in its window", options_.path,
                       signals_.size());
  }
  return {};
}

uint64_t VcdWriter::estimate_bytes(uint64_t signals, uint64_t changes, unsigned mean_width) {
  // A declaration is about 40 characters; a change its digits, an identifier and its share of a time stamp.
  return signals * (40 + mean_width) + changes * (mean_width + 12);
}

}  // namespace duet::core
