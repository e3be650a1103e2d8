/* SPDX-License-Identifier: Apache-2.0 */
#include "duet/sw_driver/driver.h"

#include "duet/sw_driver/regs.h"

static uint64_t chiplet_register(const duet_driver* driver, uint32_t chiplet, uint32_t offset) {
  return driver->chiplet_base + chiplet * driver->chiplet_stride + offset;
}

static int read_chiplet(duet_driver* driver, uint32_t chiplet, uint32_t offset, uint32_t* value) {
  return driver->hal->read32(driver->hal->context, chiplet_register(driver, chiplet, offset), value);
}

static int write_chiplet(duet_driver* driver, uint32_t chiplet, uint32_t offset, uint32_t value) {
  return driver->hal->write32(driver->hal->context, chiplet_register(driver, chiplet, offset), value);
}

static int write_package(duet_driver* driver, uint32_t offset, uint32_t value) {
  return driver->hal->write32(driver->hal->context, driver->package_base + offset, value);
}

static uint64_t time_ns(const duet_driver* driver) {
  return driver->hal->time_ns(driver->hal->context);
}

static const duet_dispatch* dispatch_table(const duet_program* program) {
  return (const duet_dispatch*)((const uint8_t*)program + program->dispatch_offset);
}

int duet_driver_init(duet_driver* driver) {
  driver->program = 0;
  driver->doorbells = 0;
  driver->mode_writes = 0;
  driver->interrupts = 0;
  driver->restarts = 0;
  driver->run_restarts = 0;
  driver->attempts = 0;
  driver->dispatch_ns = 0;
  driver->progress_ns = 0;
  if (driver->chiplets == 0 || driver->chiplets > DUET_MAX_CHIPLETS) return DUET_BAD_DEVICE;
  for (uint32_t chiplet = 0; chiplet < driver->chiplets; ++chiplet) {
    uint32_t identity = 0;
    uint32_t version = 0;
    int status = read_chiplet(driver, chiplet, DUET_CHIPLET_identity, &identity);
    if (status == DUET_OK) status = read_chiplet(driver, chiplet, DUET_CHIPLET_version, &version);
    if (status != DUET_OK) return status;
    if (identity != 0x54455544u || (version >> 16) != 1u) return DUET_BAD_DEVICE;
    status = write_chiplet(driver, chiplet, DUET_CHIPLET_interrupt_enable,
                           DUET_INTERRUPT_DOORBELL_DONE | DUET_INTERRUPT_ERROR);
    if (status != DUET_OK) return status;
  }
  return DUET_OK;
}

static int load_groups(duet_driver* driver, const duet_program* program) {
  const duet_program_group* groups =
      (const duet_program_group*)((const uint8_t*)program + program->group_offset);
  for (uint32_t group = 0; group < program->groups; ++group) {
    const uint32_t values[4][2] = {{DUET_PACKAGE_group_select, group},
                                   {DUET_PACKAGE_group_members_low, (uint32_t)groups[group].members},
                                   {DUET_PACKAGE_group_members_high, (uint32_t)(groups[group].members >> 32)},
                                   {DUET_PACKAGE_group_commit, 1}};
    for (int i = 0; i < 4; ++i) {
      const int status = write_package(driver, values[i][0], values[i][1]);
      if (status != DUET_OK) return status;
    }
  }
  return DUET_OK;
}

int duet_driver_load(duet_driver* driver, const duet_program* program) {
  if (program->magic != DUET_PROGRAM_MAGIC || program->version != DUET_PROGRAM_VERSION ||
      program->chiplets > driver->chiplets) {
    return DUET_BAD_PROGRAM;
  }
  const uint64_t* queues = (const uint64_t*)((const uint8_t*)program + program->queue_offset);
  for (uint32_t chiplet = 0; chiplet < program->chiplets; ++chiplet) {
    int status = write_chiplet(driver, chiplet, DUET_CHIPLET_queue_base_low, (uint32_t)queues[chiplet]);
    if (status != DUET_OK) return status;
    status = write_chiplet(driver, chiplet, DUET_CHIPLET_queue_base_high, (uint32_t)(queues[chiplet] >> 32));
    if (status != DUET_OK) return status;
  }
  driver->program = program;
  return load_groups(driver, program);
}

/* Failures that may pass when they are repeated; a descriptor that is wrong stays wrong. */
static int may_pass(uint32_t error) {
  return (error & ~((1u << DUET_ERROR_BUS) | (1u << DUET_ERROR_UNCORRECTABLE_DATA) |
                    (1u << DUET_ERROR_TIMEOUT))) == 0;
}

/* Restarts a chiplet, or gives `status` back when the run has had its share of restarts. */
static int restart(duet_driver* driver, uint32_t chiplet, int status) {
  if (driver->run_restarts >= driver->max_restarts) return status;
  ++driver->run_restarts;
  ++driver->restarts;
  driver->progress_ns = time_ns(driver);
  return write_chiplet(driver, chiplet, DUET_CHIPLET_reset, DUET_RESET_RESTART);
}

/* No interrupt came in time: the chiplet that has done least of its work holds up the others. */
static int restart_hung(duet_driver* driver) {
  uint32_t hung = DUET_MAX_CHIPLETS;
  uint32_t least = UINT32_MAX;
  for (uint32_t chiplet = 0; chiplet < driver->program->chiplets; ++chiplet) {
    if (driver->finished[chiplet] == driver->rung[chiplet]) continue;
    uint32_t completed = 0;
    const int status = read_chiplet(driver, chiplet, DUET_CHIPLET_completed, &completed);
    if (status != DUET_OK) return status;
    if (completed >= least) continue;
    least = completed;
    hung = chiplet;
  }
  if (hung == DUET_MAX_CHIPLETS) return DUET_TIMED_OUT;
  driver->failed_chiplet = hung;
  driver->failed_error = 0;
  driver->failed_descriptor = least;
  return restart(driver, hung, DUET_TIMED_OUT);
}

/* Reads why a chiplet interrupts, and notes finished doorbells or the error. */
static int serve_chiplet(duet_driver* driver, uint32_t chiplet) {
  uint32_t pending = 0;
  int status = read_chiplet(driver, chiplet, DUET_CHIPLET_interrupt_status, &pending);
  if (status != DUET_OK) return status;
  if (pending == 0) return DUET_OK;
  status = write_chiplet(driver, chiplet, DUET_CHIPLET_interrupt_clear, pending);
  if (status != DUET_OK) return status;
  ++driver->interrupts;
  if (pending & DUET_INTERRUPT_ERROR) {
    driver->failed_chiplet = chiplet;
    status = read_chiplet(driver, chiplet, DUET_CHIPLET_error, &driver->failed_error);
    if (status == DUET_OK) {
      status = read_chiplet(driver, chiplet, DUET_CHIPLET_error_info, &driver->failed_descriptor);
    }
    if (status != DUET_OK) return status;
    if (!may_pass(driver->failed_error)) return DUET_CHIPLET_ERROR;
    status = restart(driver, chiplet, DUET_CHIPLET_ERROR);
    if (status != DUET_OK) return status;
  }
  /* Cleared before the count is read, so that a doorbell done in between interrupts again. */
  const uint32_t before = driver->finished[chiplet];
  status = read_chiplet(driver, chiplet, DUET_CHIPLET_doorbells_completed, &driver->finished[chiplet]);
  if (driver->finished[chiplet] != before) driver->progress_ns = time_ns(driver);
  return status;
}

/* Interrupts that bring nothing, of a line that is stuck, end like none. */
static int wait_and_serve(duet_driver* driver) {
  int status = driver->hal->wait_for_interrupt(driver->hal->context, driver->timeout_ns);
  if (status == DUET_TIMED_OUT) return restart_hung(driver);
  if (status != DUET_OK) return status;
  uint32_t pending[2] = {0, 0};
  for (uint32_t word = 0; word * 32 < driver->chiplets; ++word) {
    status = driver->hal->read32(driver->hal->context,
                                 driver->package_base + DUET_PACKAGE_interrupt_pending_low + 4 * word,
                                 &pending[word]);
    if (status != DUET_OK) return status;
  }
  for (uint32_t chiplet = 0; chiplet < driver->chiplets; ++chiplet) {
    if ((pending[chiplet / 32] >> (chiplet % 32)) & 1u) {
      status = serve_chiplet(driver, chiplet);
      if (status != DUET_OK) return status;
    }
  }
  if (time_ns(driver) - driver->progress_ns > driver->timeout_ns) return restart_hung(driver);
  return DUET_OK;
}

static int ring(duet_driver* driver, uint32_t chiplet, const duet_dispatch* dispatch) {
  while (driver->rung[chiplet] - driver->finished[chiplet] >= DUET_DOORBELLS_AHEAD) {
    const int status = wait_and_serve(driver);
    if (status != DUET_OK) return status;
  }
  if (driver->mode[chiplet] != dispatch->mode) {
    const int status = write_chiplet(driver, chiplet, DUET_CHIPLET_mode, dispatch->mode);
    if (status != DUET_OK) return status;
    driver->mode[chiplet] = dispatch->mode;
    ++driver->mode_writes;
  }
  ++driver->rung[chiplet];
  ++driver->doorbells;
  return write_chiplet(driver, chiplet, DUET_CHIPLET_doorbell, dispatch->descriptors);
}

static int start_run(duet_driver* driver, const uint32_t arguments[DUET_ARGUMENTS]) {
  for (uint32_t chiplet = 0; chiplet < driver->program->chiplets; ++chiplet) {
    driver->rung[chiplet] = 0;
    driver->finished[chiplet] = 0;
    int status = write_chiplet(driver, chiplet, DUET_CHIPLET_reset, DUET_RESET_ALL);
    if (status != DUET_OK) return status;
    for (uint32_t i = 0; i < DUET_ARGUMENTS; ++i) {
      status = write_chiplet(driver, chiplet, DUET_CHIPLET_argument0 + 4 * i, arguments[i]);
      if (status != DUET_OK) return status;
    }
    status = read_chiplet(driver, chiplet, DUET_CHIPLET_mode, &driver->mode[chiplet]);
    if (status != DUET_OK) return status;
  }
  return DUET_OK;
}

int duet_driver_run(duet_driver* driver, const uint32_t arguments[DUET_ARGUMENTS]) {
  if (driver->program == 0) return DUET_BAD_PROGRAM;
  driver->run_restarts = 0;
  int status = start_run(driver, arguments);
  if (status != DUET_OK) return status;
  driver->dispatch_ns = driver->progress_ns = time_ns(driver);
  const duet_dispatch* dispatches = dispatch_table(driver->program);
  for (uint32_t i = 0; i < driver->program->dispatches; ++i) {
    for (uint32_t chiplet = 0; chiplet < driver->program->chiplets; ++chiplet) {
      if (((dispatches[i].chiplet_mask >> chiplet) & 1u) == 0) continue;
      status = ring(driver, chiplet, &dispatches[i]);
      if (status != DUET_OK) return status;
    }
  }
  for (uint32_t chiplet = 0; chiplet < driver->program->chiplets; ++chiplet) {
    while (driver->finished[chiplet] != driver->rung[chiplet]) {
      status = wait_and_serve(driver);
      if (status != DUET_OK) return status;
    }
  }
  return DUET_OK;
}

/* A reset chiplet still hears from its neighbours, so all are stopped first, then watched until their
 * transfers have ended and what they have posted has arrived. */
int duet_driver_stop(duet_driver* driver) {
  const uint64_t settle_ns = 20000;
  for (uint32_t chiplet = 0; chiplet < driver->chiplets; ++chiplet) {
    int status = write_chiplet(driver, chiplet, DUET_CHIPLET_reset, DUET_RESET_ALL);
    if (status == DUET_OK) status = write_chiplet(driver, chiplet, DUET_CHIPLET_interrupt_clear, UINT32_MAX);
    if (status != DUET_OK) return status;
  }
  const uint64_t deadline = time_ns(driver) + driver->timeout_ns;
  for (uint32_t chiplet = 0; chiplet < driver->chiplets; ++chiplet) {
    for (;;) {
      uint32_t value = 0;
      const int status = read_chiplet(driver, chiplet, DUET_CHIPLET_status, &value);
      if (status != DUET_OK) return status;
      if ((value & DUET_STATUS_TRANSFERS) == 0) break;
      if (time_ns(driver) >= deadline) {
        driver->failed_chiplet = chiplet;
        driver->failed_error = 0;
        return DUET_TIMED_OUT;
      }
    }
  }
  const int status = driver->hal->wait_for_interrupt(driver->hal->context, settle_ns);
  return status == DUET_TIMED_OUT ? DUET_OK : status;
}

int duet_driver_execute(duet_driver* driver, const duet_program* program,
                        const uint32_t arguments[DUET_ARGUMENTS]) {
  int status = DUET_OK;
  driver->attempts = 0;
  do {
    if (driver->attempts != 0) {
      const int stopped = duet_driver_stop(driver);
      if (stopped != DUET_OK) return stopped;
    }
    ++driver->attempts;
    status = duet_driver_load(driver, program);
    if (status == DUET_OK) status = duet_driver_run(driver, arguments);
  } while (status != DUET_OK && status != DUET_BAD_PROGRAM && driver->attempts < driver->max_attempts);
  return status;
}
