// SPDX-License-Identifier: MIT
//
// Message queues, where programs cannot see: messages that are not what they seem, the socket's
// limits, descriptors that move or are used again. The static library has no wrappers, so the
// hooks are called as they would call them.
#include "libportc/source/mq.h"

#include <criterion/criterion.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <mqueue.h>
#include <port.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <vector>

#include "libportc/api/mq.h"
#include "libportc/base/sys.h"
#include "libportc/core/registry.h"

using namespace portc;

namespace {

constexpr struct timespec kAtOnce = {0, 0};
constexpr struct timespec kSoon = {5, 0};

void* cookie(long n) { return reinterpret_cast<void*>(n); }

int port() {
  const int fd = port_create();
  cr_assert_geq(fd, 0);
  return fd;
}

// A queue of one byte, without a name. -1 if the system allows no more of them.
mqd_t try_queue() {
  static int made = 0;
  char name[64];
  snprintf(name, sizeof name, "/portc-unit-%d-%d", getpid(), made++);
  struct mq_attr attributes = {};
  attributes.mq_maxmsg = 1;
  attributes.mq_msgsize = 1;
  const mqd_t made_here = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
  mq_unlink(name);
  return made_here;
}

mqd_t queue() {
  const mqd_t made = try_queue();
  cr_assert_geq(made, 0, "mq_open: %s", strerror(errno));
  return made;
}

int notify(mqd_t on, int port_fd, void* user) {
  port_notify_t target = {port_fd, user};
  struct sigevent event = {};
  event.sigev_notify = SIGEV_PORT;
  event.sigev_value.sival_ptr = &target;
  return portc_private_mq_notify(on, &event);
}

void* unreadable() { return mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }

void check_fails(int result, int error) {
  const int seen = errno;
  cr_assert_eq(result, -1);
  cr_assert_eq(seen, error, "%s, not %s", strerror(seen), strerror(error));
}

void put(mqd_t into) { cr_assert_eq(mq_send(into, "m", 1, 0), 0); }

void check_event(int port_fd, mqd_t from, void* user) {
  port_event_t event = {};
  cr_assert_eq(port_get(port_fd, &event, &kSoon), 0, "%s", strerror(errno));
  cr_assert_eq(event.portev_source, PORT_SOURCE_MQ);
  cr_assert_eq(event.portev_object, static_cast<uintptr_t>(from));
  cr_assert_eq(event.portev_events, 0);
  cr_assert_eq(event.portev_user, user);
}

void check_empty(int port_fd) {
  port_event_t event;
  cr_assert_eq(port_get(port_fd, &event, &kAtOnce), -1);
  cr_assert_eq(errno, ETIME);
}

uint32_t slots_in_use(int port_fd) {
  Result<PortRef> ref = port_acquire(port_fd);
  cr_assert(bool(ref));
  PortGuard guard(**ref);
  return (*ref)->segment.header().in_use;
}

// The netlink socket among this process's hidden descriptors; -1 if there is none.
int hidden_socket() {
  for (int fd = 0; fd <= registry_highest(); ++fd) {
    struct stat st;
    if (registry_is_hidden(fd) && fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode)) return fd;
  }
  return -1;
}

// What closing the process's last descriptor of the port does; there are no wrappers to see that.
void leave(int port_fd) {
  Result<PortRef> ref = port_acquire(port_fd);
  PortGuard guard(**ref);
  sources_leave(**ref);
}

void check_child(pid_t pid) {
  int status = -1;
  cr_assert_eq(waitpid(pid, &status, 0), pid);
  cr_assert_eq(status, 0);
}

// The layout of mq.cc's cookie.
struct Forged {
  uint64_t magic;
  uint32_t entry;
  uint32_t serial;
  uint8_t unused[16];
};
constexpr uint64_t kCookieMagic = 0x31'65'69'6b'6f'6f'63'6d;

// Lets the kernel send these 32 bytes to the socket: it ends a registration at once.
void deliver(const Forged& forged, int socket) {
  const mqd_t other = queue();
  struct sigevent event = {};
  event.sigev_notify = SIGEV_THREAD;
  event.sigev_signo = socket;
  event.sigev_value.sival_ptr = const_cast<Forged*>(&forged);
  cr_assert_eq(sys::raw(SYS_mq_notify, other, sys::arg(&event)), 0);
  put(other);
  mq_close(other);
}

}  // namespace

Test(mq, errors_in_order) {
  const int p = port();
  const mqd_t q = queue();
  struct sigevent event = {};
  event.sigev_notify = SIGEV_PORT;
  event.sigev_value.sival_ptr = unreadable();
  check_fails(portc_private_mq_notify(-1, &event), EBADF);
  check_fails(portc_private_mq_notify(p, &event), EBADF);
  check_fails(portc_private_mq_notify(q, &event), EFAULT);
  check_fails(notify(q, q, nullptr), EBADF);
  check_fails(notify(q, -1, nullptr), EBADF);
  cr_assert_eq(notify(q, p, nullptr), 0);
  check_fails(notify(q, -1, nullptr), EBADF);
  check_fails(notify(q, p, nullptr), EBUSY);
  cr_assert_eq(slots_in_use(p), 1);
}

Test(mq, a_full_port_leaves_nothing_registered) {
  setenv("PORTC_MAX_EVENTS", "1", 1);
  const int p = port();
  const mqd_t q = queue();
  cr_assert_eq(port_send(p, 1, nullptr), 0);
  check_fails(notify(q, p, nullptr), EAGAIN);
  port_event_t event;
  cr_assert_eq(port_get(p, &event, &kAtOnce), 0);
  cr_assert_eq(notify(q, p, cookie(1)), 0);
  check_fails(port_send(p, 1, nullptr), EAGAIN);
  put(q);
  check_event(p, q, cookie(1));
  cr_assert_eq(slots_in_use(p), 0);
}

// The kernel would put the caller to sleep until a registration ends.
Test(mq, a_full_socket_is_an_error, .timeout = 10) {
  const int p = port();
  const mqd_t first = queue();
  cr_assert_eq(notify(first, p, cookie(1)), 0);
  const int least = 1;
  cr_assert_eq(setsockopt(hidden_socket(), SOL_SOCKET, SO_RCVBUF, &least, sizeof least), 0);
  const mqd_t second = queue();
  check_fails(notify(second, p, cookie(2)), EAGAIN);
  put(first);
  check_event(p, first, cookie(1));
  const int enough = 1 << 16;
  cr_assert_eq(setsockopt(hidden_socket(), SOL_SOCKET, SO_RCVBUF, &enough, sizeof enough), 0);
  cr_assert_eq(notify(second, p, cookie(2)), 0);
  put(second);
  check_event(p, second, cookie(2));
  cr_assert_eq(slots_in_use(p), 0);
}

Test(mq, messages_that_name_no_registration_are_ignored) {
  const int p = port();
  const mqd_t q = queue();
  cr_assert_eq(notify(q, p, cookie(1)), 0);
  const int socket = hidden_socket();
  deliver({0, 0, 1, {}}, socket);
  deliver({kCookieMagic, 0, 0, {}}, socket);
  deliver({kCookieMagic, 0, 2, {}}, socket);
  deliver({kCookieMagic, 1, 1, {}}, socket);
  deliver({kCookieMagic, UINT32_MAX, 1, {}}, socket);
  check_empty(p);
  put(q);
  check_event(p, q, cookie(1));
  deliver({kCookieMagic, 0, 1, {}}, socket);  // it has ended
  check_empty(p);
  cr_assert_eq(slots_in_use(p), 0);
}

Test(mq, an_unread_end_is_not_taken_for_the_next_registration) {
  const int p = port();
  const mqd_t q = queue();
  for (long i = 0; i < 3; ++i) {
    cr_assert_eq(notify(q, p, cookie(i)), 0);
    cr_assert_eq(mq_notify(q, nullptr), 0);  // libc's: nobody reads the message
  }
  cr_assert_eq(notify(q, p, cookie(9)), 0);
  check_empty(p);
  cr_assert_eq(slots_in_use(p), 1);
  put(q);
  check_event(p, q, cookie(9));
  check_empty(p);
}

Test(mq, fired_and_registered_again_before_the_event_is_read) {
  const int p = port();
  const mqd_t q = queue();
  char byte;
  for (long i = 0; i < 3; ++i) {
    cr_assert_eq(notify(q, p, cookie(i)), 0);
    put(q);
    cr_assert_eq(mq_receive(q, &byte, 1, nullptr), 1);
  }
  for (long i = 0; i < 3; ++i) check_event(p, q, cookie(i));
  check_empty(p);
}

Test(mq, ending_tells_what_is_registered_from_what_is_not) {
  const int p = port();
  const mqd_t q = queue();
  cr_assert_eq(portc_private_mq_ending(q), -1, "never a port's");
  cr_assert_eq(notify(q, p, cookie(1)), 0);
  cr_assert_eq(portc_private_mq_ending(q), 0);
  cr_assert_eq(portc_private_mq_ending(q), EBUSY);
  cr_assert_eq(slots_in_use(p), 0);
  cr_assert_eq(notify(q, p, cookie(2)), 0);
  put(q);
  cr_assert_eq(portc_private_mq_ending(q), EBUSY, "it has fired");
  check_event(p, q, cookie(2));
  portc_private_mq_taken(q);
  cr_assert_eq(portc_private_mq_ending(q), -1);
  cr_assert_eq(portc_private_mq_ending(-1), -1);
  cr_assert_eq(portc_private_mq_ending(1 << 30), -1);
}

Test(mq, a_number_used_again_is_another_queue) {
  const int p = port();
  const mqd_t q = queue();
  cr_assert_eq(notify(q, p, cookie(1)), 0);
  mq_close(q);
  const mqd_t again = queue();
  cr_assert_eq(again, q);
  cr_assert_eq(portc_private_mq_ending(again), -1);
  portc_private_mq_closing(again);
  check_empty(p);
  cr_assert_eq(slots_in_use(p), 0);
}

Test(mq, closing_a_queue_leaves_no_message_to_read) {
  const int p = port();
  const mqd_t q = queue();
  cr_assert_eq(notify(q, p, cookie(1)), 0);
  portc_private_mq_closing(q);
  mq_close(q);
  struct pollfd item = {p, POLLIN, 0};
  cr_assert_eq(poll(&item, 1, 0), 0);
  cr_assert_eq(slots_in_use(p), 0);
}

Test(mq, closing_the_port_frees_the_queue) {
  const int p = port(), other = port();
  const mqd_t q = queue(), fired = queue();
  cr_assert_eq(notify(q, p, cookie(1)), 0);
  cr_assert_eq(notify(fired, p, cookie(2)), 0);
  put(fired);
  cr_assert_geq(hidden_socket(), 0);
  leave(p);
  cr_assert_eq(hidden_socket(), -1);
  cr_assert_eq(slots_in_use(p), 0);
  cr_assert_eq(portc_private_mq_ending(q), EBUSY);
  cr_assert_eq(notify(q, other, cookie(4)), 0);
  put(q);
  check_event(other, q, cookie(4));
  cr_assert_eq(notify(fired, p, cookie(5)), 0, "the port goes on");
}

Test(mq, the_socket_moves_out_of_the_way) {
  const int p = port();
  const mqd_t q = queue(), later = queue();
  cr_assert_eq(notify(q, p, cookie(1)), 0);
  const int socket = hidden_socket();
  cr_assert_not(sources_vacate(q));
  cr_assert(sources_vacate(socket));
  cr_assert_neq(hidden_socket(), socket);
  cr_assert_lt(fcntl(socket, F_GETFD), 0);
  cr_assert_eq(notify(later, p, cookie(2)), 0);
  put(q);
  put(later);
  check_event(p, q, cookie(1));
  check_event(p, later, cookie(2));
}

Test(mq, a_child_starts_without) {
  const int p = port();
  const mqd_t q = queue();
  cr_assert_eq(notify(q, p, cookie(1)), 0);
  const pid_t pid = fork();
  if (pid == 0) {
    const bool clean = hidden_socket() == -1 && portc_private_mq_ending(q) == -1;
    const mqd_t own = try_queue();
    port_event_t event;
    const bool works = notify(own, p, cookie(2)) == 0 && mq_send(own, "m", 1, 0) == 0 &&
                       port_get(p, &event, &kSoon) == 0 && event.portev_user == cookie(2);
    _exit(clean && works ? 0 : 1);
  }
  check_child(pid);
  put(q);
  check_event(p, q, cookie(1));
}

Test(mq, interrupted_section) {
  const int p = port();
  const mqd_t q = queue(), other = queue();
  cr_assert_eq(notify(q, p, cookie(1)), 0);
  {
    Result<PortRef> ref = port_acquire(p);
    PortGuard guard(**ref);
    check_fails(notify(other, p, cookie(2)), EAGAIN);
    cr_assert_eq(portc_private_mq_ending(q), 0);
  }
  put(q);
  check_empty(p);
  cr_assert_eq(slots_in_use(p), 0);
}

// As many as leave some for the tests that run at the same time: a system has 256 by default.
Test(mq, many_at_once, .timeout = 60) {
  const int p = port();
  std::vector<mqd_t> queues;
  for (mqd_t made; queues.size() < 200 && (made = try_queue()) >= 0;) queues.push_back(made);
  cr_assert_geq(queues.size(), 8);
  size_t registered = 0;
  while (registered < queues.size() &&
         notify(queues[registered], p, cookie(static_cast<long>(registered))) == 0)
    ++registered;
  if (registered < queues.size()) cr_assert_eq(errno, EAGAIN);
  cr_assert_geq(registered, queues.size() < 100 ? queues.size() : 100);
  for (size_t i = registered; i-- > 0;) put(queues[i]);
  for (size_t i = registered; i-- > 0;) check_event(p, queues[i], cookie(static_cast<long>(i)));
  check_empty(p);
  cr_assert_eq(slots_in_use(p), 0);
}

Test(mq, without_netlink_sockets) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog program = {4, code};
  const int p = port();
  const mqd_t q = queue();
  cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  cr_assert_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
  check_fails(notify(q, p, nullptr), ENOTSUP);
  check_fails(notify(q, p, nullptr), ENOTSUP);
  cr_assert_eq(slots_in_use(p), 0);
  cr_assert_eq(port_send(p, 1, nullptr), 0);
}
