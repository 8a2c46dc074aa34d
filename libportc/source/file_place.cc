// SPDX-License-Identifier: MIT
#include "libportc/source/file_place.h"

#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "libportc/base/sys.h"
#include "libportc/source/file_events.h"

namespace portc::files {
namespace {

constexpr uint32_t kEntries = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
constexpr uint32_t kNames = IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
constexpr int kAttempts = 8;
constexpr long kProcMagic = 0x9fa0;
constexpr long kSysfsMagic = 0x62656572;

int add(const char* path, uint32_t mask) {
  return static_cast<int>(sys::raw(SYS_inotify_add_watch, instance.load(std::memory_order_relaxed),
                                   sys::arg(path), static_cast<long>(mask)));
}

void remove(int wd) {
  (void)sys::raw(SYS_inotify_rm_watch, instance.load(std::memory_order_relaxed), wd);
}

int lookup_error(int error) { return error == ENOSPC ? EAGAIN : error; }

uint32_t link_flag(bool follow) { return follow ? 0 : IN_DONT_FOLLOW; }

// The record of a watch that was just added to; null: no memory, and a new watch is removed.
Watch* record(int wd, uint32_t mask) {
  Watch* watch = watch_find(wd);
  if (watch == nullptr) {
    watch = watch_make(wd, mask);
    if (watch == nullptr) remove(wd);
    return watch;
  }
  watch->mask |= mask;
  watch->epoch = tables->epoch;
  return watch;
}

// How a path ends. Only a plain name is one that its directory reports by that name.
struct Ending {
  const char* name;
  size_t length;
  bool plain;
};

Ending ending_of(const char* path, size_t length) {
  const char* name = path + length;
  while (name > path && name[-1] != '/') --name;
  const size_t size = static_cast<size_t>(path + length - name);
  const bool dots = name[0] == '.' && (size == 1 || (size == 2 && name[1] == '.'));
  return {name, size, size != 0 && size < 256 && !dots};
}

// The current directory and `text` in it. Length, or 0.
size_t absolute(const char* text, size_t length, char (&out)[2 * kPathMax]) {
  const long size = sys::raw(SYS_getcwd, sys::arg(out), kPathMax);
  if (size <= 0 || out[0] != '/') return 0;
  size_t end = static_cast<size_t>(size) - 1;
  if (length == 0 || (length == 1 && *text == '.')) return end;
  if (end > 1) out[end++] = '/';
  memcpy(out + end, text, length);
  return end + length;
}

// Stores the path of a directory, `text` as it was used for a look-up, as an absolute one.
void remember_path(Watch& directory, const char* text, size_t length) {
  char made[2 * kPathMax];
  if (length == 0 || *text != '/') {
    // To ask for the current directory each time would cost more than a stale path.
    if (directory.path != nullptr) return;
    length = absolute(text, length, made);
    if (length == 0) return;
    text = made;
  }
  while (length > 0 && text[length - 1] == '/') --length;
  if (directory.path == nullptr || directory.path_length != length ||
      memcmp(directory.path, text, length) != 0)
    watch_set_path(directory, text, length);
}

struct timespec time_of(const struct statx_timestamp& t) {
  return {t.tv_sec, static_cast<long>(t.tv_nsec)};
}

void convert(const struct statx& x, Found& found) {
  const struct timespec none = {};
  found.file = {makedev(x.stx_dev_major, x.stx_dev_minor), x.stx_ino,
                (x.stx_mask & STATX_BTIME) != 0 ? time_of(x.stx_btime) : none};
  found.known = {{time_of(x.stx_atime), time_of(x.stx_mtime), time_of(x.stx_ctime)},
                 static_cast<int64_t>(x.stx_size),
                 x.stx_nlink};
  found.mode = x.stx_mode;
}

int find_at(long directory, const char* path, int flags, Found& found) {
  struct statx x;
  const long r = sys::raw(SYS_statx, directory, sys::arg(path), flags,
                          STATX_BASIC_STATS | STATX_BTIME, sys::arg(&x));
  if (r == 0) convert(x, found);
  return static_cast<int>(r);
}

// Is a symbolic link one of /proc, which leads to a file and not to a path?
bool is_magic(const Found& link) {
  Found proc;
  return find_path("/proc/self", false, proc) == 0 && proc.file.device == link.file.device;
}

char* append_number(char* out, uint64_t number) {
  char digits[20];
  int n = 0;
  do digits[n++] = static_cast<char>('0' + number % 10);
  while ((number /= 10) != 0);
  while (n > 0) *out++ = digits[--n];
  *out = '\0';
  return out;
}

// The absolute path of what `path` leads to, and what is there. Length, or 0.
size_t canonical(const char* path, char (&out)[2 * kPathMax], Found& found) {
  const long fd = sys::raw(SYS_openat, AT_FDCWD, sys::arg(path), O_PATH | O_CLOEXEC);
  if (fd < 0) return 0;
  char link[40] = "/proc/self/fd/";
  append_number(link + strlen(link), static_cast<uint64_t>(fd));
  const int failed = find_at(fd, "", AT_EMPTY_PATH, found);
  const long size = sys::raw(SYS_readlink, sys::arg(link), sys::arg(out), kPathMax);
  (void)sys::close(static_cast<int>(fd));
  if (failed != 0 || size <= 0 || size >= static_cast<long>(kPathMax) || out[0] != '/') return 0;
  out[size] = '\0';
  return static_cast<size_t>(size);
}

// "directory/name", in the scratch for looks; null if it is not known or too long.
const char* stored_path(const Watch& directory, const char* name, size_t length) {
  if (directory.path == nullptr || directory.path_length + length + 2 > kPathMax) return nullptr;
  char* out = tables->look_path;
  memcpy(out, directory.path, directory.path_length);
  size_t end = directory.path_length;
  if (length != 0 || end == 0) out[end++] = '/';
  memcpy(out + end, name, length);
  out[end + length] = '\0';
  return out;
}

}  // namespace

// DEVIATION portc(7) file-mmap, file-touch: inotify does not report accesses through mappings; a
// change of the access time alone is reported as an access, and one of a directory's
// modification time alone not at all, since the bit for it reports writes to all its files.
uint32_t file_mask(uint32_t wanted, bool directory, bool named) {
  uint32_t mask = named ? 0 : IN_MOVE_SELF;
  if ((wanted & kFileAccess) != 0) mask |= IN_ACCESS;
  if ((wanted & (kFileAccess | kFileModified | kFileAttrib)) != 0) mask |= IN_ATTRIB;
  if (directory) {
    if ((wanted & (kFileModified | kFileAttrib)) != 0) mask |= kEntries;
  } else {
    if ((wanted & (kFileModified | kFileAttrib | kFileTrunc)) != 0) mask |= IN_MODIFY;
    if ((wanted & kFileAttrib) != 0) mask |= IN_MOVE_SELF;
  }
  return mask != 0 ? mask : IN_DELETE_SELF;
}

int find_path(const char* path, bool follow, Found& found) {
  return find_at(AT_FDCWD, path, follow ? 0 : AT_SYMLINK_NOFOLLOW, found);
}

// --- placing ---

void Placement::reset() {
  hold(watch_, nullptr);
  hold(parent_, nullptr);
}

// Pins one watch in the place of another.
void Placement::hold(Watch*& place, Watch* watch) {
  if (watch != nullptr) ++watch->pins;
  if (place != nullptr) {
    --place->pins;
    watch_settle(*place);
  }
  place = watch;
}

Placement::Outcome Placement::fail(int error) {
  error_ = error;
  return Outcome::kFailed;
}

Result<void> Placement::make(Port& port, const FileRequest& request, bool drained) {
  drained_ = drained;
  for (int i = 0; i < kAttempts; ++i) {
    const Outcome outcome = attempt(port, request);
    if (outcome == Outcome::kDone) return {};
    reset();
    if (outcome == Outcome::kFailed) return Errno{error_};
  }
  return Errno{EINVAL};
}

bool Placement::fill(Association& a) const {
  if (!set_name(a, name_, name_length_)) return false;
  a.watch = watch_;
  a.parent = parent_;
  a.through = through_;
  a.anonymous = anonymous_;
  a.name_known = named_;
  a.name_fence = drained_ ? 0 : tables->drains + 1;
  return true;
}

// First the watches, then the look. A name that changes in between is in the queue, as the
// parent's watch came first; it is read when the association waits.
Placement::Outcome Placement::attempt(Port& port, const FileRequest& request) {
  const char* const path = request.path;
  const size_t length = request.length;
  const bool plain = ending_of(path, length).plain;
  named_ = through_ = anonymous_ = false;
  error_ = 0;
  if (plain && !watch_parent(path, length) && error_ != 0) return Outcome::kFailed;
  if (!watch_file(path, request.follow, request.wanted)) return Outcome::kFailed;
  if (!drain(port)) return Outcome::kReplaced;
  const int r = find_path(path, false, found_);
  if (r != 0) return fail(-r);
  const bool link = S_ISLNK(found_.mode);
  bool whole = true;
  if (!plain || (link && request.follow))
    whole = resolve(path, link && is_magic(found_));
  else if (!named_)
    whole = unnamed(path, false, false);
  if (!whole) return Outcome::kFailed;
  if (!supported(path)) return fail(ENOTSUP);
  return identify(path, request.follow);
}

// False: it is not watched, and if error_ is set, that is final.
bool Placement::watch_parent(const char* path, size_t length) {
  const Ending ending = ending_of(path, length);
  char* text = tables->place_path;
  size_t size = static_cast<size_t>(ending.name - path);
  memcpy(text, path, size);
  if (size > 1) --size;  // the slash, unless it is the root
  if (size == 0) text[size++] = '.';
  text[size] = '\0';
  const int wd = add(text, kNames | IN_MASK_ADD | IN_ONLYDIR);
  if (wd == -ENOSPC || wd == -ENOMEM) error_ = lookup_error(-wd);
  // Any other reason but that of a directory that may be searched and not read will be the
  // file's, too.
  if (wd < 0) return false;
  Watch* parent = record(wd, kNames);
  if (parent == nullptr) {
    error_ = ENOMEM;
    return false;
  }
  hold(parent_, parent);
  remember_path(*parent, text, size);
  named_ = true;
  name_length_ = static_cast<uint32_t>(ending.length);
  memcpy(name_, ending.name, ending.length);
  return true;
}

bool Placement::watch_file(const char* path, bool follow, uint32_t wanted) {
  // As a directory and as a file: which it is, is not known yet.
  const uint32_t mask = file_mask(wanted, true, named_) | file_mask(wanted, false, named_);
  const int wd = add(path, mask | IN_MASK_ADD | link_flag(follow));
  if (wd < 0) {
    error_ = lookup_error(-wd);
    return false;
  }
  fresh_ = watch_find(wd) == nullptr;
  hold(watch_, record(wd, mask));
  if (watch_ == nullptr) error_ = ENOMEM;
  return watch_ != nullptr;
}

// What happened to the file before is no event of the association that is being made. A new
// watch has no such records; older ones of the name are told by a look (stale(), file_events.cc).
bool Placement::drain(Port& port) {
  if (fresh_ || drained_) return true;
  drained_ = true;
  collect_records(port);
  return watch_->wd != kNoWatch;
}

// The name that counts is the one at the end of the links, unless the last one has none.
bool Placement::resolve(const char* path, bool magic) {
  char text[2 * kPathMax];
  Found there;
  named_ = false;
  const size_t length = magic ? 0 : canonical(path, text, found_);
  if (length == 0) {
    const int r = find_path(path, true, found_);
    error_ = -r;
    return r == 0 && unnamed(path, true, magic);
  }
  if (ending_of(text, length).plain && find_path(text, false, there) == 0 &&
      same_file(there.file, found_.file) && watch_parent(text, length))
    return true;
  return error_ == 0 && unnamed(path, true, false);
}

// A record of the directory for the path alone.
bool Placement::unnamed(const char* path, bool through, bool anonymous) {
  hold(parent_, watch_make(kNoWatch, 0));
  if (parent_ == nullptr) {
    error_ = ENOMEM;
    return false;
  }
  named_ = false;
  through_ = through;
  anonymous_ = anonymous;
  const size_t length = strlen(path);
  const Ending ending = ending_of(path, length);
  name_length_ = ending.plain ? static_cast<uint32_t>(ending.length) : 0;
  memcpy(name_, ending.name, name_length_);
  remember_path(*parent_, path, length - name_length_);
  if ((watch_->mask & IN_MOVE_SELF) != 0) return true;
  if (add(path, IN_MOVE_SELF | IN_MASK_ADD | link_flag(through)) == watch_->wd)
    watch_->mask |= IN_MOVE_SELF;
  return true;
}

Placement::Outcome Placement::identify(const char* path, bool follow) {
  Watch& watch = *watch_;
  if (watch.file.inode == 0) watch.file = found_.file;
  if (!same_file(watch.file, found_.file)) return Outcome::kReplaced;
  watch.directory = S_ISDIR(found_.mode);
  if (watch.directory && (watch.mask & IN_MODIFY) != 0) return narrow(path, follow);
  return Outcome::kDone;
}

// It is a directory: no reports of writes to its files.
Placement::Outcome Placement::narrow(const char* path, bool follow) {
  const uint32_t less = watch_->mask & ~static_cast<uint32_t>(IN_MODIFY);
  const uint32_t mask = less != 0 ? less : IN_DELETE_SELF;
  const int wd = add(path, mask | link_flag(follow));
  if (wd == watch_->wd) {
    watch_->mask = mask;
    return Outcome::kDone;
  }
  // Another file, whose mask we have replaced.
  Watch* other = wd < 0 ? nullptr : watch_find(wd);
  if (other != nullptr)
    (void)add(path, other->mask | IN_MASK_ADD | link_flag(follow));
  else if (wd >= 0)
    remove(wd);
  return Outcome::kReplaced;
}

// What /proc and /sys show changes without anybody writing it.
bool Placement::supported(const char* path) const {
  const uint64_t device = found_.file.device;
  if (major(device) != 0 || device == tables->good_device) return true;
  const char* where = path;
  if (S_ISLNK(found_.mode) && parent_->path != nullptr)
    where = parent_->path_length != 0 ? parent_->path : "/";
  struct statfs info;
  if (sys::raw(SYS_statfs, sys::arg(where), sys::arg(&info)) != 0) return true;
  if (info.f_type == kProcMagic || info.f_type == kSysfsMagic) return false;
  tables->good_device = device;
  return true;
}

// --- looking ---

Look look(const Association& a, Known& known) {
  const char* path = stored_path(*a.parent, a.name, a.name_length);
  Found found;
  if (path == nullptr) return Look::kUnknown;
  const int r = find_path(path, a.through, found);
  if (r == -ENOENT || r == -ENOTDIR) return Look::kGone;
  if (r != 0) return Look::kUnknown;
  if (!same_file(found.file, a.watch->file)) return Look::kReplaced;
  known = found.known;
  return Look::kSame;
}

void look_into(const Watch& directory) {
  // A name that nobody has asked for: the kernel has to ask the file system, and takes the
  // directory's lock for that.
  char name[64] = ".portc-";
  char* end = append_number(name + strlen(name), static_cast<uint64_t>(sys::getpid()));
  *end++ = '-';
  end = append_number(end, static_cast<uint64_t>(sys::monotonic_ns()));
  Found found;
  if (const char* path = stored_path(directory, name, static_cast<size_t>(end - name)))
    (void)find_path(path, false, found);
}

namespace {

void confirm_parent(Watch& parent) {
  const char* path = stored_path(parent, "", 0);
  const int wd = path == nullptr ? -1 : add(path, kNames | IN_MASK_ADD | IN_ONLYDIR);
  Watch* other = wd < 0 ? nullptr : watch_find(wd);
  if (other != nullptr) other->mask |= kNames;
  if (other == &parent) parent.epoch = tables->epoch;
  if (wd >= 0 && other == nullptr) remove(wd);
}

}  // namespace

bool confirm(Association& a) {
  Watch& parent = *a.parent;
  if (a.name_known && parent.wd != kNoWatch && parent.epoch != tables->epoch)
    confirm_parent(parent);
  Watch& watch = *a.watch;
  if (watch.epoch == tables->epoch) return true;
  const char* path = stored_path(parent, a.name, a.name_length);
  if (path == nullptr) return true;
  const int wd = add(path, watch.mask | IN_MASK_ADD | link_flag(a.through));
  if (wd == watch.wd || wd == -EACCES || wd == -ENOSPC || wd == -ENOMEM) {
    watch.epoch = tables->epoch;
    return true;
  }
  Watch* other = wd < 0 ? nullptr : watch_find(wd);
  if (other != nullptr) other->mask |= watch.mask;
  if (wd >= 0 && other == nullptr) remove(wd);
  return false;
}

}  // namespace portc::files
