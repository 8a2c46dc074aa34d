#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plays random sequences of calls to event ports, and compares each result with the model.

  check.py [OPTION]... PLAYER COUNT [SEED]   COUNT sequences, from SEED on
  check.py [OPTION]... --replay FILE PLAYER  the calls in FILE, written as check.py prints them

  --runner COMMAND  starts the player with it
  --folder FOLDER   where C programs are written, the working directory otherwise
  --planted         a defect is planted: there has to be a difference, which is one "passed"

Each sequence has a seed of its own, SEED + its number. A sequence that differs from the model is
made as short as possible, printed, and written as a C program. The closing line is "N passed,
N failed"; the exit status is 0 when nothing failed.
"""
import argparse
import collections
import os
import random
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time

import generate
import model
from constants import AIO, ALERT, FD, FILE, PLACES, TIMER, USER
from shrink import shrink
from program import write_program

CONTROL, HANDING, STAGE = 900, 910, 920
ANSWER_SECONDS = 30
MOST_FAILURES = 5


class Hung(Exception):
    pass


class Puppets:
    """The player's processes, and the sockets to them."""

    def __init__(self, command, files):
        self.command = command
        self.files = files  # a folder for those that the sequences watch
        self.pids = {}
        self.calls = collections.Counter()
        self.events = collections.Counter()  # by source
        self._launch()

    def _launch(self):
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(5)]
        handing = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        numbers = [CONTROL, CONTROL + 1, CONTROL + 2, CONTROL + 3, STAGE]
        for (_, theirs), number in zip(pairs, numbers):
            os.dup2(theirs.fileno(), number, inheritable=True)
            theirs.close()
        for i, end in enumerate(handing):
            os.dup2(end.fileno(), HANDING + i, inheritable=True)
            end.close()
        numbers += [HANDING, HANDING + 1]
        self.stage = subprocess.Popen(self.command + ['stage'], pass_fds=numbers,
                                      stdin=subprocess.DEVNULL,
                                      env={**os.environ, 'PLAYER_FOLDER': self.files})
        for number in numbers:
            os.close(number)
        self.sockets = [ours for ours, _ in pairs]
        for ours in self.sockets:
            ours.settimeout(ANSWER_SECONDS)

    def ask(self, who, name, *arguments):
        """The numbers of the answer."""
        ours = self.sockets[who]
        ours.send(' '.join([name, *map(str, arguments)]).encode())
        return self._answer(ours)

    @staticmethod
    def _answer(ours):
        try:
            answer = ours.recv(8192)
        except TimeoutError:
            raise Hung('no answer') from None
        if not answer:
            raise Hung('the stage is gone')
        words = answer.decode().split()
        try:
            return [int(word) for word in words]
        except ValueError:
            return words

    def start(self, limit, exact):
        for place in range(PLACES):
            with open(os.path.join(self.files, str(place)), 'w', encoding='utf-8') as file:
                file.truncate()
        self.pids = {0: self.ask(4, 'start', limit, exact)[0]}

    def _watch(self, who):
        """A descriptor that is readable when the puppet has ended."""
        return os.pidfd_open(self.pids[who])

    def _await_end(self, who, pidfd):
        del self.pids[who]
        ended = select.select([pidfd], [], [], ANSWER_SECONDS)[0]
        os.close(pidfd)
        if not ended:
            raise Hung('it does not end')

    def kill(self, *numbers):
        pidfds = [self._watch(who) for who in numbers]
        for who in numbers:
            os.kill(self.pids[who], signal.SIGKILL)
        for who, pidfd in zip(numbers, pidfds):
            self._await_end(who, pidfd)

    def leave(self, who, name):
        pidfd = self._watch(who)
        self.sockets[who].send(name.encode())
        self._await_end(who, pidfd)

    def end(self):
        self.kill(*self.pids)

    def restart(self):
        """After something went wrong that may have left answers behind."""
        for pid in self.pids.values():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.pids = {}
        self.close()
        self._launch()

    def close(self):
        for ours in self.sockets:
            ours.close()
        self.stage.wait()


class Difference(Exception):
    def __init__(self, wrong, seen):
        super().__init__(wrong)
        self.wrong = wrong
        self.seen = seen


class Play:
    """One sequence: the model and the puppets, side by side."""

    def __init__(self, puppets, settings):
        self.puppets = puppets
        self.world = model.World(*settings)
        self.settings = settings
        self.done = []  # the calls, with those that follow from them, and the answers
        puppets.start(*settings)

    def call(self, call):
        """The call, and what follows from it."""
        self._one(call)
        for who, process in self.world.processes.items():
            if self.world.is_woken(process):
                self._one((who, 'join'))

    def _one(self, call):
        self.puppets.calls[call[1]] += 1
        self.done.append([call, None])
        seen, wrong = self._play(*call)
        self.done[-1][1] = seen
        if call[1] in ('get', 'getn', 'join') and seen[0] == 0:
            self.puppets.events.update(seen[4::4])
        if wrong:
            raise Difference(wrong, seen)

    def _play(self, who, name, *arguments):
        if name == 'pass':
            return self._pass(who, *arguments)
        judge = self.world.call(who, name, *arguments)
        if name == 'kill':
            self.puppets.kill(who)
            return None, None
        if name in ('exit', 'quick'):
            self.puppets.leave(who, name)
            return None, None
        seen = self.puppets.ask(who, name, *arguments)
        if name == 'fork' and seen[0] > 0:
            self.puppets.pids[arguments[0]] = seen[0]
        return seen, judge(seen)

    def _pass(self, who, receiver, number):
        judge = self.world.call(who, 'hand', number)
        seen = self.puppets.ask(who, 'hand', number)
        wrong = judge(seen)
        if wrong:
            return seen, wrong
        judge = self.world.take(receiver, self.world.processes[who].fds[number])
        seen = self.puppets.ask(receiver, 'take')
        return seen, judge(seen)


def guarded(play, calls):
    """Plays the calls, which may depend on the world; the Difference, or None."""
    puppets = play.puppets
    try:
        for call in calls:
            play.call(call)
        puppets.end()
        return None
    except Difference as difference:
        puppets.restart()
        return difference
    except (Hung, OSError) as broken:
        puppets.restart()
        return Difference(str(broken), None)


def settings_of(randomly):
    return randomly.choice([4, 8, 64, 64]), randomly.choice([0, 0, 0, 1])


def run_seed(puppets, seed):
    """The settings, the calls, and the Difference or None."""
    randomly = random.Random(seed)
    play = Play(puppets, settings_of(randomly))
    generator = generate.Generator(randomly, play.world)
    calls = []

    def produce():
        for _ in range(randomly.randint(5, 40)):
            calls.append(generator.next())
            yield calls[-1]
    difference = guarded(play, produce())
    return play, calls, difference


def replay(puppets, settings, calls):
    """Those of the calls that are still legal."""
    play = Play(puppets, settings)
    played = []

    def produce():
        for call in calls:
            if generate.legal(play.world, call):
                played.append(call)
                yield call
    difference = guarded(play, produce())
    return play, played, difference


def text_of(call):
    return ' '.join(map(str, call))


def describe(play, difference):
    lines = [f'slots {play.settings[0]} exact {play.settings[1]}']
    for call, seen in play.done:
        answer = '' if seen is None else '   # ' + ' '.join(map(str, seen))
        lines.append(text_of(call) + answer)
    lines.append(f'# {difference.wrong}')
    return '\n'.join(lines)


def report(puppets, seed, settings, calls, difference, folder):
    print(f'seed {seed}: {difference.wrong}; looking for a shorter way to it')
    attempt = shrink(calls, lambda some: replay(puppets, settings, some))
    play, shorter, difference = attempt or (None, calls, difference)
    if play is None:
        print(f'seed {seed}: it did not happen again. The calls were:')
        print('\n'.join(text_of(call) for call in calls))
        return
    print(describe(play, difference))
    path = os.path.join(folder, f'sequence-{seed}.c')
    write_program(path, play, difference)
    print(f'written as {path}')


def parse_replay(path):
    settings, calls = (64, 0), []
    with open(path, encoding='utf-8') as lines:
        for line in lines:
            words = line.split('#')[0].split()
            if words[:1] == ['slots']:
                settings = int(words[1]), int(words[3])
            elif words and words[1] != 'join':
                calls.append((int(words[0]), words[1], *map(int, words[2:])))
    return settings, calls


def run_many(puppets, count, seed, folder):
    failed = 0
    for number in range(count):
        play, calls, difference = run_seed(puppets, seed + number)
        if difference:
            failed += 1
            report(puppets, seed + number, play.settings, calls, difference, folder)
            if failed >= MOST_FAILURES:
                print('too many differences')
                return number + 1 - failed, failed
    return count - failed, failed


def find_planted(puppets, count, seed):
    for number in range(count):
        difference = run_seed(puppets, seed + number)[2]
        if difference:
            print(f'seed {seed + number}: {difference.wrong}')
            return 1, 0
    print(f'not found by {count} sequences')
    return 0, 1


def replay_file(puppets, path):
    play, _, difference = replay(puppets, *parse_replay(path))
    print(describe(play, difference) if difference else 'no difference')
    return difference is not None


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('--runner', default='')
    parser.add_argument('--replay')
    parser.add_argument('--folder', default='.')
    parser.add_argument('--planted', action='store_true')
    parser.add_argument('player')
    parser.add_argument('count', type=int, nargs='?', default=0)
    parser.add_argument('seed', type=int, nargs='?', default=1)
    return parser.parse_args()


def summary(puppets, seconds):
    print(', '.join(f'{n} {name}' for name, n in sorted(puppets.calls.items())))
    names = {USER: 'user', FD: 'fd', ALERT: 'alert', TIMER: 'timer', AIO: 'aio', FILE: 'file'}
    print('events:', ', '.join(f'{puppets.events[s]} {name}' for s, name in names.items()))
    print(f'{sum(puppets.calls.values())} calls in {seconds:.0f} s')


def main():
    given = arguments()
    with tempfile.TemporaryDirectory() as files:
        return run(given, Puppets(shlex.split(given.runner) + [given.player], files))


def run(given, puppets):
    if given.replay:
        differs = replay_file(puppets, given.replay)
        puppets.close()
        return differs
    start = time.monotonic()
    if given.planted:
        passed, failed = find_planted(puppets, given.count, given.seed)
    else:
        print(f'{given.count} sequences from seed {given.seed}')
        passed, failed = run_many(puppets, given.count, given.seed, given.folder)
        summary(puppets, time.monotonic() - start)
    puppets.close()
    print(f'{passed} passed, {failed} failed')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
