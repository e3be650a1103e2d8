// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <queue>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "duet/core/trace/buffered_file.hpp"
#include "duet/core/trace/name_selection.hpp"

namespace duet::core {

/// Refers to a signal of a VcdWriter. A default one, and one that the selection left out, is false
/// and costs one comparison a change.
class VcdSignal {
 public:
  VcdSignal() = default;
  explicit VcdSignal(uint32_t index) : index_(index) {}
  explicit operator bool() const { return index_ != none; }
  [[nodiscard]] uint32_t index() const { return index_; }

 private:
  static constexpr uint32_t none = ~uint32_t{0};
  uint32_t index_ = none;
};

struct VcdOptions {
  std::string path;                ///< the .vcd; the savefile is written next to it as .gtkw
  NameSelection selection{};       ///< which signals, by "scope.name"
  uint64_t begin_ps = 0;           ///< window: values at `begin_ps` are dumped first
  uint64_t end_ps = ~uint64_t{0};  ///< changes at or after this time are left out
  uint64_t max_bytes = uint64_t{1} << 30;
  uint64_t view_ps = 0;  ///< span that GTKWave shows when it opens the savefile; 0: the whole trace
};

/// Writes a Value Change Dump (IEEE 1364-2005, clause 18) with a time unit of 1 ps.
///
/// Signals are added first, then changed; time never goes back. Values before `begin_ps` only set
/// the first dump. Text values use GTKWave's `string` extension. Same calls, same bytes.
class VcdWriter {
 public:
  /// Throws UserError if the file cannot be written or the window is empty.
  explicit VcdWriter(VcdOptions options);
  /// Closes; errors of the disk are lost here.
  ~VcdWriter();
  VcdWriter(const VcdWriter&) = delete;
  VcdWriter& operator=(const VcdWriter&) = delete;

  /// Adds a signal of 1 to 64 bits. `scope_path` has levels separated by '.', "prefill.chiplet[3]".
  /// Throws std::logic_error after the first change inside the window, and for a bad width.
  VcdSignal add_signal(std::string_view scope_path, std::string_view name, unsigned width = 1);
  VcdSignal add_real(std::string_view scope_path, std::string_view name);
  VcdSignal add_text(std::string_view scope_path, std::string_view name);
  /// A signal whose values are indices of `names`, shown as text: {"idle", "fill", "stream", "drain"}.
  VcdSignal add_state(std::string_view scope_path, std::string_view name, std::vector<std::string> names);
  /// A signal that has no value but happens (trigger()).
  VcdSignal add_event(std::string_view scope_path, std::string_view name);

  /// False if no signal below this scope can be selected, so that a large part need not add any.
  [[nodiscard]] bool wants(std::string_view scope_path) const {
    return options_.selection.may_match_below(scope_path);
  }

  /// A bit, a vector (cut to its width) or a state. A value equal to the last one is not written.
  /// A time before the last one counts as the last one; see late_changes().
  void change(uint64_t time_ps, VcdSignal signal, uint64_t value) {
    if (!signal || stopped_) return;
    const State& state = signals_[signal.index()].state;
    if (pending_.empty() && state.known && state.bits == value) return;
    change_bits(time_ps, signal.index(), value);
  }
  void change_real(uint64_t time_ps, VcdSignal signal, double value);
  void change_text(uint64_t time_ps, VcdSignal signal, std::string_view value);
  void trigger(uint64_t time_ps, VcdSignal signal);

  /// A change in the future, for models that know at once when something will end. It is written in
  /// its place, when a later change() or close() passes it.
  void schedule(uint64_t time_ps, VcdSignal signal, uint64_t value);

  /// Writes the savefile and closes. `now_ps` ends the trace: changes scheduled after it are dropped.
  void close(uint64_t now_ps = ~uint64_t{0});

  [[nodiscard]] uint64_t offered_signals() const { return offered_signals_; }
  [[nodiscard]] uint64_t selected_signals() const { return signals_.size(); }
  [[nodiscard]] uint64_t written_changes() const { return written_changes_; }
  [[nodiscard]] uint64_t late_changes() const { return late_changes_; }
  [[nodiscard]] uint64_t bytes() const { return file_.size(); }
  [[nodiscard]] bool truncated() const { return truncated_; }
  /// Empty, or one sentence for the user: nothing selected, nothing changed, or cut at the limit.
  [[nodiscard]] std::string warning() const;
  [[nodiscard]] std::string savefile_path() const;

  /// A guess of the size of a trace, for a message before the run.
  [[nodiscard]] static uint64_t estimate_bytes(uint64_t signals, uint64_t changes, unsigned mean_width = 8);

 private:
  enum class Kind : uint8_t { vector, real, text, state, event };
  struct State {
    uint64_t bits = 0;
    bool known = false;
  };
  struct Signal {
    State state;
    Kind kind = Kind::vector;
    uint8_t width = 1;
    uint8_t identifier_length = 0;
    char identifier[6] = {};
    uint32_t extra = 0;  // index of texts_ (text) or names_ (state)
    std::string name;
  };
  struct Scope {
    std::string name;
    std::vector<uint32_t> children;
    std::vector<uint32_t> signals;
  };
  struct Scheduled {
    uint64_t time_ps;
    uint64_t sequence;
    uint32_t signal;
    uint64_t value;
    bool operator>(const Scheduled& other) const {
      return time_ps != other.time_ps ? time_ps > other.time_ps : sequence > other.sequence;
    }
  };

  VcdSignal add(std::string_view scope_path, std::string_view name, Kind kind, unsigned width,
                uint32_t extra);
  uint32_t scope_of(std::string_view path);
  void change_bits(uint64_t time_ps, uint32_t index, uint64_t value);
  uint64_t advance(uint64_t time_ps);
  void apply_bits(uint64_t time_ps, Signal& signal, uint64_t value);
  bool stamp(uint64_t time_ps, bool is_event);
  void write_value(const Signal& signal);
  void write_header();
  void write_scope(const Scope& scope);
  void write_savefile() const;
  void save_scope(BufferedFile& out, const Scope& scope, const std::string& path, unsigned depth) const;

  VcdOptions options_;
  BufferedFile file_;
  std::vector<Signal> signals_;
  std::vector<Scope> scopes_;
  std::vector<std::string> texts_;
  std::vector<std::vector<std::string>> names_;
  std::priority_queue<Scheduled, std::vector<Scheduled>, std::greater<>> pending_;
  uint64_t sequence_ = 0;
  uint64_t last_time_ps_ = 0;     // of any change
  uint64_t first_stamp_ps_ = 0;   // of the first '#' line after the dump
  uint64_t stamped_time_ps_ = 0;  // of the last '#' line
  uint64_t offered_signals_ = 0;
  uint64_t written_changes_ = 0;
  uint64_t late_changes_ = 0;
  bool header_written_ = false;
  bool truncated_ = false;
  bool stopped_ = false;  // truncated or closed
  bool closed_ = false;
};

}  // namespace duet::core
