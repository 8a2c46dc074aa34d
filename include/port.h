/* SPDX-License-Identifier: MIT */
/*
 * <port.h>: illumos event ports, port(3C), on Linux.
 *
 * Names, values and layouts are those of illumos, with three exceptions that
 * Linux forces; each is marked where it stands:
 *   - SIGEV_PORT, because illumos's value means SIGEV_THREAD_ID here;
 *   - errno values, which are always this system's (compare with the names);
 *   - timeouts are const-qualified, which accepts every caller of the original.
 *
 * The header is C89 and C++ clean and may be included with any feature macros.
 * See port_create(3), port_associate(3), port_get(3), port_send(3),
 * port_alert(3) and portc(7).
 */
#ifndef PORTC_PORT_H
#define PORTC_PORT_H

#include <poll.h>      /* POLLIN and its kind; illumos programs expect them from here */
#include <sched.h>     /* struct timespec, whatever the feature macros */
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* illumos's short type names. Programs that bring their own macros keep them. */
#ifndef uint_t
typedef unsigned int uint_t;
#endif
#ifndef ushort_t
typedef unsigned short ushort_t;
#endif
#ifndef timespec_t
typedef struct timespec timespec_t;
#endif
#ifndef timestruc_t
typedef struct timespec timestruc_t;
#endif

/* portev_source: who made the event, port_create(3). */
#define PORT_SOURCE_AIO 1   /* asynchronous I/O with SIGEV_PORT */
#define PORT_SOURCE_TIMER 2 /* timer_create with SIGEV_PORT */
#define PORT_SOURCE_USER 3  /* port_send, port_sendn */
#define PORT_SOURCE_FD 4    /* descriptors, port_associate */
#define PORT_SOURCE_ALERT 5 /* port_alert */
#define PORT_SOURCE_MQ 6    /* mq_notify with SIGEV_PORT */
#define PORT_SOURCE_FILE 7  /* files and directories, port_associate */

/* One retrieved event, port_get(3). portev_pad is never defined. */
typedef struct port_event {
  int portev_events;        /* what happened; its meaning depends on the source */
  ushort_t portev_source;   /* PORT_SOURCE_* */
  ushort_t portev_pad;      /* reserved */
  uintptr_t portev_object;  /* the object: a descriptor, an address, an id */
  void *portev_user;        /* the program's own cookie, unchanged */
} port_event_t;

/* The value of a SIGEV_PORT sigevent points to one of these. */
typedef struct port_notify {
  int portnfy_port;
  void *portnfy_user;
} port_notify_t;

/* The object of a PORT_SOURCE_FILE association. Stamps of zero are not compared. */
typedef struct file_obj {
  timestruc_t fo_atime; /* compared when FILE_ACCESS is asked for */
  timestruc_t fo_mtime; /* compared when FILE_MODIFIED is asked for */
  timestruc_t fo_ctime; /* compared when FILE_ATTRIB is asked for */
  uintptr_t fo_pad[3];
  char *fo_name; /* path, resolved when associated */
} file_obj_t;

/* port_alert(3) flags. */
#define PORT_ALERT_SET 0x01
#define PORT_ALERT_UPDATE 0x02
#define PORT_ALERT_INVALID (PORT_ALERT_SET | PORT_ALERT_UPDATE)

/* PORT_SOURCE_FILE: what can be asked for ... */
#define FILE_ACCESS 0x00000001
#define FILE_MODIFIED 0x00000002
#define FILE_ATTRIB 0x00000004
#define FILE_TRUNC 0x00100000
#define FILE_NOFOLLOW 0x10000000
/* ... and what is delivered unasked: exceptions. */
#define FILE_DELETE 0x00000010
#define FILE_RENAME_TO 0x00000020
#define FILE_RENAME_FROM 0x00000040
#define UNMOUNTED 0x20000000
#define MOUNTEDOVER 0x40000000
#define FILE_EXCEPTION (UNMOUNTED | FILE_DELETE | FILE_RENAME_TO | FILE_RENAME_FROM | MOUNTEDOVER)

/*
 * sigev_notify: deliver to a port. illumos uses 4, which Linux uses for
 * SIGEV_THREAD_ID; this value is none of glibc's.
 */
#ifndef SIGEV_PORT
#define SIGEV_PORT 0x5054
#endif

/* stat(2): the file type of a port. */
#ifndef S_IFPORT
#define S_IFPORT 0xE000
#endif
#ifndef S_ISPORT
#define S_ISPORT(mode) (((mode) & 0xF000) == 0xE000)
#endif

/* Creates a port; its descriptor, or -1: EAGAIN, EMFILE, ENFILE, ENOMEM. port_create(3). */
int port_create(void);

/* Associates an object with a port, once. 0, or -1: EBADF, EBADFD, EINVAL, ... port_associate(3). */
int port_associate(int port, int source, uintptr_t object, int events, void *user);
int port_dissociate(int port, int source, uintptr_t object);

/* Retrieve one event, or up to max once *nget are queued. 0, or -1 with ETIME, EINTR, ... port_get(3). */
int port_get(int port, port_event_t *pe, const struct timespec *timeout);
int port_getn(int port, port_event_t list[], uint_t max, uint_t *nget,
              const struct timespec *timeout);

/* Queue a user event on one port, or on several. port_send(3). */
int port_send(int port, int events, void *user);
int port_sendn(int ports[], int errors[], uint_t nent, int events, void *user);

/* Set, update or end a port's alert mode. port_alert(3). */
int port_alert(int port, int flags, int events, void *user);

#ifdef __cplusplus
}
#endif

#endif /* PORTC_PORT_H */
