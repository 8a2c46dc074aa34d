// SPDX-License-Identifier: MIT
//
// A four-way heap: what is due first is at the top. It uses an array of the caller's, and tells
// each item its place, so that any item can be taken out.
//
// Item has a member `uint32_t place`: 0 while it is in no heap; nobody else writes it.
#pragma once

#include <cstdint>

namespace portc {

template <typename Item>
class TimerHeap {
 public:
  struct Entry {
    int64_t key;
    Item* item;
  };

  TimerHeap() = default;
  // At most as many items as `entries` has room for may be inside at once.
  explicit TimerHeap(Entry* entries) : entries_(entries) {}

  Entry* entries() const { return entries_; }
  bool empty() const { return count_ == 0; }
  uint32_t size() const { return count_; }
  const Entry& first() const { return entries_[0]; }

  void insert(Item& item, int64_t key) { rise(count_++, {key, &item}); }

  void remove(Item& item) {
    const uint32_t hole = item.place - 1;
    item.place = 0;
    const Entry last = entries_[--count_];
    if (hole == count_) return;
    if (hole > 0 && last.key < entries_[parent(hole)].key)
      rise(hole, last);
    else
      sink(hole, last);
  }

 private:
  static constexpr uint32_t kWays = 4;  // half the levels of a binary heap, and one cache line each
  static uint32_t parent(uint32_t at) { return (at - 1) / kWays; }

  void put(uint32_t at, const Entry& entry) {
    entries_[at] = entry;
    entry.item->place = at + 1;
  }

  void rise(uint32_t at, Entry entry) {
    while (at > 0 && entry.key < entries_[parent(at)].key) {
      put(at, entries_[parent(at)]);
      at = parent(at);
    }
    put(at, entry);
  }

  void sink(uint32_t at, Entry entry) {
    for (;;) {
      const uint32_t first = at * kWays + 1;
      if (first >= count_) break;
      const uint32_t end = count_ - first < kWays ? count_ : first + kWays;
      uint32_t least = first;
      for (uint32_t child = first + 1; child < end; ++child)
        if (entries_[child].key < entries_[least].key) least = child;
      if (entry.key <= entries_[least].key) break;
      put(at, entries_[least]);
      at = least;
    }
    put(at, entry);
  }

  Entry* entries_ = nullptr;
  uint32_t count_ = 0;
};

}  // namespace portc
