// SPDX-License-Identifier: MIT
//
// Names, interfaces, options of sockets, terminals: what has another layout or another number.
#include "check.h"

#define AF_INET6 26
#define AF_LINK 25
#define ENXIO 6
#define ENOTTY 25
#define ENOSTR 60
#define ENOTSOCK 95
#define ENOPROTOOPT 99
#define EPROTOTYPE 98
#define EAFNOSUPPORT 124
#define EOPNOTSUPP 122
#define ECONNREFUSED 146
#define AI_CANONNAME 0x10
#define AI_NUMERICHOST 0x20
#define EAI_NONAME 8
#define SO_KEEPALIVE 8
#define SO_SNDBUF 0x1001
#define SO_ERROR 0x1007
#define SO_DOMAIN 0x100c
#define SO_EXCLBIND 0x1015
#define IPPROTO_TCP 6
#define IPPROTO_IP 0
#define TCP_NODELAY 1
#define TCP_KEEPALIVE_THRESHOLD 0x16
#define TCP_KEEPALIVE_ABORT_THRESHOLD 0x17
#define IP_TTL 4
#define IP_RECVTTL 0xb
#define SOCK_NONBLOCK 0x100000
#define MSG_TRUNC 0x20
#define MSG_CTRUNC 0x10
#define FIONBIO (int)0x8004667e
#define FIONREAD 0x4004667f
#define TCGETS 0x540d
#define SIOCGLIFNUM (int)0xc00c6982
#define SIOCGLIFCONF (int)0xc01069a5
#define SIOCGLIFFLAGS (int)0xc0786975
#define SIOCGLIFINDEX (int)0xc0786985

struct sockaddr_in6 {
  unsigned short sin6_family, sin6_port;
  uint32_t sin6_flowinfo;
  unsigned char sin6_addr[16];
  uint32_t sin6_scope_id, sin6_src_id;
};
struct addrinfo {
  int ai_flags, ai_family, ai_socktype, ai_protocol;
  socklen_t ai_addrlen;
  char* ai_canonname;
  struct sockaddr* ai_addr;
  struct addrinfo* ai_next;
};
struct hostent {
  char* h_name;
  char** h_aliases;
  int h_addrtype, h_length;
  char** h_addr_list;
};
struct ifaddrs {
  struct ifaddrs* ifa_next;
  char* ifa_name;
  uint64_t ifa_flags;
  struct sockaddr *ifa_addr, *ifa_netmask, *ifa_dstaddr;
  void* ifa_data;
};
struct lifnum {
  unsigned short lifn_family;
  int lifn_flags, lifn_count;
};
struct lifreq {
  char lifr_name[32];
  int lifr_addrlen;
  unsigned lifr_type;
  union {
    struct sockaddr lifr_addr;
    uint64_t lifr_flags;
    int lifr_index;
    long align[42];
  } u;
};
struct lifconf {
  unsigned short lifc_family;
  int lifc_flags, lifc_len;
  struct lifreq* lifc_req;
};
struct termios {
  unsigned c_iflag, c_oflag, c_cflag, c_lflag;
  unsigned char c_cc[19];
};
struct passwd {
  char *pw_name, *pw_passwd;
  uid_t pw_uid;
  gid_t pw_gid;
  char *pw_age, *pw_comment, *pw_gecos, *pw_dir, *pw_shell;
};

typedef struct ucred ucred_t;
int getpeerucred(int, ucred_t**);
pid_t ucred_getpid(const ucred_t*);
uid_t ucred_geteuid(const ucred_t*);
void ucred_free(ucred_t*);
ssize_t sendmsg(int, const void*, int);
ssize_t recvmsg(int, void*, int);
int getaddrinfo(const char*, const char*, const struct addrinfo*, struct addrinfo**);
void freeaddrinfo(struct addrinfo*);
const char* gai_strerror(int);
int getnameinfo(const struct sockaddr*, socklen_t, char*, socklen_t, char*, socklen_t, int);
struct hostent* gethostbyname(const char*);
int inet_pton(int, const char*, void*);
const char* inet_ntop(int, const void*, char*, socklen_t);
unsigned if_nametoindex(const char*);
int getifaddrs(struct ifaddrs**);
void freeifaddrs(struct ifaddrs*);
int ioctl(int, int, ...);
int putmsg(int, const void*, const void*, int);
int isatty(int);
int posix_openpt(int);
int grantpt(int);
int unlockpt(int);
char* ptsname(int);
int tcgetattr(int, struct termios*);
int tcsetattr(int, int, const struct termios*);
unsigned cfgetospeed(const struct termios*);
int cfsetospeed(struct termios*, unsigned);
struct passwd* getpwuid(uid_t);
int __posix_getpwnam_r(const char*, struct passwd*, char*, size_t, struct passwd**);
int getpeername(int, struct sockaddr*, socklen_t*);
ssize_t recvfrom(int, void*, size_t, int, struct sockaddr*, socklen_t*);
ssize_t __xnet_sendto(int, const void*, size_t, int, const struct sockaddr*, socklen_t);
ssize_t sendfile(int, int, off_t*, size_t);

static void names(void) {
  struct addrinfo hints, *list = NULL;
  char host[64], service[16];
  memset(&hints, 0, sizeof hints);
  hints.ai_flags = AI_NUMERICHOST | AI_CANONNAME;
  hints.ai_socktype = SOCK_STREAM;
  CHECK("getaddrinfo", getaddrinfo("::1", "80", &hints, &list) == 0 && list != NULL &&
                           list->ai_family == AF_INET6 && list->ai_socktype == SOCK_STREAM &&
                           list->ai_addrlen == sizeof(struct sockaddr_in6) &&
                           list->ai_addr->sa_family == AF_INET6);
  CHECK("canonical", list->ai_canonname != NULL && strcmp(list->ai_canonname, "::1") == 0);
  CHECK("getnameinfo", getnameinfo(list->ai_addr, list->ai_addrlen, host, sizeof host, service,
                                   sizeof service, 0x2 | 0x8) == 0 &&
                           strcmp(host, "::1") == 0 && strcmp(service, "80") == 0);
  freeaddrinfo(list);
  CHECK("no-name", getaddrinfo("not a name", NULL, &hints, &list) == EAI_NONAME &&
                       gai_strerror(EAI_NONAME)[0] != '\0');
  struct hostent* entry = gethostbyname("127.0.0.1");
  CHECK("gethostbyname", entry != NULL && entry->h_addrtype == AF_INET && entry->h_length == 4 &&
                             memcmp(entry->h_addr_list[0], "\177\0\0\1", 4) == 0);
  unsigned char address[16];
  CHECK("inet", inet_pton(AF_INET6, "fe80::1", address) == 1 &&
                    inet_ntop(AF_INET6, address, host, sizeof host) == host &&
                    strcmp(host, "fe80::1") == 0);
  errno = 0;
  CHECK("inet-family", inet_pton(99, "1.2.3.4", address) == -1 && errno == EAFNOSUPPORT);
}

static void interfaces(void) {
  struct ifaddrs* list = NULL;
  int inet = 0, link = 0;
  CHECK("getifaddrs", getifaddrs(&list) == 0 && list != NULL);
  for (struct ifaddrs* at = list; at != NULL; at = at->ifa_next) {
    if (strcmp(at->ifa_name, "lo") != 0) continue;
    if (at->ifa_addr->sa_family == AF_INET)
      inet += (at->ifa_flags & 0x1000009) == 0x1000009 && at->ifa_netmask != NULL;
    link += at->ifa_addr->sa_family == AF_LINK;
  }
  CHECK("loopback", inet == 1 && link == 1);
  freeifaddrs(list);
  CHECK("index", if_nametoindex("lo") > 0 && if_nametoindex("none") == 0 && errno == ENXIO);
  const int fd = __xnet_socket(AF_INET, SOCK_DGRAM, 0);
  struct lifnum count = {AF_INET, 0, 0};
  struct lifreq entries[16];
  CHECK("count", ioctl(fd, SIOCGLIFNUM, &count) == 0 && count.lifn_count >= 1);
  struct lifconf request = {AF_INET, 0, sizeof entries, entries};
  CHECK("list", ioctl(fd, SIOCGLIFCONF, &request) == 0 &&
                    request.lifc_len == count.lifn_count * (int)sizeof(struct lifreq) &&
                    entries[0].u.lifr_addr.sa_family == AF_INET);
  struct lifreq one;
  memset(&one, 0, sizeof one);
  strlcpy(one.lifr_name, "lo", sizeof one.lifr_name);
  CHECK("flags",
        ioctl(fd, SIOCGLIFFLAGS, &one) == 0 && (one.u.lifr_flags & 0x1000009) == 0x1000009);
  CHECK("lif-index",
        ioctl(fd, SIOCGLIFINDEX, &one) == 0 && one.u.lifr_index == (int)if_nametoindex("lo"));
  strlcpy(one.lifr_name, "none0", sizeof one.lifr_name);
  CHECK("no-interface", ioctl(fd, SIOCGLIFFLAGS, &one) == -1 && errno == ENXIO);
  close(fd);
}

static int get(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return __xnet_getsockopt(fd, level, name, &value, &size) == 0 ? value : -1;
}

static int set(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof value);
}

static void options(void) {
  const int fd = __xnet_socket(AF_INET6, SOCK_STREAM, 0);
  CHECK("domain", get(fd, SOL_SOCKET, SO_DOMAIN) == AF_INET6);
  CHECK("buffer",
        set(fd, SOL_SOCKET, SO_SNDBUF, 20000) == 0 && get(fd, SOL_SOCKET, SO_SNDBUF) == 20000);
  CHECK("nodelay", set(fd, IPPROTO_TCP, TCP_NODELAY, 1) == 0 && get(fd, IPPROTO_TCP, TCP_NODELAY));
  CHECK("keepalive", set(fd, SOL_SOCKET, SO_KEEPALIVE, 1) == 0 &&
                         set(fd, IPPROTO_TCP, TCP_KEEPALIVE_THRESHOLD, 15000) == 0 &&
                         get(fd, IPPROTO_TCP, TCP_KEEPALIVE_THRESHOLD) == 15000 &&
                         set(fd, IPPROTO_TCP, TCP_KEEPALIVE_ABORT_THRESHOLD, 16000) == 0 &&
                         get(fd, IPPROTO_TCP, TCP_KEEPALIVE_ABORT_THRESHOLD) == 16000);
  CHECK("without-effect", set(fd, SOL_SOCKET, SO_EXCLBIND, 1) == 0);
  CHECK("unknown-option", set(fd, IPPROTO_TCP, 0x7777, 1) == -1 && errno == ENOPROTOOPT);
  CHECK("no-socket", set(0, IPPROTO_TCP, 0x7777, 1) == -1 && errno == ENOTSOCK);
  CHECK("type", __xnet_socket(AF_INET, 77, 0) == -1 && errno == EPROTOTYPE);
  CHECK("family", __xnet_socket(99, SOCK_STREAM, 0) == -1 && errno == EAFNOSUPPORT);
  CHECK("flags", __xnet_sendto(fd, "x", 1, 0x400000, NULL, 0) == -1 && errno == EOPNOTSUPP);
  close(fd);
}

static void refused(void) {
  struct sockaddr_in6 address;
  socklen_t size = sizeof address;
  memset(&address, 0, sizeof address);
  address.sin6_family = AF_INET6;
  address.sin6_addr[15] = 1;
  const int closed = __xnet_socket(AF_INET6, SOCK_STREAM, 0);
  CHECK("bind6", __xnet_bind(closed, (struct sockaddr*)&address, sizeof address) == 0);
  CHECK("name6", getsockname(closed, (struct sockaddr*)&address, &size) == 0 &&
                     size == sizeof address && address.sin6_family == AF_INET6);
  close(closed);
  const int fd = __xnet_socket(AF_INET6, SOCK_STREAM, 0);
  CHECK("refused", __xnet_connect(fd, (struct sockaddr*)&address, sizeof address) == -1 &&
                       errno == ECONNREFUSED);
  close(fd);
}

static void datagrams(void) {
  struct sockaddr_in own, from;
  socklen_t size = sizeof own;
  memset(&own, 0, sizeof own);
  own.sin_family = AF_INET;
  own.sin_addr = 0x0100007f;
  const int fd = __xnet_socket(AF_INET, SOCK_DGRAM, 0);
  __xnet_bind(fd, (struct sockaddr*)&own, sizeof own);
  getsockname(fd, (struct sockaddr*)&own, &size);
  CHECK("ttl", set(fd, IPPROTO_IP, IP_RECVTTL, 1) == 0 && set(fd, IPPROTO_IP, IP_TTL, 33) == 0);
  CHECK("sendto", __xnet_sendto(fd, "hello", 5, 0, (struct sockaddr*)&own, sizeof own) == 5);
  char data[3];
  struct {
    struct cmsghdr header;
    unsigned char ttl[4];
  } control;
  struct iovec vector = {data, sizeof data};
  struct msghdr message = {&from, sizeof from, &vector, 1, &control, sizeof control, 0};
  CHECK("recvmsg", __xnet_recvmsg(fd, &message, 0) == 3 && message.msg_flags == MSG_TRUNC &&
                       from.sin_port == own.sin_port);
  CHECK("control", message.msg_controllen >= 13 && control.header.cmsg_len == 13 &&
                       control.header.cmsg_level == IPPROTO_IP &&
                       control.header.cmsg_type == IP_RECVTTL && control.ttl[0] == 33);
  int waiting = -1;
  CHECK("nothing", ioctl(fd, FIONREAD, &waiting) == 0 && waiting == 0);
  waiting = 1;
  CHECK("non-blocking", ioctl(fd, FIONBIO, &waiting) == 0 &&
                            recvfrom(fd, data, 3, 0, NULL, NULL) == -1 && errno == EAGAIN);
  close(fd);
}

// Descriptors that the receiver has no room for are closed, and it is told.
static void truncated(void) {
  struct {
    struct cmsghdr header;
    int descriptors[3];
  } control = {{sizeof control, SOL_SOCKET, SCM_RIGHTS}, {0, 1, 2}};
  int pair[2];
  char byte = 'x';
  struct iovec vector = {&byte, 1};
  struct msghdr message = {NULL, 0, &vector, 1, &control, sizeof control, 0};
  __xnet_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  CHECK("send-three", __xnet_sendmsg(pair[0], &message, 0) == 1);
  const int before = dup(0);
  close(before);
  message.msg_controllen = sizeof(struct cmsghdr) + sizeof(int);
  CHECK("take-one", __xnet_recvmsg(pair[1], &message, 0) == 1 &&
                        (message.msg_flags & MSG_CTRUNC) != 0 && control.header.cmsg_len == 16);
  const int after = dup(0);
  CHECK("closed", after == before + 1);
  close(after);
  close(control.descriptors[0]);
  close(pair[0]);
  close(pair[1]);
}

// The older form, in which descriptors are all that control data can be; and who the peer is.
static void older_form(void) {
  struct {
    void* name;
    socklen_t name_size;
    struct iovec* parts;
    int part_count;
    int* rights;
    int rights_size;
  } message;
  int pair[2], ends[2], descriptor;
  char byte = 'x';
  struct iovec vector = {&byte, 1};
  ucred_t* peer = NULL;
  __xnet_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  pipe(ends);
  descriptor = ends[1];
  memset(&message, 0, sizeof message);
  message.parts = &vector;
  message.part_count = 1;
  message.rights = &descriptor;
  message.rights_size = sizeof descriptor;
  CHECK("old-send", sendmsg(pair[0], &message, 0) == 1);
  descriptor = -1;
  CHECK("old-receive", recvmsg(pair[1], &message, 0) == 1 && descriptor > ends[1] &&
                           message.rights_size == sizeof descriptor);
  CHECK("old-passed", write(descriptor, "y", 1) == 1 && read(ends[0], &byte, 1) == 1);
  CHECK("peer", getpeerucred(pair[0], &peer) == 0 && ucred_getpid(peer) == getpid() &&
                    ucred_geteuid(peer) == 0);
  ucred_free(peer);
  CHECK("no-peer", getpeerucred(ends[0], &peer) == -1 && errno == ENOTSOCK);
}

// A connection has its listener's non-blocking flag.
static void inherits(void) {
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  char byte;
  int off = 1;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr = 0x0100007f;
  const int server = __xnet_socket(AF_INET, SOCK_STREAM, 0);
  __xnet_bind(server, (struct sockaddr*)&address, sizeof address);
  __xnet_listen(server, 5);
  getsockname(server, (struct sockaddr*)&address, &size);
  const int client = __xnet_socket(AF_INET, SOCK_STREAM, 0);
  __xnet_connect(client, (struct sockaddr*)&address, sizeof address);
  ioctl(server, FIONBIO, &off);
  const int peer = accept(server, NULL, NULL);
  CHECK("inherits", peer >= 0 && read(peer, &byte, 1) == -1 && errno == EAGAIN);
  close(peer);
  close(client);
  close(server);
}

static void terminals(void) {
  struct termios attributes, again;
  const int master = posix_openpt(O_RDWR);
  CHECK("openpt", master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
  const int slave = open(ptsname(master), O_RDWR | 0x800);
  CHECK("slave", slave >= 0 && isatty(slave) == 1);
  CHECK("attributes", tcgetattr(slave, &attributes) == 0 && attributes.c_cc[0] == 3 &&
                          attributes.c_cc[4] == 4 && (attributes.c_lflag & 2) != 0);
  attributes.c_lflag &= ~2U;
  attributes.c_cc[4] = 5;
  attributes.c_cc[5] = 6;
  cfsetospeed(&attributes, 18);
  CHECK("set", tcsetattr(slave, 0x540e, &attributes) == 0 && ioctl(slave, TCGETS, &again) == 0 &&
                   (again.c_lflag & 2) == 0 && again.c_cc[4] == 5 && again.c_cc[5] == 6 &&
                   cfgetospeed(&again) == 18);
  int ends[2];
  pipe(ends);
  errno = 0;
  CHECK("no-terminal", isatty(ends[0]) == 0 && errno == ENOTTY);
  CHECK("no-stream", putmsg(ends[1], NULL, NULL, 0) == -1 && errno == ENOSTR);
  CHECK("unknown", ioctl(ends[0], 0x1234, NULL) == -1 && errno == ENOTTY);
  CHECK("closed-fd", ioctl(999, 0x1234, NULL) == -1 && errno == EBADF);
}

static void users(void) {
  struct passwd entry, *found = NULL;
  char room[1024];
  struct passwd* root = getpwuid(0);
  CHECK("getpwuid", root != NULL && strcmp(root->pw_name, "root") == 0 && root->pw_dir[0] == '/' &&
                        root->pw_shell[0] == '/' && root->pw_comment[0] == '\0');
  CHECK("getpwnam_r", __posix_getpwnam_r("root", &entry, room, sizeof room, &found) == 0 &&
                          found == &entry && entry.pw_uid == 0);
  CHECK("no-user", __posix_getpwnam_r("nobody-has-this", &entry, room, sizeof room, &found) == 0 &&
                       found == NULL);
}

int main(void) {
  names();
  interfaces();
  options();
  refused();
  datagrams();
  truncated();
  older_form();
  inherits();
  terminals();
  users();
  return check_status();
}
