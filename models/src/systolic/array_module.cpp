// SPDX-License-Identifier: Apache-2.0
#include "duet/models/systolic/array_module.hpp"

#include <fmt/format.h>

#include <type_traits>

namespace duet::models {

template <class Engine>
bool ArrayModule<Engine>::start(const ArrayCommand& command) {
  if (status_ == CommandStatus::busy) return false;
  command_ = command;
  status_ = CommandStatus::busy;
  started_.notify(sc_core::SC_ZERO_TIME);
  return true;
}

template <class Engine>
void ArrayModule<Engine>::run() {
  const auto now_ps = [] { return sc_core::sc_time_stamp().value(); };  // the resolution is 1 ps
  while (true) {
    wait(started_);
    const uint64_t first_edge = clock_.cycle_at_or_after(now_ps());
    uint64_t cycles = 0;
    const CommandStatus status = execute(cycles);
    const uint64_t end_ps = clock_.edge_ps(first_edge + cycles);
    wait(sc_core::sc_time::from_value(end_ps - now_ps()));
    status_ = status;
    done_.notify();
  }
}

template <class Engine>
CommandStatus ArrayModule<Engine>::execute(uint64_t& cycles) {
  if (switch_mode_) {
    switch_mode_ = false;
    if (pending_mode_ != engine_.mode()) ++mode_switches_;
    cycles += engine_.set_mode(pending_mode_);
  }
  ArrayRun run;
  if (!fetch_and_run(run)) return CommandStatus::bus_error;
  if (run.status != ArrayStatus::ok) {
    SC_REPORT_WARNING(
        "array", fmt::format("{}: command refused at {}: {}", name(), sc_core::sc_time_stamp().to_string(),
                             run.status == ArrayStatus::wrong_mode ? "wrong mode" : "bad operands")
                     .c_str());
    return run.status == ArrayStatus::wrong_mode ? CommandStatus::wrong_mode : CommandStatus::bad_operands;
  }
  time_ = run.time;
  cycles += run.time.cycles;
  bool ok = true;
  if (!run.values.empty()) ok = port.write(command_.result, run.values);
  if (!run.sums.empty()) {
    const bool is_state = command_.kernel == ArrayCommand::Kernel::ssm;
    ok = ok && port.write_sums(is_state ? command_.state_out : command_.result, sum_bytes_, run.sums);
  }
  return ok ? CommandStatus::ok : CommandStatus::bus_error;
}

template <class Engine>
bool ArrayModule<Engine>::fetch_and_run(ArrayRun& run) {
  if (command_.kernel == ArrayCommand::Kernel::ssm) {
    const FetchedSsm fetched(port, command_, sum_bytes_);
    if (fetched.ok) run = engine_.ssm(fetched.operands(command_.ssm));
    return fetched.ok;
  }
  if constexpr (std::is_same_v<Engine, SystolicEngine>) {
    if (command_.kernel == ArrayCommand::Kernel::gemm) {
      std::vector<uint16_t> a(command_.gemm.m * command_.gemm.k);
      std::vector<uint16_t> b(command_.gemm.k * command_.gemm.n);
      if (!port.read(command_.a, a) || !port.read(command_.b, b)) return false;
      run = engine_.gemm({command_.gemm, a, b});
      return true;
    }
  } else {
    if (command_.kernel == ArrayCommand::Kernel::gemv) {
      std::vector<uint16_t> matrix(command_.gemv.n * command_.gemv.k);
      std::vector<uint16_t> vectors(command_.gemv.vectors * command_.gemv.k);
      if (!port.read(command_.a, matrix) || !port.read(command_.x, vectors)) return false;
      run = engine_.gemv({command_.gemv, matrix, vectors});
      return true;
    }
  }
  run.status = ArrayStatus::wrong_mode;  // no array of this kind has that kernel
  return true;
}

template class ArrayModule<SystolicEngine>;
template class ArrayModule<VectorEngine>;

}  // namespace duet::models
