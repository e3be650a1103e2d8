// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/core/noi_description.hpp"

namespace duet::test {

/// A network with the defaults of everything but its size and its routes.
inline core::NoiDescription mesh(unsigned columns, unsigned rows, core::NoiRouting routing) {
  core::NoiDescription noi;
  noi.columns = columns;
  noi.rows = rows;
  noi.routing = routing;
  return noi;
}

}  // namespace duet::test
