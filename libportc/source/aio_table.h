// SPDX-License-Identifier: MIT
//
// The requests this process has in flight: records in a sparse mapping that is made once and
// never moves, found by number or by the address of their control block. Records are type-stable:
// one that is done keeps its place until its event has left the port's inbox.
//
// Everything needs the lock `aio_lock` unless it says otherwise.
#pragma once

#include <linux/aio_abi.h>

#include <cstdint>

#include "libportc/base/leaf_lock.h"
#include "libportc/core/private.h"

namespace portc {

enum class AioKind : uint8_t { kRead, kWrite, kSync, kDataSync, kList };

enum class AioState : uint8_t {
  kFree = 0,
  kFlying,  // not done
  kDone,    // its status is stored; its parcel may be on its way
};

struct AioRecord {
  Parcel parcel;    // slot 0: nobody is notified
  uint32_t number;  // >= 1, never changes
  uint32_t next;    // in the list of records to be used anew
  uint32_t chain;   // next in the bucket of the index
  uint32_t list;    // record of the list it is an entry of, or 0
  // A list: entries in flight, and one while it is being submitted.
  // A sync: writes to its file before it, which it waits for.
  uint32_t left;
  AioState state;
  AioKind kind;
  bool cancelling;  // aio_cancel has asked
  bool cancelled;   // ... and the kernel has agreed
  bool awaited;     // a list: its caller waits, and frees it
  uint8_t retries;  // times it was submitted again
  Port* port;       // whom to notify; null: nobody, or the port has been left
  uint64_t seq;     // order of submission, and identity of this use of the record
  uint64_t object;  // address of the control block
  int* error;       // where the status goes: EINPROGRESS until it is final
  ssize_t* result;
  int fd;
  uint64_t buffer;
  uint64_t length;
  int64_t offset;
  uint64_t device;  // what `fd` was, for an engine that has to look at the number again; 0: unknown
  uint64_t inode;
  struct iocb native;  // aio_native.cc's own: the kernel knows its address
};

constexpr uint32_t kMostRequests = 1u << 16;  // in flight, lists included: portc(7) aio-limits

extern LeafLock aio_lock;

// Makes the mapping. Errors: ENOMEM.
Result<void> aio_table_init();

// In a fork child: nothing is in flight. Needs no lock.
void aio_table_forget();

// A record in kFlying, the other members zero; null if all are in use.
AioRecord* aio_allocate();

// The record is done. It is used anew when its parcel is out of the inbox.
void aio_retire(AioRecord& record);

AioRecord& aio_record(uint32_t number);

// Records 1..aio_high_water() have been used.
uint32_t aio_high_water();

// By the address of the control block; null if it has no request in flight.
AioRecord* aio_find(uint64_t object);
void aio_index(AioRecord& record);
void aio_unindex(AioRecord& record);

template <typename Visit>
void aio_each_flying(Visit visit) {
  const uint32_t high_water = aio_high_water();
  for (uint32_t number = 1; number <= high_water; ++number)
    if (AioRecord& record = aio_record(number); record.state == AioState::kFlying) visit(record);
}

}  // namespace portc
