# SPDX-License-Identifier: MIT
"""Writes a sequence of calls as a C program that does them, and prints what they return.

The program stands alone: each process of the sequence is a function, and a counter in shared
memory says whose turn it is.
"""
from constants import FD

PRELUDE = '''\
#define _GNU_SOURCE
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <port.h>

enum { kShared = 900, kHanding = 910 }; /* descriptors, out of the way */

static struct shared {
  int now; /* the step that is to be done */
  pid_t pids[4];
} *shared;
static port_event_t list[64];
static char bytes[4096] = {1};

static void turn(int step) {
  while (__atomic_load_n(&shared->now, __ATOMIC_ACQUIRE) != step) sched_yield();
}
static void next(int step) { __atomic_store_n(&shared->now, step + 1, __ATOMIC_RELEASE); }

static void say(const char *what, long result) {
  const int error = errno;
  printf("%s = %ld%s%s\\n", what, result, result < 0 ? " " : "",
         result < 0 ? strerrorname_np(error) : "");
  fflush(stdout);
}
#define DO(step, call) (turn(step), errno = 0, say(#call, (long)(call)), next(step))

static void say_events(unsigned count) {
  for (unsigned i = 0; i < count; ++i)
    printf("  events %#x, source %d, object %ld, user %ld\\n", (unsigned)list[i].portev_events,
           list[i].portev_source, (long)list[i].portev_object, (long)list[i].portev_user);
}

static int get(int port, port_event_t *event, const struct timespec *timeout) {
  const int result = port_get(port, event, timeout);
  if (result == 0) say_events(1);
  return result;
}

static int getn(int port, port_event_t *events, unsigned max, unsigned nget,
                const struct timespec *timeout) {
  const int result = port_getn(port, events, max, &nget, timeout);
  const int error = errno;
  printf("  nget = %u\\n", nget);
  if (max > 0 && events == list && (result == 0 || error == ETIME)) say_events(nget);
  errno = error;
  return result;
}

static void await_end(int process) {
  while (kill(shared->pids[process], 0) == 0) sched_yield();
}

static void start(int process, void (*run)(void), int step) {
  const pid_t pid = fork();
  if (pid == 0) {
    signal(SIGCHLD, SIG_IGN);
    run();
    pause(); /* it ends with the program */
  }
  shared->pids[process] = pid;
  next(step);
}

static void execute(const char *part, int step) {
  next(step);
  execl("/proc/self/exe", "part", part, (char *)NULL);
}
'''

POLLING = '''
static int polled(int fd, int events) {
  struct pollfd item = {fd, (short)events, 0};
  const int result = poll(&item, 1, 0);
  printf("  revents = %#x\\n", (unsigned)item.revents & 0xffff);
  return result;
}
'''

SIZES = '''
static int size(int fd) {
  struct stat st = {0};
  const int result = fstat(fd, &st);
  printf("  size = %ld\\n", (long)st.st_size);
  return result;
}
'''

SENDING = '''
static int sendn(int *ports, unsigned count, int with_errors, int events, void *user) {
  int errors[16] = {0};
  const int result = port_sendn(ports, with_errors ? errors : NULL, count, events, user);
  for (unsigned i = 0; i < count; ++i) printf("  error %d\\n", errors[i]);
  return result;
}
'''

MAKING = '''
static int made[2];
'''

FILLING = '''
static int fill(int fd) {
  while (write(fd, bytes, sizeof bytes) > 0) {
  }
  return -1;
}

static int drain(int fd) {
  ssize_t got;
  while ((got = read(fd, bytes, sizeof bytes)) > 0) {
  }
  return (int)got;
}
'''

PASSING = '''
static long pass(int fd, int receive) {
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control = {0};
  char byte = 'x';
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                           .msg_controllen = sizeof control};
  if (receive) {
    if (recvmsg(kHanding + 1, &message, 0) < 0) return -1;
    memcpy(&fd, CMSG_DATA(&control.header), sizeof fd);
    return fd;
  }
  control.header.cmsg_level = SOL_SOCKET;
  control.header.cmsg_type = SCM_RIGHTS;
  control.header.cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
  return sendmsg(kHanding, &message, 0);
}
'''

SLEEPING = '''
static struct {
  pthread_t thread;
  int port, result, error;
  unsigned max, nget;
} sleeper;

static void *sleep_in_getn(void *unused) {
  (void)unused;
  sleeper.result =
      port_getn(sleeper.port, list, sleeper.max, &sleeper.nget, &(struct timespec){60, 0});
  sleeper.error = errno;
  return NULL;
}

static int start_sleeper(int port, unsigned max, unsigned nget) {
  sleeper.port = port;
  sleeper.max = max;
  sleeper.nget = nget;
  pthread_create(&sleeper.thread, NULL, sleep_in_getn, NULL);
  return poll(NULL, 0, 50); /* long enough to be asleep */
}

static int join_sleeper(void) {
  pthread_join(sleeper.thread, NULL);
  printf("  nget = %u\\n", sleeper.nget);
  if (sleeper.result == 0) say_events(sleeper.nget);
  errno = sleeper.error;
  return sleeper.result;
}
'''

TIMERS = '''
static timer_t timers[4];

static int create_timer(int port, void *user, int place) {
  port_notify_t notify = {port, user};
  struct sigevent event = {.sigev_notify = SIGEV_PORT, .sigev_value.sival_ptr = &notify};
  return timer_create(CLOCK_MONOTONIC, &event, &timers[place]);
}

/* 0: disarm, 1: has expired, 2: far away */
static int set_timer(int place, int how) {
  const struct itimerspec when = {.it_value = {how == 2 ? 3600 : 0, how == 1}};
  return timer_settime(timers[place], how == 1 ? TIMER_ABSTIME : 0, &when, NULL);
}
'''

REQUESTS = '''
static struct aiocb requests[4];

static int request(int port, void *user, int place, int fd) {
  port_notify_t notify = {port, user};
  static char memory[16];
  struct aiocb *r = &requests[place];
  *r = (struct aiocb){.aio_fildes = fd, .aio_buf = memory, .aio_nbytes = sizeof memory};
  r->aio_sigevent.sigev_notify = SIGEV_PORT;
  r->aio_sigevent.sigev_value.sival_ptr = &notify;
  const int result = aio_read(r);
  while (result == 0 && aio_error(r) == EINPROGRESS)
    aio_suspend((const struct aiocb *const[]){r}, 1, NULL);
  if (result == 0) aio_return(r);
  return result;
}
'''

FILES = '''
static file_obj_t objects[4];

static const char *path(int place) {
  static char text[32];
  snprintf(text, sizeof text, "/tmp/watched.%d", place);
  return text;
}

static int watch(int port, int place, int events, void *user) {
  objects[place] = (file_obj_t){.fo_name = (char *)path(place)};
  return port_associate(port, PORT_SOURCE_FILE, (uintptr_t)&objects[place], events, user);
}

static int change(int place, const char *how) {
  const char *name = path(place);
  const int flags = how[0] == 'm' ? O_CREAT | O_EXCL : how[0] == 'a' ? O_WRONLY | O_APPEND : 0;
  if (strcmp(how, "chmod") == 0) return chmod(name, 0600);
  if (strcmp(how, "truncate") == 0) return truncate(name, 0);
  if (strcmp(how, "unlink") == 0) return unlink(name);
  const int fd = open(name, flags | O_CLOEXEC, 0644);
  if (fd < 0) return -1;
  const int done = how[0] == 'a' ? write(fd, "x", 1) : how[0] == 'r' ? read(fd, bytes, 1) : 0;
  close(fd);
  return done;
}
'''

# Which calls need which of them.
HELPERS = [(POLLING, {'poll'}), (SIZES, {'size'}), (SENDING, {'sendn'}),
           (MAKING, {'pipe', 'sockets'}), (FILLING, {'fill', 'drain'}), (PASSING, {'pass'}),
           (SLEEPING, {'sleep'}), (TIMERS, {'timer'}), (REQUESTS, {'request'}),
           (FILES, {'watch', 'unwatch', 'change'})]

MAIN = '''
int main(int argc, char **argv) {{
  struct rlimit limit;
  if (argc < 2) {{
    dup2(memfd_create("shared", 0), kShared);
    if (ftruncate(kShared, sizeof *shared) != 0) return 1;
    int ends[2];
    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends);
    dup2(ends[0], kHanding);
    dup2(ends[1], kHanding + 1);
    closefrom_below();
    setenv("PORTC_MAX_EVENTS", "{slots}", 1);
    for (int place = 0; place < 4; ++place) {{
      char name[32];
      snprintf(name, sizeof name, "/tmp/watched.%d", place);
      close(open(name, O_RDWR | O_CREAT | O_TRUNC, 0644));
    }}
    setenv("PORTC_EXACT", "{exact}", 1);
  }}
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = 1024;
  setrlimit(RLIMIT_NOFILE, &limit);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGCHLD, SIG_IGN);
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, kShared, 0);
  if (argc == 2) {{
    parts[atoi(argv[1])]();
    pause();
  }}
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  shared->now = -1;
  start(0, parts[0], -1);
  turn({steps});
  puts("{expected}");
  for (int i = 0; i < 4; ++i)
    if (shared->pids[i] > 0) kill(shared->pids[i], SIGKILL);
  return 0;
}}
'''

CLOSE = '''
static void closefrom_below(void) {
  for (int fd = 3; fd < kShared; ++fd) close(fd);
}
'''

TIMEOUTS = ['(&(struct timespec){0, 0})', '(&(struct timespec){0, 1})',
            '(&(struct timespec){0, 1000000000})', '(&(struct timespec){-1, 0})',
            '(struct timespec *)8']
CHANGES = ['append', 'read', 'chmod', 'truncate', 'unlink', 'make']
LISTS = ['list', 'NULL', '(port_event_t *)8']


def user(value):
    return f'(void *){value}'


def source(value):
    return 'PORT_SOURCE_FD' if value == FD else value


def getn_text(port, where, most, want, timeout):
    if want < 0:
        return f'port_getn({port}, {LISTS[where]}, {most}, NULL, {TIMEOUTS[timeout]})'
    return f'getn({port}, {LISTS[where]}, {most}, {want}, {TIMEOUTS[timeout]})'


def sendn_text(where, events, cookie, *ports):
    array = f'((int[]){{{", ".join(map(str, ports or (0,)))}}})'
    return f'sendn({array}, {len(ports)}, {where}, {events}, {user(cookie)})'


# How each call that is a step of one process is written.
TEXTS = {
    'create': lambda: 'port_create()',
    'associate': lambda p, s, o, e, u: f'port_associate({p}, {source(s)}, (uintptr_t){o}, {e:#x}, '
                                       f'{user(u)})',
    'dissociate': lambda p, s, o: f'port_dissociate({p}, {source(s)}, (uintptr_t){o})',
    'send': lambda p, e, u: f'port_send({p}, {e}, {user(u)})',
    'sendn': sendn_text,
    'get': lambda p, w, t: f'get({p}, {LISTS[w]}, {TIMEOUTS[t]})',
    'getn': getn_text,
    'alert': lambda p, f, e, u: f'port_alert({p}, {f}, {e}, {user(u)})',
    'pipe': lambda: 'pipe2(made, O_NONBLOCK)',
    'sockets': lambda: 'socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, made)',
    'eventfd': lambda: 'eventfd(0, EFD_NONBLOCK)',
    'file': lambda: 'open("/proc/self/exe", O_RDONLY)',
    'close': lambda n: f'close({n})',
    'dup': lambda n: f'dup({n})',
    'dup2': lambda n, onto: f'dup2({n}, {onto})',
    'cloexec': lambda n: f'fcntl({n}, F_SETFD, FD_CLOEXEC)',
    'read': lambda n, count: f'read({n}, bytes, {count})',
    'write': lambda n, count: f'write({n}, bytes, {count})',
    'fill': lambda n: f'fill({n})',
    'drain': lambda n: f'drain({n})',
    'poll': lambda n, events: f'polled({n}, {events:#x})',
    'size': lambda n: f'size({n})',
    'sleep': lambda p, most, want: f'start_sleeper({p}, {most}, {want})',
    'join': lambda: 'join_sleeper()',
    'timer': lambda p, u, place: f'create_timer({p}, {user(u)}, {place})',
    'settime': lambda place, how: f'set_timer({place}, {how})',
    'remove': lambda place: f'timer_delete(timers[{place}])',
    'request': lambda p, u, place, fd: f'request({p}, {user(u)}, {place}, {fd})',
    'watch': lambda p, place, e, u: f'watch({p}, {place}, {e:#x}, {user(u)})',
    'unwatch': lambda p, place: f'port_dissociate({p}, PORT_SOURCE_FILE, '
                                f'(uintptr_t)&objects[{place}])',
    'change': lambda place, how: f'change({place}, "{CHANGES[how]}")',
}


class Program:
    """The processes' functions, in parts: an exec begins a new one."""

    def __init__(self):
        self.parts = [[]]  # lines
        self.current = {0: 0}  # process -> its part
        self.ended = None  # a process whose end the next step waits for
        self.step = 0

    def add(self, who, line):
        lines = self.parts[self.current[who]]
        if self.ended is not None:
            lines.append(f'turn({self.step}), await_end({self.ended});')
            self.ended = None
        lines.append(line)

    def new_part(self, who):
        self.parts.append([])
        self.current[who] = len(self.parts) - 1
        return self.current[who]

    def call(self, call, seen):
        who, name, *arguments = call
        comment = '' if seen is None else f'  /* {" ".join(map(str, seen))} */'
        special = getattr(self, 'call_' + name, None)
        if special:
            special(who, *arguments)
        else:
            self.add(who, f'DO({self.step}, {TEXTS[name](*arguments)});{comment}')
        self.step += 1

    def call_fork(self, who, number):
        self.add(who, '')
        part = self.new_part(number)
        self.parts[self.current[who]][-1] = \
            f'turn({self.step}), start({number}, part_{part}, {self.step});'

    def call_exec(self, who):
        self.add(who, '')
        lines = self.parts[self.current[who]]
        lines[-1] = f'turn({self.step}), execute("{self.new_part(who)}", {self.step});'

    def _end(self, who, how):
        self.add(who, f'turn({self.step}), next({self.step}), {how};')
        self.ended = who

    def call_exit(self, who):
        self._end(who, 'exit(0)')

    def call_quick(self, who):
        self._end(who, '_exit(0)')

    def call_kill(self, who):
        self._end(who, 'raise(SIGKILL)')

    def call_pass(self, who, receiver, number):
        self.add(who, f'DO({self.step}, pass({number}, 0));')
        self.step += 1
        self.add(receiver, f'DO({self.step}, pass(-1, 1));')


def write_program(path, play, difference):
    program = Program()
    for call, seen in play.done:
        program.call(call, seen)
    names = {call[1] for call, _ in play.done}
    wrong = difference.wrong.replace('"', "'")
    text = ['/*', f' * {wrong}',
            ' * in the last step. Each step is a call of one of the processes; what it returned',
            ' * stands behind it.', ' */', PRELUDE]
    text += [helper for helper, calls in HELPERS if calls & names]
    text.append(CLOSE)
    text += [f'static void part_{i}(void);' for i in range(1, len(program.parts))]
    for i, lines in enumerate(program.parts):
        text.append(f'\nstatic void part_{i}(void) {{')
        text += ['  ' + line for line in lines] + ['}']
    text.append('\nstatic void (*const parts[])(void) = {' +
                ', '.join(f'part_{i}' for i in range(len(program.parts))) + '};')
    text.append(MAIN.format(slots=play.settings[0], exact=play.settings[1], steps=program.step,
                            expected=wrong))
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(text))
