# SPDX-License-Identifier: MIT
"""The state of processes and ports. The sections are those that model.py speaks of."""
from constants import (ACCESS, AIO, AIOAREAD, ALWAYS, ATTRIB, BITS, DELETE, FD, FILE, FIRST_FREE,
                       MODIFIED)


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


class Watch(Private):
    """7. An association of a file: the key is the port, the process and the place of the object."""

    def __init__(self, place, owner):
        super().__init__(FILE, place, 0, owner)
        self.active = False
        self.gone = False  # its event is an exception
        self.mask = 0
        self.late = 0  # what may be reported, too

    def arm(self, events, user):
        self.reset()
        self.active = True
        self.wanted = events
        self.user = user

    def change(self, bits, place):
        """7.5, 7.6: the first change that it waits for."""
        mask = bits & (self.wanted | DELETE)
        if not self.active and not self.sure:  # DEVIATION file-touch
            self.late |= mask & {ACCESS: ATTRIB, ATTRIB: ACCESS | MODIFIED}.get(self.mask, 0)
        if not self.active or not mask:
            return
        self.active = False
        self.late = 0
        self.gone = mask == DELETE
        self.mask = mask
        self.expire(place)

    def allows(self, events):
        return events in (self.mask, self.mask | self.late)

    def expected(self):
        return f'{self.mask:#x}'


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
        self.watched = False  # a file was associated
        self.stale = False  # somebody was killed who had it
        self.shared = False
        self.exact = exact

    def find(self, number, file):
        for a in self.associations:
            if a.number == number and a.file.same(file):
                return a
        return None

    def watch_of(self, process, place):
        for w in self.privates:
            if w.source == FILE and w.owner is process and w.number == place and not w.gone:
                return w
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
        """To poll(2). DEVIATION killed-owner, inherited-poll, polled-error, file-polled"""
        if self.stale or self.watched or self.shared and any(a.mask() for a in self.associations):
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
