// SPDX-License-Identifier: MIT
//
// Names: links, the functions that take a directory, what illumos refuses otherwise than Linux;
// reading directories; what is known about files.
#include "check.h"
#include "guest_files.h"

static void make(const char* name) {
  const int file = creat(name, 0644);
  write(file, "x", 1);
  close(file);
}

static void links(void) {
  char target[16];
  struct stat status;
  make("a");
  CHECK("link", link("a", "b") == 0 && stat("b", &status) == 0 && status.st_nlink == 2);
  CHECK("symlink",
        symlink("a", "s") == 0 && lstat("s", &status) == 0 && (status.st_mode & S_IFMT) == S_IFLNK);
  CHECK("readlink", readlink("s", target, sizeof target) == 1 && target[0] == 'a');
  CHECK("readlink-file", readlink("a", target, sizeof target) == -1 && errno == EINVAL);
  CHECK("nofollow", open("s", O_RDONLY | O_NOFOLLOW) == -1 && errno == ELOOP);
  CHECK("linkat-link", linkat(AT_FDCWD, "s", AT_FDCWD, "t", 0) == 0 && lstat("t", &status) == 0 &&
                           (status.st_mode & S_IFMT) == S_IFLNK);
  CHECK("linkat-follow", linkat(AT_FDCWD, "s", AT_FDCWD, "u", AT_SYMLINK_FOLLOW) == 0 &&
                             lstat("u", &status) == 0 && (status.st_mode & S_IFMT) == S_IFREG);
  CHECK("linkat-flag", linkat(AT_FDCWD, "s", AT_FDCWD, "v", 1) == -1 && errno == EINVAL);
  CHECK("unlink-all", unlink("a") == 0 && unlink("b") == 0 && unlink("s") == 0 &&
                          unlink("t") == 0 && remove("u") == 0);
}

static void refusals(void) {
  mkdir("d", 0755);
  mkdir("d/e", 0755);
  mkdir("f", 0755);
  CHECK("unlink-directory", unlink("d") == -1 && errno == EPERM);
  CHECK("rmdir-full", rmdir("d") == -1 && errno == EEXIST);
  CHECK("rename-onto-full", rename("f", "d") == -1 && errno == EEXIST);
  CHECK("unlinkat-directory", unlinkat(AT_FDCWD, "d/e", 0) == -1 && errno == EPERM);
  CHECK("unlinkat-removedir", unlinkat(AT_FDCWD, "d/e", AT_REMOVEDIR) == 0);
  CHECK("unlinkat-flag", unlinkat(AT_FDCWD, "d", 0x1000) == -1 && errno == EINVAL);
  CHECK("remove-directory", remove("d") == 0 && remove("f") == 0);
  CHECK("not-a-directory", open("/etc/passwd/x", O_RDONLY) == -1 && errno == ENOTDIR);
  CHECK("bad-pointer", stat((const char*)8, NULL) == -1 && errno == EFAULT);
}

static void relative(void) {
  struct stat status;
  char target[8];
  mkdir("d", 0755);
  const int at = open("d", O_RDONLY | O_DIRECTORY);
  const int file = openat(at, "x", O_RDWR | O_CREAT, 0600);
  CHECK("openat", file >= 0 && stat("d/x", &status) == 0);
  CHECK("fstatat", fstatat(at, "x", &status, 0) == 0 && (status.st_mode & 0777) == 0600);
  CHECK("fstatat-null", fstatat(file, NULL, &status, 0) == 0 && status.st_size == 0);
  CHECK("fstatat-flag", fstatat(at, "x", &status, 0x100) == -1 && errno == EINVAL);
  CHECK("symlinkat", symlinkat("x", at, "l") == 0 && readlinkat(at, "l", target, 8) == 1);
  CHECK("faccessat",
        faccessat(at, "x", R_OK | W_OK, 0) == 0 && faccessat(at, "x", R_OK, AT_EACCESS) == 0);
  CHECK("mkdirat",
        mkdirat(at, "m", 0700) == 0 && renameat(at, "m", AT_FDCWD, "n") == 0 && rmdir("n") == 0);
  const int search = open("d", O_SEARCH);
  CHECK("search", search >= 0 && fstatat(search, "x", &status, 0) == 0);
  CHECK("search-unreadable", read(search, target, 1) == -1 && errno == EBADF);
  close(search);
  unlinkat(at, "x", 0);
  unlinkat(at, "l", 0);
  CHECK("close", close(at) == 0 && close(file) == 0 && rmdir("d") == 0);
}

static void times(void) {
  struct stat status;
  const struct timespec exact[2] = {{1000, 5}, {2000, 7}};
  const struct timespec some[2] = {{0, UTIME_OMIT}, {3000, 9}};
  const struct timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
  const struct timeval seconds[2] = {{4000, 1}, {5000, 2}};
  make("a");
  CHECK("utimensat", utimensat(AT_FDCWD, "a", exact, 0) == 0 && stat("a", &status) == 0 &&
                         status.st_atim.tv_sec == 1000 && status.st_mtim.tv_nsec == 7);
  CHECK("utime-omit", utimensat(AT_FDCWD, "a", some, 0) == 0 && stat("a", &status) == 0 &&
                          status.st_atim.tv_nsec == 5 && status.st_mtim.tv_sec == 3000);
  CHECK("utime-now", utimensat(AT_FDCWD, "a", now, 0) == 0 && stat("a", &status) == 0 &&
                         status.st_atim.tv_sec > 1000000000 && status.st_mtim.tv_sec == 3000);
  CHECK("utimes", utimes("a", seconds) == 0 && stat("a", &status) == 0 &&
                      status.st_mtim.tv_sec == 5000 && status.st_mtim.tv_nsec == 2000);
  const int file = open("a", O_RDONLY);
  CHECK("futimens",
        futimens(file, exact) == 0 && fstat(file, &status) == 0 && status.st_mtim.tv_sec == 2000);
  CHECK("futimesat-null", futimesat(file, NULL, seconds) == 0 && fstat(file, &status) == 0 &&
                              status.st_mtim.tv_sec == 5000);
  close(file);
  unlink("a");
}

static void kinds(void) {
  struct stat status;
  statvfs_t system;
  CHECK("device", stat("/dev/null", &status) == 0 && (status.st_mode & S_IFMT) == S_IFCHR &&
                      __major(1, status.st_rdev) == 1 && __minor(1, status.st_rdev) == 3 &&
                      status.st_rdev == __makedev(1, 1, 3));
  CHECK("old-device",
        __makedev(0, 2, 3) == 0x203 && __major(0, 0x203) == 2 && __minor(0, 0x203) == 3);
  CHECK("file-system", stat("/proc", &status) == 0 && strcmp(status.st_fstype, "proc") == 0);
  CHECK("statvfs", statvfs("/proc", &system) == 0 && strcmp(system.f_basetype, "proc") == 0 &&
                       system.f_namemax >= 255);
  CHECK("fifo", mkfifo("p", 0600) == 0 && stat("p", &status) == 0 &&
                    (status.st_mode & S_IFMT) == S_IFIFO && unlink("p") == 0);
  CHECK("pathconf", pathconf("/", 4) == 255 && pathconf("/", 9999) == -1 && errno == EINVAL);
  errno = 0;
  CHECK("pathconf-none", pathconf("/", 20) == 0 && errno == 0);
}

static int not_hidden(const struct dirent* entry) { return entry->d_name[0] != '.'; }

static void directories(void) {
  char buffer[1024];
  struct dirent* entry;
  struct dirent** list;
  mkdir("d", 0755);
  make("d/one");
  make("d/three33");
  make("d/two");
  const int at = open("d", O_RDONLY);
  const int size = getdents(at, (struct dirent*)buffer, sizeof buffer);
  int entries = 0, sum = 0, even = 1;
  for (int here = 0; here < size; here += entry->d_reclen) {
    entry = (struct dirent*)(buffer + here);
    even = even && entry->d_reclen % 8 == 0 && entry->d_ino != 0;
    sum += (int)strlen(entry->d_name);
    ++entries;
  }
  CHECK("getdents", entries == 5 && sum == 1 + 2 + 3 + 7 + 3 && even);
  CHECK("getdents-end", getdents(at, (struct dirent*)buffer, sizeof buffer) == 0);
  CHECK("getdents-small",
        lseek(at, 0, 0) == 0 && getdents(at, (struct dirent*)buffer, 8) == -1 && errno == EINVAL);
  DIR* folder = fdopendir(at);
  CHECK("fdopendir", folder != NULL && lseek(at, 0, 0) == 0);
  readdir(folder);
  const long place = telldir(folder);
  entry = readdir(folder);
  char name[16];
  snprintf(name, sizeof name, "%s", entry->d_name);
  readdir(folder);
  seekdir(folder, place);
  CHECK("seekdir", strcmp(readdir(folder)->d_name, name) == 0);
  rewinddir(folder);
  entries = 0;
  while (readdir(folder) != NULL) ++entries;
  CHECK("rewinddir", entries == 5 && closedir(folder) == 0);
  CHECK("scandir", scandir("d", &list, not_hidden, alphasort) == 3 &&
                       strcmp(list[0]->d_name, "one") == 0 && strcmp(list[2]->d_name, "two") == 0);
  CHECK("opendir-file", opendir("d/one") == NULL && errno == ENOTDIR);
  unlink("d/one");
  unlink("d/two");
  CHECK("clean-up", unlink("d/three33") == 0 && rmdir("d") == 0);
}

struct FTW {
  int quit, base, level;
};
int nftw(const char*, int (*)(const char*, const struct stat*, int, struct FTW*), int, int);

static char walk[128];
static int note(const char* path, const struct stat* status, int kind, struct FTW* at) {
  const size_t length = strlen(walk);
  snprintf(walk + length, sizeof walk - length, "%s:%d%d%c ", path + at->base, kind, at->level,
           (status->st_mode & S_IFMT) == S_IFDIR ? 'd' : '-');
  return strcmp(path + at->base, "stop") == 0 ? 17 : 0;
}

static void walked(void) {
  mkdir("d", 0755);
  mkdir("d/e", 0755);
  make("d/e/f");
  CHECK("nftw", nftw("d", note, 5, 1) == 0 && strcmp(walk, "d:10d e:11d f:02- ") == 0);
  walk[0] = '\0';
  CHECK("nftw-depth", nftw("d", note, 5, 8) == 0 && strcmp(walk, "f:02- e:61d d:60d ") == 0);
  make("d/e/stop");
  CHECK("nftw-stop", nftw("d", note, 5, 1) == 17);
  errno = 0;
  CHECK("nftw-none", nftw("none", note, 5, 1) == -1 && errno == ENOENT);
  unlink("d/e/f");
  unlink("d/e/stop");
  CHECK("nftw-clean", rmdir("d/e") == 0 && rmdir("d") == 0);
}

static void itself(void) {
  char path[512], resolved[512];
  struct stat named, linked;
  const ssize_t length = readlink("/proc/self/path/a.out", path, sizeof path - 1);
  path[length > 0 ? length : 0] = '\0';
  CHECK("a.out", strcmp(path, getexecname()) == 0);
  CHECK("a.out-stat", stat(path, &named) == 0 && stat("/proc/self/path/a.out", &linked) == 0 &&
                          named.st_ino == linked.st_ino);
  const int file = open("/proc/self/path/a.out", O_RDONLY);
  CHECK("a.out-open", read(file, path, 4) == 4 && path[1] == 'E' && close(file) == 0);
  CHECK("cwd", readlink("/proc/self/path/cwd", path, sizeof path) > 0 &&
                   strncmp(path, "/tmp/guest.", 11) == 0);
  CHECK("resolvepath", resolvepath("/tmp/../tmp", resolved, sizeof resolved) == 4 &&
                           strncmp(resolved, "/tmp", 4) == 0);
}

int main(void) {
  char folder[] = "/tmp/guest.XXXXXX";
  CHECK("mkdtemp", mkdtemp(folder) == folder && chdir(folder) == 0);
  CHECK("umask", umask(022) >= 0 && umask(022) == 022);
  links();
  refusals();
  relative();
  times();
  kinds();
  directories();
  walked();
  itself();
  CHECK("clean", chdir("/") == 0 && rmdir(folder) == 0);
  return check_status();
}
