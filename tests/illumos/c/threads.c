// SPDX-License-Identifier: MIT
//
// Threads, and what they wait for.
#include "check.h"

enum { kThreads = 8, kTurns = 10000 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static sem_t items;
static int count, ready, destroyed;
static pthread_key_t key;
static _Thread_local int of_thread = 5;

static void* add(void* to) {
  for (int i = 0; i < kTurns; ++i) {
    pthread_mutex_lock(&mutex);
    ++*(int*)to;
    pthread_mutex_unlock(&mutex);
  }
  of_thread += 1;
  return (void*)(long)of_thread;
}

static void* wait_for_it(void* unused) {
  pthread_mutex_lock(&mutex);
  while (!ready) pthread_cond_wait(&changed, &mutex);
  pthread_mutex_unlock(&mutex);
  sem_post(&items);
  return unused;
}

static void destroy(void* value) { destroyed = *(int*)value; }

static void* with_key(void* value) {
  pthread_setspecific(key, value);
  return pthread_getspecific(key);
}

int main(void) {
  pthread_t threads[kThreads];
  void* result;
  int sum = 0, started = 0, seven = 7;
  for (int i = 0; i < kThreads; ++i)
    started += pthread_create(&threads[i], NULL, add, &count) == 0;
  for (int i = 0; i < kThreads; ++i)
    if (pthread_join(threads[i], &result) == 0) sum += (int)(long)result;
  CHECK("create", started == kThreads);
  CHECK("mutex", count == kThreads * kTurns);
  CHECK("thread-local", sum == kThreads * 6 && of_thread == 5);
  CHECK("trylock", pthread_mutex_trylock(&mutex) == 0 && pthread_mutex_unlock(&mutex) == 0);

  CHECK("sem-init", sem_init(&items, 0, 0) == 0 && sem_trywait(&items) == -1 && errno == EAGAIN);
  for (int i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, wait_for_it, NULL);
  pthread_mutex_lock(&mutex);
  ready = 1;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&mutex);
  for (int i = 0; i < kThreads; ++i) sem_wait(&items);
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  CHECK("broadcast", sem_trywait(&items) == -1);

  CHECK("key", pthread_key_create(&key, destroy) == 0 &&
                   pthread_create(&threads[0], NULL, with_key, &seven) == 0 &&
                   pthread_join(threads[0], &result) == 0 && result == &seven);
  CHECK("key-destructor", destroyed == 7 && pthread_getspecific(key) == NULL);
  CHECK("self", pthread_self() == 1);
  return check_status();
}
