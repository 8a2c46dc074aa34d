// SPDX-License-Identifier: MIT
#include "libportc/core/segment.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "libportc/base/kill_point.h"
#include "libportc/base/sys.h"

namespace portc {
namespace {

constexpr size_t kPage = 4096;
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
constexpr unsigned kNoExecSeal = 0x8;  // MFD_NOEXEC_SEAL, Linux 6.3; unknown to older headers

constinit Slot scratch{};

size_t buckets_offset(uint32_t slot_count) {
  return (kSlotsOffset + slot_count * sizeof(Slot) + kPage - 1) / kPage * kPage;
}

size_t segment_size(uint32_t slot_count) {
  return buckets_offset(slot_count) + kBuckets * sizeof(uint32_t);
}

void fill_header(PortHeader& header, uint32_t slot_count) {
  uint64_t id[2] = {0, 0};
  (void)sys::raw(SYS_getrandom, sys::arg(id), sizeof id, 0);
  struct timespec now = {};
  sys::clock_read(CLOCK_REALTIME, &now);
  header.version = kLayoutVersion;
  header.header_size = sizeof(PortHeader);
  header.id[0] = id[0];
  header.id[1] = id[1];
  header.slot_count = slot_count;
  header.uid = static_cast<uint32_t>(sys::raw(SYS_geteuid));
  header.gid = static_cast<uint32_t>(sys::raw(SYS_getegid));
  header.created_s = static_cast<uint64_t>(now.tv_sec);
  header.created_ns = static_cast<uint64_t>(now.tv_nsec);
  header.magic.release(kMagic);
}

// The memory counts as a file, and the kernel kills who makes one larger than RLIMIT_FSIZE.
Result<void> set_size(int fd, size_t size) {
  struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
  (void)sys::raw(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, sys::arg(&limit));
  const bool small = limit.rlim_cur < size;
  if (small) {
    const struct rlimit raised = {limit.rlim_max, limit.rlim_max};
    if (limit.rlim_max < size ||
        sys::raw(SYS_prlimit64, 0, RLIMIT_FSIZE, sys::arg(&raised), 0) != 0)
      return Errno{ENOMEM};
  }
  const long r = sys::raw(SYS_ftruncate, fd, static_cast<long>(size));
  if (small) (void)sys::raw(SYS_prlimit64, 0, RLIMIT_FSIZE, sys::arg(&limit), 0);
  if (r == -ENOSPC) return Errno{ENOMEM};  // the memory's file system is full
  return sys::as_void(r);
}

// Such memory can be sealed, too, and to touch it when no huge page is free is a SIGBUS.
bool is_of_huge_pages(int fd) {
  constexpr long kHugetlbfsMagic = 0x958458f6;
  struct statfs info = {};
  return sys::raw(SYS_fstatfs, fd, sys::arg(&info)) == 0 && info.f_type == kHugetlbfsMagic;
}

SlotState state_of(const Slot& slot) { return static_cast<SlotState>(uint32_t{slot.state}); }

// Somebody who was changing an association had come to the point of no return: see fd.cc.
void finish_replacing(Slot& slot) {
  const SlotState state = state_of(slot);
  const uint32_t wanted = slot.wanted;
  if ((wanted & kWantedReplaced) == 0 || (slot.flags & kSlotPrivate) != 0 ||
      state == SlotState::kFree || state == SlotState::kQueued)
    return;
  slot.user = uint64_t{slot.next} | uint64_t{slot.previous} << 32;
  slot.state = static_cast<uint32_t>(SlotState::kArmed);
  slot.wanted = wanted & ~kWantedReplaced;
}

}  // namespace

Result<Segment> Segment::create(uint32_t slot_count, int& memory_fd) {
  long fd =
      sys::raw(SYS_memfd_create, sys::arg("portc"), MFD_CLOEXEC | MFD_ALLOW_SEALING | kNoExecSeal);
  if (fd == -EINVAL)
    fd = sys::raw(SYS_memfd_create, sys::arg("portc"), MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return Errno{static_cast<int>(-fd)};
  const int made = static_cast<int>(fd);
  const size_t size = segment_size(slot_count);
  Result<void> sized = set_size(made, size);
  if (sized && !planted("unsealed")) sized = sys::as_void(sys::fcntl(made, F_ADD_SEALS, kSeals));
  Result<Segment> segment = sized ? map_sized(made, size) : Result<Segment>(Errno{sized.error()});
  if (!segment) {
    (void)sys::close(made);
    return Errno{segment.error() == EBADFD ? ENOMEM : segment.error()};
  }
  fill_header(segment->header(), slot_count);
  segment->locate(slot_count);
  memory_fd = made;
  return segment;
}

Result<Segment> Segment::map_sized(int memory_fd, size_t size) {
  const long r = sys::raw(SYS_mmap, 0, static_cast<long>(size), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_NORESERVE, memory_fd, 0);
  if (r < 0) return Errno{r == -ENOMEM ? ENOMEM : EBADFD};
  Segment segment;
  segment.size_ = size;
  segment.header_ = reinterpret_cast<PortHeader*>(r);
  return segment;
}

void Segment::locate(uint32_t slot_count) {
  char* base = reinterpret_cast<char*>(header_);
  slot_count_ = slot_count;
  slots_ = reinterpret_cast<Slot*>(base + kSlotsOffset);
  buckets_ = reinterpret_cast<Shared<uint32_t>*>(base + buckets_offset(slot_count));
}

Result<Segment> Segment::map(int memory_fd) {
  const long seals = sys::fcntl(memory_fd, F_GET_SEALS);
  if (seals < 0 || (seals & kSeals) != kSeals || is_of_huge_pages(memory_fd)) return Errno{EBADFD};
  struct stat st;
  if (sys::raw(SYS_fstat, memory_fd, sys::arg(&st)) != 0) return Errno{EBADFD};
  const size_t size = static_cast<size_t>(st.st_size);
  if (size < segment_size(1) || size > segment_size(kMaxSlots)) return Errno{EBADFD};
  Result<Segment> segment = map_sized(memory_fd, size);
  if (!segment) return segment;
  const PortHeader& header = segment->header();
  const uint32_t slot_count = header.slot_count;
  if (header.magic.acquire() != kMagic || header.version != kLayoutVersion ||
      header.header_size != sizeof(PortHeader) || slot_count == 0 || slot_count > kMaxSlots ||
      segment_size(slot_count) != size) {
    segment->unmap();
    return Errno{EBADFD};
  }
  segment->locate(slot_count);
  return segment;
}

void Segment::unmap() {
  if (header_ != nullptr) (void)sys::raw(SYS_munmap, sys::arg(header_), static_cast<long>(size_));
  *this = Segment();
}

Slot& Segment::scratch_slot() {
  damaged_ = true;
  return scratch;
}

uint32_t Segment::allocate() {
  PortHeader& h = *header_;
  const uint32_t in_use = h.in_use;
  if (in_use >= slot_count_) return 0;
  uint32_t number = h.free_head;
  if (number != 0) {
    h.free_head = slot(number).next;
    kill_point("allocate.popped");
  } else {
    const uint32_t highest = h.high_water;
    if (highest >= slot_count_) {
      damaged_ = true;
      return 0;
    }
    number = highest + 1;
    h.high_water = number;
    kill_point("allocate.raised");
  }
  h.in_use = in_use + 1;
  kill_point("allocate.counted");
  return number;
}

void Segment::release(uint32_t number) {
  Slot& s = slot(number);
  kill_point("release.begin");
  if (!planted("no-commit")) s.state.release(static_cast<uint32_t>(SlotState::kFree));
  kill_point("release.committed");
  s.next = header_->free_head;
  kill_point("release.linked");
  header_->free_head = number;
  kill_point("release.pushed");
  header_->in_use = header_->in_use - 1;
}

void Segment::enqueue(uint32_t number, SlotState state) {
  PortHeader& h = *header_;
  Slot& s = slot(number);
  const uint64_t seq = h.seq + 1;
  kill_point("enqueue.begin");
  h.seq = seq;
  kill_point("enqueue.numbered");
  s.seq = seq;
  kill_point("enqueue.placed");
  s.state.release(static_cast<uint32_t>(state));
  kill_point("enqueue.committed");
  const uint32_t tail = h.queue_tail;
  s.next = 0;
  s.previous = tail;
  kill_point("enqueue.linked_back");
  if (tail != 0)
    slot(tail).next = number;
  else
    h.queue_head = number;
  kill_point("enqueue.linked");
  h.queue_tail = number;
  kill_point("enqueue.tail");
  h.queued = h.queued + 1;
  kill_point("enqueue.counted");
}

void Segment::unlink(uint32_t number) {
  PortHeader& h = *header_;
  const Slot& s = slot(number);
  const uint32_t next = s.next;
  const uint32_t previous = s.previous;
  kill_point("unlink.begin");
  if (previous != 0)
    slot(previous).next = next;
  else
    h.queue_head = next;
  kill_point("unlink.skipped");
  if (next != 0)
    slot(next).previous = previous;
  else
    h.queue_tail = previous;
  kill_point("unlink.out");
  h.queued = h.queued - 1;
  kill_point("unlink.counted");
}

void Segment::index_insert(uint32_t number) {
  Slot& s = slot(number);
  Shared<uint32_t>& head = bucket(s.object);
  s.chain = uint32_t{head};
  kill_point("index.chained");
  head = number;
  kill_point("index.inserted");
}

void Segment::index_remove(uint32_t number) {
  const Slot& s = slot(number);
  Shared<uint32_t>* link = &bucket(s.object);
  for (uint32_t steps = 0; steps < slot_count_; ++steps) {
    const uint32_t here = *link;
    if (here == number) {
      kill_point("index.found");
      *link = uint32_t{s.chain};
      kill_point("index.removed");
      return;
    }
    if (here == 0) break;
    link = &slot(here).chain;
  }
  damaged_ = true;
}

void Segment::rebuild() {
  for (uint32_t i = 0; i < kBuckets; ++i)
    if (buckets_[i] != 0) buckets_[i] = 0;
  kill_point("rebuild.index_empty");
  // Read once: another process may raise it at any time.
  const uint32_t high_water = bounded(header_->high_water);
  header_->high_water = high_water;
  kill_point("rebuild.bounded");
  rebuild_links(planted("reads-twice") ? uint32_t{header_->high_water} : high_water);
  kill_point("rebuild.linked");
  header_->epoch = header_->epoch + 1;
  kill_point("rebuild.counted");
}

// Sorts every slot into the free list, the index and the (still unsorted) queue by its state.
void Segment::rebuild_links(uint32_t high_water) {
  constexpr uint16_t kUnpolled = kSlotAlwaysReady | kSlotPrivate;
  PortHeader& h = *header_;
  uint32_t in_use = 0, armed = 0, free_head = 0, queue = 0;
  for (uint32_t number = high_water; number > 0; --number) {
    Slot& s = slots_[number - 1];
    finish_replacing(s);
    const SlotState state = state_of(s);
    const bool event = state == SlotState::kQueued || state == SlotState::kFired;
    const bool association =
        state == SlotState::kArmed || state == SlotState::kFired || state == SlotState::kIdle;
    if (!event && !association) {
      s.state = static_cast<uint32_t>(SlotState::kFree);
      s.next = free_head;
      free_head = number;
      continue;
    }
    ++in_use;
    if (association && (s.flags & kSlotPrivate) == 0) index_insert(number);
    if (state == SlotState::kArmed && (s.flags & kUnpolled) == 0) ++armed;
    if (event) {
      s.next = queue;
      queue = number;
    }
    kill_point("rebuild.slot");
  }
  kill_point("rebuild.sorting");
  h.free_head = free_head;
  h.in_use = in_use;
  h.armed = armed;
  rebuild_queue(queue);
}

// Bottom-up merge sort of a singly linked list by seq: no memory but the links themselves,
// since the repairing process may have none to get. Then the backward links and counts. Another
// process may be changing the links: a pass that moves more than there are slots is given up.
void Segment::rebuild_queue(uint32_t list) {
  for (uint32_t width = 1; width != 0; width *= 2) {
    uint32_t rest = list, sorted_tail = 0, merges = 0, moved = 0;
    list = 0;
    while (rest != 0) {
      ++merges;
      uint32_t left = rest, right = rest, left_size = 0;
      while (left_size < width && right != 0) {
        ++left_size;
        right = slot(right).next;
      }
      uint32_t right_size = width;
      while (left_size > 0 || (right_size > 0 && right != 0)) {
        const bool from_left =
            left_size > 0 && (right_size == 0 || right == 0 || slot(left).seq <= slot(right).seq);
        uint32_t& source = from_left ? left : right;
        (from_left ? left_size : right_size)--;
        const uint32_t taken = source;
        if (++moved > slot_count_ && !planted("sorts-for-ever")) {
          damaged_ = true;
          return;
        }
        source = slot(taken).next;
        if (sorted_tail != 0)
          slot(sorted_tail).next = taken;
        else
          list = taken;
        sorted_tail = taken;
      }
      rest = right;
    }
    if (sorted_tail != 0) slot(sorted_tail).next = 0;
    if (merges <= 1) break;
  }
  uint32_t previous = 0, queued = 0;
  for (uint32_t number = list; number != 0 && queued < slot_count_; number = slot(number).next) {
    slot(number).previous = previous;
    previous = number;
    ++queued;
  }
  kill_point("rebuild.sorted");
  header_->queue_head = list;
  header_->queue_tail = previous;
  header_->queued = queued;
}

}  // namespace portc
