// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/values/weight_source.hpp"

#include <fmt/format.h>

#include <cmath>
#include <fstream>

#include "duet/core/error.hpp"
#include "duet/models/numerics/fp16.hpp"

namespace duet::platform {
namespace {

// FNV-1a of the name, so that equal shapes of different layers differ.
uint64_t hash(const std::string& text) {
  uint64_t value = 0xcbf29ce484222325ull;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return value;
}

// SplitMix64 (Steele, Lea, Flood 2014): counter in, well mixed bits out.
uint64_t mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15ull;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ull;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebull;
  return value ^ (value >> 31);
}

std::vector<uint16_t> read_words(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw core::UserError(fmt::format("--weights: found no {}", path.string()));
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<uint16_t> words(bytes.size() / 2);
  for (size_t i = 0; i < words.size(); ++i) {
    words[i] = static_cast<uint16_t>(static_cast<unsigned char>(bytes[2 * i]) |
                                     static_cast<unsigned char>(bytes[2 * i + 1]) << 8);
  }
  return words;
}

}  // namespace

std::vector<uint16_t> WeightSource::words(const std::string& tensor, uint64_t columns, uint64_t index,
                                          uint64_t count) {
  std::vector<uint16_t> result(count);
  if (folder_.empty()) {
    for (uint64_t i = 0; i < count; ++i)
      result[i] = models::fp16_from_float(static_cast<float>(element(tensor, columns, index + i)));
    return result;
  }
  const auto [file, added] = files_.try_emplace(tensor);
  const std::filesystem::path path = folder_ / (tensor + ".f16");
  if (added) file->second = read_words(path);
  const std::vector<uint16_t>& words = file->second;
  if (index + count > words.size()) {
    throw core::UserError(
        fmt::format("--weights: found {} elements in {}, allowed: {} or more, in rows of {}", words.size(),
                    path.string(), index + count, columns));
  }
  result.assign(words.begin() + static_cast<ptrdiff_t>(index),
                words.begin() + static_cast<ptrdiff_t>(index + count));
  return result;
}

double WeightSource::element(const std::string& tensor, uint64_t columns, uint64_t index) const {
  const uint64_t bits = mix(mix(seed_ ^ hash(tensor)) + index);
  const double u = std::ldexp(static_cast<double>(bits >> 11), -52) - 1;  // uniform in [-1, 1)
  if (tensor.ends_with("norm") || tensor.ends_with(".d")) return 1 + 0.1 * u;
  if (tensor.ends_with(".a")) return -std::exp(0.5 * u);
  if (tensor.ends_with(".dt_bias")) return 0.5 * u - 2;
  if (tensor.ends_with(".conv1d_bias")) return 0.1 * u;
  if (tensor.ends_with(".conv1d")) return 0.9 * u;
  if (tensor == "embedding.table") return u;
  const double uniform = u * std::sqrt(3.0 / static_cast<double>(columns));
  return tensor == "head.lm_head" ? 2 * uniform : uniform;  // logits further apart
}

}  // namespace duet::platform
