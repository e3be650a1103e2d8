// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace duet::models::riscv {

/// A statically linked little-endian 64-bit RISC-V executable.
class ElfFile {
 public:
  struct Segment {
    uint64_t address;  ///< physical
    uint64_t bytes;    ///< in memory; what lies beyond `data` is zero
    std::vector<uint8_t> data;
  };
  struct Symbol {
    std::string name;
    uint64_t address;
    uint64_t bytes;
    bool is_function;
  };

  /// Throws core::UserError when the file cannot be read or is something else.
  static ElfFile load(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] uint64_t entry() const { return entry_; }
  [[nodiscard]] const std::vector<Segment>& segments() const { return segments_; }
  [[nodiscard]] const std::vector<Symbol>& symbols() const { return symbols_; }

  /// Value of a symbol.
  [[nodiscard]] std::optional<uint64_t> find(std::string_view name) const;
  /// "main+0x14", or empty when the address lies in no loaded segment or behind no symbol.
  [[nodiscard]] std::string describe(uint64_t address) const;

 private:
  std::string path_;
  uint64_t entry_ = 0;
  std::vector<Segment> segments_;
  std::vector<Symbol> symbols_;  // by rising address
};

}  // namespace duet::models::riscv
