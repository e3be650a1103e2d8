// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/payload_pool.hpp"

#include <catch2/catch.hpp>
#include <optional>

#include "duet/core/tlm_extensions.hpp"

using namespace duet;

TEST_CASE("A pool may go while a payload with somebody's extension is in flight", "[payload_pool]") {
  core::CutThroughExtension of_a_network;  // not on the heap: freeing it would abort
  std::optional<tlm_interconnect::PayloadPool> pool(std::in_place);
  pool->acquire().set_extension(&of_a_network);
  CHECK(pool->in_use() == 1);
  pool.reset();
  of_a_network.last_data_ps = 7;
  CHECK(of_a_network.last_data_ps == 7);
}
