// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/loader.hpp"

#include <elf.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "duet/core/error.hpp"
#include "node_fixture.hpp"

using namespace duet;

namespace {

struct TemporaryFile {
  std::string path{DUET_BINARY_DIR "/loader_test.tmp"};
  explicit TemporaryFile(const std::vector<uint8_t>& bytes) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  ~TemporaryFile() { std::remove(path.c_str()); }
};

/// One segment of 100 bytes, 60 more of .bss, at physical address 0x80001000.
template <class FileHeader, class ProgramHeader>
std::vector<uint8_t> small_elf(uint8_t elf_class) {
  FileHeader file{};
  std::memcpy(file.e_ident, ELFMAG, SELFMAG);
  file.e_ident[EI_CLASS] = elf_class;
  file.e_ident[EI_DATA] = ELFDATA2LSB;
  file.e_entry = 0x80001010;
  file.e_phoff = sizeof(FileHeader);
  file.e_phentsize = sizeof(ProgramHeader);
  file.e_phnum = 1;
  ProgramHeader segment{};
  segment.p_type = PT_LOAD;
  segment.p_offset = sizeof(FileHeader) + sizeof(ProgramHeader);
  segment.p_vaddr = 0x1000;
  segment.p_paddr = 0x80001000;
  segment.p_filesz = 100;
  segment.p_memsz = 160;
  std::vector<uint8_t> bytes(segment.p_offset + 100);
  std::memcpy(bytes.data(), &file, sizeof file);
  std::memcpy(bytes.data() + sizeof file, &segment, sizeof segment);
  for (size_t index = 0; index < 100; ++index)
    bytes[segment.p_offset + index] = static_cast<uint8_t>(index + 1);
  return bytes;
}

std::vector<uint8_t> peek(test::NodeFixture& fixture, uint64_t address, size_t bytes) {
  std::vector<uint8_t> data(bytes);
  fixture.node->store().read(address, data.data(), bytes);
  return data;
}

}  // namespace

TEST_CASE("ELF32 and ELF64 images load through debug transport, with .bss cleared") {
  const bool wide = GENERATE(false, true);
  const TemporaryFile file(wide ? small_elf<Elf64_Ehdr, Elf64_Phdr>(ELFCLASS64)
                                : small_elf<Elf32_Ehdr, Elf32_Phdr>(ELFCLASS32));
  test::NodeFixture fixture(core::hbm3e_node());
  fixture.elaborate();
  const std::vector<uint8_t> dirt(200, 0xee);
  fixture.node->store().write(0x1000, dirt.data(), dirt.size());
  const memory::LoadedImage image =
      memory::load_elf(*fixture.initiator->socket.operator->(), file.path, 0x80000000);
  CHECK(image.entry == 0x80001010);
  CHECK(image.first == 0x1000);
  CHECK(image.end == 0x1000 + 160);
  const std::vector<uint8_t> data = peek(fixture, 0x1000, 161);
  CHECK(data[0] == 1);
  CHECK(data[99] == 100);
  CHECK(data[100] == 0);
  CHECK(data[159] == 0);
  CHECK(data[160] == 0xee);
}

TEST_CASE("raw images load anywhere; what does not fit or is no ELF is the user's mistake") {
  const TemporaryFile file({1, 2, 3, 4, 5});
  test::NodeFixture fixture(core::gddr7_node());
  fixture.elaborate();
  auto& target = *fixture.initiator->socket.operator->();
  CHECK(memory::load_raw(target, file.path, 77).end == 82);
  CHECK(peek(fixture, 77, 5) == std::vector<uint8_t>{1, 2, 3, 4, 5});
  CHECK_THROWS_AS(memory::load_raw(target, file.path, fixture.node->capacity() - 3), core::UserError);
  CHECK_THROWS_WITH(memory::load_elf(target, file.path), Catch::Contains("no ELF header"));
  CHECK_THROWS_WITH(memory::load_raw(target, "/nonexistent", 0), Catch::Contains("cannot be read"));
  std::vector<uint8_t> cut = small_elf<Elf64_Ehdr, Elf64_Phdr>(ELFCLASS64);
  cut.resize(cut.size() - 10);
  const TemporaryFile damaged(cut);
  CHECK_THROWS_WITH(memory::load_elf(target, damaged.path, 0x80000000), Catch::Contains("outside the file"));
}
