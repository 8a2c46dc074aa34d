// SPDX-License-Identifier: MIT
//
// What guests need of illumos's threads, signals and realtime functions beyond guest.h.
#ifndef THREADS_H
#define THREADS_H

#include "guest.h"

#define EPERM 1
#define ESRCH 3
#define EDEADLK 45
#define EOWNERDEAD 58
#define ETIMEDOUT 145
#define PTHREAD_CANCELED ((void*)-19)
#define PTHREAD_CANCEL_ASYNCHRONOUS 2
#define PTHREAD_MUTEX_ROBUST 0x40
#define PTHREAD_BARRIER_SERIAL_THREAD (-2)
#define LOCK_ERRORCHECK 2
#define LOCK_RECURSIVE 4
#define THR_DETACHED 0x40
#define THR_DAEMON 0x100

typedef struct {
  uint64_t pad[4];
} pthread_once_t, cleanup_t;
typedef struct {
  uint64_t pad[8];
} pthread_barrier_t, pthread_rwlock_t;
typedef struct {
  void* opaque;
} pthread_mutexattr_t;

int pthread_detach(pthread_t);
int pthread_cancel(pthread_t);
void pthread_exit(void*) __attribute__((noreturn));
int pthread_setcanceltype(int, int*);
int pthread_once(pthread_once_t*, void (*)(void));
int pthread_barrier_init(pthread_barrier_t*, const void*, unsigned);
int pthread_barrier_wait(pthread_barrier_t*);
int pthread_rwlock_init(pthread_rwlock_t*, const void*);
int pthread_rwlock_rdlock(pthread_rwlock_t*);
int pthread_rwlock_wrlock(pthread_rwlock_t*);
int pthread_rwlock_unlock(pthread_rwlock_t*);
int pthread_mutexattr_init(pthread_mutexattr_t*);
int pthread_mutexattr_setrobust(pthread_mutexattr_t*, int);
int pthread_mutex_init(pthread_mutex_t*, const pthread_mutexattr_t*);
int pthread_mutex_consistent(pthread_mutex_t*);
int pthread_cond_reltimedwait_np(pthread_cond_t*, pthread_mutex_t*, const struct timespec*);
void __pthread_cleanup_push(void (*)(void*), void*, void*, cleanup_t*);
void __pthread_cleanup_pop(int, cleanup_t*);
int mutex_init(pthread_mutex_t*, int, void*);
int mutex_lock(pthread_mutex_t*);
int mutex_unlock(pthread_mutex_t*);
int cond_reltimedwait(pthread_cond_t*, pthread_mutex_t*, const struct timespec*);
int thr_create(void*, size_t, void* (*)(void*), void*, long, pthread_t*);
int thr_join(pthread_t, pthread_t*, void**);
int thr_suspend(pthread_t);
int thr_continue(pthread_t);
int sem_reltimedwait_np(sem_t*, const struct timespec*);
int sem_getvalue(sem_t*, int*);
sem_t* sem_open(const char*, int, ...);
int sem_unlink(const char*);
int sched_yield(void);

#define SIGEMT 7
#define SIGINFO 41
#define SIGRT_LAST 73
int sigdelset(sigset_t*, int);
int sigismember(const sigset_t*, int);
int sigpending(sigset_t*);
int sigqueue(pid_t, int, union sigval);
int sigwait(sigset_t*);
int getcontext(ucontext_t*) __attribute__((returns_twice));
int setcontext(const ucontext_t*);
int swapcontext(ucontext_t*, const ucontext_t*);
void makecontext(ucontext_t*, void (*)(), int, ...);

#define SIGEV_NONE 1
#define SIGEV_SIGNAL 2
#define SIGEV_THREAD 3
#define LIO_WAIT 1
#define LIO_NOWAIT 0
#define LIO_READ 1
#define LIO_WRITE 2
struct mq_attr {
  long mq_flags, mq_maxmsg, mq_msgsize, mq_curmsgs;
  int mq_pad[12];
};
typedef void* mqd_t;
int mkstemp(char*);
int aio_write(struct aiocb*);
int aio_suspend(const struct aiocb* const[], int, const struct timespec*);
int aio_waitn(struct aiocb*[], unsigned, unsigned*, const struct timespec*);
int lio_listio(int, struct aiocb* const[], int, struct sigevent*);
mqd_t mq_open(const char*, int, ...);
int mq_close(mqd_t);
int mq_unlink(const char*);
int mq_send(mqd_t, const char*, size_t, unsigned);
ssize_t mq_receive(mqd_t, char*, size_t, unsigned*);
int mq_notify(mqd_t, const struct sigevent*);
int mq_getattr(mqd_t, struct mq_attr*);

#endif
