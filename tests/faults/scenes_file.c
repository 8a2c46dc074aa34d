/* SPDX-License-Identifier: MIT */
/* Files that are watched. */
#include "tests/faults/parts.h"

/* A regular file, with a name. */
void make_file(struct world *w) {
  snprintf(w->path, sizeof w->path, "/tmp/portc-faults-%d", (int)getpid());
  w->file = open(w->path, O_RDWR | O_CREAT | O_EXCL, 0600);
  CHECK(w->file >= 0 && write(w->file, "text", 4) == 4);
  w->object.fo_name = w->path;
}

void a_file(struct world *w) {
  a_port(w);
  make_file(w);
}

int associate_named(struct world *w) {
  return port_associate(w->port, PORT_SOURCE_FILE, (uintptr_t)&w->object, FILE_MODIFIED, w);
}

static void an_associated_file(struct world *w) {
  a_file(w);
  CHECK(associate_named(w) == 0);
}

static void a_written_file(struct world *w) {
  an_associated_file(w);
  CHECK(write(w->file, "more", 4) == 4);
}

static void a_served_file(struct world *w) {
  a_written_file(w);
  CHECK(port_get(w->port, &w->event, &kLong) == 0);
}

static void a_link(struct world *w) {
  a_file(w);
  snprintf(w->name, sizeof w->name, "/tmp/portc-faults-link-%d", (int)getpid());
  CHECK(symlink(w->path, w->name) == 0);
  w->object.fo_name = w->name;
}

static void a_relative_path(struct world *w) {
  a_file(w);
  CHECK(chdir("/tmp") == 0);
  w->object.fo_name = w->path + strlen("/tmp/");
}

static int dissociate_named(struct world *w) {
  return port_dissociate(w->port, PORT_SOURCE_FILE, (uintptr_t)&w->object);
}

static void file_works(struct world *w) {
  CHECK(write(w->file, "more", 4) == 4);
  takes(w, PORT_SOURCE_FILE);
  CHECK(dissociate_named(w) == -1 && errno == ENOENT);
}

static void took_file(struct world *w) {
  took(w);
  CHECK(dissociate_named(w) == -1 && errno == ENOENT);
}

const struct scene file_scenes[] = {
    {"get a file", "port_get", get_patiently, a_written_file, took_file, NULL, 0, 0},
    {"associate a file", "port_associate", associate_named, a_file, file_works, NULL, 0, 0},
    {"associate a file again", "port_associate", associate_named, a_served_file, file_works, NULL,
     0, 0},
    {"associate a link", "port_associate", associate_named, a_link, file_works, NULL, 0, 0},
    {"associate a relative path", "port_associate", associate_named, a_relative_path, file_works,
     NULL, 0, 0},
    {"dissociate a file", "port_associate", dissociate_named, an_associated_file, NULL, NULL, 0, 0},
    {NULL, NULL, NULL, NULL, NULL, NULL, 0, 0}};
