// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <systemc>
#include <vector>

#include "duet/models/numerics/fp16.hpp"

/// What the flat model is compared with: an SC_MODULE per PE, a signal per link, a method per clock
/// edge, the same three-step SSM on FP16 values (Mamba-2, every token alike).
namespace duet::bench {

struct NaivePe : sc_core::sc_module {
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<float> west{"west"};
  sc_core::sc_in<float> north{"north"};
  sc_core::sc_out<float> east{"east"};
  sc_core::sc_out<float> south{"south"};

  NaivePe(const sc_core::sc_module_name& name, unsigned phase) : sc_module(name), phase_(phase) {
    SC_HAS_PROCESS(NaivePe);
    SC_METHOD(on_clock);
    sensitive << clock.pos();
    dont_initialize();
  }

 private:
  void on_clock() {
    using models::round_to_fp16;
    const float we = west.read();
    const float ns = north.read();
    float link = we;
    if (phase_ == 0) {
      decayed_ = round_to_fp16(we * state_);
    } else if (phase_ == 1) {
      state_ = round_to_fp16(decayed_ + round_to_fp16(we * ns));
    } else {
      link = round_to_fp16(we + round_to_fp16(ns * state_));
    }
    phase_ = phase_ == 2 ? 0 : phase_ + 1;
    east.write(link);
    south.write(ns);
  }

  unsigned phase_;
  float decayed_ = 0;
  float state_ = 0;
};

struct NaiveGrid : sc_core::sc_module {
  sc_core::sc_clock clock{"clock", sc_core::sc_time(1, sc_core::SC_NS)};
  std::vector<std::unique_ptr<sc_core::sc_signal<float>>> we, ns;
  std::vector<std::unique_ptr<NaivePe>> pes;

  NaiveGrid(const sc_core::sc_module_name& name, unsigned rows, unsigned columns) : sc_module(name) {
    for (unsigned i = 0; i < rows * (columns + 1); ++i)
      we.push_back(std::make_unique<sc_core::sc_signal<float>>());
    for (unsigned i = 0; i < (rows + 1) * columns; ++i)
      ns.push_back(std::make_unique<sc_core::sc_signal<float>>());
    for (unsigned row = 0; row < rows; ++row) {
      we[row * (columns + 1)]->write(0.75F);
      for (unsigned column = 0; column < columns; ++column) {
        if (row == 0) ns[column]->write(0.25F);
        const unsigned phase = (2 * (row + column)) % 3;
        pes.push_back(std::make_unique<NaivePe>(sc_core::sc_gen_unique_name("pe"), phase));
        NaivePe& pe = *pes.back();
        pe.clock(clock);
        pe.west(*we[row * (columns + 1) + column]);
        pe.east(*we[row * (columns + 1) + column + 1]);
        pe.north(*ns[row * columns + column]);
        pe.south(*ns[(row + 1) * columns + column]);
      }
    }
  }
};

}  // namespace duet::bench
