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
from errno import EACCES, EAGAIN, EBADF, EBADFD, EBUSY, EEXIST, EFAULT, EINVAL, ENOENT

from constants import (ACCESS, AIO, ALERT, ALWAYS, APPEND, ATTRIB, CHMOD, CUT, DELETE, EXPIRED, FD,
                       FILE, FILE_BITS, IN, INT_MAX, MAKE, MODIFIED, NULL, NVAL, OUT, PLACES,
                       RDNORM, READ, SET, TIMER, TRUNC, UNLINK, UPDATE, WILD, WRNORM)
from files import Eventfd, Pipe, PortFile, Regular, Socket
from judge import Outcome, Request, Retrieval, events_of, exactly, fails
from ports import Association, Port, Private, Process, Sleeper, Watch


class World:
    def __init__(self, limit, exact):
        self.limit = limit  # slots per port
        self.exact = bool(exact)  # PORTC_EXACT
        self.ports = []
        self.processes = {0: Process()}
        self.sizes = dict.fromkeys(range(PLACES), 0)  # of the files that there are

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
        return self._retrieve(process, port, Request(where, 1, 1, timeout, single=True))

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
        return self._retrieve(process, port, Request(where, most, want, timeout, single=False))

    @staticmethod
    def _count(process, port):
        port.settle(process)
        least, most = port.count()

        def judge(seen):
            good = len(seen) == 3 and seen[:2] == [0, 0] and least <= seen[2] <= most
            return None if good else f'expected 0 0 and {least} to {most} events'
        return judge

    @staticmethod
    def _retrieve(process, port, request):
        if port.alert:
            if request.where == WILD:
                return fails(EFAULT, rest=request.untouched())
            return exactly(0, 0, 1, port.alert[0], ALERT, 0, port.alert[1])
        return Outcome(port, process, request).judge

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

    # 7. associations of files. Who makes them, looks at the events.

    def do_watch(self, process, number, place, events, user):
        port, error = self.port_of(process, number)
        if error:
            return fails(error)
        if events & ~FILE_BITS:
            return fails(EINVAL)
        port.watched = True
        if place not in self.sizes:
            return fails(ENOENT)
        watch = port.watch_of(process, place)
        if watch is None:
            if port.slots() >= port.limit:
                return fails(EAGAIN)
            watch = Watch(place, process)
            port.privates.append(watch)
        watch.arm(events, user)
        return exactly(0, 0)

    def do_unwatch(self, process, number, place):
        port, error = self.port_of(process, number)
        if error:
            return fails(error)
        watch = port.watch_of(process, place)
        if watch is None:
            return fails(ENOENT)
        port.privates.remove(watch)
        return exactly(0, 0) if watch.active or watch.is_queued() else fails(ENOENT)  # 7.10

    def do_change(self, _process, place, how):
        size = self.sizes.get(place)
        if how == MAKE:
            if size is not None:
                return fails(EEXIST)
            self.sizes[place] = 0
            return exactly(0, 0)
        if size is None:
            return fails(ENOENT)
        bits = {APPEND: MODIFIED | ATTRIB, READ: ACCESS if size else 0, CHMOD: ATTRIB,
                CUT: MODIFIED | ATTRIB | TRUNC, UNLINK: DELETE}[how]
        for port in self.ports:
            for watch in port.privates:
                if watch.source == FILE and watch.number == place:
                    watch.change(bits, port.place)
        if how == UNLINK:
            del self.sizes[place]
        else:
            self.sizes[place] = {APPEND: size + 1, CUT: 0}.get(how, size)
        return exactly(1 if how == APPEND or how == READ and size else 0, 0)

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
            if process.numbers_of(port):  # DEVIATION exec-close: poll may find what has ended
                port.stale = True
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
