/* SPDX-License-Identifier: MIT */
/*
 * Defects that faults.c has to find: with FAULTS_PLANTED, the calls of the scenes go through
 * wrappers that have the defect of that number. The installed objects know nothing of this.
 */
#ifndef TESTS_FAULTS_PLANTED_H
#define TESTS_FAULTS_PLANTED_H

#ifdef FAULTS_PLANTED
#include <port.h>

#define port_create planted_create
#define port_associate planted_associate
#define port_get planted_get
#define port_send planted_send

int planted_create(void);
int planted_associate(int port, int source, uintptr_t object, int events, void *user);
int planted_get(int port, port_event_t *event, const struct timespec *timeout);
int planted_send(int port, int events, void *user);
#endif

#endif
