// SPDX-License-Identifier: MIT
//
// More of what illumos's headers say about files, processes and time, for the guests that need it.
#ifndef GUEST_FILES_H
#define GUEST_FILES_H

#include "guest.h"

#define EPERM 1
#define E2BIG 7
#define ENOEXEC 8
#define EACCES 13
#define EFAULT 14
#define ENOTDIR 20
#define ESPIPE 29
#define ERANGE 34
#define ENOSYS 89
#define ELOOP 90

// --- names of files
#define AT_FDCWD ((int)0xffd19553)
#define AT_SYMLINK_NOFOLLOW 0x1000
#define AT_SYMLINK_FOLLOW 0x2000
#define AT_REMOVEDIR 1
#define AT_EACCESS 4
#define UTIME_NOW (-1L)
#define UTIME_OMIT (-2L)
#define O_NDELAY 0x4
#define O_DSYNC 0x40
#define O_SYNC 0x10
#define O_NOFOLLOW 0x20000
#define O_SEARCH 0x200000
#define O_DIRECTORY 0x1000000
#define S_IFLNK 0xa000
#define S_IFIFO 0x1000
#define S_IFCHR 0x2000
#define R_OK 4
#define W_OK 2
int openat(int, const char*, int, ...);
int creat(const char*, mode_t);
int fstatat(int, const char*, struct stat*, int);
int lstat(const char*, struct stat*);
int link(const char*, const char*);
int linkat(int, const char*, int, const char*, int);
int symlink(const char*, const char*);
int symlinkat(const char*, int, const char*);
ssize_t readlink(const char*, char*, size_t);
ssize_t readlinkat(int, const char*, char*, size_t);
int unlinkat(int, const char*, int);
int renameat(int, const char*, int, const char*);
int mkdirat(int, const char*, mode_t);
int mknod(const char*, mode_t, dev_t);
int mkfifo(const char*, mode_t);
int access(const char*, int);
int faccessat(int, const char*, int, int);
int chmod(const char*, mode_t);
mode_t umask(mode_t);
int utimes(const char*, const struct timeval[2]);
int utimensat(int, const char*, const struct timespec[2], int);
int futimens(int, const struct timespec[2]);
int futimesat(int, const char*, const struct timeval[2]);
long pathconf(const char*, int);
int pipe2(int[2], int);
int dup3(int, int, int);
int resolvepath(const char*, char*, size_t);
int remove(const char*);
int getdents(int, struct dirent*, size_t);
void rewinddir(DIR*);
long telldir(DIR*);
void seekdir(DIR*, long);
DIR* fdopendir(int);
int scandir(const char*, struct dirent***, int (*)(const struct dirent*),
            int (*)(const struct dirent**, const struct dirent**));
int alphasort(const struct dirent**, const struct dirent**);
dev_t __makedev(int, unsigned, unsigned);
unsigned __major(int, dev_t);
unsigned __minor(int, dev_t);

typedef struct {
  unsigned long f_bsize, f_frsize;
  fsblkcnt_t f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_favail;
  unsigned long f_fsid;
  char f_basetype[16];
  unsigned long f_flag, f_namemax;
  char f_fstr[32];
} statvfs_t;
int statvfs(const char*, statvfs_t*);

// --- locks
#define F_DUPFD 0
#define F_DUP2FD 9
#define F_FREESP 11
#define F_GETLK 14
#define F_SETLK 6
#define F_SETLKW 7
#define F_DUP2FD_CLOEXEC 36
#define F_DUPFD_CLOEXEC 37
#define F_OFD_GETLK 47
#define F_OFD_SETLK 48
#define F_RDLCK 1
#define F_WRLCK 2
#define F_UNLCK 3
struct flock {
  short l_type, l_whence;
  off_t l_start, l_len;
  int l_sysid;
  pid_t l_pid;
  long l_pad[4];
};

// --- memory
#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define MAP_SHARED 1
#define MAP_PRIVATE 2
#define MAP_FIXED 0x10
#define MAP_ANON 0x100
#define MAP_ALIGN 0x200
#define MAP_FAILED ((void*)-1)
#define MADV_DONTNEED 4
#define MADV_PURGE 9
void* mmap(void*, size_t, int, int, int, off_t);
int munmap(void*, size_t);
int madvise(void*, size_t, int);
int msync(void*, size_t, int);
int memcntl(void*, size_t, int, void*, int, int);

// --- processes
#define WNOHANG 0x40
#define WUNTRACED 4
#define WCONTINUED 8
#define WEXITED 1
#define WNOWAIT 0x80
#define WIFSTOPPED(s) (((s)&0xff) == 0x7f && ((s)&0xff00) != 0)
#define WSTOPSIG(s) (((s) >> 8) & 0xff)
#define WIFCONTINUED(s) (((s)&0xffff) == 0xffff)
#define SIGSTOP 23
#define SIGCONT 25
#define P_PID 0
#define P_ALL 7
#define CLD_EXITED 1
#define CLD_KILLED 2
struct child_info {
  int si_signo, si_code, si_errno, si_pad;
  pid_t si_pid;
  int pad;
  long si_utime;
  int si_status, pad2;
  long si_stime;
  char rest[208];
};
struct rusage {
  struct timeval ru_utime, ru_stime;
  long ru_maxrss, ru_others[13];
};
struct rlimit {
  unsigned long rlim_cur, rlim_max;
};
#define RLIMIT_NOFILE 5
#define RLIMIT_CORE 4
#define RLIM_INFINITY ((unsigned long)-3)
int waitid(int, unsigned, struct child_info*, int);
pid_t wait4(pid_t, int*, int, struct rusage*);
int getrlimit(int, struct rlimit*);
int setrlimit(int, const struct rlimit*);
int getrusage(int, struct rusage*);
int getpriority(int, unsigned);
int execv(const char*, char* const[]);
int execvp(const char*, char* const[]);
int execl(const char*, const char*, ...);
int execlp(const char*, const char*, ...);
int execle(const char*, const char*, ...);
pid_t forkx(int);
pid_t setpgrp(void);
pid_t getpgrp(void);
int system(const char*);
int putenv(char*);
int clearenv(void);
size_t rctlblk_size(void);
int getrctl(const char*, void*, void*, unsigned);
unsigned long rctlblk_get_value(void*);
unsigned rctlblk_get_local_flags(void*);
typedef struct ucred ucred_t;
ucred_t* ucred_get(pid_t);
void ucred_free(ucred_t*);
pid_t ucred_getpid(const ucred_t*);
uid_t ucred_geteuid(const ucred_t*);
uid_t geteuid(void);
long syscall(int, ...);

// --- the system
int sysinfo(int, char*, long);
int gethostname(char*, size_t);

// --- waiting
#define POLLRDNORM 0x40
#define POLLWRBAND 0x100
#define POLLNVAL 0x20
#define POLLHUP 0x10
struct pollfd {
  int fd;
  short events, revents;
};
typedef struct {
  long fds_bits[1024];
} fd_set;
int poll(struct pollfd*, unsigned long, int);
int select(int, fd_set*, fd_set*, fd_set*, struct timeval*);

// --- time
struct itimerval {
  struct timeval it_interval, it_value;
};
#define CLOCK_THREAD_CPUTIME_ID 2
#define CLOCK_PROCESS_CPUTIME_ID 5
#define CLOCK_VIRTUAL 1
extern long timezone, altzone;
extern int daylight;
extern char* tzname[2];
int clock_getres(clockid_t, struct timespec*);
int clock_nanosleep(clockid_t, int, const struct timespec*, struct timespec*);
long gethrtime(void);
int gettimeofday(struct timeval*, void*);
int setitimer(int, const struct itimerval*, struct itimerval*);
time_t time(time_t*);
time_t mktime(struct tm*);
struct tm* localtime(const time_t*);
struct tm* localtime_r(const time_t*, struct tm*);
void tzset(void);
size_t strftime(char*, size_t, const char*, const struct tm*);
char* strptime(const char*, const char*, struct tm*);
char* asctime_r(const struct tm*, char*);

#endif
