/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <port.h>

/* 1: what was made before the failure stays open. */
/* 2: memory that was mapped before the failure stays mapped. */
/* 3: an error that no manual page knows. */
int planted_create(void) {
  const int made = port_create();
  const int error = errno;
  if (made < 0 && FAULTS_PLANTED == 1) (void)!open("/dev/null", O_RDONLY);
  if (made < 0 && FAULTS_PLANTED == 2)
    (void)!mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  errno = made < 0 && FAULTS_PLANTED == 3 ? EIO : error;
  return made;
}

/* 4: the slot that was taken before the failure stays taken. */
/* 5: success is reported although nothing is associated. */
int planted_associate(int port, int source, uintptr_t object, int events, void *user) {
  const int before = errno;
  const int result = port_associate(port, source, object, events, user);
  const int error = errno;
  if (result < 0 && FAULTS_PLANTED == 4) (void)port_associate(port, PORT_SOURCE_FD, 2, 0, NULL);
  const int hidden = FAULTS_PLANTED == 5 && result < 0 && error == ENOMEM;
  errno = hidden ? before : error;
  return hidden ? 0 : result;
}

/* 6: a call that fails has taken its event. */
int planted_get(int port, port_event_t *event, const struct timespec *timeout) {
  const int result = port_get(port, event, timeout);
  if (FAULTS_PLANTED != 6 || result == 0 || errno == ETIME) return result;
  const int error = errno;
  const struct timespec now = {0, 0};
  (void)port_get(port, event, &now);
  errno = error;
  return result;
}

/* 7: errno is written although the call succeeds. */
int planted_send(int port, int events, void *user) {
  const int result = port_send(port, events, user);
  if (FAULTS_PLANTED == 7 && result == 0) errno = ENOENT;
  return result;
}
