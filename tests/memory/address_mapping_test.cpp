// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/address_mapping.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "duet/core/error.hpp"

using namespace duet;
using memory::AddressMapping;

namespace {

const core::DramStandard& hbm2 = core::dram_standard("hbm2_2000");

}  // namespace

TEST_CASE("every standard's own mappings decode and encode back") {
  std::mt19937_64 random(3);
  for (const core::DramStandard* standard : core::dram_standards()) {
    for (const std::string& text : {standard->default_mapping, standard->mapping_a}) {
      if (text.empty()) continue;
      const AddressMapping mapping(text, standard->organisation);
      for (int trial = 0; trial < 1000; ++trial) {
        const uint64_t burst = standard->organisation.burst_bytes;
        const uint64_t address = random() % (standard->organisation.channel_bytes() / burst) * burst;
        const memory::DramAddress place = mapping.decode(address);
        REQUIRE(place.row < standard->organisation.rows);
        REQUIRE(place.column < standard->organisation.bursts_per_row);
        REQUIRE(mapping.encode(place) == address);
      }
    }
  }
}

TEST_CASE("fields take the bits that the reference table names") {
  const AddressMapping mapping(hbm2.default_mapping, hbm2.organisation);
  const memory::DramAddress place =
      mapping.decode(uint64_t{1} << 5 | 1 << 9 | 1 << 6 | 1 << 8 | 1 << 13 | 5 << 15);
  CHECK(place.column == 3);
  CHECK(place.pseudo_channel == 1);
  CHECK(place.bank_group == 2);
  CHECK(place.bank == 1);
  CHECK(place.row == 5);
}

TEST_CASE("XOR hashing spreads a stride of whole rows over the banks and stays one to one") {
  const std::string hashed = "column=5,9-12 pseudo_channel=6 bank_group=7^15,8^16 bank=13^17,14^18 row=15-29";
  const AddressMapping mapping(hashed, hbm2.organisation);
  const AddressMapping plain(hbm2.default_mapping, hbm2.organisation);
  std::set<uint32_t> banks, plain_banks;
  for (uint64_t row = 0; row < 16; ++row) {
    const auto id = [](const memory::DramAddress& place) { return place.bank_group * 4 + place.bank; };
    banks.insert(id(mapping.decode(row << 15)));
    plain_banks.insert(id(plain.decode(row << 15)));
    CHECK(mapping.encode(mapping.decode(row << 15)) == row << 15);
  }
  CHECK(banks.size() == 16);
  CHECK(plain_banks.size() == 1);
}

TEST_CASE("a mapping that is none says why") {
  const auto fails = [](const std::string& text, const std::string& why) {
    CHECK_THROWS_WITH(AddressMapping(text, hbm2.organisation), Catch::Contains(why));
  };
  fails("colum=5", "found 'colum=5'");
  fails("column=5,9-11 pseudo_channel=6 bank_group=7-8 bank=13-14 row=15-29",
        "found field 'column' with 4 bits, allowed 5");
  fails("column=5,9-12 pseudo_channel=6 bank_group=7-8 bank=13-14 row=15-28,30", "they must use each of");
  fails("column=5,9-12 pseudo_channel=6 bank_group=7^8,8^7 bank=13-14 row=15-29", "share a place");
  fails("column=5,12-9 pseudo_channel=6", "found the range '12-9'");
  fails("column=x", "found 'x'");
  CHECK_THROWS_AS(AddressMapping::resolve("mapA", core::dram_standard("gddr7_32000")), core::UserError);
}
