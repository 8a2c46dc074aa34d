/* SPDX-License-Identifier: MIT */
/* Ports with a small limit of events. How a limit is set is not portable: see limited.c. */
#ifndef PORTC_CONFORMANCE_LIMITED_H
#define PORTC_CONFORMANCE_LIMITED_H

/* The limit that port_create gives from now on; 0: the default of 65536. */
void limit_events(int most);
/* A port that has room for so many; later ports have the default again. */
int new_limited_port(int most);

#endif
