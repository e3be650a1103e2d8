/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L
#include "duet_cosim.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int transfer(const duet_cosim* door, void* data, size_t bytes, int sending) {
  unsigned char* at = data;
  while (bytes > 0) {
    struct pollfd waiting = {door->descriptor, (short)(sending ? POLLOUT : POLLIN), 0};
    if (poll(&waiting, 1, door->timeout_ms) <= 0) return -1;
    const ssize_t count =
        sending ? send(door->descriptor, at, bytes, MSG_NOSIGNAL) : recv(door->descriptor, at, bytes, 0);
    if (count <= 0) return -1;
    at += count;
    bytes -= (size_t)count;
  }
  return 0;
}

static int ask(duet_cosim* door, duet_cosim_request request, uint64_t* value) {
  duet_cosim_answer answer;
  if (door->descriptor < 0) return DUET_COSIM_LOST;
  if (transfer(door, &request, sizeof request, 1) != 0 || transfer(door, &answer, sizeof answer, 0) != 0) {
    close(door->descriptor);
    door->descriptor = -1;
    return DUET_COSIM_LOST;
  }
  door->interrupts = answer.interrupts;
  door->time_ps = answer.time_ps;
  if (value != NULL) *value = answer.value;
  return answer.status;
}

static int open_tcp(const char* port) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  if (descriptor < 0) return -1;
  if (connect(descriptor, (struct sockaddr*)&address, sizeof address) == 0) {
    const int yes = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return descriptor;
  }
  close(descriptor);
  return -1;
}

static int open_unix(const char* path) {
  struct sockaddr_un address;
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  if (strlen(path) >= sizeof address.sun_path) return -1;
  memcpy(address.sun_path, path, strlen(path));
  const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
  if (descriptor < 0) return -1;
  if (connect(descriptor, (struct sockaddr*)&address, sizeof address) == 0) return descriptor;
  close(descriptor);
  return -1;
}

int duet_cosim_connect(duet_cosim* door, const char* endpoint, int timeout_ms) {
  memset(door, 0, sizeof *door);
  door->timeout_ms = timeout_ms;
  door->descriptor = -1;
  if (strncmp(endpoint, "tcp:", 4) == 0) door->descriptor = open_tcp(endpoint + 4);
  if (strncmp(endpoint, "unix:", 5) == 0) door->descriptor = open_unix(endpoint + 5);
  const duet_cosim_request hello = {DUET_COSIM_HELLO, 0, DUET_COSIM_MAGIC, DUET_COSIM_VERSION};
  const int status = ask(door, hello, NULL);
  if (status != DUET_COSIM_OK) duet_cosim_close(door);
  return status;
}

int duet_cosim_read32(duet_cosim* door, uint64_t address, uint32_t* value) {
  uint64_t wide = 0;
  const duet_cosim_request request = {DUET_COSIM_READ, 4, address, 0};
  const int status = ask(door, request, &wide);
  *value = (uint32_t)wide;
  return status;
}

int duet_cosim_write32(duet_cosim* door, uint64_t address, uint32_t value) {
  const duet_cosim_request request = {DUET_COSIM_WRITE, 4, address, value};
  return ask(door, request, NULL);
}

int duet_cosim_advance(duet_cosim* door, uint64_t picoseconds) {
  const duet_cosim_request request = {DUET_COSIM_ADVANCE, 0, 0, picoseconds};
  return ask(door, request, NULL);
}

int duet_cosim_wait(duet_cosim* door, uint64_t picoseconds) {
  const duet_cosim_request request = {DUET_COSIM_WAIT, 0, 0, picoseconds};
  return ask(door, request, NULL);
}

void duet_cosim_close(duet_cosim* door) {
  duet_cosim_finish(door, 0);
}

void duet_cosim_finish(duet_cosim* door, int64_t status) {
  if (door->descriptor < 0) return;
  const duet_cosim_request bye = {DUET_COSIM_BYE, 0, 0, (uint64_t)status};
  ask(door, bye, NULL);
  if (door->descriptor >= 0) close(door->descriptor);
  door->descriptor = -1;
}
