# SPDX-License-Identifier: MIT
"""Strangers, and programs with ports, in unusual surroundings.

A stranger has no port; what it prints, its exit status and its system calls are the same with our
preload object and with two objects that do nothing (any preloaded object costs something, and ours
brings libportc.so.1). A program with ports (works) works, as far as portc(7) says, linked and
preloaded.

`make test-surroundings` calls this with PORTC_BUILD, the build directory.
"""

import collections
import errno
import os
import pathlib
import re
import resource
import shutil
import stat
import subprocess
import tempfile

import pytest

BUILD = pathlib.Path(os.environ.get("PORTC_BUILD", "build/release")).resolve()
HERE = BUILD / "tests/surroundings"
PRELOAD = BUILD / "lib/portc/portc-preload.so"
LAUNCHER = BUILD / "bin/portc-run"
NOTHING = BUILD / "tests/interpose/nothing.so"
LIBRARIES = pathlib.Path("/usr/lib/x86_64-linux-gnu")
SECONDS = 60
STATUS = 7  # a stranger's
NOBODY = 65534

TARGETS = ("linked", "preloaded")
STEPS = ("user", "descriptor", "polled", "timeout", "thread", "timer", "shared", "executed",
         "passed", "aio", "file")
SYSTEM_CALLS = {  # of x86-64
    "eventfd2": 290, "epoll_create1": 291, "memfd_create": 319, "madvise": 28, "prlimit64": 302,
    "getrandom": 318, "timerfd_create": 283, "inotify_init1": 294, "io_uring_setup": 425,
    "io_setup": 206, "pidfd_open": 434, "userfaultfd": 323, "epoll_pwait": 281, "signalfd4": 289,
    "perf_event_open": 298, "bpf": 321, "set_robust_list": 273, "get_robust_list": 274,
    "membarrier": 324, "fanotify_init": 300, "process_vm_readv": 310, "kcmp": 312,
}


def program(target, name="works"):
    return HERE / name if target == "linked" else HERE / "preloaded" / name


@pytest.fixture(scope="session", name="nothing_again")
def second_nothing(tmp_path_factory):
    """Two of them, as we are two: the preload object and the library."""
    again = tmp_path_factory.mktemp("again") / "nothing-again.so"
    again.write_bytes(NOTHING.read_bytes())
    return again


@pytest.fixture(name="baseline")
def nothings(nothing_again):
    return [NOTHING, nothing_again]


def environment(preload=(), env=None, **more):
    made = {**(os.environ if env is None else env), **more}
    made.pop("LD_PRELOAD", None)
    if preload:
        made["LD_PRELOAD"] = ":".join(map(str, preload))
    return made


def start(command, preload=(), env=None, more=None, **options):
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    return subprocess.run(list(map(str, command)), env=environment(preload, env, **(more or {})),
                          text=True, errors="replace", timeout=SECONDS, check=False, **options)


def observed(command, preload, **options):
    done = start(command, preload, **options)
    return done.returncode, done.stdout, done.stderr


def same(command, baseline, status=STATUS, ours=(PRELOAD,), **options):
    """The command does the same with our object and without, and ends with this status."""
    plain = observed(command, baseline, **options)
    with_ours = observed(command, ours, **options)
    assert with_ours == plain
    assert plain[0] == status
    return plain


def ends_well(command, preload=(), **options):
    done = start(command, preload, **options)
    if done.returncode != 0 or done.stdout.splitlines()[-1:] != ["EXIT-SUCCESS"]:
        pytest.fail(f"exit status {done.returncode}\n{done.stdout}{done.stderr}", pytrace=False)
    assert done.stderr == ""


def preloads(target):
    return [PRELOAD] if target == "preloaded" else []


def works(target, steps=(), before=(), **options):
    """The program with ports, all steps or these; `before` is what runs it."""
    ends_well([*before, program(target), *steps], preloads(target), **options)


def refused(target, error, before=(), **options):
    """port_create fails with this error."""
    done = start([*before, program(target), "user"], preloads(target), **options)
    assert done.returncode == 1
    assert f"errno {error}," in done.stderr and "port >= 0" in done.stderr


# --- nothing unusual ---


def test_stranger(baseline):
    assert str(PRELOAD) in start(["cat", "/proc/self/maps"], [PRELOAD]).stdout
    same([HERE / "stranger"], baseline)


@pytest.mark.parametrize("target", TARGETS)
def test_works(target):
    works(target)


def system_calls(command, preload, tmp_path):
    """By name, how often in all processes; what the loader did before main, and what came then."""
    log = tmp_path / "strace"
    setting = "LD_PRELOAD=" + ":".join(map(str, preload))
    done = start(["strace", "-f", "-qq", "-o", log, "-E", setting, *command])
    lines = log.read_text().splitlines()
    begin = next((i for i, line in enumerate(lines) if "close(-1000)" in line), 0)
    names = [re.match(r"\d+\s+(\w+)\(", line) for line in lines]
    early = collections.Counter(m[1] for m in names[:begin] if m)
    late = [m[1] for m in names[begin:] if m]
    return done.returncode, early, late, lines


def test_system_calls(baseline, tmp_path):
    """One by one the same from main on; before main, only what loads two objects."""
    command = [HERE / "stranger", "calls"]
    status, early, late, _ = system_calls(command, baseline, tmp_path)
    our_status, our_early, our_late, lines = system_calls(command, [PRELOAD], tmp_path)
    assert status == our_status == STATUS
    assert len(late) > 20
    assert our_late == late
    assert set(our_early - early) <= {"openat", "newfstatat", "fstat", "read", "mmap", "mprotect",
                                      "close", "pread64", "readlink", "getcwd"}
    opened = [line for line in lines if "openat" in line and "portc" in line]
    assert len([line for line in opened if "ENOENT" not in line]) == 2


@pytest.mark.parametrize("command,status", [
    (["bash", "-c", "echo one | sort; exit 3"], 3),
    (["sort", "/dev/null"], 0),
    (["/usr/bin/python3", "-S", "-E", "-c", "import os; os.pipe()"], 0),
    (["sh", "-c", "for i in 1 2 3 4 5; do /bin/true; done"], 0),
], ids=["bash", "sort", "python3", "sh"])
def test_system_calls_of_programs(baseline, command, status, tmp_path):
    """As often as without us, but for those that load an object."""
    plain, ours = (system_calls(command, preload, tmp_path)
                   for preload in (baseline, [PRELOAD]))
    assert plain[0] == ours[0] == status
    counts = [collections.Counter(run[2]) for run in (plain, ours)]
    assert set(counts[0]) == set(counts[1])
    loading = {"openat", "newfstatat", "fstat", "read", "mmap", "munmap", "mprotect", "close",
               "pread64"}
    differing = {name for name in counts[0] if counts[0][name] != counts[1][name]}
    assert differing <= loading


# --- privileged programs ---


@pytest.fixture(name="public")
def public_folder():
    """A copy of the build that others may look at, on a file system that has set-user-ID."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        for part in ("bin", "lib"):
            shutil.copytree(BUILD / part, folder / part, symlinks=True)
        for file in ("stranger", "forbid", "preloaded/works", "works"):
            (folder / file).parent.mkdir(exist_ok=True)
            shutil.copy(HERE / file, folder / file)
        for path in [folder, *folder.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755)
        yield folder


def needs_root():
    if os.geteuid() != 0:
        pytest.skip("only root can make a program that is another user's and set-user-ID")


def as_nobody():
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def make_privileged(path, how):
    if how == "capability":
        subprocess.run(["setcap", "cap_net_raw+ep", path], check=True)
    else:
        path.chmod(0o755 | (stat.S_ISUID if how == "setuid" else stat.S_ISGID))


HOWS = ("setuid", "setgid", "capability")


@pytest.mark.parametrize("how", HOWS)
def test_privileged_stranger(public, how):
    """The loader ignores us without a word."""
    needs_root()
    make_privileged(public / "stranger", how)
    plain = start([*as_nobody(), public / "stranger"])
    ours = start([*as_nobody(), public / "bin/portc-run", public / "stranger"])
    assert plain.returncode == STATUS
    assert (ours.returncode, ours.stdout, ours.stderr) == (
        plain.returncode, plain.stdout, plain.stderr)


@pytest.mark.parametrize("how", HOWS)
def test_privileged_linked(public, how):
    """Ports work, and the settings of whoever starts it are ignored: one slot is too few."""
    needs_root()
    settings = {"PORTC_MAX_EVENTS": "1", "PORTC_EXACT": "1", "PORTC_AIO_ENGINE": "none",
                "PORTC_MAX_PORTS": "1"}
    command = [*as_nobody(), public / "secure"]
    shutil.copy(HERE / "secure", public / "secure")
    done = start(command, more={**settings, "LD_LIBRARY_PATH": str(public / "lib")})
    assert done.stdout == "slots: 1\n", done.stderr
    make_privileged(public / "secure", how)
    done = start(command, more=settings)
    assert done.stdout == "slots: many\n", done.stderr


# --- sandboxes ---


@pytest.fixture(scope="session", name="bubble")
def bubblewrapped():
    """bwrap with nothing but programs and libraries: no /proc, no /dev, no network."""
    links = [(f"/{name}", os.readlink(f"/{name}")) for name in ("bin", "lib", "lib64", "sbin")
             if os.path.islink(f"/{name}")]
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr",
               "--ro-bind", BUILD, BUILD]
    for path, target in links:
        command += ["--symlink", target, path]
    done = start([*command, "/bin/true"])
    if done.returncode != 0:
        pytest.skip(f"this system allows no bubblewrap: {done.stderr.strip()}")
    return command


def in_sandbox(wrapper, preload):
    """Only the program inside is preloaded, not what makes the sandbox."""
    return [*wrapper, "env", "LD_PRELOAD=" + ":".join(map(str, preload))]


def test_bubblewrap_stranger(bubble, baseline):
    again = [*bubble, "--ro-bind", baseline[1].parent, baseline[1].parent]
    plain = start([*in_sandbox(again, baseline), HERE / "stranger"])
    ours = start([*again, LAUNCHER, HERE / "stranger"])
    assert (ours.returncode, ours.stdout, ours.stderr) == (STATUS, plain.stdout, plain.stderr)


@pytest.mark.parametrize("extra", [[], ["--proc", "/proc", "--dev", "/dev"]], ids=["bare", "proc"])
@pytest.mark.parametrize("target", TARGETS)
def test_bubblewrap(bubble, target, extra):
    wrapper = [*bubble, *extra]
    if not extra:  # without /proc, the loader does not know a program's $ORIGIN
        wrapper += ["--setenv", "LD_LIBRARY_PATH", BUILD / "lib"]
    works(target, before=[*wrapper, LAUNCHER] if target == "preloaded" else wrapper)


NAMESPACES = {
    "user": ["-U", "-r"],
    "pid": ["-U", "-r", "-p", "-f"],  # and the /proc of the parent's, with other processes
    "proc": ["-U", "-r", "-p", "-f", "--mount-proc"],
    "time": ["-U", "-r", "-T", "-f", "--monotonic", "1000000", "--boottime", "2000000"],
    "all": ["-U", "-r", "-p", "-f", "-m", "-n", "-i", "-u", "-C", "-T", "--mount-proc"],
}


def unshared(kind):
    command = ["unshare", *NAMESPACES[kind]]
    done = start([*command, "true"])
    if done.returncode != 0:
        pytest.skip(f"this system does not allow it: {done.stderr.strip()}")
    return command


@pytest.mark.parametrize("kind", NAMESPACES)
def test_unshared_stranger(kind, baseline):
    wrapper = unshared(kind)
    plain = start([*in_sandbox(wrapper, baseline), HERE / "stranger"])
    ours = start([*wrapper, LAUNCHER, HERE / "stranger"])
    assert (ours.returncode, ours.stdout, ours.stderr) == (STATUS, plain.stdout, plain.stderr)


@pytest.mark.parametrize("kind", NAMESPACES)
@pytest.mark.parametrize("target", TARGETS)
def test_unshared(target, kind):
    """With a process namespace, the program is its init."""
    works(target, before=[*unshared(kind), LAUNCHER] if target == "preloaded" else unshared(kind))


def test_namesakes():
    """A /proc in which the number of a living process is another one's, which has ended."""
    unshared("pid")
    needs_root()
    done = start([HERE / "namesakes"])
    assert (done.returncode, done.stdout) == (0, "EXIT-SUCCESS\n"), done.stderr


def test_rootless(tmp_path):
    """A worker that has left /proc behind, and is killed there."""
    ends_well([*unshared("user"), HERE / "rootless", tmp_path])


@pytest.mark.parametrize("target", TARGETS)
def test_unreadable(public, target):
    """A program that its user may run and not read: much of its /proc is root's."""
    needs_root()
    file = public / ("works" if target == "linked" else "preloaded/works")
    file.chmod(0o711)
    launcher = [public / "bin/portc-run"] if target == "preloaded" else []
    ends_well([*as_nobody(), *launcher, file], more={"LD_LIBRARY_PATH": str(public / "lib")})


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("how", ["-R", "-L", "-X"])
def test_personality(target, how, baseline):
    """Addresses that are not random, the old order of mappings, memory that is all executable."""
    works(target, before=["setarch", how])
    same(["setarch", how, HERE / "stranger"], baseline)


@pytest.mark.parametrize("target", TARGETS)
def test_chroot(public, target):
    """Nothing there but the programs and the C library."""
    needs_root()
    listing = start(["ldd", public / "preloaded/works"]).stdout
    for library in set(re.findall(r"(/\S+) \(", listing)):
        (public / library[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, public / library[1:])
    launcher = ["/bin/portc-run"] if target == "preloaded" else []
    name = "/preloaded/works" if target == "preloaded" else "/works"
    libraries = {"LD_LIBRARY_PATH": "/lib"} if target == "linked" else {}
    done = start(["chroot", public, *launcher, name], more=libraries)
    assert (done.returncode, done.stdout, done.stderr) == (0, "EXIT-SUCCESS\n", "")


# --- seccomp ---


def forbidding(error, *names):
    return [HERE / "forbid", error, *[SYSTEM_CALLS[name] for name in names], "--"]


OURS_ALONE = ("memfd_create", "timerfd_create", "inotify_init1", "io_uring_setup", "io_setup",
              "pidfd_open", "userfaultfd", "signalfd4", "eventfd2", "membarrier", "fanotify_init",
              "process_vm_readv", "kcmp", "bpf", "perf_event_open", "get_robust_list")


@pytest.mark.parametrize("error", ["kill", errno.EPERM, errno.ENOSYS])
@pytest.mark.parametrize("command,status", [
    ([HERE / "stranger"], STATUS),
    (["bash", "-c", "echo one | sort; exit 3"], 3),
    (["/usr/bin/python3", "-c", "import threading, subprocess as s; s.call('true')"], 0),
], ids=["stranger", "bash", "python3"])
def test_forbidden_stranger(error, command, status, baseline):
    """What we would need and a stranger does not."""
    before = forbidding(error, *OURS_ALONE)
    same([*before, *command], baseline, status)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("error", [errno.EPERM, errno.ENOSYS])
@pytest.mark.parametrize("name", ["memfd_create", "eventfd2", "epoll_create1"])
def test_forbidden_port(target, error, name):
    """Without these there is no port, and port_create hands on what the kernel says."""
    refused(target, error, before=forbidding(error, name))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("error", [errno.EPERM, errno.ENOSYS])
@pytest.mark.parametrize("names", [
    ["io_uring_setup"], ["madvise"], ["prlimit64"], ["getrandom"], ["get_robust_list"],
    ["set_robust_list"], ["pidfd_open", "userfaultfd", "membarrier", "kcmp"]], ids=",".join)
def test_forbidden_and_spared(target, error, names):
    """Everything works without these."""
    works(target, before=forbidding(error, *names))


LACKING = {
    "timerfd_create": ("timer", "timer_create(clock, &event, &id) == 0"),
    "inotify_init1": ("file", "port_associate(port, PORT_SOURCE_FILE, address"),
    "io_setup": ("aio", "aio_read(&request) == 0"),
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("error", [errno.EPERM, errno.ENOSYS])
@pytest.mark.parametrize("name", LACKING)
def test_forbidden_source(target, error, name):
    """The source that needs it fails with an error; the others work."""
    names = [name, "io_uring_setup"] if name == "io_setup" else [name]
    before = forbidding(error, *names)
    step, call = LACKING[name]
    others = ["user", "descriptor", "polled", "timeout", "thread", "shared", "executed", "passed",
              *[other for other, _ in LACKING.values() if other != step]]
    works(target, others, before=before)
    done = start([*before, program(target), step], preloads(target))
    assert done.returncode == 1
    assert call in done.stderr
    assert re.search(rf"errno ({error}|{errno.EAGAIN}|{errno.ENOSYS}),", done.stderr)


@pytest.mark.parametrize("target", TARGETS)
def test_forbidden_engine(target):
    """A sandbox that kills whoever tries io_uring leaves the other engine."""
    before = forbidding("kill", "io_uring_setup")
    works(target, before=before, more={"PORTC_AIO_ENGINE": "libaio"})


# --- before main, after main, and libraries that come and go ---


@pytest.mark.parametrize("target", ["none", *TARGETS])
def test_early_and_late(target):
    """Ports in a constructor before ours, and in a destructor after it."""
    name = "early" if target == "linked" else "early-plain"
    done = start([HERE / name], preloads(target), more={"LD_DEBUG": "files"})
    own = {"none": None, "linked": "libportc.so.1", "preloaded": PRELOAD.name}[target]
    order = re.findall(r"calling init: \S*/(\S+)", done.stderr)
    if own:
        assert order.index("libsurroundings-early.so") < order.index(own)
    main = "MAIN" if target == "none" else "MAIN with a port"
    assert (done.returncode, done.stdout) == (0, f"{main}\nLATE\n"), done.stderr


@pytest.mark.parametrize("preload", [[], [PRELOAD]], ids=["alone", "preloaded"])
@pytest.mark.parametrize("how", ["local", "lazy", "deep", "again", "namespace", "stranger"])
def test_opened(how, preload):
    ends_well([HERE / "opener", how], preload)


@pytest.mark.parametrize("name,value", [("LD_BIND_NOW", "1"), ("LD_BIND_NOT", "1"),
                                        ("LD_AUDIT", str(HERE / "audit.so"))])
def test_loader_settings(name, value, baseline):
    more = {name: value}
    same([HERE / "stranger"], baseline, more=more)
    for target in TARGETS:
        works(target, more=more)


# --- other preload objects ---

OTHERS = {
    "jemalloc": LIBRARIES / "libjemalloc.so.2",
    "tcmalloc": LIBRARIES / "libtcmalloc_minimal.so.4",
    "eatmydata": LIBRARIES / "libeatmydata.so.1",
    "faketime": LIBRARIES / "faketime/libfaketime.so.1",
    "asan": LIBRARIES / "libasan.so.8",
}
SHIFTED = {"FAKETIME": "-1000d", "FAKETIME_DONT_RESET": "1"}
LOOSE = {"ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0"}

STRANGERS = {
    "stranger": ([HERE / "stranger"], STATUS),
    "busy": ([HERE / "busy"], STATUS),
    "python3": (["/usr/bin/python3", "-c", "import threading as t; x = t.Thread(target=print);"
                 " x.start(); x.join()"], 0),
    "bash": (["bash", "-c", "echo one | cat; exit 3"], 3),
    "sort": (["sort", "-u", "/etc/protocols"], 0),
}


def orders(other, ours):
    assert other.exists()  # the loader goes on without what is missing
    return {"before": [other, *ours], "after": [*ours, other]}


def unmapped(text):
    """Without the mappings, which are an allocator's when there is one."""
    return re.sub(r"^anonymous mappings: .*\n", "", text, flags=re.M)


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("name", STRANGERS)
@pytest.mark.parametrize("other", OTHERS)
def test_others_stranger(other, name, order, baseline):
    command, status = STRANGERS[name]
    more = {**SHIFTED, **LOOSE}
    plain = observed(command, orders(OTHERS[other], baseline)[order], more=more)
    ours = observed(command, orders(OTHERS[other], [PRELOAD])[order], more=more)
    assert plain[0] == status, plain[2]
    assert (ours[0], unmapped(ours[1]), ours[2]) == (plain[0], unmapped(plain[1]), plain[2])


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("other", OTHERS)
def test_others_preloaded(other, order):
    preload = orders(OTHERS[other], [PRELOAD])[order]
    ends_well([program("preloaded")], preload, more={**SHIFTED, **LOOSE})


@pytest.mark.parametrize("other", OTHERS)
def test_others_linked(other):
    """The other one comes first, since we are a library of the program."""
    assert OTHERS[other].exists()
    steps = [step for step in STEPS if (other, step) != ("faketime", "timer")]
    ends_well([program("linked"), *steps], [OTHERS[other]], more={**SHIFTED, **LOOSE})


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("time", ["-40y", "-3d", "+1d", "+30y", "2020-01-01 00:00:00",
                                  "@2020-01-01 00:00:00", "+0 x0.1", "+0 x10"])
def test_faketime(target, time):
    """Waits and timers go by the kernel's clock, whatever time the program is told."""
    steps = ["user", "descriptor", "timeout", "thread", "shared"]
    if target == "preloaded":
        steps.append("timer")
    ends_well([program(target), *steps], [*preloads(target), OTHERS["faketime"]],
              more={"FAKETIME": time})


def test_faketime_launched():
    """A linked program's timers need us in front of it."""
    ends_well([LAUNCHER, program("linked")], [OTHERS["faketime"]], more={"FAKETIME": "-3d"})


def launched_preload(before):
    """What the launcher makes of LD_PRELOAD; the loader complains of objects that are not there."""
    return start([LAUNCHER, "sh", "-c", 'echo "$LD_PRELOAD"'], before).stdout.strip()


@pytest.mark.parametrize("before,expected", [
    ("a.so", "US:a.so"), ("a.so b.so", "US:a.so b.so"), ("libasanlike.so", "US:libasanlike.so"),
    ("/x/libtsan.so.2", "/x/libtsan.so.2:US"), ("libubsan.so a.so", "US:libubsan.so a.so"),
    ("/x/libclang_rt.asan-x86_64.so:/a.so", "/x/libclang_rt.asan-x86_64.so:US:/a.so"),
    (":libasan.so:a.so:libasan.so", ":libasan.so:US:a.so:libasan.so"),
    ("/libasan.so/a.so", "US:/libasan.so/a.so"),
])
def test_launcher_order(before, expected):
    """We come first, but for the runtimes of sanitizers that must."""
    assert launched_preload([before]) == expected.replace("US", str(PRELOAD))


def test_launcher_with_asan():
    done = start([LAUNCHER, program("preloaded"), "user"], [OTHERS["asan"]],
                 more={"ASAN_OPTIONS": "detect_leaks=0"})
    assert (done.returncode, done.stdout) == (0, "EXIT-SUCCESS\n"), done.stderr


# --- static programs ---


@pytest.mark.parametrize("name", ["stranger-static", "stranger-static-pie"])
def test_static(name):
    plain = start([HERE / name])
    ours = start([LAUNCHER, HERE / name])
    assert (ours.returncode, ours.stdout, ours.stderr) == (STATUS, plain.stdout, "")


def test_32_bit():
    """All that can be noticed is that the loader says so."""
    plain = start([HERE / "stranger-32"])
    ours = start([LAUNCHER, HERE / "stranger-32"])
    assert (ours.returncode, ours.stdout) == (STATUS, plain.stdout)
    assert "wrong ELF class" in ours.stderr and ours.stderr.count("\n") == 1


# --- few resources ---


def limited(which, soft, hard=None):
    def limit():
        resource.setrlimit(which, (soft, soft if hard is None else hard))
    return limit


@pytest.mark.parametrize("files", [3, 4, 5, 8])
def test_few_descriptors_stranger(files, baseline):
    """Below 4 the loader cannot open anything, and says so."""
    plain, ours = (observed([HERE / "stranger"], preload,
                            preexec_fn=limited(resource.RLIMIT_NOFILE, files))
                   for preload in (baseline, [PRELOAD]))
    assert plain[0] == ours[0] == (STATUS if files > 3 else 127)
    if files > 3:
        assert ours == plain


@pytest.mark.parametrize("target", TARGETS)
def test_few_descriptors(target):
    """Four are a port's own, one is for waiting: three and five make eight."""
    works(target, ["user", "thread", "timeout"],
          preexec_fn=limited(resource.RLIMIT_NOFILE, 8))
    refused(target, errno.EMFILE, preexec_fn=limited(resource.RLIMIT_NOFILE, 6))
    works(target, [step for step in STEPS if step != "executed"],
          preexec_fn=limited(resource.RLIMIT_NOFILE, 8, 4096))


@pytest.mark.parametrize("which,soft", [("RLIMIT_AS", 64 << 20), ("RLIMIT_DATA", 4 << 20),
                                        ("RLIMIT_STACK", 256 << 10)])
def test_little_memory_stranger(which, soft, baseline):
    # a thread's stack is as large as RLIMIT_STACK says
    same([HERE / "stranger"], baseline, preexec_fn=limited(getattr(resource, which), soft))


def test_small_files(baseline):
    """RLIMIT_FSIZE, for which a port's memory counts: an error, or nothing, but no SIGXFSZ."""
    same([HERE / "stranger"], baseline, preexec_fn=limited(resource.RLIMIT_FSIZE, 0))
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    for target in TARGETS:
        works(target, preexec_fn=limited(resource.RLIMIT_FSIZE, 1000, hard))
        refused(target, errno.ENOMEM, preexec_fn=limited(resource.RLIMIT_FSIZE, 1000))


def test_endless_stack(baseline):
    if resource.getrlimit(resource.RLIMIT_STACK)[1] != resource.RLIM_INFINITY:
        pytest.skip("the hard limit of the stack is set")
    options = {"preexec_fn": limited(resource.RLIMIT_STACK, resource.RLIM_INFINITY)}
    same([HERE / "stranger"], baseline, **options)
    for target in TARGETS:
        works(target, **options)


@pytest.mark.parametrize("numbers", [(0,), (1,), (2,), (0, 2), (0, 1, 2)], ids=str)
def test_closed(numbers, baseline, tmp_path):
    """Started without standard descriptors, as some daemons are."""
    closing = " ".join(f"{number}>&-" for number in numbers)
    results = []
    for preload in (baseline, [PRELOAD]):
        done = start(["sh", "-c", f'"$@" {closing}', "sh", "env",
                      "LD_PRELOAD=" + ":".join(map(str, preload)), HERE / "stranger"])
        results.append((done.returncode, done.stdout, done.stderr))
    assert results[0] == results[1]
    assert results[0][0] == STATUS
    mark = tmp_path / "mark"
    for target in TARGETS:
        setting = ["env", f"LD_PRELOAD={PRELOAD}"] if target == "preloaded" else []
        done = start(["sh", "-c", f'"$@" {closing} && echo done > "$MARK"', "sh", *setting,
                      program(target)], more={"MARK": str(mark)})
        assert done.returncode == 0, done.stderr
        assert mark.read_text() == "done\n"
        mark.unlink()


def test_empty_environment(baseline):
    """Nothing but LD_PRELOAD."""
    same([HERE / "stranger"], baseline, env={})
    for target in TARGETS:
        works(target, env={})


def test_launcher_without_path():
    done = start([LAUNCHER, HERE / "stranger"], env={})
    assert done.returncode == STATUS


def test_relative(baseline):
    """By a relative path, both the program and the launcher."""
    same(["./stranger"], baseline, cwd=HERE)
    done = start(["../../bin/portc-run", "./preloaded/works"], cwd=HERE)
    assert (done.returncode, done.stdout) == (0, "EXIT-SUCCESS\n"), done.stderr


def test_long_preload(baseline, tmp_path):
    """Hundreds of objects that are not there, as the loader says for each."""
    many = [tmp_path / f"{'x' * 100}-{n}.so" for n in range(400)]
    plain = start([HERE / "stranger"], [*many, *baseline])
    ours = start([HERE / "stranger"], [*many, PRELOAD])
    assert (ours.returncode, ours.stdout, ours.stderr) == (STATUS, plain.stdout, plain.stderr)
    done = start([LAUNCHER, program("preloaded"), "user"], many)
    assert (done.returncode, done.stdout) == (0, "EXIT-SUCCESS\n")


# --- strict mode, many processes, stops and traces ---


def test_strict(baseline):
    same([HERE / "preloaded/strict"], baseline, 5)
    assert start([HERE / "strict"]).returncode == 5


@pytest.mark.parametrize("target", ["none", *TARGETS])
def test_starter(target):
    ends_well([program("linked" if target == "linked" else "preloaded", "starter")],
              preloads(target))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("case", ["job_control", "sent_while_stopped", "attached", "seized"])
def test_stopped(target, case):
    ends_well([program(target, "stopped"), case], preloads(target))


@pytest.mark.parametrize("target", TARGETS)
def test_traced(target, tmp_path):
    """Under strace all the time, threads and children too."""
    preload = ["-E", f"LD_PRELOAD={PRELOAD}"] if target == "preloaded" else []
    ends_well(["strace", "-f", "-qq", "-o", tmp_path / "strace", *preload, program(target)])
