// SPDX-License-Identifier: Apache-2.0
#include "gdb_target.hpp"

#include <fmt/format.h>

#include "duet/models/riscv/csr_file.hpp"

namespace duet::models::riscv {
namespace {

constexpr const char* register_names[] = {
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "fp", "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
    "a6",   "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};

struct CsrName {
  unsigned number;
  const char* name;
};
constexpr CsrName csr_names[] = {
    {csr_mstatus, "mstatus"},       {csr_misa, "misa"},         {csr_mie, "mie"},
    {csr_mtvec, "mtvec"},           {csr_mscratch, "mscratch"}, {csr_mepc, "mepc"},
    {csr_mcause, "mcause"},         {csr_mtval, "mtval"},       {csr_mip, "mip"},
    {csr_pmpcfg0, "pmpcfg0"},       {csr_pmpcfg2, "pmpcfg2"},   {csr_pmpaddr0, "pmpaddr0"},
    {csr_pmpaddr0 + 1, "pmpaddr1"}, {csr_mcycle, "mcycle"},     {csr_minstret, "minstret"},
    {csr_cycle, "cycle"},           {csr_time, "time"},         {csr_instret, "instret"},
    {csr_mhartid, "mhartid"}};

}  // namespace

std::string gdb_target_xml() {
  std::string xml =
      "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
      "<target version=\"1.0\"><architecture>riscv:rv64</architecture>"
      "<feature name=\"org.gnu.gdb.riscv.cpu\">";
  for (unsigned i = 0; i < 32; ++i) {
    const char* const type = i == 1 ? "code_ptr" : i >= 2 && i <= 4 ? "data_ptr" : "int";
    xml += fmt::format("<reg name=\"{}\" bitsize=\"64\" type=\"{}\" regnum=\"{}\"/>", register_names[i], type,
                       i);
  }
  xml += fmt::format("<reg name=\"pc\" bitsize=\"64\" type=\"code_ptr\" regnum=\"{}\"/></feature>", gdb_pc);
  xml += "<feature name=\"org.gnu.gdb.riscv.csr\">";
  for (const CsrName& csr : csr_names) {
    xml += fmt::format("<reg name=\"{}\" bitsize=\"64\" regnum=\"{}\" group=\"csr\"/>", csr.name,
                       gdb_first_csr + csr.number);
  }
  xml += fmt::format(
      "</feature><feature name=\"org.gnu.gdb.riscv.virtual\">"
      "<reg name=\"priv\" bitsize=\"64\" regnum=\"{}\" group=\"general\"/></feature></target>",
      gdb_privilege);
  return xml;
}

std::optional<uint64_t> read_gdb_register(Hart& hart, unsigned number) {
  Interpreter& core = hart.interpreter();
  if (number < 32) return core.x(number);
  if (number == gdb_pc) return core.pc();
  if (number == gdb_privilege) return static_cast<uint64_t>(core.privilege());
  uint64_t value = 0;
  if (number >= gdb_first_csr && number < gdb_privilege &&
      core.csrs().read(number - gdb_first_csr, Privilege::machine, value)) {
    return value;
  }
  return std::nullopt;
}

bool write_gdb_register(Hart& hart, unsigned number, uint64_t value) {
  Interpreter& core = hart.interpreter();
  if (number < 32) {
    core.set_x(number, value);
  } else if (number == gdb_pc) {
    core.set_pc(value);
  } else if (number >= gdb_first_csr && number < gdb_privilege) {
    if (!core.csrs().write(number - gdb_first_csr, Privilege::machine, value)) return false;
    core.invalidate_direct_memory();
    core.invalidate_code(0, ~uint64_t{0});
  } else {
    return false;
  }
  return true;
}

}  // namespace duet::models::riscv
