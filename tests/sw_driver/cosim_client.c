/* SPDX-License-Identifier: Apache-2.0 */
/* An external process that drives the platform through the co-simulation door with the driver's own C code,
 * and prints what it saw. Usage: cosim_client <endpoint> <image file> <chiplets> */
#include <stdio.h>
#include <stdlib.h>

#include "duet/sw_driver/driver.h"
#include "duet_cosim.h"

static int read32(void* context, uint64_t address, uint32_t* value) {
  return duet_cosim_read32(context, address, value) == DUET_COSIM_OK ? DUET_OK : DUET_BUS_ERROR;
}
static int write32(void* context, uint64_t address, uint32_t value) {
  return duet_cosim_write32(context, address, value) == DUET_COSIM_OK ? DUET_OK : DUET_BUS_ERROR;
}
static int wait_for_interrupt(void* context, uint64_t timeout_ns) {
  return duet_cosim_wait(context, timeout_ns * 1000) == DUET_COSIM_OK ? DUET_OK : DUET_TIMED_OUT;
}
static uint64_t time_ns(void* context) {
  return ((const duet_cosim*)context)->time_ps / 1000;
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  static _Alignas(8) unsigned char image[65536];
  FILE* file = fopen(argv[2], "rb");
  if (file == NULL || fread(image, 1, sizeof image, file) == 0) return 2;
  fclose(file);
  duet_cosim door;
  if (duet_cosim_connect(&door, argv[1], 10000) != DUET_COSIM_OK) return 3;
  const duet_hal hal = {&door, read32, write32, wait_for_interrupt, time_ns};
  static duet_driver driver;
  driver.hal = &hal;
  driver.package_base = 255 * 0x10000;
  driver.chiplet_stride = 0x10000;
  driver.chiplets = (uint32_t)strtoul(argv[3], NULL, 10);
  driver.timeout_ns = 1000000;
  const uint32_t arguments[DUET_ARGUMENTS] = {0, 0, 7, 0};
  int status = duet_driver_init(&driver);
  if (status == DUET_OK) status = duet_driver_load(&driver, (const duet_program*)image);
  if (status == DUET_OK) status = duet_driver_run(&driver, arguments);
  uint32_t value = 0;
  const int outside = duet_cosim_read32(&door, 0xff000000u, &value);
  const uint64_t before = door.time_ps;
  duet_cosim_advance(&door, 1000000);
  const uint64_t advanced = door.time_ps - before;
  printf("status %d doorbells %lu outside %d advanced %lu\n", status, (unsigned long)driver.doorbells,
         outside, (unsigned long)advanced);
  duet_cosim_close(&door);
  return status == DUET_OK ? 0 : 1;
}
