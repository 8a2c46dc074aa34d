# SPDX-License-Identifier: MIT
"""What event ports do, as a program: an executable form of the specification.

The sections bear the numbers of the specification of illumos's behaviour that the tests of
this project follow (first argument 1, port_create 2, associations 3, retrieval 4, user events 5,
alerts 6, polling and nesting 9, owners 10). Where Linux forces a difference, its name in
portc(7) is cited as DEVIATION.

A World holds processes, descriptors, open files and ports. World.call() does one call, given as a
tuple (process, name, arguments...), and returns a function that judges what was observed, and
takes from it what the specification leaves open. A judge returns None, or says what is wrong.

What is left open:

- An association whose condition holds has its event in the queue at once, on illumos. Here it is
  there after the next call on the port that looks (DEVIATION latching), which lies between the
  time the condition first held and the next send or count. So an armed association knows the
  events it may be queued with (`masks`) and the places that it may have (`low` to `high`), both
  of which are settled by what is retrieved (DEVIATION order).
- A process that was killed is noticed late (DEVIATION killed-owner): poll may find its events.
"""
import errno
from errno import EBADF, EBADFD, EACCES, EAGAIN, EBUSY, EFAULT, EINVAL, ENOENT, ETIME

AIO, TIMER, USER, FD, ALERT, MQ, FILE = range(1, 8)
SET, UPDATE = 1, 2
IN, PRI, OUT, ERR, HUP, NVAL = 1, 2, 4, 8, 16, 32
RDNORM, RDBAND, WRNORM, WRBAND, RDHUP = 0x40, 0x80, 0x100, 0x200, 0x2000
ALWAYS = ERR | HUP
AIOAREAD = 11
INT_MAX = 0x7FFFFFFF
BITS = 0xFFFF & ~NVAL

FIRST_FREE = 3  # standard input and output, and standard error, are not the sequences'
MOST_NESTED = 3

# The kinds of timeouts and lists that player.c has.
ZERO, SHORT, TOO_MANY, NEGATIVE, WILD_TIMEOUT = range(5)
DISARM, EXPIRED, FAR = range(3)  # how player.c sets timers
GOOD, NULL, WILD = range(3)


def name_of(number):
    return errno.errorcode.get(number, str(number))


# --- what can be behind a descriptor: the open file descriptions -------------------------


class Open:
    """An open file; `references` are the descriptors that refer to it, in all processes."""

    port = None
    always_ready = False

    def __init__(self):
        self.references = 0

    def same(self, other):
        """As far as ports can tell them apart."""
        return self is other

    def ready(self):
        """The poll bits that are true of it now."""
        return 0

    def surely_ready(self):
        """Those that are true for certain."""
        return self.ready()

    def closed(self):
        """The last descriptor is gone."""

    def read(self, count):
        return EBADF, 0

    def write(self, count):
        return EBADF, 0


class Pipe:
    def __init__(self):
        self.bytes = 0
        self.full = False
        self.reader = ReadEnd(self)
        self.writer = WriteEnd(self)


class ReadEnd(Open):
    def __init__(self, pipe):
        super().__init__()
        self.pipe = pipe

    def ready(self):
        bits = IN | RDNORM if self.pipe.bytes else 0
        return bits if self.pipe.writer.references else bits | HUP

    def read(self, count):
        pipe = self.pipe
        if not pipe.bytes:
            return (EAGAIN, 0) if pipe.writer.references else (0, 0)
        count = min(count, pipe.bytes)
        pipe.bytes -= count
        return 0, count


class WriteEnd(Open):
    def __init__(self, pipe):
        super().__init__()
        self.pipe = pipe

    def ready(self):
        bits = 0 if self.pipe.full else OUT | WRNORM
        return bits if self.pipe.reader.references else bits | ERR

    def write(self, count):
        if not self.pipe.reader.references:
            return errno.EPIPE, 0
        if self.pipe.full:
            return EAGAIN, 0
        self.pipe.bytes += count
        return 0, count


class Socket(Open):
    """One end of a pair of stream sockets."""

    def __init__(self):
        super().__init__()
        self.bytes = 0
        self.peer = None
        self.ended = False  # the peer was closed ...
        self.reset = False  # ... with unread bytes, which is reported once

    def ready(self):
        bits = OUT | WRNORM | WRBAND
        if self.bytes:
            bits |= IN | RDNORM
        if self.ended:
            bits |= IN | RDNORM | RDHUP | HUP
        return bits | ERR if self.reset else bits

    def closed(self):
        self.peer.ended = True
        if self.bytes:
            self.peer.reset = True

    def read(self, count):
        if self.bytes:
            count = min(count, self.bytes)
            self.bytes -= count
            return 0, count
        if self.reset:
            self.reset = False
            return errno.ECONNRESET, 0
        return (0, 0) if self.ended else (EAGAIN, 0)

    def write(self, count):
        if self.ended:
            return errno.EPIPE, 0
        self.peer.bytes += count
        return 0, count


class Eventfd(Open):
    def __init__(self):
        super().__init__()
        self.count = 0

    def ready(self):
        return OUT | IN if self.count else OUT

    def read(self, count):
        if count < 8:
            return EINVAL, 0
        if not self.count:
            return EAGAIN, 0
        self.count = 0
        return 0, 8

    def write(self, count):
        if count < 8:
            return EINVAL, 0
        self.count += 1
        return 0, 8


class Regular(Open):
    """A file that is open for reading, the same for all. 3.8: always ready."""

    always_ready = True

    def same(self, other):  # DEVIATION file-descriptions
        return isinstance(other, Regular)

    def ready(self):
        return IN | RDNORM | RDBAND | OUT | WRNORM | WRBAND

    def read(self, count):
        return 0, count


class PortFile(Open):
    """A port, as a descriptor. DEVIATION read-write: EINVAL."""

    def __init__(self, port):
        super().__init__()
        self.port = port

    def ready(self):
        return IN | RDNORM if self.port.may_be_readable() else 0

    def surely_ready(self):
        return IN | RDNORM if self.port.count()[0] else 0

    def read(self, count):
        return EINVAL, 0

    def write(self, count):
        return EINVAL, 0


# --- processes and ports -------------------------------------------------------------


class Process:
    def __init__(self):
        self.fds = {}  # number -> Open
        self.cloexec = set()
        self.sleeper = None
        self.timers = {}  # place -> Private
        self.met = set()  # the ports that it has used since its last exec

    def lowest(self):
        number = FIRST_FREE
        while number in self.fds:
            number += 1
        return number

    def holds(self, file, number):
        mine = self.fds.get(number)
        return mine is not None and file.same(mine)

    def has_met_all(self):
        """DEVIATION raw-calls: closings are seen in a program that has used the port."""
        return all(file.port in self.met for file in self.fds.values() if file.port)

    def numbers_of(self, port):
        return [n for n, file in self.fds.items() if file.port is port]


class Sleeper:
    """A thread in port_getn, with a timeout that is far away."""

    def __init__(self, port, number, most, want):
        self.port = port
        self.number = number
        self.most = most
        self.want = want
        self.ended = False  # the number was closed


class Association:
    """3.6: the key is the number together with the open file."""

    source = FD

    def __init__(self, number, file, owner):
        self.number = number
        self.file = file
        self.owner = owner

    def arm(self, events, user, place):
        self.shaky = False  # an error of the descriptor could make the port look readable
        self.wanted = events & BITS
        self.user = user
        self.armed = True  # or its event is in the queue
        self.sure = False  # its event is in the queue, for certain
        self.masks = set()
        self.low = self.high = None
        self.look(place)
        if self.masks and self.file.always_ready:
            self.settle(place)

    def mask(self):
        return self.file.ready() & (self.wanted | ALWAYS)

    def sure_mask(self):
        return self.file.surely_ready() & (self.wanted | ALWAYS)

    def look(self, place):
        """The condition may have become true."""
        if not self.armed or self.sure:
            return
        mask = self.mask()
        if mask:
            self.masks.add(mask)
            if self.low is None:
                self.low = place

    def settle(self, place):
        """A call on the port has looked."""
        if self.armed and not self.sure and self.sure_mask():
            self.sure = True
            self.high = place

    def allows(self, events):
        return events in self.masks

    def expected(self):
        return ' or '.join(f'{m:#x}' for m in sorted(self.masks)) or 'nothing'

    def unseen(self):
        """It was not in the queue: whatever held has passed."""
        self.masks = set()
        self.low = None

    def may_be_queued(self):
        return self.armed and bool(self.masks)

    def is_queued(self):
        return self.armed and (self.sure or bool(self.sure_mask()))


class Private:
    """8. What only its owner can retrieve: the event of a timer or of a request."""

    def __init__(self, source, place, user, owner):
        self.source = source
        self.number = place
        self.user = user
        self.owner = owner
        self.reset()

    def reset(self):
        self.settled = 0  # expirations that have been seen
        self.certain = False  # one more has not been seen, and will be
        self.sure = False
        self.low = self.high = None

    @property
    def armed(self):
        return self.is_queued()

    def expire(self, place):
        self.certain = True
        if self.low is None:
            self.low = place

    def settle(self, place):
        if not self.is_queued():
            return
        self.settled += self.certain
        self.certain = False
        if not self.sure:
            self.sure = True
            self.high = place

    def look(self, _place):
        pass

    def allows(self, events):
        if self.source == AIO:
            return events == AIOAREAD
        return events == self.settled + self.certain

    def expected(self):
        return 'opcode 11' if self.source == AIO else f'a count of {self.settled + self.certain}'

    def is_queued(self):
        return self.certain or self.settled > 0

    may_be_queued = is_queued


class Port:
    def __init__(self, serial, limit, exact):
        self.serial = serial
        self.limit = limit
        self.place = 0  # of the user event that was sent last
        self.users = []  # (place, events, user)
        self.associations = []
        self.privates = []
        self.virgin = True
        self.alert = None  # (events, user, owner)
        self.stale = False  # somebody was killed who had it
        self.shared = False
        self.exact = exact

    def find(self, number, file):
        for a in self.associations:
            if a.number == number and a.file.same(file):
                return a
        return None

    def slots(self):
        return len(self.users) + len(self.associations) + len(self.privates)

    def count(self, process=None):
        """The least and the most events that can be queued, when the process looks."""
        users = len(self.users)
        privates = sum(p.sure or p.owner is process and p.is_queued() for p in self.privates)
        return (users + privates + sum(a.is_queued() for a in self.associations),
                users + sum(a.may_be_queued() for a in self.associations + self.privates))

    def may_be_readable(self):
        """To poll(2). DEVIATION killed-owner, inherited-poll, polled-error"""
        if self.stale or self.shared and any(a.mask() for a in self.associations):
            return True
        if any(a.shaky and a.file.ready() & ALWAYS for a in self.associations):
            return True
        return self.count()[1] > 0

    def become_exact(self):
        """It is polled, or nested in another port."""
        for a in self.associations:
            if not self.exact and (not a.armed or a.masks):
                a.shaky = True
        self.exact = True

    def settle(self, process):
        """The process looks: it sees all descriptors, and what is its own."""
        for a in self.associations:
            a.settle(self.place)
        for p in self.privates:
            if p.owner is process:
                p.settle(self.place)

    # 10.1 Who may retrieve.
    def deliverable(self, process):
        return [a for a in self.associations
                if a.owner is process or process.holds(a.file, a.number)] + \
            [p for p in self.privates if p.owner is process]

    # 10.4 The process holds it no longer. DEVIATION close-dup: with its last descriptor.
    def leave(self, process):
        self.associations = [a for a in self.associations if a.owner is not process]
        self.privates = [p for p in self.privates if p.owner is not process]
        if self.alert and self.alert[2] is process:  # 6.7
            self.alert = None


# --- judging ---------------------------------------------------------------------------


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
            elif event[1] in (FD, TIMER, AIO):
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
            elif a.source == TIMER:
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


# --- the world -----------------------------------------------------------------------


class World:
    def __init__(self, limit, exact):
        self.limit = limit  # slots per port
        self.exact = bool(exact)  # PORTC_EXACT
        self.ports = []
        self.processes = {0: Process()}

    # --- helpers

    @staticmethod
    def look_up(process, number):
        """1.1: (port, None) or (None, errno)"""
        file = process.fds.get(number)
        if file is None:
            return None, EBADF
        return (file.port, None) if file.port else (None, EBADFD)

    def port_of(self, process, number):
        """The same, for a call that uses the port."""
        port, error = self.look_up(process, number)
        if port:
            process.met.add(port)
        return port, error

    def open(self, process, file):
        number = process.lowest()
        self.refer(process, number, file)
        return number

    def refer(self, process, number, file):
        process.fds[number] = file
        file.references += 1

    def look(self):
        """After everything that changes what descriptors are ready for."""
        for port in reversed(self.ports):  # a port is nested only in older ones
            for a in port.associations:
                a.look(port.place)

    def drop(self, process, number):
        """3.7, 10.1: what the process's closing of a number means."""
        file = process.fds.pop(number)
        process.cloexec.discard(number)
        sleeper = process.sleeper
        if sleeper and sleeper.number == number:  # 4.5
            sleeper.ended = True
        for port in self.ports:
            port.associations = [a for a in port.associations
                                 if a.owner is not process or a.number != number]
        if file.port and not process.numbers_of(file.port):
            file.port.leave(process)
        file.references -= 1
        if not file.references:
            file.closed()
            if file.port:
                self.ports.remove(file.port)

    def end(self, process, killed):
        process.sleeper = None
        if killed:
            for port in self.ports:
                if process.numbers_of(port):
                    port.stale = True
        for number in sorted(process.fds):
            self.drop(process, number)
        self.look()

    def holders(self, port):
        return [p for p in self.processes.values() if p.numbers_of(port)]

    # --- the calls: the answer is a judge

    def call(self, who, name, *arguments):
        judge = getattr(self, 'do_' + name)(self.processes[who], *arguments)
        self.look()
        return judge

    # 2. port_create

    def do_create(self, process):
        port = Port(len(self.ports) and self.ports[-1].serial + 1, self.limit, self.exact)
        self.ports.append(port)
        process.met.add(port)
        return exactly(self.open(process, PortFile(port)), 0)

    # 3. associations of descriptors

    def do_associate(self, process, number, source, target, events, user):
        port, error = self.port_of(process, number)
        if error:
            return fails(error)
        if source != FD:
            return fails(EINVAL)
        if not 0 <= target <= INT_MAX or target not in process.fds:
            return fails(EBADFD)
        file = process.fds[target]
        association = port.find(target, file)
        if association is None:
            if port.slots() >= port.limit:
                return fails(EAGAIN)
            association = Association(target, file, process)
            port.associations.append(association)
        port.virgin = False
        if file.port:
            process.met.add(file.port)
            file.port.become_exact()
        association.arm(events, user, port.place)
        return exactly(0, 0)

    def do_dissociate(self, process, number, source, target):
        port, error = self.port_of(process, number)
        if error:
            return fails(error)
        if source != FD:
            return fails(EINVAL)
        if not 0 <= target <= INT_MAX:
            return fails(EBADFD)
        if target not in process.fds:
            return fails(EBADFD, ENOENT) if port.virgin else fails(EBADFD)  # 3.10
        association = port.find(target, process.fds[target])
        if association is None:
            return fails(ENOENT)
        if association.owner is not process:
            return fails(EACCES)
        port.associations.remove(association)
        return exactly(0, 0) if association.armed else fails(ENOENT)

    # 4. port_get, port_getn

    def do_get(self, process, number, where, timeout):
        port, error = self.port_of(process, number)
        if error:
            return fails(error, rest=(0,))
        if where == NULL:
            return fails(EFAULT, rest=(0,))
        return self._retrieve(process, port, where, 1, 1, timeout, single=True)

    def do_getn(self, process, number, where, most, want, timeout):
        if want < 0:  # stands for a null nget
            return fails(EINVAL, rest=(-1,))
        port, error = self.port_of(process, number)
        if error:
            return fails(error, rest=(want,))
        if most == 0:
            return self._count(process, port)
        if want > most or where == NULL:
            return fails(EINVAL, rest=(want,))
        if want == 0:
            return exactly(0, 0, 0)
        return self._retrieve(process, port, where, most, want, timeout, single=False)

    @staticmethod
    def _count(process, port):
        port.settle(process)
        least, most = port.count()

        def judge(seen):
            good = len(seen) == 3 and seen[:2] == [0, 0] and least <= seen[2] <= most
            return None if good else f'expected 0 0 and {least} to {most} events'
        return judge

    def _retrieve(self, process, port, where, most, want, timeout, single):
        untouched = (0,) if single else (want,)
        if port.alert:
            if where == WILD:
                return fails(EFAULT, rest=untouched)
            return exactly(0, 0, 1, port.alert[0], ALERT, 0, port.alert[1])
        retrieval = Retrieval(port, process, most)
        least, most_queued = port.count(process)

        def judge(seen):
            if len(seen) < 3:
                return 'no such answer is possible'
            result, error, count = seen[:3]
            if (result, error) in ((-1, EFAULT), (-1, EINVAL)):
                return self._judge_failure(seen, error, where, timeout, least, most_queued,
                                           want, retrieval, port, untouched)
            if result == -1 and error != ETIME or result not in (0, -1):
                return 'no such failure is possible'
            wrong = self._judge_result(result, count, least, most_queued, want, timeout, single,
                                       port)
            if wrong:
                return wrong
            if where == WILD and retrieval.least > 0:
                return 'expected -1 EFAULT'
            events = events_of(seen[3:])
            if single and result == 0 and count != 1 or len(events) != count:
                return f'{count} events, and {len(events)} of them seen'
            return retrieval.take(events, complete=True)
        return judge

    @staticmethod
    def _judge_failure(seen, error, where, timeout, least, most, want, retrieval, port, untouched):
        if tuple(seen[2:]) != untouched:
            return 'the count was changed'
        if error == EFAULT and where == WILD and most > 0:
            return None
        expected = EFAULT if timeout == WILD_TIMEOUT else EINVAL
        if timeout in (ZERO, SHORT) or error != expected:
            return f'expected no {name_of(error)}'
        if least >= want and retrieval.least > 0 and not port.stale:
            return f'enough events were queued; expected no {name_of(error)}'  # 4.1.9
        return None

    @staticmethod
    def _judge_result(result, count, least, most, want, timeout, single, port):
        if timeout not in (ZERO, SHORT):
            if most < want:
                return 'expected a failure because of the timeout'
            return None if result == 0 and count > 0 else 'expected a failure, or events'
        if timeout == ZERO:
            # 4.2. DEVIATION zero-timeout
            expected = -1 if single and count == 0 else 0
        elif count == 0 or most < want:
            expected = -1
        elif least >= want:
            expected = 0
        else:
            return None
        if result != expected and not (port.stale and want > 1):
            return f'expected {expected}, with {count} events'
        return None

    # 5. port_send, port_sendn

    @staticmethod
    def _send(process, port, events, user):
        port.settle(process)  # DEVIATION order: what was ready before is queued before
        if port.slots() >= port.limit:
            return EAGAIN
        port.place += 1
        port.users.append((port.place, events, user))
        return 0

    def do_send(self, process, number, events, user):
        port, error = self.port_of(process, number)
        error = error or self._send(process, port, events, user)
        return fails(error) if error else exactly(0, 0)

    def do_sendn(self, process, where, events, user, *numbers):
        rest = (-1,) * len(numbers) if where else ()
        if not numbers:
            return fails(EINVAL, rest=rest)
        errors = []
        for number in numbers:
            port, error = self.port_of(process, number)
            errors.append(error or self._send(process, port, events, user))
            self.look()
        sent = errors.count(0)
        if sent == len(numbers):
            return exactly(sent, 0, *rest)  # 5.2: not written
        return exactly(sent, 0, *errors) if where else fails(EFAULT)

    # 6. port_alert

    def do_alert(self, process, number, flags, events, user):
        port, error = self.port_of(process, number)
        if error:
            return fails(error)
        if events == 0:  # 6.1
            port.alert = None
            return exactly(0, 0)
        if flags & (SET | UPDATE) == SET | UPDATE:  # 6.2
            return fails(EINVAL)
        if flags & (SET | UPDATE) == UPDATE and port.alert:
            return fails(EBUSY)
        port.alert = (events, user, process)
        return exactly(0, 0)

    # 8. timers and asynchronous I/O

    def _private(self, process, number, source, place, user):
        """(the event to be, None) or (None, errno)"""
        port, error = self.port_of(process, number)
        if not error and port.slots() >= port.limit:
            error = EAGAIN
        if error:
            return None, error
        private = Private(source, place, user, process)
        private.port = port
        port.privates.append(private)
        return private, None

    def do_timer(self, process, number, user, place):
        timer, error = self._private(process, number, TIMER, place, user)
        if error:
            return fails(error)
        process.timers[place] = timer
        return exactly(0, 0)

    def do_settime(self, process, place, how):
        timer = process.timers[place]
        timer.settle(timer.port.place)  # 8.2: what has happened counts
        if how == EXPIRED:
            timer.expire(timer.port.place)
        return exactly(0, 0)

    def do_remove(self, process, place):
        timer = process.timers.pop(place)
        if timer in timer.port.privates:
            timer.port.privates.remove(timer)
        return exactly(0, 0)

    def do_request(self, process, number, user, place, target):
        """Reads 16 bytes of a regular file."""
        request, error = self._private(process, number, AIO, place, user)
        if error:
            return fails(error, rest=(-1,))
        request.expire(request.port.place)
        return exactly(0, 0, 16)

    # 9. poll(2) on a port; and what else a descriptor can do

    def do_poll(self, process, number, events):
        file = process.fds.get(number)
        if file is None:
            return exactly(0, 0, 0) if number < 0 else exactly(1, 0, NVAL)
        if file.port and file.port not in process.met:  # DEVIATION raw-calls
            return lambda seen: None
        if file.port:
            return self._poll_port(file.port, events)
        ready = file.ready() & (events | ALWAYS)
        return exactly(1 if ready else 0, 0, ready)

    def _poll_port(self, port, events):
        port.become_exact()
        least = port.count()[0]
        possible = set()
        for readable in (True, False):
            if readable and not port.may_be_readable():
                continue
            if not readable and least:
                continue
            full = port.slots() >= port.limit
            for room in (not full, False) if port.stale else (not full,):
                possible.add(((IN | RDNORM if readable else 0) | (OUT | WRNORM if room else 0)) &
                             events)

        def judge(seen):
            if len(seen) == 3 and seen[2] in possible and seen[:2] == [1 if seen[2] else 0, 0]:
                return None
            return 'expected ' + ' or '.join(f'{p:#x}' for p in sorted(possible))
        return judge

    def do_size(self, process, number):
        file = process.fds.get(number)
        if file and file.port and file.port not in process.met:  # DEVIATION raw-calls
            return lambda seen: None
        port, error = self.port_of(process, number)
        if error == EBADF:
            return fails(EBADF, rest=(0, 0))
        if error:
            return lambda seen: None if seen[:2] == [0, 0] and seen[2] != 0xE000 else \
                'this is no port'
        port.settle(process)
        least, most = port.count()

        def judge(seen):
            good = len(seen) == 4 and seen[:3] == [0, 0, 0xE000] and least <= seen[3] <= most
            return None if good else f'expected a port with {least} to {most} events'
        return judge

    # --- descriptors

    def _made(self, process, *files):
        """How the numbers that a call makes are numbered."""
        return [self.open(process, file) for file in files]

    def do_pipe(self, process):
        pipe = Pipe()
        return exactly(0, 0, *self._made(process, pipe.reader, pipe.writer))

    def do_sockets(self, process):
        a, b = Socket(), Socket()
        a.peer, b.peer = b, a
        return exactly(0, 0, *self._made(process, a, b))

    def do_eventfd(self, process):
        return exactly(*self._made(process, Eventfd()), 0)

    def do_file(self, process):
        return exactly(*self._made(process, Regular()), 0)

    def do_close(self, process, number):
        if number not in process.fds:
            return fails(EBADF)
        self.drop(process, number)
        return exactly(0, 0)

    def do_dup(self, process, number):
        if number not in process.fds:
            return fails(EBADF)
        return exactly(self.open(process, process.fds[number]), 0)

    def do_dup2(self, process, number, onto):
        if number not in process.fds or onto < 0:
            return fails(EBADF)
        if number != onto:
            file = process.fds[number]
            file.references += 1  # it may be the last that goes
            if onto in process.fds:
                self.drop(process, onto)
            self.refer(process, onto, file)
            file.references -= 1
        return exactly(onto, 0)

    def do_cloexec(self, process, number):
        if number not in process.fds:
            return fails(EBADF)
        process.cloexec.add(number)
        return exactly(0, 0)

    def _io(self, process, number, operation, count):
        file = process.fds.get(number)
        error, done = (EBADF, 0) if file is None else getattr(file, operation)(count)
        return fails(error) if error else exactly(done, 0)

    def do_read(self, process, number, count):
        return self._io(process, number, 'read', count)

    def do_write(self, process, number, count):
        return self._io(process, number, 'write', count)

    def do_fill(self, process, number):
        pipe = process.fds[number].pipe
        pipe.full = True
        pipe.bytes = 1 << 16
        return fails(EAGAIN)

    def do_drain(self, process, number):
        pipe = process.fds[number].pipe
        pipe.full = False
        pipe.bytes = 0
        return fails(EAGAIN) if pipe.writer.references else exactly(0, 0)

    # 10. fork, exec, exit; and passing a descriptor on

    def do_fork(self, process, number):
        child = Process()
        for fd, file in process.fds.items():
            self.refer(child, fd, file)
            if file.port:
                file.port.shared = True
        child.cloexec = set(process.cloexec)
        child.met = set(process.met)
        self.processes[number] = child
        return lambda seen: None if seen[0] > 0 else 'no process was made'

    def do_exec(self, process):
        process.sleeper = None
        process.met = set()
        process.timers = {}
        for port in self.ports:
            port.privates = [p for p in port.privates if p.owner is not process]
        for number in sorted(process.cloexec):
            self.drop(process, number)
        return exactly(0, 0)

    def do_exit(self, process):
        self._gone(process, killed=not process.has_met_all())

    do_quick = do_exit

    def do_kill(self, process):
        self._gone(process, killed=True)

    def _gone(self, process, killed):
        for number, other in list(self.processes.items()):
            if other is process:
                del self.processes[number]
        self.end(process, killed)

    def do_hand(self, process, number):
        if number in process.fds:
            process.met.add(process.fds[number].port)
        return exactly(1, 0) if number in process.fds else fails(EBADF)

    def take(self, who, file):
        """The other half of it: the receiver's."""
        process = self.processes[who]
        if file.port:
            file.port.shared = True
            process.met.add(file.port)
        number = self.open(process, file)
        self.look()
        return exactly(number, 0)

    # --- sleepers (4.2, 4.4, 4.5)

    def may_sleep(self, process, number, most, want):
        """Is it certain that a thread will sleep, and what will wake it?"""
        port, error = self.look_up(process, number)
        if error or process.sleeper or not 1 <= want <= most or port.alert:
            return False
        if any(p.sleeper and p.sleeper.port is port for p in self.processes.values()):
            return False
        least, most_queued = port.count(process)
        if least != most_queued or port.stale and want > 1:
            return False
        return least < want or not Retrieval(port, process, most).least

    def do_sleep(self, process, number, most, want):
        port = self.port_of(process, number)[0]
        port.settle(process)
        process.sleeper = Sleeper(port, number, most, want)
        return exactly(0, 0)

    def is_woken(self, process):
        sleeper = process.sleeper
        if not sleeper:
            return False
        if sleeper.ended or sleeper.port.alert:
            return True
        least = sleeper.port.count(process)[0]
        return least >= sleeper.want and Retrieval(sleeper.port, process, sleeper.most).least > 0

    def do_join(self, process):
        sleeper, process.sleeper = process.sleeper, None
        port = sleeper.port
        if sleeper.ended:
            return fails(EBADF, rest=(sleeper.want,))
        if port.alert:
            return exactly(0, 0, 1, port.alert[0], ALERT, 0, port.alert[1])
        retrieval = Retrieval(port, process, sleeper.most)
        foreign = len(port.associations) + len(port.privates) - len(port.deliverable(process))

        def judge(seen):
            if len(seen) < 3 or seen[:2] != [0, 0]:
                return 'expected 0 0 and events'
            events = events_of(seen[3:])
            if len(events) != seen[2] or len(events) < (1 if foreign else sleeper.want):
                return f'{len(events)} events, expected {sleeper.want}'
            return retrieval.take(events, complete=False)
        return judge
