// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <random>
#include <vector>

/// Random straight blocks of RV64IMAC code with forward jumps. Loads and stores go through x2, x8 and x9,
/// which nothing else writes; the reader sets them to the middle of a data area of at least 4 KiB.
class RandomBlock {
 public:
  explicit RandomBlock(uint32_t seed) : random_(seed) {}

  /// The bytes of a block of that many instructions, as halfwords.
  std::vector<uint16_t> generate(unsigned instructions) {
    code_.clear();
    starts_.clear();
    jumps_.clear();
    for (unsigned i = 0; i < instructions; ++i) {
      starts_.push_back(code_.size());
      emit_one();
    }
    starts_.push_back(code_.size());
    for (const Jump& jump : jumps_) patch(jump);
    return code_;
  }

 private:
  struct Jump {
    size_t position;    // halfword of the instruction to patch
    size_t from;        // halfword that the offset counts from
    size_t index;       // its number in starts_
    unsigned distance;  // instructions ahead
  };

  uint32_t below(uint32_t limit) { return std::uniform_int_distribution<uint32_t>(0, limit - 1)(random_); }
  template <size_t count>
  uint32_t pick(const uint32_t (&values)[count]) {
    return values[below(count)];
  }
  uint32_t any() { return below(32); }
  uint32_t target() {
    for (;;) {
      const uint32_t rd = any();
      if (rd != 2 && rd != 8 && rd != 9) return rd;
    }
  }
  uint32_t short_target() { return 2 + below(6); }  // x10..x15 in the three-bit form

  void word(uint32_t bits) {
    code_.push_back(static_cast<uint16_t>(bits));
    code_.push_back(static_cast<uint16_t>(bits >> 16));
  }
  void half(uint32_t bits) { code_.push_back(static_cast<uint16_t>(bits)); }

  void emit_one() {
    switch (below(12)) {
      case 0:
      case 1:
        return register_form();
      case 2:
      case 3:
        return immediate_form();
      case 4:
        return word(pick({0x37u, 0x17u}) | target() << 7 | below(1u << 20) << 12);
      case 5:
        return load_form();
      case 6:
        return store_form();
      case 7:
        return atomic_form();
      case 8:
        return jump_form();
      default:
        return compressed_form();
    }
  }
  void register_form() {
    const uint32_t operands = target() << 7 | any() << 15 | any() << 20;
    switch (below(4)) {
      case 0:
        return word(0x33 | operands | below(8) << 12);
      case 1:
        return word(0x33 | operands | below(8) << 12 | 1u << 25);
      case 2:
        return word(0x3b | operands | pick({0, 4, 5, 6, 7}) << 12 | 1u << 25);
      default:
        return word(
            pick({0x40000033, 0x40005033, 0x0000003b, 0x4000003b, 0x0000103b, 0x0000503b, 0x4000503b}) |
            operands);
    }
  }
  void immediate_form() {
    const uint32_t operands = target() << 7 | any() << 15;
    switch (below(3)) {
      case 0:
        return word(0x13 | operands | pick({0, 2, 3, 4, 6, 7}) << 12 | below(4096) << 20);
      case 1:
        return word(pick({0x00001013, 0x00005013, 0x40005013}) | operands | below(64) << 20);
      default:
        if (below(2) == 0) return word(0x1b | operands | below(4096) << 20);
        return word(pick({0x0000101b, 0x0000501b, 0x4000501b}) | operands | below(32) << 20);
    }
  }
  uint32_t offset(uint32_t width) { return (below(4096 / width) * width) & 0xfffu; }  // -2048..2047
  void load_form() {
    const uint32_t funct3 = below(7);
    word(0x03 | target() << 7 | funct3 << 12 | pick({2, 8, 9}) << 15 | offset(1u << (funct3 & 3u)) << 20);
  }
  void store_form() {
    const uint32_t funct3 = below(4);
    const uint32_t to = offset(1u << funct3);
    word(0x23 | (to & 31u) << 7 | funct3 << 12 | pick({2, 8, 9}) << 15 | any() << 20 | (to >> 5) << 25);
  }
  void atomic_form() {
    uint32_t width = pick({2, 3}) << 12;
    if (below(4) == 0) {  // LR, something in between, SC (of another address at times)
      word(0x1000002f | width | target() << 7 | pick({8, 9}) << 15);
      immediate_form();
      word(0x1800002f | width | target() << 7 | pick({8, 9}) << 15 | any() << 20);
      return;
    }
    const uint32_t operation = pick({0x01, 0x00, 0x04, 0x0c, 0x08, 0x10, 0x14, 0x18, 0x1c});
    // Unicorn 2.0.1 (QEMU 5.0) compares the zero-extended word with all 64 bits of the operand in
    // amomin[u].w and amomax[u].w, so those four are left to the instruction tests.
    if (operation >= 0x10) width = 3u << 12;
    word(0x2f | operation << 27 | below(4) << 25 | width | target() << 7 | pick({8, 9}) << 15 | any() << 20);
  }
  void jump_form() {
    const unsigned distance = 1 + below(6);
    const size_t index = starts_.size() - 1;
    switch (below(4)) {
      case 0:
        jumps_.push_back({code_.size(), code_.size(), index, distance});
        return word(0x6f | target() << 7);
      case 1: {  // auipc, jalr
        uint32_t link = target();
        while (link == 0) link = target();
        jumps_.push_back({code_.size() + 2, code_.size(), index, distance});
        word(0x17 | link << 7);
        return word(0x67 | target() << 7 | link << 15);
      }
      case 2:
        jumps_.push_back({code_.size(), code_.size(), index, distance});
        return half(pick({0xa001, 0xc001 | below(8) << 7, 0xe001 | below(8) << 7}));
      default:
        jumps_.push_back({code_.size(), code_.size(), index, distance});
        return word(0x63 | pick({0, 1, 4, 5, 6, 7}) << 12 | any() << 15 | any() << 20);
    }
  }
  void compressed_form() {
    const uint32_t rd = target();
    const uint32_t immediate = below(2) << 12 | below(32) << 2;
    const uint32_t nonzero_rd = rd == 0 ? 10 : rd;
    switch (below(16)) {
      case 0:
        return half(0x0000 | (1 + below(255)) << 5 | short_target() << 2);  // c.addi4spn
      case 1:
        return half(0x4000 | below(8) << 10 | below(2) << 7 | below(4) << 5 | short_target() << 2);
      case 2:
        return half(0x6000 | below(8) << 10 | below(2) << 7 | below(4) << 5 | short_target() << 2);
      case 3:
        return half(0xc000 | below(8) << 10 | below(2) << 7 | below(4) << 5 | below(8) << 2);
      case 4:
        return half(0xe000 | below(8) << 10 | below(2) << 7 | below(4) << 5 | below(8) << 2);
      case 5:
        return half(0x0001 | nonzero_rd << 7 | immediate);  // c.addi
      case 6:
        return half(0x2001 | nonzero_rd << 7 | immediate);  // c.addiw
      case 7:
        return half(0x4001 | rd << 7 | immediate);  // c.li
      case 8:
        return half(0x6001 | nonzero_rd << 7 | below(2) << 12 | (1 + below(31)) << 2);  // c.lui
      case 9:
        return half(0x8001 | below(3) << 10 | short_target() << 7 | immediate);  // c.srli, c.srai, c.andi
      case 10:
        return half(0x8c01 | short_target() << 7 | below(4) << 5 | below(8) << 2);
      case 11:
        return half(0x9c01 | short_target() << 7 | below(2) << 5 | below(8) << 2);
      case 12:
        return half(0x0002 | nonzero_rd << 7 | immediate);  // c.slli
      case 13:
        return half(pick({0x4002, 0x6002}) | nonzero_rd << 7 | below(2) << 12 | below(8) << 4 |
                    below(2) << 2);
      case 14:
        return half(pick({0xc002, 0xe002}) | below(8) << 10 | below(2) << 7 | any() << 2);
      default:
        return half(pick({0x8002, 0x9002}) | nonzero_rd << 7 | (1 + below(31)) << 2);  // c.mv, c.add
    }
  }

  void patch(const Jump& jump) {
    const size_t last = starts_.size() - 1;
    const size_t to = starts_[jump.index + jump.distance < last ? jump.index + jump.distance : last];
    const auto bytes = static_cast<uint32_t>(2 * (to - jump.from));
    uint16_t& low = code_[jump.position];
    if ((low & 3u) != 3u) {
      const bool is_jump = (low >> 13) == 5;
      low = static_cast<uint16_t>(low | (bytes >> 1 & 7u) << 3 | (bytes >> 5 & 1u) << 2 |
                                  (is_jump ? (bytes >> 4 & 1u) << 11 | (bytes >> 6 & 1u) << 7 : 0u));
      // Branches keep offset bits 2:1 in 4:3, 4:3 in 11:10 and 7:6 in 6:5.
      if (!is_jump) {
        low = static_cast<uint16_t>((low & 0xe383u) | (bytes >> 1 & 3u) << 3 | (bytes >> 3 & 3u) << 10 |
                                    (bytes >> 5 & 1u) << 2 | (bytes >> 6 & 3u) << 5);
      }
      return;
    }
    uint32_t bits = low | uint32_t{code_[jump.position + 1]} << 16;
    if ((bits & 0x7fu) == 0x6f) {
      bits |= (bytes >> 1 & 0x3ffu) << 21;
    } else if ((bits & 0x7fu) == 0x67) {
      bits |= bytes << 20;
    } else {
      bits |= (bytes >> 1 & 0xfu) << 8 | (bytes >> 5 & 0x3fu) << 25;
    }
    code_[jump.position] = static_cast<uint16_t>(bits);
    code_[jump.position + 1] = static_cast<uint16_t>(bits >> 16);
  }

  std::mt19937 random_;
  std::vector<uint16_t> code_;
  std::vector<size_t> starts_;
  std::vector<Jump> jumps_;
};
