/* SPDX-License-Identifier: Apache-2.0 */
/* A process outside the platform that runs the driver's own C code through the co-simulation door: the start
 * of an adapter for QEMU, Renode or an RTL test bench. Usage: duet-cosim-dispatch <endpoint> <job file> */
#include <stdio.h>
#include <stdlib.h>

#include "duet/sw_driver/boot.h"
#include "duet/sw_driver/regs.h"
#include "duet_cosim.h"

#define CONTROL_STRIDE 0x10000u
#define PACKAGE_WINDOW (255u * CONTROL_STRIDE)

static int read32(void* door, uint64_t address, uint32_t* value) {
  return duet_cosim_read32(door, address, value) == DUET_COSIM_OK ? DUET_OK : DUET_BUS_ERROR;
}
static int write32(void* door, uint64_t address, uint32_t value) {
  return duet_cosim_write32(door, address, value) == DUET_COSIM_OK ? DUET_OK : DUET_BUS_ERROR;
}
static int wait_for_interrupt(void* door, uint64_t timeout_ns) {
  return duet_cosim_wait(door, timeout_ns * 1000) == DUET_COSIM_OK ? DUET_OK : DUET_TIMED_OUT;
}
static uint64_t time_ns(void* door) {
  return ((const duet_cosim*)door)->time_ps / 1000;
}

/* The whole file, aligned for its tables; null when it cannot be read. */
static duet_job* read_job(const char* path) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) return NULL;
  unsigned char* data = NULL;
  if (fseek(file, 0, SEEK_END) == 0) {
    const long bytes = ftell(file);
    rewind(file);
    if (bytes > (long)sizeof(duet_job)) data = malloc((size_t)bytes);
    if (data != NULL && fread(data, 1, (size_t)bytes, file) != (size_t)bytes) {
      free(data);
      data = NULL;
    }
  }
  fclose(file);
  return (duet_job*)(void*)data;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s <tcp:PORT or unix:PATH> <job file>\n", argv[0]);
    return 2;
  }
  duet_cosim door;
  if (duet_cosim_connect(&door, argv[1], 60000) != DUET_COSIM_OK) {
    fprintf(stderr, "no platform at %s\n", argv[1]);
    return 3;
  }
  duet_job* job = read_job(argv[2]);
  if (job == NULL) {
    fprintf(stderr, "no job in %s\n", argv[2]);
    duet_cosim_finish(&door, DUET_BAD_PROGRAM);
    return 2;
  }
  const duet_hal hal = {&door, read32, write32, wait_for_interrupt, time_ns};
  static duet_driver driver;
  driver.hal = &hal;
  driver.package_base = PACKAGE_WINDOW;
  driver.chiplet_stride = CONTROL_STRIDE;
  driver.timeout_ns = 10000000000u;
  int status =
      duet_cosim_read32(&door, PACKAGE_WINDOW + DUET_PACKAGE_chiplets, &driver.chiplets) == DUET_COSIM_OK
          ? DUET_OK
          : DUET_BUS_ERROR;
  if (status == DUET_OK) status = duet_driver_init(&driver);
  if (status == DUET_OK) {
    status = duet_driver_execute(&driver, (const duet_program*)((const unsigned char*)job + job->program),
                                 job->arguments);
  }
  printf("status %d, %lu doorbells, %lu interrupts, %lu ns\n", status, (unsigned long)driver.doorbells,
         (unsigned long)driver.interrupts, (unsigned long)time_ns(&door));
  duet_cosim_finish(&door, status);
  free(job);
  return status == DUET_OK ? 0 : 1;
}
