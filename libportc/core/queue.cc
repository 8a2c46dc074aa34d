// SPDX-License-Identifier: MIT
#include "libportc/core/queue.h"

#include "libportc/base/kill_point.h"
#include "libportc/base/usermem.h"
#include "libportc/core/owner.h"
#include "libportc/core/registry.h"
#include "libportc/core/wait.h"

namespace portc {
namespace {

class Getter {
 public:
  Getter(Port& port, const GetRequest& request)
      : port_(port), header_(port.segment.header()), request_(request) {}

  GetOutcome run();

 private:
  enum class Step { kDone, kAgain };

  Step look();
  Step deliver();
  bool alerted();
  bool take_alert();
  bool collect();
  bool enough() const { return header_.queued >= request_.want; }
  bool take();
  Step wait();
  Step again();
  Step finish(int error) {
    outcome_.error = error;
    return Step::kDone;
  }

  Port& port_;
  PortHeader& header_;
  const GetRequest& request_;
  GetOutcome outcome_{0, 0};
  bool locked_ = false;
  bool collected_ = false;  // in this pass
  uint32_t alert_seen_ = 0;
  uint32_t passes_ = 0;  // without a sleep
  bool have_deadline_ = false;
  Deadline deadline_ = Deadline::never();
};

GetOutcome Getter::run() {
  const Result<void> locked = port_lock(port_);
  if (!locked) return {0, locked.error()};
  locked_ = true;
  alert_seen_ = header_.alert_count;
  while (look() == Step::kAgain) {
  }
  if (locked_) port_unlock(port_);
  return outcome_;
}

// One pass under the lock: deliver, or find out why not and sleep.
Getter::Step Getter::look() {
  if (alerted()) return take_alert() ? Step::kDone : finish(EFAULT);
  if (!collect()) return Step::kDone;
  return enough() ? deliver() : wait();
}

Getter::Step Getter::deliver() {
  if (!take()) return finish(EFAULT);
  if (outcome_.count == request_.max || (outcome_.count > 0 && collected_)) return Step::kDone;
  // Other processes' events are in the queue. What has fired since is still in the kernel:
  // collect() saw a long queue and did not ask, and no edge will tell us of it again.
  const uint64_t seen = header_.seq;
  const Result<void> collected = sources_collect(port_);
  if (outcome_.count > 0) {
    if (collected) (void)take();
    return Step::kDone;
  }
  if (!collected) return finish(collected.error());
  return header_.seq != seen ? again() : wait();
}

// In alert mode now, or there was an alert while we slept.
bool Getter::alerted() {
  if (header_.alert_on == 0) return header_.alert_count != alert_seen_;
  const OwnerToken owner = header_.alert_owner;
  if (owner == owner_self() || !owner_is_dead(owner)) return true;
  header_.alert_on = 0;
  return false;
}

bool Getter::take_alert() {
  // The alert that came first since we looked; the present one if there was none since.
  const uint32_t count = header_.alert_count;
  const uint32_t missed = count - alert_seen_;
  uint32_t number = missed == 0 ? count : alert_seen_ + 1;
  if (missed > kAlertRecords) number = count - kAlertRecords + 1;
  const AlertRecord& record = header_.alerts[number % kAlertRecords];
  if (!user_writable(request_.out.list, request_.out.element_size)) return false;
  request_.out.store(request_.out.list, {record.events, Source::kAlert, 0, record.user});
  outcome_.count = 1;
  return true;
}

// port_getn reports all there is, up to max; port_get is content with the head of the queue.
bool Getter::collect() {
  collected_ = header_.queued < request_.max;
  if (!collected_) return true;
  const Result<void> collected = sources_collect(port_, request_.max);
  if (collected) return true;
  (void)finish(collected.error());
  return false;
}

// False if the program's array cannot be written; nothing has been taken then.
// DEVIATION portc(7) fault-nothing-lost: illumos has dequeued them by then.
bool Getter::take() {
  Segment& segment = port_.segment;
  const uint32_t queued = segment.bounded(header_.queued);
  const uint32_t room = request_.max - outcome_.count;
  const uint32_t most = outcome_.count + (queued < room ? queued : room);
  const EventBuffer& out = request_.out;
  if (!user_writable(out.list, most * out.element_size)) return false;
  char* element = static_cast<char*>(out.list) + outcome_.count * out.element_size;
  uint32_t number = header_.queue_head;
  for (uint32_t seen = 0; seen < queued && number != 0 && outcome_.count < most; ++seen) {
    const Slot& slot = segment.slot(number);
    const uint32_t next = slot.next;
    const uint16_t source = slot.source;
    const SourceOps* ops = source_ops(source);
    if (ops == nullptr) {
      segment.mark_damaged();
      return true;
    }
    if (ops->deliverable(port_, number)) {
      out.store(element, {slot.events, static_cast<Source>(source), slot.object, slot.user});
      kill_point("take.stored");
      segment.unlink(number);
      kill_point("take.unlinked");
      ops->retire(port_, number);
      kill_point("take.retired");
      element += out.element_size;
      ++outcome_.count;
    }
    number = next;
  }
  return true;
}

// Something has been queued since. Nobody but this thread may do that, and it would have come to
// an end: another process is counting.
Getter::Step Getter::again() {
  constexpr uint32_t kMostPasses = 1000;
  if (++passes_ == kMostPasses && !planted("passes-for-ever")) {
    port_.segment.mark_damaged();
    return finish(EBADFD);
  }
  return Step::kAgain;
}

Getter::Step Getter::wait() {
  if (port_.segment.damaged()) return finish(EBADFD);
  const uint64_t seen = header_.seq;
  kill_point("get.before_sleep");
  const Result<void> checked = sources_before_sleep(port_);
  if (!checked) return finish(checked.error());
  if (header_.seq != seen) return again();
  if (!have_deadline_) {
    const Result<Deadline> deadline = request_.deadline(request_.timeout);
    if (!deadline) return finish(deadline.error());
    deadline_ = *deadline;
    have_deadline_ = true;
  }
  if (deadline_.passed()) {
    if (!take()) return finish(EFAULT);
    return finish(deadline_.is_now() ? 0 : ETIME);
  }
  // Closed between our look-up and here: nobody would kick us.
  const DescriptorRecord* record = descriptor_record(request_.port_fd);
  if (record == nullptr || record->port.load(std::memory_order_relaxed) != &port_)
    return finish(EBADF);

  Waiter waiter{};
  waiter.want = request_.want;
  waiter.port_fd = request_.port_fd;
  waiter.thread = pthread_self();
  waiter.alert_seen = alert_seen_;
  waiter.seq_seen = header_.seq;
  const SleepResult slept = port_sleep(port_, waiter, deadline_);
  locked_ = slept.locked;
  if (waiter.kicked) return finish(EBADF);
  if (slept.error != 0) return finish(slept.error);
  if (slept.wakeup == Wakeup::kSignal) return finish(EINTR);
  passes_ = 0;
  return Step::kAgain;
}

}  // namespace

GetOutcome queue_get(Port& port, const GetRequest& request) { return Getter(port, request).run(); }

Result<uint32_t> queue_count(Port& port) {
  PortGuard guard(port);
  if (!guard) return Errno{guard.error()};
  const Result<void> complete = sources_complete(port);
  if (!complete) return Errno{complete.error()};
  sources_sweep_queue(port);
  return port.segment.bounded(port.segment.header().queued);
}

}  // namespace portc
