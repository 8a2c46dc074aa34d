/* SPDX-License-Identifier: MIT */
#include "conformance/scene.h"

struct scene new_scene(void) {
  int port = new_port();
  struct ends a = new_pipe();
  return (struct scene){port, a, new_pipe()};
}

void scene_close(const struct scene *scene) {
  CLOSE(scene->port, scene->a.r, scene->a.w, scene->b.r, scene->b.w);
}
