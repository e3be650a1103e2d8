// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/address_mapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>

#include "duet/core/error.hpp"

namespace duet::memory {
namespace {

constexpr std::array<std::string_view, AddressMapping::field_count> field_names{
    "pseudo_channel", "rank", "bank_group", "bank", "row", "column"};

uint32_t width_of(uint64_t count) {
  return static_cast<uint32_t>(std::bit_width(count - 1));
}

uint32_t parse_bit(std::string_view text, std::string_view whole) {
  uint32_t bit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bit);
  if (error != std::errc{} || end != text.data() + text.size() || bit > 62)
    throw core::UserError(fmt::format("mapping: found '{}' in '{}', allowed a bit 0..62", text, whole));
  return bit;
}

template <class Function>
void split(std::string_view text, char separator, Function&& function) {
  while (true) {
    const size_t at = text.find(separator);
    function(text.substr(0, at));
    if (at == std::string_view::npos) return;
    text.remove_prefix(at + 1);
  }
}

}  // namespace

AddressMapping::AddressMapping(std::string_view text, const core::DramOrganisation& organisation) {
  offset_bits_ = width_of(organisation.burst_bytes);
  parse(text);
  check(organisation);
  build_decoder();
  build_inverse();
}

std::string AddressMapping::resolve(std::string_view name, const core::DramStandard& standard) {
  if (name == "default" || name == "mapB") return standard.default_mapping;
  if (name == "mapA") {
    if (!standard.mapping_a.empty()) return standard.mapping_a;
    throw core::UserError(
        fmt::format("mapping: found 'mapA', which {} does not have; allowed default, "
                    "mapB, or bit fields",
                    standard.name));
  }
  return std::string{name};
}

void AddressMapping::parse(std::string_view text) {
  split(text, ' ', [&](std::string_view part) {
    if (part.empty()) return;
    const size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    const auto found = std::find(field_names.begin(), field_names.end(), name);
    if (found == field_names.end() || equals == std::string_view::npos)
      throw core::UserError(
          fmt::format("mapping: found '{}', allowed default, mapA, mapB, or fields "
                      "<name>=<bits> with the names {}",
                      part, fmt::join(field_names, ", ")));
    std::vector<uint64_t>& masks = masks_[static_cast<size_t>(found - field_names.begin())];
    if (!masks.empty())
      throw core::UserError(fmt::format("mapping: found field '{}' a second time, allowed once", name));
    split(part.substr(equals + 1), ',', [&](std::string_view item) {
      const size_t dash = item.find('-');
      if (dash != std::string_view::npos) {
        const uint32_t first = parse_bit(item.substr(0, dash), part);
        const uint32_t last = parse_bit(item.substr(dash + 1), part);
        if (last < first)
          throw core::UserError(fmt::format("mapping: found the range '{}', allowed low-high", item));
        for (uint32_t bit = first; bit <= last; ++bit) masks.push_back(uint64_t{1} << bit);
        return;
      }
      uint64_t mask = 0;
      split(item, '^', [&](std::string_view bit) { mask ^= uint64_t{1} << parse_bit(bit, part); });
      masks.push_back(mask);
    });
  });
}

void AddressMapping::check(const core::DramOrganisation& organisation) {
  const std::array<uint64_t, field_count> counts{
      organisation.pseudo_channels, organisation.ranks, organisation.bank_groups,
      organisation.banks_per_group, organisation.rows,  organisation.bursts_per_row};
  uint64_t used = 0;
  address_bits_ = offset_bits_;
  for (size_t field = 0; field < field_count; ++field) {
    const uint32_t wanted = width_of(counts[field]);
    if (masks_[field].size() != wanted)
      throw core::UserError(fmt::format("mapping: found field '{}' with {} bits, allowed {}",
                                        field_names[field], masks_[field].size(), wanted));
    for (const uint64_t mask : masks_[field]) used |= mask;
    address_bits_ += wanted;
  }
  const uint64_t all = (uint64_t{1} << address_bits_) - (uint64_t{1} << offset_bits_);
  if (used != all)
    throw core::UserError(
        fmt::format("mapping: the fields use the address bits {:#x}, they must use each of "
                    "{:#x} (bits {} to {})",
                    used, all, offset_bits_, address_bits_ - 1));
}

void AddressMapping::build_decoder() {
  std::array<uint64_t, 64> toggled{};  // coordinate bits of each address bit
  uint32_t coordinate = 0;
  for (size_t field = 0; field < field_count; ++field) {
    field_shift_[field] = coordinate;
    field_mask_[field] = (uint32_t{1} << masks_[field].size()) - 1;
    for (const uint64_t mask : masks_[field]) {
      for (uint64_t rest = mask; rest != 0; rest &= rest - 1)
        toggled[static_cast<size_t>(std::countr_zero(rest))] |= uint64_t{1} << coordinate;
      ++coordinate;
    }
  }
  for (uint32_t bit = offset_bits_; bit < address_bits_; bit += chunk_bits) {
    auto& table = decoder_.emplace_back();
    for (uint32_t value = 0; value < table.size(); ++value) {
      for (uint32_t index = 0; index < chunk_bits && bit + index < address_bits_; ++index)
        table[value] ^= (value >> index & 1) != 0 ? toggled[bit + index] : 0;
    }
  }
}

// Gauss-Jordan elimination over GF(2): rows are coordinate bits as functions of address bits.
void AddressMapping::build_inverse() {
  struct Row {
    uint64_t address;     // address bits in this equation
    uint64_t coordinate;  // coordinate bits in this equation
  };
  std::vector<Row> rows;
  for (const auto& masks : masks_) {
    for (const uint64_t mask : masks) rows.push_back({mask, uint64_t{1} << rows.size()});
  }
  std::vector<uint32_t> pivots;
  for (size_t at = 0; at < rows.size(); ++at) {
    if (rows[at].address == 0)
      throw core::UserError("mapping: two addresses share a place, the bit fields depend on each other");
    const auto pivot = static_cast<uint32_t>(std::countr_zero(rows[at].address));
    pivots.push_back(pivot);
    for (size_t other = 0; other < rows.size(); ++other) {
      if (other != at && (rows[other].address >> pivot & 1) != 0) {
        rows[other].address ^= rows[at].address;
        rows[other].coordinate ^= rows[at].coordinate;
      }
    }
  }
  inverse_.assign(rows.size(), 0);
  for (size_t at = 0; at < rows.size(); ++at) {
    for (size_t bit = 0; bit < rows.size(); ++bit) {
      if ((rows[at].coordinate >> bit & 1) != 0) inverse_[bit] |= uint64_t{1} << pivots[at];
    }
  }
}

DramAddress AddressMapping::decode(uint64_t address) const {
  uint64_t bits = 0;
  address >>= offset_bits_;
  for (const auto& table : decoder_) {
    bits ^= table[address % table.size()];
    address >>= chunk_bits;
  }
  const auto field = [&](Field index) {
    return static_cast<uint32_t>(bits >> field_shift_[index]) & field_mask_[index];
  };
  return {.pseudo_channel = field(pseudo_channel),
          .rank = field(rank),
          .bank_group = field(bank_group),
          .bank = field(bank),
          .row = field(row),
          .column = field(column)};
}

uint64_t AddressMapping::encode(const DramAddress& place) const {
  const std::array<uint32_t, field_count> values{place.pseudo_channel, place.rank, place.bank_group,
                                                 place.bank,           place.row,  place.column};
  uint64_t address = 0;
  size_t at = 0;
  for (size_t field = 0; field < field_count; ++field) {
    for (uint32_t bit = 0; bit < masks_[field].size(); ++bit, ++at) {
      if ((values[field] >> bit & 1) != 0) address ^= inverse_[at];
    }
  }
  return address;
}

}  // namespace duet::memory
