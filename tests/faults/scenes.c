/* SPDX-License-Identifier: MIT */
#include "tests/faults/scenes.h"

static const struct scene *const tables[] = {user_scenes, process_scenes,   fd_scenes,
                                             file_scenes, timer_scenes,     aio_scenes,
                                             mq_scenes,   descriptor_scenes};

const struct scene *scene_number(int number) {
  for (size_t i = 0; i < sizeof tables / sizeof tables[0]; ++i)
    for (const struct scene *scene = tables[i]; scene->name != NULL; ++scene)
      if (number-- == 0) return scene;
  return NULL;
}
