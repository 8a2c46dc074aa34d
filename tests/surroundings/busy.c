/* SPDX-License-Identifier: MIT */
/*
 * A stranger with eight threads that allocate, sleep, poll and open files, under other preload
 * objects. Prints a sum that does not depend on the order of things.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { kThreads = 8, kRounds = 200 };

static void *body(void *argument) {
  const long number = (long)argument;
  const struct timespec moment = {0, 1000};
  long sum = 0;
  for (long i = 0; i < kRounds; ++i) {
    char *memory = malloc((size_t)(i * 37 % 5000 + 1));
    memory[0] = (char)(number + i);
    const int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct pollfd item = {fd, POLLOUT, 0};
    sum += poll(&item, 1, 1) + memory[0] % 7;
    if (i % 50 == 0) nanosleep(&moment, NULL);
    fsync(fd);
    close(fd);
    free(memory);
  }
  return (void *)sum;
}

int main(void) {
  pthread_t threads[kThreads];
  long sum = 0;
  for (long i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, body, (void *)i);
  for (int i = 0; i < kThreads; ++i) {
    void *result;
    pthread_join(threads[i], &result);
    sum += (long)result;
  }
  printf("sum %ld\n", sum);
  return 7;
}
