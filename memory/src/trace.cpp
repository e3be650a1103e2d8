// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/trace.hpp"

#include <fmt/format.h>

#include <charconv>
#include <random>

#include "duet/core/error.hpp"
#include "duet/memory/address_mapping.hpp"

namespace duet::memory {
namespace {

bool parse_line(std::string_view line, TraceRequest& request) {
  const char* at = line.data();
  const char* end = at + line.size();
  const auto time = std::from_chars(at, end, request.offer_ns);
  if (time.ec != std::errc{} || request.offer_ns < 0 || end - time.ptr < 4 || time.ptr[0] != ' ' ||
      time.ptr[2] != ' ')
    return false;
  const char kind = time.ptr[1];
  if (kind != 'R' && kind != 'W') return false;
  request.write = kind == 'W';
  at = time.ptr + 3;
  if (end - at > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) at += 2;
  const auto address = std::from_chars(at, end, request.address, 16);
  return address.ec == std::errc{} && address.ptr == end;
}

}  // namespace

std::vector<TraceRequest> read_trace(std::istream& input, std::string_view name) {
  std::vector<TraceRequest> requests;
  std::string line;
  for (size_t number = 1; std::getline(input, line); ++number) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    TraceRequest& request = requests.emplace_back();
    if (!parse_line(line, request))
      throw core::UserError(
          fmt::format("{}:{}: found '{}', allowed '<ns> <R|W> <hexaddr>'", name, number, line));
  }
  return requests;
}

std::vector<TraceRequest> synthetic_trace(std::string_view pattern, size_t count,
                                          const core::MemoryDescription& memory, uint64_t seed) {
  const core::DramStandard& standard = core::standard_of(memory);
  const core::DramOrganisation& organisation = standard.organisation;
  const AddressMapping mapping(AddressMapping::resolve(memory.mapping, standard), organisation);
  const uint64_t burst = organisation.burst_bytes;
  const uint64_t channel = organisation.channel_bytes();
  const uint64_t block = std::max<uint64_t>(burst, 64);
  std::mt19937_64 random(seed);
  std::vector<TraceRequest> requests(count);
  uint64_t base = 0;
  for (size_t index = 0; index < count; ++index) {
    TraceRequest& request = requests[index];
    if (pattern == "sequential") {
      request.address = index * burst % channel;
    } else if (pattern == "strided") {
      request.address = index * (organisation.row_bytes() + burst) % channel / burst * burst;
    } else if (pattern == "random") {
      if (index % (block / burst) == 0) base = random() % (channel / block) * block;
      request.address = base + index % (block / burst) * burst;
    } else if (pattern == "conflict") {
      request.address = mapping.encode({.row = static_cast<uint32_t>(index % organisation.rows)});
    } else if (pattern == "mixed") {
      request.address = index * burst % channel;
      request.write = (random() & 1) != 0;
    } else {
      throw core::UserError(
          fmt::format("pattern: found '{}', allowed sequential, strided, random, conflict, mixed", pattern));
    }
  }
  return requests;
}

}  // namespace duet::memory
