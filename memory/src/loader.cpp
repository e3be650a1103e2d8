// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/loader.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "duet/core/error.hpp"

namespace duet::memory {
namespace {

std::vector<uint8_t> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw core::UserError(fmt::format("{}: cannot be read", path));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

template <class Header>
Header header_at(const std::vector<uint8_t>& file, uint64_t offset, const std::string& path) {
  if (offset > file.size() || file.size() - offset < sizeof(Header))
    throw core::UserError(fmt::format("{}: a header at offset {:#x} lies outside the file", path, offset));
  Header header;
  std::memcpy(&header, file.data() + offset, sizeof header);
  return header;
}

template <class FileHeader, class ProgramHeader>
LoadedImage load_segments(LoadTarget& target, const std::vector<uint8_t>& file, const std::string& path,
                          uint64_t base) {
  const auto header = header_at<FileHeader>(file, 0, path);
  LoadedImage image{.entry = header.e_entry, .first = ~uint64_t{0}};
  for (unsigned index = 0; index < header.e_phnum; ++index) {
    const auto segment =
        header_at<ProgramHeader>(file, header.e_phoff + uint64_t{index} * header.e_phentsize, path);
    if (segment.p_type != PT_LOAD || segment.p_memsz == 0) continue;
    if (segment.p_offset > file.size() || file.size() - segment.p_offset < segment.p_filesz ||
        segment.p_filesz > segment.p_memsz)
      throw core::UserError(fmt::format("{}: segment {} lies outside the file", path, index));
    if (segment.p_paddr < base)
      throw core::UserError(fmt::format("{}: segment {}: found address {:#x}, allowed: {:#x} and above", path,
                                        index, uint64_t{segment.p_paddr}, base));
    const uint64_t address = segment.p_paddr - base;
    load_bytes(target, address, std::span(file).subspan(segment.p_offset, segment.p_filesz));
    const std::vector<uint8_t> zeros(std::min<uint64_t>(segment.p_memsz - segment.p_filesz, 1 << 16));
    for (uint64_t at = segment.p_filesz; at < segment.p_memsz; at += zeros.size())
      load_bytes(target, address + at,
                 std::span(zeros).first(std::min<uint64_t>(zeros.size(), segment.p_memsz - at)));
    image.first = std::min(image.first, address);
    image.end = std::max<uint64_t>(image.end, address + segment.p_memsz);
    image.bytes += segment.p_memsz;
  }
  if (image.bytes == 0) throw core::UserError(fmt::format("{}: found no segment to load", path));
  return image;
}

}  // namespace

void load_bytes(LoadTarget& target, uint64_t address, std::span<const uint8_t> bytes) {
  constexpr size_t piece = 1 << 20;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    const auto length = static_cast<unsigned>(std::min(piece, bytes.size() - at));
    tlm::tlm_generic_payload payload;
    payload.set_command(tlm::TLM_WRITE_COMMAND);
    payload.set_address(address + at);
    // The payload has no const data pointer; a write does not change the data.
    payload.set_data_ptr(const_cast<uint8_t*>(bytes.data() + at));
    payload.set_data_length(length);
    payload.set_streaming_width(length);
    const unsigned written = target.transport_dbg(payload);
    if (written != length)
      throw core::UserError(
          fmt::format("load: {} of {} B fit at address {:#x}", written, length, address + at));
  }
}

LoadedImage load_raw(LoadTarget& target, const std::string& path, uint64_t address) {
  const std::vector<uint8_t> file = read_file(path);
  load_bytes(target, address, file);
  return {.entry = address, .first = address, .end = address + file.size(), .bytes = file.size()};
}

LoadedImage load_elf(LoadTarget& target, const std::string& path, uint64_t base) {
  const std::vector<uint8_t> file = read_file(path);
  if (file.size() < EI_NIDENT || std::memcmp(file.data(), ELFMAG, SELFMAG) != 0)
    throw core::UserError(fmt::format("{}: found no ELF header", path));
  if (file[EI_DATA] != ELFDATA2LSB)
    throw core::UserError(fmt::format("{}: found a big-endian ELF, allowed: little-endian", path));
  if (file[EI_CLASS] == ELFCLASS64) return load_segments<Elf64_Ehdr, Elf64_Phdr>(target, file, path, base);
  return load_segments<Elf32_Ehdr, Elf32_Phdr>(target, file, path, base);
}

}  // namespace duet::memory
