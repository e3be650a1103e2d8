// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/values/generation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "duet/core/error.hpp"
#include "duet/models/numerics/fp16.hpp"
#include "duet/platform/guest_failure.hpp"
#include "duet/platform/report/sha256.hpp"
#include "duet/platform/values/weight_source.hpp"

namespace duet::platform {
namespace {

const GenerationRequest& checked(const GenerationRequest& request) {
  if (request.prompt.empty() || request.prompt.front().empty())
    throw core::UserError("prompt: found no token, allowed is at least one per sequence");
  for (const auto& sequence : request.prompt) {
    if (sequence.size() != request.prompt.front().size())
      throw core::UserError("prompt: found sequences of different lengths, allowed: equal ones");
    for (const std::uint32_t token : sequence) {
      if (token >= request.model.vocabulary_size)
        throw core::UserError(fmt::format("prompt: found token {}, allowed: 0 to {}", token,
                                          request.model.vocabulary_size - 1));
    }
  }
  if (request.new_tokens == 0) throw core::UserError("tokens: found 0, allowed are 1 and more");
  return request;
}

}  // namespace

Generation::Generation(const GenerationRequest& request)
    : request_(checked(request)),
      simulation_(request_.platform, request_.modules),
      prefill_package_(package_for(core::PackageRole::prefill)),
      decode_package_(package_for(core::PackageRole::decode)) {
  workload::CacheRegions caches;
  workload::ValueMapper decode(mapping_input(decode_package_), workload::Phase::decode, DUET_MAX_CHIPLETS);
  decode_ = decode.map(caches);
  const bool same = prefill_package_ == decode_package_;
  workload::ValueMapper prefill(mapping_input(prefill_package_), workload::Phase::prefill,
                                decode_.used_bytes.size(),
                                same ? decode_.used_bytes : std::vector<std::uint64_t>{});
  prefill_ = prefill.map(caches);
  for (const auto* program : {&prefill_, &decode_}) {
    if (!program->program.fits)
      throw core::UserError(
          "model: found one that does not fit, allowed: weights, caches and activations of "
          "a chiplet within half of its first near part of a memory node");
  }
  if (sc_core::sc_get_status() < sc_core::SC_RUNNING) sc_core::sc_start(sc_core::SC_ZERO_TIME);
  if (!functional()) return;
  for (const auto& [name, package] : request_.platform.packages) {
    if (package.driver.attempts == 1) continue;
    throw core::UserError(
        fmt::format("packages.{}.driver.attempts: found {}, allowed where values are computed: 1, "
                    "because a decode step advances the states in place",
                    name, package.driver.attempts));
  }
  WeightSource source =
      request_.weights.empty() ? WeightSource(request_.seed) : WeightSource(request_.weights);
  load(prefill_, source);
  load(decode_, source);
  const std::uint64_t batch = request_.prompt.size();
  std::vector<std::uint32_t> ids(request_.prompt.front().size() * batch);
  for (std::uint64_t i = 0; i < ids.size(); ++i) ids[i] = request_.prompt[i % batch][i / batch];
  write(prefill_.tokens.address, ids.data(), ids.size() * sizeof ids[0]);
}

unsigned Generation::package_for(core::PackageRole role) const {
  for (const core::PackageRole wanted : {role, core::PackageRole::both}) {
    for (const core::PackageLayout& layout : simulation_.layouts()) {
      if (layout.description->role == wanted) return layout.index;
    }
  }
  throw core::UserError(fmt::format("packages: found none whose role is {} or both, allowed is at least one",
                                    core::enum_name(role)));
}

workload::MappingInput Generation::mapping_input(unsigned package) const {
  const std::uint64_t prompt = request_.prompt.front().size();
  return {simulation_.layouts()[package],
          simulation_.map(),
          request_.model,
          request_.platform.mapping,
          request_.prompt.size(),
          prompt,
          prompt,
          prompt + request_.new_tokens,
          workload::CachePolicy::keep,
          {},
          request_.platform.inter_package_link ? request_.platform.inter_package_link->bandwidth : 1};
}

void Generation::load(const workload::ValueProgram& program, WeightSource& source) {
  for (const workload::WeightBlock& block : program.weights) {
    std::vector<std::uint16_t> words;
    for (const workload::WeightPiece& piece : block.pieces) {
      for (std::uint64_t row = piece.first_row; row < piece.first_row + piece.rows; ++row) {
        const std::uint64_t first = row * piece.tensor_columns + piece.first_column;
        const auto line = source.words(piece.tensor, piece.tensor_columns, first, piece.columns);
        words.insert(words.end(), line.begin(), line.end());
      }
    }
    write(block.address, words.data(), words.size() * sizeof words[0]);
  }
}

void Generation::write(std::uint64_t address, const void* data, std::uint64_t bytes) {
  std::vector<unsigned char> copy(static_cast<const unsigned char*>(data),
                                  static_cast<const unsigned char*>(data) + bytes);
  access(tlm::TLM_WRITE_COMMAND, address, copy.data(), bytes);
}

void Generation::read(std::uint64_t address, void* data, std::uint64_t bytes) {
  access(tlm::TLM_READ_COMMAND, address, static_cast<unsigned char*>(data), bytes);
}

void Generation::access(tlm::tlm_command command, std::uint64_t address, unsigned char* data,
                        std::uint64_t bytes) {
  if (bytes == 0) return;
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(data);
  payload.set_data_length(static_cast<unsigned>(bytes));
  payload.set_streaming_width(static_cast<unsigned>(bytes));
  auto& chiplet = *simulation_.package(core::AddressMap::package_of(address)).chiplets().front();
  if (chiplet.data_initiator.socket->transport_dbg(payload) != bytes)
    throw std::logic_error("a tensor's memory does not answer");
}

GenerationStep Generation::step() {
  const bool decodes = steps_done_ > 0;
  const unsigned package = decodes ? decode_package_ : prefill_package_;
  const std::uint64_t cached = decodes ? request_.prompt.front().size() + steps_done_ - 1 : 0;
  const auto batch = static_cast<std::uint32_t>(request_.prompt.size());
  ++steps_done_;
  GenerationStep result;
  result.package = simulation_.layouts()[package].name;
  result.run = simulation_.run(package, last().program, {static_cast<std::uint32_t>(cached), batch, 0, 0});
  if (!result.run.ok) {
    throw GuestFailure(
        fmt::format("package {}: the driver reports: {}", result.package, result.run.diagnosis));
  }
  if (!functional()) return result;
  result.tokens.resize(batch);
  read(last().next_tokens.address, result.tokens.data(), batch * sizeof result.tokens[0]);
  return result;
}

void Generation::force(const std::vector<std::uint32_t>& tokens) {
  if (tokens.size() != request_.prompt.size()) throw std::logic_error("not one token per sequence");
  write(decode_.tokens.address, tokens.data(), decode_.tokens.bytes);
}

std::vector<std::uint16_t> Generation::tensor(const std::string& name, unsigned participant) {
  const workload::Placement place = last().region(name, participant);
  std::vector<std::uint16_t> words(place.bytes / sizeof(std::uint16_t));
  read(place.address, words.data(), place.bytes);
  return words;
}

std::vector<std::vector<float>> Generation::logits() {
  std::vector<std::vector<float>> rows(request_.prompt.size());
  for (unsigned p = 0;; ++p) {
    const std::vector<std::uint16_t> block = tensor("head.logits", p);
    if (block.empty()) return rows;
    const std::uint64_t width = block.size() / rows.size();
    for (std::uint64_t i = 0; i < block.size(); ++i)
      rows[i / width].push_back(models::fp16_to_float(block[i]));
  }
}

std::vector<MemoryDigest> Generation::digests() {
  std::vector<MemoryDigest> result;
  for (const auto& [program, package] :
       {std::pair{&prefill_, prefill_package_}, {&decode_, decode_package_}}) {
    std::vector<std::uint8_t> bytes;
    for (const workload::ValueRegion& region : program->regions) {
      const size_t begin = bytes.size();
      bytes.resize(begin + region.placement.bytes);
      read(region.placement.address, &bytes[begin], region.placement.bytes);
    }
    const auto hash = sha256({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    result.push_back(
        {simulation_.layouts()[package].name, bytes.size(), fmt::format("{:02x}", fmt::join(hash, ""))});
  }
  return result;
}

}  // namespace duet::platform
