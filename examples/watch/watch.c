/* SPDX-License-Identifier: MIT */
/*
 * A file watcher and job runner. One thread waits, on one event port, for all that can happen:
 *
 *   FILE   a job, which is a file NAME.job, came into the folder, changed or went
 *   AIO    a job's text has been read; a thread runs it as a shell command
 *   USER   that thread has finished; the event carries the exit status
 *   TIMER  another second has passed
 *   MQ     somebody sent an order: "status" or "quit"
 *
 * watch FOLDER QUEUE        runs the jobs in a folder
 * watch send QUEUE ORDER    sends an order
 */
#include <aio.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <port.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { kJobs = 32, kName = 64, kText = 1024, kAnswer = 80, kOrder = 64 };

struct job {
  char name[kName]; /* empty: not in use */
  file_obj_t file;
  struct aiocb read;
  port_notify_t notify;
  char text[kText], answer[kAnswer];
};

static int port, runs, seconds;
static const char *queue_name; /* once it exists */
static struct job jobs[kJobs];
static file_obj_t folder = {.fo_name = "."};

static void die(const char *what) {
  perror(what);
  if (queue_name) mq_unlink(queue_name);
  exit(1);
}

static void say(const char *source, const char *format, ...) {
  va_list arguments;
  printf("%-5s  ", source);
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  putchar('\n');
}

static struct sigevent to_port(port_notify_t *notify, void *user) {
  *notify = (port_notify_t){port, user};
  return (struct sigevent){.sigev_notify = SIGEV_PORT, .sigev_value.sival_ptr = notify};
}

static void set_stamps(file_obj_t *file, const struct stat *status) {
  file->fo_atime = status->st_atim;
  file->fo_mtime = status->st_mtim;
  file->fo_ctime = status->st_ctim;
}

/* What has changed since the stamps were taken is reported at once: nothing can be missed. */
static int watch(file_obj_t *file, struct job *job) {
  return port_associate(port, PORT_SOURCE_FILE, (uintptr_t)file, FILE_MODIFIED, job);
}

/* Starts to read the job's file, or forgets the job when the file has gone. */
static void job_read(struct job *job) {
  struct stat status;
  int fd = open(job->name, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &status) < 0) {
    job->name[0] = '\0';
    return;
  }
  set_stamps(&job->file, &status);
  job->read = (struct aiocb){.aio_fildes = fd, .aio_buf = job->text, .aio_nbytes = kText - 1};
  job->read.aio_sigevent = to_port(&job->notify, job);
  if (aio_read(&job->read) < 0) die("aio_read");
}

/* A thread of its own: here it may take its time. */
static void *job_run(void *argument) {
  struct job *job = argument;
  FILE *output = popen(job->text, "r");
  if (!output) die("popen");
  job->answer[0] = '\0';
  while (fgets(job->answer, kAnswer, output)) continue; /* the last line stays */
  job->answer[strcspn(job->answer, "\n")] = '\0';
  int status = pclose(output);
  if (port_send(port, WIFEXITED(status) ? WEXITSTATUS(status) : -1, job) < 0) die("port_send");
  return NULL;
}

static void on_read(struct job *job) {
  pthread_t thread;
  int error = aio_error(&job->read);
  ssize_t length = aio_return(&job->read);
  close(job->read.aio_fildes);
  job->text[error ? 0 : length] = '\0';
  say("AIO", "%s: %zd bytes read", job->name, length);
  if (pthread_create(&thread, NULL, job_run, job) != 0) die("pthread_create");
  pthread_detach(thread);
}

static void on_finish(struct job *job, int status) {
  runs++;
  say("USER", "%s: \"%s\", exit status %d", job->name, job->answer, status);
  if (watch(&job->file, job) < 0) job_read(job);
}

static struct job *job_find(const char *name) {
  for (int i = 0; i < kJobs; i++) {
    if (strcmp(jobs[i].name, name) == 0) return &jobs[i];
  }
  return NULL;
}

/* Starts the jobs that are new, then waits for the folder to change again. */
static void look_into_folder(void) {
  struct stat status;
  DIR *dir = opendir(folder.fo_name);
  if (!dir || fstat(dirfd(dir), &status) < 0) die("the folder");
  set_stamps(&folder, &status);
  for (struct dirent *entry; (entry = readdir(dir));) {
    struct job *job = job_find("");
    const char *ending = strrchr(entry->d_name, '.');
    if (!ending || strcmp(ending, ".job") != 0 || strlen(entry->d_name) >= kName) continue;
    if (!job || job_find(entry->d_name)) continue;
    strcpy(job->name, entry->d_name);
    job->file.fo_name = job->name;
    say("FILE", "%s is new", job->name);
    job_read(job);
  }
  closedir(dir);
  if (watch(&folder, NULL) < 0) die("port_associate");
}

static void on_file(struct job *job, int events) {
  if (!job) {
    look_into_folder();
    return;
  }
  say("FILE", "%s was %s", job->name,
      events & FILE_MODIFIED    ? "changed"
      : events & FILE_DELETE    ? "removed"
      : events & FILE_RENAME_TO ? "replaced"
                                : "renamed");
  job_read(job); /* there may be a new file of that name */
}

/* Obeys what is in the queue; false: the order is to quit. */
static bool on_order(mqd_t queue) {
  static port_notify_t notify;
  struct sigevent to = to_port(&notify, NULL);
  char order[kOrder + 1];
  /* Asked first: the queue reports a message only when it was empty before. */
  if (mq_notify(queue, &to) < 0) die("mq_notify");
  for (ssize_t length; (length = mq_receive(queue, order, kOrder, NULL)) >= 0;) {
    order[length] = '\0';
    say("MQ", "%s: %d runs in %d s", order, runs, seconds);
    if (strcmp(order, "quit") == 0) return false;
  }
  return true;
}

static void start_timer(void) {
  static port_notify_t notify;
  struct sigevent to = to_port(&notify, NULL);
  struct itimerspec every = {{1, 0}, {1, 0}};
  timer_t timer;
  if (timer_create(CLOCK_MONOTONIC, &to, &timer) < 0) die("timer_create");
  if (timer_settime(timer, 0, &every, NULL) < 0) die("timer_settime");
}

static void serve(mqd_t queue) {
  bool more = on_order(queue);
  start_timer();
  look_into_folder();
  while (more) {
    port_event_t event;
    if (port_get(port, &event, NULL) < 0) {
      if (errno != EINTR) die("port_get");
      continue;
    }
    switch (event.portev_source) {
      case PORT_SOURCE_FILE:
        on_file(event.portev_user, event.portev_events);
        break;
      case PORT_SOURCE_AIO:
        on_read(event.portev_user);
        break;
      case PORT_SOURCE_USER:
        on_finish(event.portev_user, event.portev_events);
        break;
      case PORT_SOURCE_TIMER:
        say("TIMER", "%d s", seconds += event.portev_events);
        break;
      case PORT_SOURCE_MQ:
        more = on_order(queue);
        break;
    }
  }
}

int main(int argc, char **argv) {
  if (argc == 4 && strcmp(argv[1], "send") == 0) {
    mqd_t queue = mq_open(argv[2], O_WRONLY);
    return queue < 0 || mq_send(queue, argv[3], strlen(argv[3]), 0) < 0;
  }
  if (argc != 3) {
    fprintf(stderr, "usage: watch FOLDER QUEUE\n       watch send QUEUE ORDER\n");
    return 2;
  }
  struct mq_attr attributes = {.mq_maxmsg = 8, .mq_msgsize = kOrder};
  setvbuf(stdout, NULL, _IOLBF, 0);
  port = port_create();
  if (port < 0 || fcntl(port, F_SETFD, FD_CLOEXEC) < 0) die("port_create");
  if (chdir(argv[1]) < 0) die(argv[1]);
  mqd_t queue = mq_open(argv[2], O_RDONLY | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attributes);
  if (queue < 0) die("mq_open");
  queue_name = argv[2];
  serve(queue);
  mq_unlink(queue_name);
  return 0;
}
