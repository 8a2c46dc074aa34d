// SPDX-License-Identifier: MIT
//
// What the C guests need of illumos's headers, written from its manual pages and ABI documents:
// deliberately not made from illumos/abi, so that the two check each other.
#ifndef GUEST_H
#define GUEST_H

typedef unsigned long size_t;
typedef long ssize_t;
typedef long off_t;
typedef int pid_t;
typedef unsigned uid_t, gid_t, mode_t, pthread_t, pthread_key_t, nlink_t;
typedef unsigned long dev_t, ino_t, uintptr_t, uint64_t, fsblkcnt_t;
typedef unsigned uint32_t;
typedef long time_t, suseconds_t, blkcnt_t, int64_t;
typedef int clockid_t, timer_t, blksize_t;
typedef unsigned socklen_t;
#define NULL ((void*)0)

extern int* ___errno(void);
#define errno (*___errno())
#define ENOENT 2
#define EINTR 4
#define EBADF 9
#define ECHILD 10
#define EAGAIN 11
#define EEXIST 17
#define EINVAL 22
#define ETIME 62
#define EBADFD 81
#define ENAMETOOLONG 78
#define ENOTEMPTY 93
#define ETIMEDOUT 145

struct timespec {
  time_t tv_sec;
  long tv_nsec;
};
struct timeval {
  time_t tv_sec;
  suseconds_t tv_usec;
};
struct itimerspec {
  struct timespec it_interval, it_value;
};

// --- files
#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR 2
#define O_APPEND 0x8
#define O_NONBLOCK 0x80
#define O_CREAT 0x100
#define O_TRUNC 0x200
#define O_EXCL 0x400
#define O_CLOEXEC 0x800000
#define F_GETFD 1
#define F_SETFD 2
#define F_GETFL 3
#define F_SETFL 4
#define FD_CLOEXEC 1
#define S_IFMT 0xf000
#define S_IFREG 0x8000
#define S_IFDIR 0x4000

struct stat {
  dev_t st_dev;
  ino_t st_ino;
  mode_t st_mode;
  nlink_t st_nlink;
  uid_t st_uid;
  gid_t st_gid;
  dev_t st_rdev;
  off_t st_size;
  struct timespec st_atim, st_mtim, st_ctim;
  blksize_t st_blksize;
  blkcnt_t st_blocks;
  char st_fstype[16];
};
struct dirent {
  ino_t d_ino;
  off_t d_off;
  unsigned short d_reclen;
  char d_name[1];
};
typedef struct DIR DIR;
int open(const char*, int, ...);
int close(int);
ssize_t read(int, void*, size_t);
ssize_t write(int, const void*, size_t);
ssize_t pread(int, void*, size_t, off_t);
off_t lseek(int, off_t, int);
int unlink(const char*);
int rmdir(const char*);
int mkdir(const char*, mode_t);
int rename(const char*, const char*);
int stat(const char*, struct stat*);
int fstat(int, struct stat*);
int ftruncate(int, off_t);
int fcntl(int, int, ...);
int dup(int);
int dup2(int, int);
int pipe(int[2]);
int chdir(const char*);
char* getcwd(char*, size_t);
DIR* opendir(const char*);
struct dirent* readdir(DIR*);
int closedir(DIR*);
char* mkdtemp(char*);

// --- processes
struct utsname {
  char sysname[257], nodename[257], release[257], version[257], machine[257];
};
extern char** environ;
pid_t fork(void);
pid_t getpid(void);
pid_t getppid(void);
pid_t waitpid(pid_t, int*, int);
int execve(const char*, char* const[], char* const[]);
int uname(struct utsname*);
char* getenv(const char*);
int setenv(const char*, const char*, int);
int unsetenv(const char*);
long sysconf(int);
void exit(int) __attribute__((noreturn));
void _exit(int) __attribute__((noreturn));
int atexit(void (*)(void));
const char* getexecname(void);
#define WIFEXITED(s) (((s)&0xff) == 0)
#define WEXITSTATUS(s) (((s) >> 8) & 0xff)
#define WIFSIGNALED(s) (((s)&0xff) > 0 && ((s)&0xff00) == 0)
#define WTERMSIG(s) ((s)&0x7f)

// --- signals
#define SIGHUP 1
#define SIGINT 2
#define SIGKILL 9
#define SIGBUS 10
#define SIGSEGV 11
#define SIGPIPE 13
#define SIGALRM 14
#define SIGTERM 15
#define SIGUSR1 16
#define SIGUSR2 17
#define SIGCHLD 18
#define SA_ONSTACK 1
#define SA_RESETHAND 2
#define SA_RESTART 4
#define SA_SIGINFO 8
#define SIG_BLOCK 1
#define SIG_UNBLOCK 2
#define SIG_SETMASK 3
typedef struct {
  unsigned bits[4];
} sigset_t;
union sigval {
  int sival_int;
  void* sival_ptr;
};
typedef struct siginfo {
  int si_signo, si_code, si_errno, si_pad;
  union {
    int pad[60];
    struct {
      pid_t pid;
      struct {
        uid_t uid;
        union sigval value;
      } kill;
    } proc;
    struct {
      void* addr;
      int trapno;
      void* pc;
    } fault;
  } data;
} siginfo_t;
typedef struct {
  long gregs[28];
  struct {
    _Alignas(16) unsigned char bytes[528];
  } fpregs;
} mcontext_t;
typedef struct {
  void* ss_sp;
  size_t ss_size;
  int ss_flags;
} stack_t;
typedef struct ucontext {
  unsigned long uc_flags;
  struct ucontext* uc_link;
  sigset_t uc_sigmask;
  stack_t uc_stack;
  mcontext_t uc_mcontext;
  long uc_filler[5];
} ucontext_t;
#define REG_RIP 17
#define REG_RSP 20
struct sigaction {
  int sa_flags;
  union {
    void (*handler)(int);
    void (*action)(int, siginfo_t*, void*);
  } u;
  sigset_t sa_mask;
};
#define sa_handler u.handler
#define sa_sigaction u.action
int sigaction(int, const struct sigaction*, struct sigaction*);
int sigprocmask(int, const sigset_t*, sigset_t*);
int sigaltstack(const stack_t*, stack_t*);
int sigemptyset(sigset_t*);
int sigaddset(sigset_t*, int);
int sigsuspend(const sigset_t*);
int kill(pid_t, int);
int raise(int);
int pthread_kill(pthread_t, int);

// --- threads
typedef struct {
  void* opaque;
} pthread_attr_t;
typedef struct {
  unsigned short flag;
  unsigned char flag2, ceiling;
  unsigned short type, magic;
  uint64_t lock, data;
} pthread_mutex_t;
#define PTHREAD_MUTEX_INITIALIZER \
  { 0, 0, 0, 0, 0x4d58, 0, 0 }
typedef struct {
  unsigned char flags[4];
  unsigned short type, magic;
  uint64_t data;
} pthread_cond_t;
#define PTHREAD_COND_INITIALIZER \
  { {0, 0, 0, 0}, 0, 0x4356, 0 }
typedef struct {
  uint64_t data[6];
} sem_t;
int pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
int pthread_join(pthread_t, void**);
pthread_t pthread_self(void);
int pthread_mutex_lock(pthread_mutex_t*);
int pthread_mutex_trylock(pthread_mutex_t*);
int pthread_mutex_unlock(pthread_mutex_t*);
int pthread_cond_wait(pthread_cond_t*, pthread_mutex_t*);
int pthread_cond_signal(pthread_cond_t*);
int pthread_cond_broadcast(pthread_cond_t*);
int pthread_key_create(pthread_key_t*, void (*)(void*));
int pthread_setspecific(pthread_key_t, const void*);
void* pthread_getspecific(pthread_key_t);
int sem_init(sem_t*, int, unsigned);
int sem_post(sem_t*);
int sem_wait(sem_t*);
int sem_trywait(sem_t*);

// --- time
#define CLOCK_REALTIME 3
#define CLOCK_MONOTONIC 4
int clock_gettime(clockid_t, struct timespec*);
int nanosleep(const struct timespec*, struct timespec*);
struct tm {
  int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst;
};
struct tm* gmtime_r(const time_t*, struct tm*);

// --- sockets
#define AF_UNIX 1
#define AF_INET 2
#define SOCK_DGRAM 1
#define SOCK_STREAM 2
#define SOL_SOCKET 0xffff
#define SO_REUSEADDR 4
#define SO_TYPE 0x1008
#define SCM_RIGHTS 0x1010
#define MSG_DONTWAIT 0x80
struct sockaddr {
  unsigned short sa_family;
  char sa_data[14];
};
struct sockaddr_in {
  unsigned short sin_family, sin_port;
  uint32_t sin_addr;
  char sin_zero[8];
};
struct iovec {
  void* iov_base;
  size_t iov_len;
};
struct msghdr {
  void* msg_name;
  socklen_t msg_namelen;
  struct iovec* msg_iov;
  int msg_iovlen;
  void* msg_control;
  socklen_t msg_controllen;
  int msg_flags;
};
struct cmsghdr {
  socklen_t cmsg_len;
  int cmsg_level, cmsg_type;
};
int __xnet_socket(int, int, int);
int __xnet_bind(int, const struct sockaddr*, socklen_t);
int __xnet_listen(int, int);
int __xnet_connect(int, const struct sockaddr*, socklen_t);
int __xnet_getsockopt(int, int, int, void*, socklen_t*);
int __xnet_socketpair(int, int, int, int[2]);
ssize_t __xnet_sendmsg(int, const struct msghdr*, int);
ssize_t __xnet_recvmsg(int, struct msghdr*, int);
int accept(int, struct sockaddr*, socklen_t*);
int getsockname(int, struct sockaddr*, socklen_t*);
int setsockopt(int, int, int, const void*, socklen_t);

// --- event ports
#define PORT_SOURCE_AIO 1
#define PORT_SOURCE_TIMER 2
#define PORT_SOURCE_USER 3
#define PORT_SOURCE_FD 4
#define PORT_SOURCE_ALERT 5
#define PORT_SOURCE_MQ 6
#define PORT_SOURCE_FILE 7
#define PORT_ALERT_SET 1
#define POLLIN 1
#define POLLOUT 4
#define FILE_MODIFIED 2
#define SIGEV_PORT 4
typedef struct {
  int portev_events;
  unsigned short portev_source, portev_pad;
  uintptr_t portev_object;
  void* portev_user;
} port_event_t;
typedef struct {
  int portnfy_port;
  void* portnfy_user;
} port_notify_t;
struct file_obj {
  struct timespec fo_atime, fo_mtime, fo_ctime;
  uintptr_t fo_pad[3];
  char* fo_name;
};
struct sigevent {
  int sigev_notify, sigev_signo;
  union sigval sigev_value;
  void (*sigev_notify_function)(union sigval);
  pthread_attr_t* sigev_notify_attributes;
  int pad;
};
int port_create(void);
int port_associate(int, int, uintptr_t, int, void*);
int port_dissociate(int, int, uintptr_t);
int port_send(int, int, void*);
int port_get(int, port_event_t*, struct timespec*);
int port_getn(int, port_event_t[], unsigned, unsigned*, struct timespec*);
int port_alert(int, int, int, void*);
int timer_create(clockid_t, struct sigevent*, timer_t*);
int timer_settime(timer_t, int, const struct itimerspec*, struct itimerspec*);
int timer_delete(timer_t);
struct aiocb {
  int aio_fildes;
  volatile void* aio_buf;
  size_t aio_nbytes;
  off_t aio_offset;
  int aio_reqprio;
  struct sigevent aio_sigevent;
  int aio_lio_opcode;
  long aio_result[2];
  int aio_state;
  int aio_pad[1];
};
int aio_read(struct aiocb*);
int aio_error(const struct aiocb*);
ssize_t aio_return(struct aiocb*);

// --- the C library
typedef struct {
  char opaque[128];
} FILE;
extern FILE __iob[20];
#define stdout (&__iob[1])
#define stderr (&__iob[2])
int printf(const char*, ...) __attribute__((format(printf, 1, 2)));
int fprintf(FILE*, const char*, ...) __attribute__((format(printf, 2, 3)));
int snprintf(char*, size_t, const char*, ...) __attribute__((format(printf, 3, 4)));
int fflush(FILE*);
FILE* fopen(const char*, const char*);
char* fgets(char*, int, FILE*);
int fclose(FILE*);
void* malloc(size_t);
void* calloc(size_t, size_t);
void free(void*);
void* memset(void*, int, size_t);
void* memcpy(void*, const void*, size_t);
int memcmp(const void*, const void*, size_t);
size_t strlen(const char*);
int strcmp(const char*, const char*);
int strncmp(const char*, const char*, size_t);
char* strerror(int);
size_t strlcpy(char*, const char*, size_t);
int atoi(const char*);
void qsort(void*, size_t, size_t, int (*)(const void*, const void*));
typedef long jmp_buf[8];
int setjmp(jmp_buf) __attribute__((returns_twice));
void longjmp(jmp_buf, int) __attribute__((noreturn));

#endif
