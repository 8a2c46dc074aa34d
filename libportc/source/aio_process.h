// SPDX-License-Identifier: MIT
//
// Inside the AIO source: the engine of this process, harvesting, and who sleeps meanwhile.
#pragma once

#include "libportc/source/aio.h"
#include "libportc/source/aio_engine.h"

namespace portc {

// --- the engine (aio_process.cc) ---

// The one there is, or null. Stays while there is a user or a request in flight; anybody else asks
// with aio_lock, and uses the answer inside.
const AioEngine* aio_engine_known();

// One more user (a port, a list), and the engine for it, made if there is none. Takes the
// registry's lock; a port's may be held. Errors: ENOSYS, ENOMEM, EMFILE, EAGAIN.
Result<void> aio_use();
// The same for a caller whose own request in flight keeps the engine.
void aio_pin();
void aio_unuse();

// Gives the engine up if nobody needs it. No lock but a port's may be held.
void aio_tidy();

// Its descriptor, to poll; -1 without one.
int aio_descriptor();

// The eventfd that wakes the leader of the sleepers; made when asked for. Errors: EMFILE.
Result<int> aio_kick_descriptor();

void aio_process_forget();
bool aio_process_vacate(int fd);

// --- harvesting (aio.cc) ---

// Events for a port whose lock the harvester is about to take, or has: they need no inbox.
struct AioFired {
  explicit AioFired(Port* mine) : port(mine) {}
  AioFired(const AioFired&) = delete;
  AioFired& operator=(const AioFired&) = delete;

  Port* port;
  Parcel* first = nullptr;
  Parcel** last = &first;
};

// While it lives, what is done goes to `fired`, or into inboxes. With aio_lock.
class AioHarvest {
 public:
  explicit AioHarvest(AioFired& fired);
  ~AioHarvest();
  AioHarvest(const AioHarvest&) = delete;
  AioHarvest& operator=(const AioHarvest&) = delete;

 private:
  uint64_t done_before_;
};

// Takes the locks of the ports there are events for. No lock may be held.
void aio_deliver(AioFired& fired);

// A sync that waits for writes: it has not been submitted. With aio_lock.
bool aio_is_held(const AioRecord& record);
void aio_cancel_held(AioRecord& record);

// --- sleepers (aio_wait.cc) ---

// Something is done: they look. With aio_lock.
void aio_wake_sleepers();
bool aio_anybody_asleep();
void aio_wait_forget();

}  // namespace portc
