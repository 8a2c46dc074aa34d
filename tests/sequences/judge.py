# SPDX-License-Identifier: MIT
"""Judges of what a call returned: None, or what is wrong. And what a process may retrieve."""
import dataclasses
import errno
from errno import EFAULT, EINVAL, ETIME

from constants import AIO, FD, FILE, SHORT, TIMER, USER, WILD, WILD_TIMEOUT, ZERO


def name_of(number):
    return errno.errorcode.get(number, str(number))


def exactly(*expected):
    def judge(seen):
        return None if tuple(seen) == expected else 'expected ' + ' '.join(map(str, expected))
    return judge


def fails(*errors, rest=()):
    """The call fails with one of these."""
    def judge(seen):
        if len(seen) >= 2 and seen[0] == -1 and seen[1] in errors and tuple(seen[2:]) == rest:
            return None
        names = ' or '.join(name_of(e) for e in errors)
        return f'expected -1 {names} {" ".join(map(str, rest))}'
    return judge


def events_of(flat):
    return [tuple(flat[i:i + 4]) for i in range(0, len(flat), 4)]


def show(events):
    return '; '.join(f'{e[0]:#x} of source {e[1]}, object {e[2]}, user {e[3]}' for e in events)


class Retrieval:
    """What a process may find when it takes up to `most` events from a port. 1.2, 4.1.11, 10.6"""

    def __init__(self, port, process, most):
        self.port = port
        self.most = most
        self.mine = [a for a in port.deliverable(process) if a.armed]
        self.least = min(most, len(port.users) + sum(a.is_queued() for a in self.mine))

    def take(self, events, complete):
        """Takes these, which were retrieved. `complete`: they are all there were, up to most."""
        port, users, last = self.port, 0, 0
        taken = []
        for event in events:
            if event[1] == USER:
                wrong = self._take_user(event, users, taken)
                if wrong:
                    return wrong
                last = port.users[users][0]
                users += 1
            elif event[1] in (FD, TIMER, AIO, FILE):
                wrong = self._take_other(event, last, taken)
                if wrong:
                    return wrong
            else:
                return f'an event of source {event[1]}: {show([event])}'
        wrong = self._check_rest(users, taken, complete and len(events) < self.most)
        if wrong:
            return wrong
        del port.users[:users]
        for a in taken:
            if a.source == FD:
                a.armed = False  # 3.4
            elif a.source == TIMER or a.source == FILE and not a.gone:
                a.reset()
            else:
                port.privates.remove(a)
        return None

    def _take_user(self, event, users, taken):
        port = self.port
        if users >= len(port.users):
            return f'a user event that nobody sent, or too early: {show([event])}'
        place, events, user = port.users[users]
        if event != (events, USER, 0, user):
            return f'expected {show([(events, USER, 0, user)])}, not {show([event])}'
        for a in taken:
            if a.low >= place:
                return f'descriptor {a.number} became ready after user event {user} was sent'
        for a in self.mine:
            if a.sure and a.high < place and a not in taken:
                return f'descriptor {a.number} was ready before user event {user} was sent'
        return None

    def _take_other(self, event, last, taken):
        for a in self.mine:
            if a.source != event[1] or a.number != event[2] or a in taken:
                continue
            if a.user != event[3]:
                return f'the cookie is {event[3]}, not {a.user}: {show([event])}'
            if not a.allows(event[0]):
                return f'expected {a.expected()}: {show([event])}'
            if a.high is not None and a.high < last:
                return f'descriptor {a.number} was ready before the user event ahead of it'
            taken.append(a)
            return None
        return f'nobody waits for it, or it was retrieved before: {show([event])}'

    def _check_rest(self, users, taken, all_taken):
        port = self.port
        if users < len(port.users):
            place, _, user = port.users[users]
            for a in taken:
                if a.low >= place:
                    return f'descriptor {a.number} became ready after user event {user} was sent'
            if all_taken:
                return f'user event {user} is missing'
        for a in self.mine:
            if not all_taken or a in taken:
                continue
            if a.is_queued():
                return f'the event of descriptor {a.number} is missing'
            a.unseen()
        return None


@dataclasses.dataclass
class Request:
    """The arguments of a port_get (`single`) or port_getn."""

    where: int  # kind of list
    most: int
    want: int
    timeout: int  # kind of timeout
    single: bool

    def untouched(self):
        """What nget is after a failure; for port_get, the number of events."""
        return (0,) if self.single else (self.want,)


class Outcome:
    """4.1, 4.2: what a retrieval may return, without an alert."""

    def __init__(self, port, process, request):
        self.port = port
        self.request = request
        self.retrieval = Retrieval(port, process, request.most)
        self.least, self.most = port.count(process)

    def judge(self, seen):
        if len(seen) < 3:
            return 'no such answer is possible'
        result, error, count = seen[:3]
        if (result, error) in ((-1, EFAULT), (-1, EINVAL)):
            return self._judge_failure(error, tuple(seen[2:]))
        if result == -1 and error != ETIME or result not in (0, -1):
            return 'no such failure is possible'
        wrong = self._judge_result(result, count)
        if wrong:
            return wrong
        if self.request.where == WILD and self.retrieval.least > 0:
            return 'expected -1 EFAULT'
        events = events_of(seen[3:])
        if self.request.single and result == 0 and count != 1 or len(events) != count:
            return f'{count} events, and {len(events)} of them seen'
        return self.retrieval.take(events, complete=True)

    def _judge_failure(self, error, rest):
        request = self.request
        if rest != request.untouched():
            return 'the count was changed'
        # DEVIATION killed-owner: what a dead process left is in the queue until somebody takes it.
        if error == EFAULT and request.where == WILD and (self.most > 0 or self.port.stale):
            return None
        expected = EFAULT if request.timeout == WILD_TIMEOUT else EINVAL
        if request.timeout in (ZERO, SHORT) or error != expected:
            return f'expected no {name_of(error)}'
        if self.least >= request.want and self.retrieval.least > 0 and not self.port.stale:
            return f'enough events were queued; expected no {name_of(error)}'  # 4.1.9
        return None

    def _judge_result(self, result, count):
        request = self.request
        if request.timeout not in (ZERO, SHORT):
            if self.most < request.want:
                return 'expected a failure because of the timeout'
            return None if result == 0 and count > 0 else 'expected a failure, or events'
        expected = self._expected(count)
        uncertain = expected is None or self.port.stale and request.want > 1
        if result != expected and not uncertain:
            return f'expected {expected}, with {count} events'
        return None

    def _expected(self, count):
        """The result, with that many events; None if either is possible."""
        if self.request.timeout == ZERO:  # 4.2. DEVIATION zero-timeout
            return -1 if self.request.single and count == 0 else 0
        if count == 0 or self.most < self.request.want:
            return -1
        return 0 if self.least >= self.request.want else None
