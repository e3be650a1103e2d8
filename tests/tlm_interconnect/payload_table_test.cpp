// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/payload_table.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <unordered_map>

using duet::tlm_interconnect::PayloadTable;

TEST_CASE("a payload table finds what a map finds") {
  std::mt19937 random(GENERATE(1u, 2u, 3u));
  std::vector<tlm::tlm_generic_payload> payloads(300);
  PayloadTable table;
  std::unordered_map<const tlm::tlm_generic_payload*, uint32_t> map;
  for (uint32_t step = 0; step < 20'000; ++step) {
    // Few are there at first, then nearly all, so that long rows of slots come and go.
    const uint32_t range = 1 + step / 70;
    const tlm::tlm_generic_payload& payload = payloads[random() % range];
    if (map.contains(&payload)) {
      map.erase(&payload);
      table.erase(payload);
    } else if (random() % 4 == 0) {
      table.erase(payload);  // of what is not there: nothing happens
    } else {
      map[&payload] = step;
      table.insert(payload, step);
    }
    REQUIRE(table.size() == map.size());
    const tlm::tlm_generic_payload& other = payloads[random() % range];
    REQUIRE(table.find(other) == (map.contains(&other) ? map.at(&other) : PayloadTable::none));
  }
  for (const auto& payload : payloads) {
    REQUIRE(table.find(payload) == (map.contains(&payload) ? map.at(&payload) : PayloadTable::none));
  }
}
