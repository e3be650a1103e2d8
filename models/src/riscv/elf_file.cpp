// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/elf_file.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include "duet/core/error.hpp"

namespace duet::models::riscv {
namespace {

/// Bounds-checked access to the file's bytes.
class Image {
 public:
  Image(std::string path, std::vector<char> bytes) : path_(std::move(path)), bytes_(std::move(bytes)) {}

  template <class T>
  T at(uint64_t offset) const {
    T value;
    std::memcpy(&value, range(offset, sizeof value), sizeof value);
    return value;
  }
  const char* range(uint64_t offset, uint64_t count) const {
    if (offset > bytes_.size() || count > bytes_.size() - offset) fail("it ends early");
    return bytes_.data() + offset;
  }
  std::string text(uint64_t offset, uint64_t end) const {
    std::string result;
    for (; offset < end && *range(offset, 1) != '\0'; ++offset) result += *range(offset, 1);
    return result;
  }
  [[noreturn]] void fail(std::string_view why) const {
    throw core::UserError(fmt::format(
        "{}: found a file that cannot run ({}), allowed: a statically linked 64-bit RISC-V ELF", path_, why));
  }

 private:
  std::string path_;
  std::vector<char> bytes_;
};

void read_symbols(const Image& image, const Elf64_Ehdr& header, std::vector<ElfFile::Symbol>& symbols) {
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    const auto section = image.at<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr));
    if (section.sh_type != SHT_SYMTAB) continue;
    const auto strings = image.at<Elf64_Shdr>(header.e_shoff + section.sh_link * sizeof(Elf64_Shdr));
    for (uint64_t offset = 0; offset + sizeof(Elf64_Sym) <= section.sh_size; offset += sizeof(Elf64_Sym)) {
      const auto symbol = image.at<Elf64_Sym>(section.sh_offset + offset);
      const auto type = ELF64_ST_TYPE(symbol.st_info);
      if (symbol.st_name == 0 || symbol.st_shndx == SHN_UNDEF || type == STT_FILE || type == STT_SECTION)
        continue;
      std::string name = image.text(strings.sh_offset + symbol.st_name, strings.sh_offset + strings.sh_size);
      if (name.empty() || name[0] == '.' || name[0] == '$') continue;  // local and mapping symbols
      symbols.push_back({std::move(name), symbol.st_value, symbol.st_size, type == STT_FUNC});
    }
  }
  std::ranges::stable_sort(symbols, {}, &ElfFile::Symbol::address);
}

}  // namespace

ElfFile ElfFile::load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw core::UserError(fmt::format("{}: cannot be read", path));
  const Image image(path, {std::istreambuf_iterator<char>(file), {}});
  const auto header = image.at<Elf64_Ehdr>(0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) image.fail("it is no ELF file");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_RISCV) image.fail("another machine");
  if (header.e_type != ET_EXEC) image.fail("not linked to fixed addresses");
  ElfFile result;
  result.path_ = path;
  result.entry_ = header.e_entry;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const auto segment = image.at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr));
    if (segment.p_type != PT_LOAD || segment.p_memsz == 0) continue;
    if (segment.p_filesz > segment.p_memsz) image.fail("a segment is larger in the file than in memory");
    const char* const data = image.range(segment.p_offset, segment.p_filesz);
    result.segments_.push_back({segment.p_paddr, segment.p_memsz, {data, data + segment.p_filesz}});
  }
  if (result.segments_.empty()) image.fail("nothing to load");
  read_symbols(image, header, result.symbols_);
  return result;
}

std::optional<uint64_t> ElfFile::find(std::string_view name) const {
  const auto found = std::ranges::find(symbols_, name, &Symbol::name);
  if (found == symbols_.end()) return std::nullopt;
  return found->address;
}

std::string ElfFile::describe(uint64_t address) const {
  const bool loaded = std::ranges::any_of(
      segments_, [address](const Segment& segment) { return address - segment.address < segment.bytes; });
  if (!loaded) return {};
  const Symbol* nearest = nullptr;
  const Symbol* containing = nullptr;
  for (const Symbol& symbol : symbols_) {
    if (symbol.address > address) break;
    nearest = &symbol;
    if (symbol.is_function && address - symbol.address < symbol.bytes) containing = &symbol;
  }
  const Symbol* const best = containing != nullptr ? containing : nearest;
  if (best == nullptr) return {};
  return address == best->address ? best->name : fmt::format("{}+{:#x}", best->name, address - best->address);
}

}  // namespace duet::models::riscv
