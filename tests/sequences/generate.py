# SPDX-License-Identifier: MIT
"""Random sequences of calls: what could be called next, given the state of the model."""
import itertools

from constants import (ACCESS, AIO, ALWAYS, APPEND, ATTRIB, CHMOD, CUT, DELETE, DISARM, EXPIRED,
                       FAR, FD, FILE, FILE_BITS, GOOD, HUP, IN, MAKE, MODIFIED, NEGATIVE, NULL, OUT,
                       PLACES, PRI, RDHUP, RDNORM, READ, SHORT, TOO_MANY, TRUNC, UNLINK, USER, WILD,
                       WILD_TIMEOUT, WRNORM, ZERO)
from files import ReadEnd, Regular, Socket, WriteEnd

MOST_PROCESSES = 4
MOST_PORTS = 4
MOST_DESCRIPTORS = 16
MOST_UNREAD = 20  # in a socket: its room counts messages, which the model does not

# How often each call is tried, out of the sum. The first calls of a sequence make things.
WEIGHTS = {
    'associate': 22, 'dissociate': 6, 'get': 8, 'getn': 16, 'send': 10, 'sendn': 3, 'alert': 5,
    'create': 3, 'pipe': 4, 'sockets': 3, 'eventfd': 3, 'file': 2, 'close': 7, 'dup': 3,
    'dup2': 2, 'read': 7, 'write': 9, 'fill': 1, 'drain': 1, 'poll': 6, 'size': 2, 'fork': 4,
    'timer': 2, 'settime': 4, 'remove': 1, 'request': 3, 'watch': 4, 'unwatch': 1,
    'change': 5, 'exit': 1, 'quick': 1, 'kill': 1.5, 'exec': 1.2, 'cloexec': 0.6, 'pass': 2,
    'sleep': 1.5,
}
NAMES = list(WEIGHTS)
# Each sequence has a theme: calls that are tried more often.
THEMES = [(), ('timer', 'settime', 'request', 'watch', 'unwatch', 'change'),
          ('fork', 'pass', 'close', 'exec', 'kill', 'exit', 'alert', 'sleep')]
MORE = 4
SUMS = [list(itertools.accumulate(w * (MORE if name in theme else 1)
                                  for name, w in WEIGHTS.items())) for theme in THEMES]
NEED_TIMERS = ('settime', 'remove')
OPENING = ['create', 'pipe', 'associate']
EVENTS = [IN, IN, IN, OUT, IN | OUT, RDNORM, WRNORM, 0, HUP, RDHUP | IN, PRI, ALWAYS,
          0x10000 | IN, -1]


class Generator:
    def __init__(self, random, world):
        self.random = random
        self.world = world
        self.user = 0
        self.made = 0
        self.sums = random.choice(SUMS)

    def next(self):
        """A call that legal() says the world can do."""
        while True:
            name = self._name()
            who = self._who(name)
            call = (who, name) + self._arguments(self.world.processes[who], name)
            if legal(self.world, call):
                self.made += 1
                return call

    def _who(self, name):
        processes = self.world.processes
        fit = [n for n, p in processes.items() if p.timers] if name in NEED_TIMERS else None
        return self.random.choice(fit or list(processes))

    def _name(self):
        if self.made < len(OPENING):
            return OPENING[self.made]
        return self.random.choices(NAMES, cum_weights=self.sums)[0]

    # --- arguments

    def _arguments(self, process, name):
        make = getattr(self, '_for_' + name, None)
        return make(process) if make else ()

    def _cookie(self):
        self.user += 1
        return self.user

    def _any(self, process):
        """A descriptor, or a number that is none."""
        if process.fds and self.random.random() < 0.96:
            return self.random.choice(list(process.fds))
        return self.random.choice([-1, 3, 7, 15, 30, 899, 1000000, 0x7FFFFFFF])

    def _port(self, process):
        ports = [n for n, file in process.fds.items() if file.port]
        return self.random.choice(ports) if ports and self.random.random() < 0.97 else \
            self._any(process)

    def _of(self, process, kind):
        found = [n for n, file in process.fds.items() if isinstance(file, kind)]
        return self.random.choice(found) if found else -1

    def _where(self):
        return self.random.choices([GOOD, NULL, WILD], [97, 1, 2])[0]

    def _timeout(self):
        return self.random.choices([ZERO, SHORT, TOO_MANY, NEGATIVE, WILD_TIMEOUT],
                                   [85, 9, 2, 2, 2])[0]

    def _source(self):
        return FD if self.random.random() < 0.97 else self.random.choice([0, 1, 2, USER, 5, 6, 99])

    def _for_associate(self, process):
        target = self._any(process)
        if self.random.random() < 0.01:
            target = self.random.choice([-1, 0x80000000, 1 << 40])
        return (self._port(process), self._source(), target, self.random.choice(EVENTS),
                self._cookie())

    def _for_dissociate(self, process):
        return self._port(process), self._source(), self._any(process)

    def _for_get(self, process):
        return self._port(process), self._where(), self._timeout()

    def _for_getn(self, process):
        most = self.random.choice([0, 0, 1, 2, 3, 8, 8, 16, 16])
        want = self.random.choice([0, 1, 1, 1, 1, 2, most, most])
        if self.random.random() < 0.02:
            want = -1
        return self._port(process), self._where(), most, want, self._timeout()

    def _for_send(self, process):
        return self._port(process), self.random.choice([0, 1, -1, 0x7FFFFFFF]), self._cookie()

    def _for_sendn(self, process):
        count = self.random.choice([0, 1, 2, 3])
        numbers = [self._port(process) for _ in range(count)]
        return (self.random.random() < 0.95) * 1, 7, self._cookie(), *numbers

    def _for_alert(self, process):
        flags = self.random.choice([1, 1, 1, 2, 2, 0, 3])
        return (self._port(process), flags, self.random.choice([0, 0, 5, -1]), self._cookie())

    def _for_close(self, process):
        return (self._port(process) if self.random.random() < 0.3 else self._any(process),)

    def _for_cloexec(self, process):
        return (self._any(process),)

    def _for_dup(self, process):
        return (self._port(process) if self.random.random() < 0.4 else self._any(process),)

    def _for_dup2(self, process):
        return self._any(process), self.random.choice([self._any(process), 5, 12])

    def _for_read(self, process):
        return self._any(process), self.random.choice([1, 8, 8])

    _for_write = _for_read

    def _for_fill(self, process):
        return (self._of(process, WriteEnd),)

    def _for_drain(self, process):
        return (self._of(process, ReadEnd),)

    def _for_poll(self, process):
        number = self._port(process) if self.random.random() < 0.8 else self._any(process)
        return number, self.random.choice([IN, OUT, IN | OUT, RDNORM | WRNORM, 0])

    def _for_size(self, process):
        return (self._port(process),)

    def _for_fork(self, _process):
        return (self.random.randrange(MOST_PROCESSES),)

    def _for_pass(self, process):
        return self.random.randrange(MOST_PROCESSES), self._any(process)

    def _for_timer(self, process):
        return self._port(process), self._cookie(), self.random.randrange(PLACES)

    def _for_settime(self, process):
        return self._timer(process), self.random.choice([DISARM, EXPIRED, EXPIRED, EXPIRED, FAR])

    def _for_remove(self, process):
        return (self._timer(process),)

    def _timer(self, process):
        return self.random.choice(list(process.timers)) if process.timers else -1

    def _for_request(self, process):
        return (self._port(process), self._cookie(), self.random.randrange(PLACES),
                self._of(process, Regular))

    def _for_watch(self, process):
        events = self.random.choice([MODIFIED, MODIFIED | ATTRIB, ACCESS, FILE_BITS, FILE_BITS,
                                     TRUNC, ATTRIB, 0])
        if self.random.random() < 0.02:
            events |= DELETE
        return self._port(process), self.random.randrange(PLACES), events, self._cookie()

    def _for_unwatch(self, process):
        return self._port(process), self.random.randrange(PLACES)

    def _for_change(self, _process):
        how = self.random.choice([APPEND, APPEND, READ, CHMOD, CUT, UNLINK, MAKE])
        watched = [p.number for port in self.world.ports for p in port.privates
                   if p.source == FILE]
        if watched and how != MAKE:
            return self.random.choice(watched), how
        return self.random.randrange(PLACES), how

    def _for_sleep(self, process):
        most = self.random.choice([1, 2, 8])
        return self._port(process), most, self.random.choice([1, 1, 1, min(2, most)])


# --- what the model can follow ------------------------------------------------------------


# What a program that was executed does, and others see, once it has used its ports.
# DEVIATION raw-calls
AFTER_MEETING = ('close', 'dup2', 'exec', 'fork', 'pass')


def legal(world, call):
    """Is the call one whose outcome the model knows, in this state?"""
    who, name, *arguments = call
    process = world.processes.get(who)
    if process is None:
        return False
    check = CHECKS.get(name)
    if check and not check(world, process, *arguments):
        return False
    if name in AFTER_MEETING and not process.has_met_all():
        return name == 'exec' and not process.cloexec
    return not any(p.sleeper for p in world.processes.values()) or \
        calm(world, process, name, arguments)


def calm(world, process, name, arguments):
    """Does it leave no doubt whether a sleeper wakes?"""
    if name in ('watch', 'unwatch', 'change'):  # DEVIATION file-polled, in a nested port
        return False
    if name == 'associate':
        inner = process.fds.get(arguments[2])
        return not (inner and inner.port and inner.port.watched)
    if name == 'sendn' and len(arguments) > 4:  # it could retrieve between two sends
        return False
    if name in ('read', 'drain', 'fill'):  # a condition could vanish before the sleeper looks
        return False
    sleepers = [p.sleeper for p in world.processes.values() if p.sleeper]
    if name in ('kill', 'exit', 'quick', 'exec'):  # what they leave counts until looked at
        return all(s.want == 1 for s in sleepers)
    if name in ('settime', 'request'):  # the event counts when its owner looks
        return all(s.want == 1 for s in sleepers)
    return True


def may_make(_world, process):
    return len(process.fds) < MOST_DESCRIPTORS


def may_create(world, process):
    return may_make(world, process) and len(world.ports) < MOST_PORTS


def may_associate(_world, process, number, _source, target, *_):
    """Ports are nested in older ones only, so that there is no circle."""
    outer, inner = process.fds.get(number), process.fds.get(target)
    if not outer or not inner or not outer.port or not inner.port:
        return True
    return inner.port.serial > outer.port.serial


def is_full(process, number):
    file = process.fds.get(number)
    return isinstance(file, ReadEnd) and file.pipe.full


def may_read(_world, process, number, _count):
    return not is_full(process, number)


def may_write(_world, process, number, _count):
    file = process.fds.get(number)
    if isinstance(file, WriteEnd):
        return not file.pipe.full
    return not isinstance(file, Socket) or file.ended or file.peer.bytes < MOST_UNREAD


def may_fill(_world, process, number):
    file = process.fds.get(number)
    return isinstance(file, WriteEnd) and file.pipe.reader.references > 0 and not file.pipe.bytes


def may_drain(_world, process, number):
    return isinstance(process.fds.get(number), ReadEnd)


def may_fork(world, _process, number):
    return number not in world.processes


def may_pass(world, _process, receiver, number):
    return receiver in world.processes and number in _process.fds and \
        len(world.processes[receiver].fds) < MOST_DESCRIPTORS


def may_dup2(_world, process, number, onto):
    return onto < 900


def may_time(_world, process, _number, _user, place):
    return place not in process.timers


def has_timer(_world, process, place, *_):
    return place in process.timers


def may_request(world, process, _number, _user, place, target):
    """The place must be free, and stays so until the event is retrieved."""
    return isinstance(process.fds.get(target), Regular) and not any(
        p.source == AIO and p.number == place and p.owner is process
        for port in world.ports for p in port.privates)


def may_change(world, _process, place, how):
    """DEVIATION file-truncate: the size is looked at when the event is collected. Where the name
    goes, what is left of an association cannot be made again. To read nothing changes a time."""
    if how == READ and not world.sizes.get(place):
        return False
    watches = [w for port in world.ports for w in port.privates
               if w.source == FILE and w.number == place and not w.gone]
    if how == UNLINK:
        return all(w.active for w in watches)
    return how not in (APPEND, CUT) or all(w.active or w.sure or not w.is_queued()
                                           for w in watches)


def may_end(world, _process):
    return len(world.processes) > 1


CHECKS = {
    'create': may_create, 'pipe': may_make, 'sockets': may_make, 'eventfd': may_make,
    'file': may_make, 'dup': lambda world, process, _: may_make(world, process),
    'associate': may_associate, 'read': may_read, 'write': may_write, 'fill': may_fill,
    'drain': may_drain, 'fork': may_fork, 'pass': may_pass, 'dup2': may_dup2,
    'timer': may_time, 'settime': has_timer, 'remove': has_timer, 'request': may_request,
    'change': may_change,
    'exit': may_end, 'quick': may_end, 'kill': may_end,
    'sleep': lambda world, process, *a: world.may_sleep(process, *a),
}
