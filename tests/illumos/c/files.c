// SPDX-License-Identifier: MIT
//
// Files and directories, in a folder of its own.
#include "check.h"

static void writes(void) {
  struct stat status;
  char text[8] = "";
  const int file = open("a", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  CHECK("create", file >= 0);
  CHECK("create-again", open("a", O_RDWR | O_CREAT | O_EXCL, 0640) == -1 && errno == EEXIST);
  CHECK("write", write(file, "hello", 5) == 5);
  CHECK("pread", pread(file, text, 3, 1) == 3 && strcmp(text, "ell") == 0);
  CHECK("seek", lseek(file, 0, 2) == 5);
  CHECK("fstat", fstat(file, &status) == 0 && status.st_size == 5 &&
                     (status.st_mode & S_IFMT) == S_IFREG && (status.st_mode & 0777) == 0640 &&
                     status.st_nlink == 1 && status.st_mtim.tv_sec > 1000000000);
  CHECK("close-on-exec", fcntl(file, F_GETFD) == FD_CLOEXEC);
  CHECK("flags", (fcntl(file, F_GETFL) & 3) == O_RDWR);
  CHECK("set-flags", fcntl(file, F_SETFL, O_APPEND | O_NONBLOCK) == 0 &&
                         (fcntl(file, F_GETFL) & (O_APPEND | O_NONBLOCK)) ==
                             (O_APPEND | O_NONBLOCK));
  CHECK("truncate", ftruncate(file, 2) == 0 && fstat(file, &status) == 0 && status.st_size == 2);
  CHECK("close", close(file) == 0);
  CHECK("close-again", close(file) == -1 && errno == EBADF);
}

static void folders(void) {
  int found = 0, dots = 0;
  struct stat status;
  CHECK("mkdir", mkdir("d", 0755) == 0 && stat("d", &status) == 0 &&
                     (status.st_mode & S_IFMT) == S_IFDIR);
  CHECK("rename", rename("a", "d/b") == 0);
  CHECK("rmdir-full", rmdir("d") == -1 && errno == EEXIST);
  DIR* folder = opendir("d");
  CHECK("opendir", folder != NULL);
  for (struct dirent* entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
    found += strcmp(entry->d_name, "b") == 0 && entry->d_ino != 0;
    dots += entry->d_name[0] == '.';
  }
  CHECK("readdir", found == 1 && dots == 2);
  CHECK("closedir", closedir(folder) == 0);
  CHECK("unlink", unlink("d/b") == 0 && rmdir("d") == 0);
  CHECK("name-too-long", open("0123456789012345678901234567890123456789012345678901234567890123456789"
                              "0123456789012345678901234567890123456789012345678901234567890123456789"
                              "0123456789012345678901234567890123456789012345678901234567890123456789"
                              "0123456789012345678901234567890123456789012345678901234567890123456789",
                              O_RDONLY) == -1 && errno == ENAMETOOLONG);
}

static void streams(void) {
  char line[16] = "";
  FILE* file = fopen("s", "w");
  CHECK("fopen", file != NULL && fprintf(file, "%d\n", 42) == 3 && fclose(file) == 0);
  file = fopen("s", "r");
  CHECK("fgets", file != NULL && fgets(line, sizeof line, file) == line && atoi(line) == 42);
  CHECK("fclose", fclose(file) == 0 && unlink("s") == 0);
  CHECK("stderr", fprintf(stderr, "to stderr\n") == 10);
}

int main(void) {
  char folder[] = "/tmp/guest.XXXXXX", here[64];
  CHECK("mkdtemp", mkdtemp(folder) == folder && chdir(folder) == 0);
  CHECK("getcwd", getcwd(here, sizeof here) == here && strcmp(here, folder) == 0);
  writes();
  folders();
  streams();
  CHECK("clean", chdir("/") == 0 && rmdir(folder) == 0);
  return check_status();
}
