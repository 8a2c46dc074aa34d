/* SPDX-License-Identifier: MIT */
/*
 * <port.h> against illumos's layouts and values, for LP64 and ILP32. Compiling it is the test.
 */
#include <port.h>

#include <signal.h>
#include <stddef.h>

#define SAME(name, a, b) typedef char same_##name[(a) == (b) ? 1 : -1]
#define DIFFERENT(name, a, b) typedef char different_##name[(a) != (b) ? 1 : -1]

#ifdef __LP64__
#define BY_MODEL(lp64, ilp32) (lp64)
#else
#define BY_MODEL(lp64, ilp32) (ilp32)
#endif

SAME(event_size, sizeof(port_event_t), BY_MODEL(24, 16));
SAME(event_events, offsetof(port_event_t, portev_events), 0);
SAME(event_source, offsetof(port_event_t, portev_source), 4);
SAME(event_pad, offsetof(port_event_t, portev_pad), 6);
SAME(event_object, offsetof(port_event_t, portev_object), 8);
SAME(event_user, offsetof(port_event_t, portev_user), BY_MODEL(16, 12));
SAME(notify_size, sizeof(port_notify_t), BY_MODEL(16, 8));
SAME(notify_port, offsetof(port_notify_t, portnfy_port), 0);
SAME(notify_user, offsetof(port_notify_t, portnfy_user), BY_MODEL(8, 4));
SAME(file_size, sizeof(file_obj_t), BY_MODEL(80, 40));
SAME(file_atime, offsetof(file_obj_t, fo_atime), 0);
SAME(file_mtime, offsetof(file_obj_t, fo_mtime), BY_MODEL(16, 8));
SAME(file_ctime, offsetof(file_obj_t, fo_ctime), BY_MODEL(32, 16));
SAME(file_pad, offsetof(file_obj_t, fo_pad), BY_MODEL(48, 24));
SAME(file_name, offsetof(file_obj_t, fo_name), BY_MODEL(72, 36));

SAME(source_aio, PORT_SOURCE_AIO, 1);
SAME(source_timer, PORT_SOURCE_TIMER, 2);
SAME(source_user, PORT_SOURCE_USER, 3);
SAME(source_fd, PORT_SOURCE_FD, 4);
SAME(source_alert, PORT_SOURCE_ALERT, 5);
SAME(source_mq, PORT_SOURCE_MQ, 6);
SAME(source_file, PORT_SOURCE_FILE, 7);
SAME(alert_set, PORT_ALERT_SET, 1);
SAME(alert_update, PORT_ALERT_UPDATE, 2);
SAME(alert_invalid, PORT_ALERT_INVALID, 3);
SAME(file_access, FILE_ACCESS, 0x1);
SAME(file_modified, FILE_MODIFIED, 0x2);
SAME(file_attrib, FILE_ATTRIB, 0x4);
SAME(file_delete, FILE_DELETE, 0x10);
SAME(file_rename_to, FILE_RENAME_TO, 0x20);
SAME(file_rename_from, FILE_RENAME_FROM, 0x40);
SAME(file_trunc, FILE_TRUNC, 0x100000);
SAME(file_nofollow, FILE_NOFOLLOW, 0x10000000);
SAME(file_unmounted, UNMOUNTED, 0x20000000);
SAME(file_mountedover, MOUNTEDOVER, 0x40000000);
SAME(file_exception, FILE_EXCEPTION, 0x60000070);
SAME(is_port, S_ISPORT(0xE000), 1);
SAME(is_no_port, S_ISPORT(0x8000), 0);

#ifdef SIGEV_NONE
DIFFERENT(sigev_none, SIGEV_PORT, SIGEV_NONE);
DIFFERENT(sigev_signal, SIGEV_PORT, SIGEV_SIGNAL);
DIFFERENT(sigev_thread, SIGEV_PORT, SIGEV_THREAD);
DIFFERENT(sigev_illumos, SIGEV_PORT, 4); /* Linux: SIGEV_THREAD_ID */
#endif
