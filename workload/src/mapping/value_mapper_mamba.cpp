// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "duet/workload/mapping/value_mapper.hpp"

namespace duet::workload {

ValueMapper::Blocks ValueMapper::mamba(const std::string& name, const Blocks& stream, CacheRegions& caches) {
  const core::ModelDescription& model = input_.model;
  const core::MambaDescription& mamba = *model.mamba;
  const uint64_t inner = mamba.inner_size / parts();
  const uint64_t heads = mamba.heads() / parts();
  const uint64_t group_states = mamba.groups * mamba.state_size;
  const uint64_t states = group_states / parts();
  const uint64_t channels = inner + 2 * states;
  layer_kind_ = LayerKind::mamba;
  const Blocks z = make(name + ".z", rows() * inner * word);
  const Blocks in = make(name + ".conv_in", rows() * channels * word);
  const Blocks dt = make(name + ".dt", rows() * heads * word);
  product({.name = name + ".in_proj", .norm = name + ".norm"}, {stream, rows(), model.hidden_size},
          {&z, &in, &dt}, [&](unsigned p) {
            const auto rows_from = [&](uint64_t first, uint64_t count) {
              return rows_of(name + ".in_proj", model.hidden_size, first + p * count, count);
            };
            return std::vector{rows_from(0, inner), rows_from(mamba.inner_size, inner),
                               rows_from(2 * mamba.inner_size, states),
                               rows_from(2 * mamba.inner_size + group_states, states),
                               rows_from(2 * mamba.inner_size + 2 * group_states, heads)};
          });
  const uint64_t conv_bytes = input_.batch * (mamba.conv_kernel - 1) * channels * word;
  const uint64_t state_bytes = input_.batch * inner * mamba.state_size * model.ssm_state_bytes;
  Blocks conv_state;
  Blocks ssm_state;
  Blocks& region = caches[name + ".state"];
  if (is_decode()) {
    region = make(name + ".state", conv_bytes + state_bytes);
    program_.cache_bytes += parts() * (conv_bytes + state_bytes);
    for (const Placement& place : region) {
      conv_state.push_back({place.address, conv_bytes});
      ssm_state.push_back({place.address + conv_bytes, state_bytes});
    }
  } else {
    conv_state = make(name + ".conv_state", conv_bytes);
    ssm_state = make(name + ".ssm_state", state_bytes);
  }
  const Blocks x = make(name + ".x", in.front().bytes);
  conv1d(name, in, x, conv_state, conv_state);
  const Blocks y = make(name + ".y", z.front().bytes);
  ssm(name, x, dt, y, ssm_state, ssm_state);
  if (!is_decode()) transfer(name + ".state_transfer", {&conv_state, &ssm_state}, region);
  const Blocks gated = make(name + ".gated_norm", z.front().bytes);
  gated_norm(name, y, z, gated);
  Blocks out = make(name + ".out", stream.front().bytes);
  const uint64_t hidden = model.hidden_size / parts();
  product({.name = name + ".out_proj", .residual = &stream}, {gated, rows(), mamba.inner_size}, {&out},
          [&](unsigned p) {
            return std::vector{rows_of(name + ".out_proj", mamba.inner_size, p * hidden, hidden)};
          });
  return out;
}

void ValueMapper::conv1d(const std::string& name, const Blocks& in, const Blocks& out, const Blocks& state_in,
                         const Blocks& state_out) {
  const core::MambaDescription& mamba = *input_.model.mamba;
  const uint64_t inner = mamba.inner_size / parts();
  const uint64_t states = mamba.groups * mamba.state_size / parts();
  const uint64_t width = mamba.conv_channels();
  begin(OperatorKind::conv1d, layer_kind_, name + ".conv1d");
  for (unsigned p = 0; p < parts(); ++p) {
    duet_descriptor conv = descriptor(DUET_OP_CONV1D, p);
    conv.shape.m = static_cast<uint32_t>(rows());
    conv.shape.n = static_cast<uint32_t>(inner + 2 * states);
    conv.shape.k = static_cast<uint32_t>(mamba.conv_kernel);
    conv.shape.sfu_passes = 1;
    conv.values.function = DUET_FUNCTION_SILU;
    std::vector<WeightPiece> pieces;
    const auto add_row = [&](const std::string& tensor, uint64_t row) {
      pieces.push_back({tensor, width, row, 1, p * inner, inner});
      pieces.push_back({tensor, width, row, 1, mamba.inner_size + p * states, states});
      pieces.push_back({tensor, width, row, 1, mamba.inner_size + (parts() + p) * states, states});
    };
    for (uint64_t tap = 0; tap < mamba.conv_kernel; ++tap) add_row(name + ".conv1d", tap);
    if (mamba.conv_bias) {
      add_row(name + ".conv1d_bias", 0);
      conv.values.flags |= DUET_VALUE_BIAS;
    }
    const Placement taps = weight(p, std::move(pieces));
    conv.inputs[0] = waiting(in[p]);
    conv.inputs[1] = read_operand(taps.address, taps.bytes, DUET_OPERAND_RESIDENT);
    if (is_decode()) {
      conv.inputs[2] = waiting(state_in[p]);
      conv.values.flags |= DUET_VALUE_STATE;
    }
    conv.outputs[0] = write_operand(out[p].address, out[p].bytes, 0);
    conv.outputs[1] = write_operand(state_out[p].address, state_out[p].bytes, 0);
    close(conv, p);
  }
  end_stage(0);
}

void ValueMapper::ssm(const std::string& name, const Blocks& x, const Blocks& dt, const Blocks& y,
                      const Blocks& state_in, const Blocks& state_out) {
  const core::MambaDescription& mamba = *input_.model.mamba;
  begin(OperatorKind::ssm, layer_kind_, name + ".ssm");
  for (unsigned p = 0; p < parts(); ++p) {
    duet_descriptor scan =
        descriptor(ssm_engine_ == DUET_ENGINE_VECTOR ? DUET_OP_SSM_DECODE : DUET_OP_SSM_PREFILL, p);
    scan.engine = static_cast<uint8_t>(ssm_engine_);
    scan.shape.m = static_cast<uint32_t>(input_.batch);
    scan.shape.k = static_cast<uint32_t>(tokens_);
    scan.shape.n = static_cast<uint32_t>(mamba.inner_size / parts());
    scan.shape.states = static_cast<uint32_t>(mamba.state_size);
    scan.shape.head_dim = static_cast<uint32_t>(mamba.head_size);
    scan.shape.heads = static_cast<uint32_t>(mamba.groups / parts());
    const uint64_t heads = mamba.heads() / parts();
    scan.shape.sfu_passes = passes(2 * heads, scan.shape.n);  // softplus and exp per head
    scan.values.groups = static_cast<uint16_t>(mamba.groups / parts());
    scan.inputs[0] = waiting(x[p]);
    scan.inputs[1] = waiting(dt[p]);
    const Placement parameters =
        weight(p, {columns_of(name + ".a", mamba.heads(), p), columns_of(name + ".d", mamba.heads(), p),
                   columns_of(name + ".dt_bias", mamba.heads(), p)});
    scan.inputs[2] = read_operand(parameters.address, parameters.bytes, DUET_OPERAND_RESIDENT);
    if (is_decode()) {
      scan.inputs[3] = waiting(state_in[p]);
      scan.shape.flags |= DUET_SHAPE_INITIAL_STATE;
    }
    scan.outputs[0] = write_operand(y[p].address, y[p].bytes, 0);
    scan.outputs[1] = write_operand(state_out[p].address, state_out[p].bytes, 0);
    close(scan, p);
  }
  end_stage(ssm_mode());
}

void ValueMapper::gated_norm(const std::string& name, const Blocks& y, const Blocks& z, const Blocks& out) {
  const core::MambaDescription& mamba = *input_.model.mamba;
  begin(OperatorKind::gated_norm, layer_kind_, name + ".gated_norm");
  for (unsigned p = 0; p < parts(); ++p) {
    duet_descriptor norm = descriptor(DUET_OP_NORM, p);
    norm.shape.m = static_cast<uint32_t>(rows());
    norm.shape.n = static_cast<uint32_t>(mamba.inner_size / parts());
    norm.shape.sfu_passes = 2;  // SiLU of each element, and rsqrt
    norm.values.flags |= DUET_VALUE_GATE;
    norm.values.function = DUET_FUNCTION_SILU;
    norm.values.groups = static_cast<uint16_t>(mamba.groups / parts());
    norm.values.epsilon = std::bit_cast<uint32_t>(norm_epsilon);
    norm.inputs[0] = waiting(y[p]);
    norm.inputs[1] = waiting(z[p]);
    const Placement scale = weight(p, {columns_of(name + ".gated_norm", mamba.inner_size, p)});
    norm.inputs[2] = read_operand(scale.address, scale.bytes, DUET_OPERAND_RESIDENT);
    norm.outputs[0] = write_operand(out[p].address, out[p].bytes, 0);
    close(norm, p);
  }
  end_stage(0);
}

}  // namespace duet::workload
