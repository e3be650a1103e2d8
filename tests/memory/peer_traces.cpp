// SPDX-License-Identifier: Apache-2.0
#include "peer_traces.hpp"

#include <map>
#include <stdexcept>

namespace duet::test {
namespace {

struct Family {
  uint64_t burst, row_stride;
  std::vector<unsigned> bank_bits;
  uint64_t span;
  unsigned paced_random_ns, paced_sequential_ns, bursts_per_block;
};

const std::map<std::string, Family> families{
    {"ddr4", {64, 1 << 17, {6, 7, 15, 16}, 1ULL << 32, 100, 7, 1}},
    {"hbm2", {32, 1 << 15, {6, 7, 8, 13, 14}, 1ULL << 30, 100, 2, 2}},
    {"gddr6", {32, 1 << 15, {6, 7, 13, 14}, 1ULL << 29, 100, 2, 2}},
    {"hbm3", {32, 1 << 16, {6, 7, 8, 13, 14, 15}, 1ULL << 30, 100, 1, 2}},
    {"gddr7", {32, 1 << 15, {6, 7, 13, 14}, 1ULL << 29, 100, 2, 2}},
};

class Generator {
 public:
  uint64_t operator()() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return state_ >> 33;
  }

 private:
  uint64_t state_ = 12345;
};

}  // namespace

std::vector<memory::TraceRequest> peer_trace(const std::string& family, const std::string& pattern,
                                             size_t count) {
  const Family& f = families.at(family);
  Generator random;
  std::vector<memory::TraceRequest> trace;
  uint64_t block = 0;
  for (uint64_t i = 0; i < count; ++i) {
    memory::TraceRequest request;
    if (pattern == "seq_rd") {
      request.address = i * f.burst % f.span;
    } else if (pattern == "rand_rd64") {
      if (i % f.bursts_per_block == 0) block = random() % (f.span / 64) * 64;
      request.address = block + i % f.bursts_per_block * f.burst;
    } else if (pattern == "rw50_seq") {
      request.write = (random() & 1) != 0;
      request.address = i * f.burst % f.span;
    } else if (pattern == "conflict_rd") {
      request.address = i * f.row_stride % f.span;
    } else if (pattern == "rowmiss_allbanks") {
      const uint64_t banks = uint64_t{1} << f.bank_bits.size();
      for (size_t bit = 0; bit < f.bank_bits.size(); ++bit)
        request.address += (i % banks >> bit & 1) << f.bank_bits[bit];
      request.address = (request.address + i / banks * f.row_stride) % f.span;
    } else if (pattern == "rand_rd_paced") {
      request.offer_ns = static_cast<double>(i * f.paced_random_ns);
      request.address = random() % (f.span / f.burst) * f.burst;
    } else if (pattern == "seq_rd_paced") {
      request.offer_ns = static_cast<double>(i * f.paced_sequential_ns);
      request.address = i * f.burst % f.span;
    } else {
      throw std::invalid_argument(pattern);
    }
    trace.push_back(request);
  }
  return trace;
}

}  // namespace duet::test
