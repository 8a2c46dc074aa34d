# SPDX-License-Identifier: MIT
"""Runs the programs of this folder: one pytest case per target, program and case.

`make test-interpose` calls this with PORTC_BUILD (the build directory) and, in sanitizer modes,
PORTC_SANITIZER (the runtime to preload first).
"""

import os
import pathlib
import re
import subprocess

import pytest

BUILD = pathlib.Path(os.environ.get("PORTC_BUILD", "build/release")).resolve()
HERE = BUILD / "tests/interpose"
PRELOAD = BUILD / "lib/portc/portc-preload.so"
LAUNCHER = BUILD / "bin/portc-run"
SANITIZER = os.environ.get("PORTC_SANITIZER")
SECONDS = 120

TWICE = ("rawfork", "vforked", "execing", "leaving", "passing", "closing", "replacing",
         "same_number", "exhausted", "foreign", "killed", "crowd", "level", "timers", "clocks", "queues", "files", "many_files")
ALONE = ("static", "dlopened", "indirect")
SEEDS = int(os.environ.get("PORTC_SEEDS", "40"))
SEEDS_AT_ONCE = 20

# What a sanitizer's runtime makes impossible to see or to do.
UNSANITIZED = {
    "exhausted": "a sanitizer's shadow memory does not fit into a small address space",
    "early": "a sanitizer's interceptors stand in front of the wrappers",
    "strangers": "a sanitizer's own mappings and threads are not to be told from ours",
}
if SANITIZER and "tsan" in SANITIZER:
    UNSANITIZED["rawfork"] = "the runtime takes a child made by a raw clone for a parent's thread"
    UNSANITIZED["own_descriptors"] = "the runtime crashes in the threads that libc makes by itself"


def needs_no_sanitizer(program):
    if SANITIZER and program in UNSANITIZED:
        pytest.skip(UNSANITIZED[program])


def environment(preload=(), **more):
    env = {**os.environ, "PORTC_RELAY_DIR": str(HERE), **more}
    env.pop("LD_PRELOAD", None)
    if SANITIZER:
        env.setdefault("ASAN_OPTIONS", "detect_leaks=0")
        env.setdefault("TSAN_OPTIONS", "die_after_fork=0")
        preload = (SANITIZER, *preload) if preload else ()
    if preload:
        env["LD_PRELOAD"] = ":".join(map(str, preload))
    return env


def run(command, env):
    """What it wrote to stdout and to stderr; fails if it did not end well."""
    done = subprocess.run(list(map(str, command)), env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, errors="replace", timeout=SECONDS,
                          check=False)
    if done.returncode != 0 or done.stdout.splitlines()[-1:] != ["EXIT-SUCCESS"]:
        pytest.fail(f"exit status {done.returncode}\n{done.stdout}{done.stderr}", pytrace=False)
    return done.stdout, done.stderr


def run_target(target, program, *words):
    """In sanitizer modes, LD_PRELOAD does the launcher's work: the runtime must come first."""
    if target == "linked":
        return run([HERE / program, *words], environment())
    command = [HERE / "preloaded" / program, *words]
    if SANITIZER:
        return run(command, environment([PRELOAD]))
    return run([LAUNCHER, *command], environment())


def cases(programs):
    for program in programs:
        listing = subprocess.run([HERE / program, "--list"], capture_output=True, text=True,
                                 env=environment(), check=True)
        for case in listing.stdout.split():
            yield program, case


def pytest_generate_tests(metafunc):
    if "target" in metafunc.fixturenames and "case" in metafunc.fixturenames:
        rows = [(target, *row) for target in ("linked", "preloaded") for row in cases(TWICE)]
        metafunc.parametrize("target,program,case", rows, ids=map("-".join, rows))
    elif "alone" in metafunc.fixturenames:
        rows = list(cases(ALONE))
        metafunc.parametrize("alone,case", rows, ids=map("-".join, rows))
    elif "order" in metafunc.fixturenames:
        rows = [(order, case) for order in ("linked", "after", "before")
                for _, case in cases(["chained"])]
        metafunc.parametrize("order,case", rows, ids=map("-".join, rows))


def test_program(target, program, case):
    needs_no_sanitizer(program)
    run_target(target, program, case)


def test_without_wrappers(alone, case):
    run([HERE / alone, case], environment())


def test_other_preload(order, case):
    """counter.so, with the program linked to us; with our preload object after it; before it."""
    counter = HERE / "counter.so"
    if order == "linked":
        run([HERE / "chained", case], environment([counter]))
        return
    preload = [counter, PRELOAD] if order == "after" else [PRELOAD, counter]
    run([HERE / "preloaded/chained", case], environment(preload))


@pytest.mark.parametrize("target", ["linked", "preloaded"])
def test_early(target):
    needs_no_sanitizer("early")
    plain, _ = run([HERE / "early-plain"], environment())
    program, wrappers, preload = "early-plain", PRELOAD.name, [PRELOAD]
    if target == "linked":
        program, wrappers, preload = "early", "libportc.so.1", []
    ours, trace = run([HERE / program], environment(preload, LD_DEBUG="files"))
    order = re.findall(r"calling init: \S*/(\S+)", trace)
    assert order.index("libearly.so") < order.index(wrappers), "the test itself came too late"
    assert ours == plain


def test_early_calls_every_name():
    """What is wrapped is called by calls.c."""
    root = pathlib.Path(__file__).resolve().parents[2]
    names = re.findall(r"^PORTC_SYM\((\w+),", (root / "interpose/symbols.def").read_text(), re.M)
    text = (root / "tests/interpose/calls.c").read_text()
    assert names
    assert [name for name in names if not re.search(rf"\b{name}\b", text)] == []


def anonymous_mappings(report):
    """Sizes of the anonymous mappings, by permissions; and the report without them."""
    sizes, rest = {}, []
    for line in report.splitlines():
        if found := re.fullmatch(r"anonymous: (\d+) (\S+)", line):
            sizes.setdefault(found[2], []).append(int(found[1]))
        else:
            rest.append(line)
    return sizes, rest


def test_strangers():
    """Compared with two objects that do nothing, since any preloaded object costs something."""
    needs_no_sanitizer("strangers")
    nothing = HERE / "nothing.so"
    second = HERE / "nothing-again.so"
    second.write_bytes(nothing.read_bytes())
    plain, _ = run([HERE / "strangers"], environment([nothing, second]))
    ours, _ = run([LAUNCHER, HERE / "strangers"], environment())
    plain_sizes, plain_report = anonymous_mappings(plain)
    our_sizes, our_report = anonymous_mappings(ours)
    assert our_report == plain_report
    # The loader keeps the names of what it loads in a mapping of its own, in whole pages: one
    # page more or less depends on how long the path of this directory is.
    assert {p: len(s) for p, s in our_sizes.items()} == {p: len(s) for p, s in plain_sizes.items()}
    assert sum(map(sum, our_sizes.values())) <= sum(map(sum, plain_sizes.values())) + 4096


@pytest.mark.parametrize("target", ["linked", "preloaded"])
@pytest.mark.parametrize("first", range(0, SEEDS, SEEDS_AT_ONCE))
def test_scribbled(target, first, record_property):
    """A port's memory full of rubbish: no crash. Processes that hang are counted, not judged."""
    out, _ = run_target(target, "scribbled", str(first), str(SEEDS_AT_ONCE))
    summary = re.search(r"crashes (\d+), hangs (\d+)", out)
    record_property("hangs", int(summary[2]))
    print(out)


def test_own_descriptors():
    """signalfd, timerfd, inotify, io_uring, aio, timers and queues of a program without ports."""
    needs_no_sanitizer("own_descriptors")
    program = HERE / "own_descriptors"
    plain, _ = run([program], environment())
    if SANITIZER:
        ours, _ = run([program], environment([PRELOAD]))
    else:
        ours, _ = run([LAUNCHER, program], environment())
    assert ours == plain
