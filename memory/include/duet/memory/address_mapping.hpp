// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "duet/core/dram_standard.hpp"

namespace duet::memory {

/// Where one burst lies in a channel.
struct DramAddress {
  uint32_t pseudo_channel = 0;
  uint32_t rank = 0;
  uint32_t bank_group = 0;
  uint32_t bank = 0;  ///< within its bank group
  uint32_t row = 0;
  uint32_t column = 0;  ///< in bursts
};

/// Channel addresses to DRAM coordinates, given as bit fields: "column=5,9-12 pseudo_channel=6
/// bank_group=7^17,8^18 bank=13-14 rank=15 row=16-29". Each field lists its bits from the least
/// significant one; `a^b^c` is the XOR of address bits. The bits below a burst are its offset.
class AddressMapping {
 public:
  enum Field { pseudo_channel, rank, bank_group, bank, row, column, field_count };

  /// Throws UserError when a field is unknown, missing, of the wrong width for the organisation, or
  /// when two addresses would share a place (the bits are not linearly independent).
  AddressMapping(std::string_view text, const core::DramOrganisation& organisation);

  /// Resolves the names default, mapA and mapB to the standard's own; other text is the mapping itself.
  static std::string resolve(std::string_view name, const core::DramStandard& standard);

  [[nodiscard]] DramAddress decode(uint64_t address) const;
  /// The channel address of a place: the inverse of decode, for a burst's first byte.
  [[nodiscard]] uint64_t encode(const DramAddress& place) const;
  /// Address bits (XOR masks) of a field, least significant first.
  [[nodiscard]] const std::vector<uint64_t>& bits(Field field) const { return masks_[field]; }
  [[nodiscard]] uint32_t address_bits() const { return address_bits_; }

 private:
  void parse(std::string_view text);
  void check(const core::DramOrganisation& organisation);
  void build_decoder();
  void build_inverse();

  std::array<std::vector<uint64_t>, field_count> masks_;
  static constexpr uint32_t chunk_bits = 8;
  /// Coordinate bits (fields in order) that each value of each eight address bits above the offset toggles.
  std::vector<std::array<uint64_t, 1 << chunk_bits>> decoder_;
  std::array<uint32_t, field_count> field_shift_{};
  std::array<uint32_t, field_count> field_mask_{};
  std::vector<uint64_t> inverse_;  ///< per coordinate bit (fields in order): address bits it toggles
  uint32_t offset_bits_ = 0;
  uint32_t address_bits_ = 0;
};

}  // namespace duet::memory
