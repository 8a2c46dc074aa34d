/* SPDX-License-Identifier: MIT */
/* What the tests in process/ start from: a port and two pipes that a child inherits. */
#ifndef PORTC_CONFORMANCE_SCENE_H
#define PORTC_CONFORMANCE_SCENE_H

#include "conformance/conformance.h"

struct scene {
  int port;
  struct ends a, b;
};
struct scene new_scene(void);
void scene_close(const struct scene *scene);

#endif
