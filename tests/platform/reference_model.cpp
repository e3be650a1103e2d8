// SPDX-License-Identifier: Apache-2.0
#include "reference_model.hpp"

#include <algorithm>

namespace duet::test {
namespace {

// Error of rounding to FP16: uniform within half a unit in the last place, at most 2^-11 of the value;
// subnormals are 2^-24 apart.
double rounding(double value) {
  const double half_unit = std::max(std::abs(value) * 0x1p-11, 0x1p-25);
  return half_unit * half_unit / 3;
}

Uncertain rounded(Uncertain x) {
  x.variance += rounding(x.value);
  return x;
}

Uncertain operator+(const Uncertain& a, const Uncertain& b) {
  return {a.value + b.value, a.variance + b.variance};
}

Uncertain operator*(const Uncertain& a, const Uncertain& b) {
  return {a.value * b.value,
          a.value * a.value * b.variance + b.value * b.value * a.variance + a.variance * b.variance};
}

/// f(x) with its derivative.
Uncertain through(const Uncertain& x, double value, double derivative) {
  return {value, derivative * derivative * x.variance};
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

Uncertain silu(const Uncertain& x) {
  const double s = sigmoid(x.value);
  return rounded(through(x, x.value * s, s * (1 + x.value * (1 - s))));
}

Uncertain softplus(const Uncertain& x) {
  return rounded(through(x, std::log1p(std::exp(x.value)), sigmoid(x.value)));
}

Uncertain exponential(const Uncertain& x) {
  return rounded(through(x, std::exp(x.value), std::exp(x.value)));
}

Uncertain squared_relu(const Uncertain& x) {
  const double positive = std::max(0.0, x.value);
  return rounded(through(x, positive * positive, 2 * positive));
}

}  // namespace

Vector ReferenceModel::matrix(const std::string& tensor, const Vector& x, uint64_t first,
                              uint64_t rows) const {
  Vector y(rows);
  for (uint64_t r = 0; r < rows; ++r) {
    for (uint64_t k = 0; k < x.size(); ++k)
      y[r] = y[r] + x[k] * Uncertain{weight(tensor, x.size(), first + r, k), 0};
    y[r] = rounded(y[r]);
  }
  return y;
}

Vector ReferenceModel::norm(const std::string& tensor, const Vector& x, uint64_t groups) const {
  const uint64_t width = x.size() / groups;
  Vector y(x.size());
  for (uint64_t begin = 0; begin < x.size(); begin += width) {
    Uncertain mean{1e-5, 0};
    for (uint64_t i = begin; i < begin + width; ++i) {
      mean.value += x[i].value * x[i].value / static_cast<double>(width);
      mean.variance += std::pow(2 * x[i].value / static_cast<double>(width), 2) * x[i].variance;
    }
    mean = rounded(mean);
    const double root = 1 / std::sqrt(mean.value);
    const Uncertain factor = rounded(through(mean, root, -0.5 * root / mean.value));
    for (uint64_t i = begin; i < begin + width; ++i)
      y[i] = rounded(rounded(x[i] * factor) * Uncertain{weight(tensor, x.size(), 0, i), 0});
  }
  return y;
}

Vector ReferenceModel::mamba(const std::string& name, const Vector& stream) {
  const core::MambaDescription& m = *model_.mamba;
  const Vector input = norm(name + ".norm", stream, 1);
  const uint64_t group_states = m.groups * m.state_size;
  const Vector z = matrix(name + ".in_proj", input, 0, m.inner_size);
  std::vector<Vector>& past = conv_inputs_[name];
  past.push_back(matrix(name + ".in_proj", input, m.inner_size, m.inner_size + 2 * group_states));
  const Vector dt = matrix(name + ".in_proj", input, 2 * m.inner_size + 2 * group_states, m.heads());
  const uint64_t channels = past.back().size();
  Vector x(channels);
  for (uint64_t c = 0; c < channels; ++c) {
    for (uint64_t back = 0; back < std::min<uint64_t>(m.conv_kernel, past.size()); ++back) {
      const double tap = weight(name + ".conv1d", channels, m.conv_kernel - 1 - back, c);
      x[c] = x[c] + past[past.size() - 1 - back][c] * Uncertain{tap, 0};
    }
    if (m.conv_bias) x[c].value += weight(name + ".conv1d_bias", channels, 0, c);
    x[c] = silu(rounded(x[c]));
  }
  Vector& state = states_[name];
  state.resize(m.inner_size * m.state_size);
  Vector y(m.inner_size);
  for (uint64_t e = 0; e < m.inner_size; ++e) {
    const uint64_t head = e / m.head_size;
    const uint64_t group = head * m.groups / m.heads();
    const Uncertain delta =
        softplus(rounded(dt[head] + Uncertain{weight(name + ".dt_bias", m.heads(), 0, head), 0}));
    const Uncertain a{weight(name + ".a", m.heads(), 0, head), 0};
    const Uncertain decay = exponential(rounded(delta * a));
    const Uncertain u = rounded(delta * x[e]);
    y[e] = rounded(x[e] * Uncertain{weight(name + ".d", m.heads(), 0, head), 0});
    for (uint64_t n = 0; n < m.state_size; ++n) {
      Uncertain& h = state[e * m.state_size + n];
      h = decay * h + u * x[m.inner_size + group * m.state_size + n];
      y[e] = y[e] + h * x[m.inner_size + group_states + group * m.state_size + n];
    }
    y[e] = rounded(y[e]);
  }
  for (uint64_t e = 0; e < m.inner_size; ++e) y[e] = rounded(y[e] * silu(z[e]));
  Vector out = matrix(name + ".out_proj", norm(name + ".gated_norm", y, m.groups), 0, model_.hidden_size);
  for (uint64_t i = 0; i < out.size(); ++i) out[i] = rounded(out[i] + stream[i]);
  return out;
}

Vector ReferenceModel::attention(const std::string& name, const Vector& stream) {
  const core::AttentionDescription& a = *model_.attention;
  const Vector input = norm(name + ".norm", stream, 1);
  const Vector q = matrix(name + ".q", input, 0, a.heads * a.head_size);
  keys_[name].push_back(matrix(name + ".k", input, 0, a.kv_heads * a.head_size));
  values_[name].push_back(matrix(name + ".v", input, 0, a.kv_heads * a.head_size));
  const Uncertain scale{1 / std::sqrt(static_cast<double>(a.head_size)), 0};
  Vector context(q.size());
  for (uint64_t head = 0; head < a.heads; ++head) {
    const uint64_t kv = head * a.kv_heads / a.heads * a.head_size;
    Vector scores;
    double largest = -1e300;
    for (const Vector& key : keys_[name]) {
      Uncertain score;
      for (uint64_t i = 0; i < a.head_size; ++i)
        score = score + rounded(q[head * a.head_size + i] * scale) * key[kv + i];
      scores.push_back(rounded(score));
      largest = std::max(largest, scores.back().value);
    }
    double sum = 0;
    for (Uncertain& score : scores) {
      score.value -= largest;
      score = exponential(rounded(score));
      sum += score.value;
    }
    for (uint64_t i = 0; i < a.head_size; ++i) {
      double value = 0;
      for (uint64_t t = 0; t < scores.size(); ++t) value += scores[t].value * values_[name][t][kv + i].value;
      Uncertain& out = context[head * a.head_size + i];
      out.value = value / sum;
      for (uint64_t t = 0; t < scores.size(); ++t) {
        const Uncertain& v = values_[name][t][kv + i];
        out.variance += std::pow((v.value - out.value) / sum, 2) * scores[t].variance +
                        std::pow(scores[t].value / sum, 2) * v.variance;
      }
      // Of the sum of products, of the sum's reciprocal in and out, and of the result.
      out.variance += 4 * rounding(out.value);
    }
  }
  Vector out = matrix(name + ".o_proj", context, 0, model_.hidden_size);
  for (uint64_t i = 0; i < out.size(); ++i) out[i] = rounded(out[i] + stream[i]);
  return out;
}

Vector ReferenceModel::mlp(const std::string& name, const Vector& stream) const {
  const core::MlpDescription& m = *model_.mlp;
  const Vector input = norm(name + ".norm", stream, 1);
  Vector inner = matrix(name + ".up", input, 0, m.intermediate_size);
  const Vector gate = m.matrices == 3 ? matrix(name + ".gate", input, 0, m.intermediate_size) : Vector();
  const auto function = [&](const Uncertain& x) {
    return m.activation == core::Activation::silu ? silu(x) : squared_relu(x);
  };
  for (uint64_t i = 0; i < inner.size(); ++i)
    inner[i] = gate.empty() ? function(inner[i]) : rounded(function(gate[i]) * inner[i]);
  Vector out = matrix(name + ".down", inner, 0, model_.hidden_size);
  for (uint64_t i = 0; i < out.size(); ++i) out[i] = rounded(out[i] + stream[i]);
  return out;
}

Vector ReferenceModel::next(uint32_t token) {
  Vector stream(model_.hidden_size);
  for (uint64_t i = 0; i < stream.size(); ++i)
    stream[i].value = weight("embedding.table", model_.hidden_size, token, i);
  const std::string layers = model_.layers();
  for (uint64_t i = 0; i < layers.size(); ++i) {
    const std::string name = "layer." + std::to_string(i) + ".";
    if (layers[i] == '*') {
      stream = attention(name + "attention", stream);
    } else if (layers[i] == '-') {
      stream = mlp(name + "mlp", stream);
    } else {
      stream = mamba(name + "mamba", stream);
    }
  }
  return matrix("head.lm_head", norm("head.final_norm", stream, 1), 0, model_.vocabulary_size);
}

}  // namespace duet::test
