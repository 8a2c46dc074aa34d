# SPDX-License-Identifier: MIT
"""What the loader of illumos programs refuses, what it is told on its command line, and how it is
started by the kernel. PORTC_BUILD is the folder with the build."""

import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile

import pytest

BUILD = pathlib.Path(os.environ["PORTC_BUILD"]).resolve()
LOADER = BUILD / "lib/portc/ld.so.1"
LAUNCHER = BUILD / "bin/portc-run"
SAYS = BUILD / "tests/illumos/loader/says"
GUESTS = BUILD / "tests/illumos/c"
STATUS = 7  # of a guest that has said its words
OUR_FAULT, CANNOT_RUN, NOT_FOUND = 125, 126, 127
LIMIT_S = 60
NOBODY = 65534
PT_NULL, PT_DYNAMIC, PT_INTERP = 0, 2, 3
ET_REL, EM_AARCH64 = 1, 183


def start(command, **more):
    return subprocess.run(command, text=True, check=False, timeout=LIMIT_S, capture_output=True,
                          stdin=subprocess.DEVNULL, **more)


def refused(program, why, status=CANNOT_RUN, **more):
    """By the loader, in one line, and before anything has run."""
    done = start([more.pop("loader", LOADER), program], **more)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr == f"ld.so.1: {program}: {why}\n"


# --- files that are no illumos programs for this processor

def changed(tmp_path, change):
    content = bytearray(SAYS.read_bytes())
    change(content)
    path = tmp_path / "changed"
    path.write_bytes(content)
    path.chmod(0o755)
    return path


def put(layout, offset, value):
    return lambda content: struct.pack_into(layout, content, offset, value)


def headers(content):
    """The offsets of the program headers."""
    first, = struct.unpack_from("<Q", content, 32)
    count, = struct.unpack_from("<H", content, 56)
    return range(first, first + 56 * count, 56)


def without(kind):
    def change(content):
        for offset in headers(content):
            if struct.unpack_from("<I", content, offset)[0] == kind:
                struct.pack_into("<I", content, offset, PT_NULL)
    return change


def cut(size):
    def change(content):
        del content[size:]
    return change


def empty_interpreter(content):
    for offset in headers(content):
        if struct.unpack_from("<I", content, offset)[0] == PT_INTERP:
            struct.pack_into("<Q", content, offset + 32, 0)


DAMAGED = {
    "empty": (cut(0), "it is not an ELF file"),
    "text": (put("4s", 0, b"#!/b"), "it is not an ELF file"),
    "half a header": (cut(40), "the file is truncated"),
    "half of the segments' headers": (cut(100), "the file is truncated"),
    "half the file": (lambda content: cut(len(content) // 2)(content), "the file is truncated"),
    "32 bits": (put("B", 4, 1), "it is a 32-bit program"),
    "another processor": (put("<H", 18, EM_AARCH64), "it is for another kind of processor"),
    "another byte order": (put("B", 5, 2), "it is for another kind of processor"),
    "an object file": (put("<H", 16, ET_REL), "it is not an executable program"),
    "no headers": (put("<H", 56, 0), "its headers make no sense"),
    "static": (without(PT_INTERP), "it is statically linked"),
    "not dynamic": (without(PT_DYNAMIC), "it is statically linked"),
    "no name of an interpreter": (empty_interpreter, "its headers make no sense"),
    "begins nowhere": (put("<Q", 24, 1 << 40), "its headers make no sense"),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_damaged(what, tmp_path):
    change, why = DAMAGED[what]
    refused(changed(tmp_path, change), why)


def test_linux_program():
    refused(LAUNCHER, "it is not an illumos program")


def test_linux_program_checked():
    done = start([LAUNCHER, "--check", LAUNCHER])
    assert (done.returncode, done.stdout) == (CANNOT_RUN, "")
    assert done.stderr.endswith("it is not an illumos program\n")


def test_no_such_file(tmp_path):
    refused(tmp_path / "nothing", "there is no such file", NOT_FOUND)


def test_folder(tmp_path):
    refused(tmp_path, "it is not a regular file")


def test_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "it is not a regular file")


@pytest.fixture
def public():
    """A folder that anybody may look into."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield pathlib.Path(folder)


def test_unreadable(public):
    shutil.copy(LOADER, public)
    program = shutil.copy(SAYS, public)
    os.chmod(program, 0o311)
    root = os.geteuid() == 0
    refused(program, "permission denied", loader=public / "ld.so.1",
            user=NOBODY if root else None, extra_groups=[] if root else None)


# --- the command line

@pytest.mark.parametrize("words", [[], ["--check"], ["--argv0"], ["--argv0", "name"], ["--other"]],
                         ids=" ".join)
def test_wrong_use(words):
    done = start([LOADER, *words])
    assert (done.returncode, done.stdout) == (OUR_FAULT, "")
    assert done.stderr.startswith("usage: ld.so.1 ")


def test_help():
    done = start([LOADER, "--help"])
    assert done.returncode == 0 and done.stderr.startswith("usage: ld.so.1 ")


def test_words():
    done = start([LOADER, SAYS, "a", "--check", "", "b c"])
    assert (done.returncode, done.stdout, done.stderr) == (STATUS, f"{SAYS}|a|--check||b c\n", "")


def test_name():
    done = start([LOADER, "--argv0", "another name", SAYS, "a"])
    assert (done.returncode, done.stdout, done.stderr) == (STATUS, "another name|a\n", "")


def test_found_by_path():
    done = start([LAUNCHER, "says", "a"], env={"PATH": str(SAYS.parent)})
    assert (done.returncode, done.stdout, done.stderr) == (STATUS, "says|a\n", "")


# --- what is missing, and what is traced

def test_missing():
    done = start([LOADER, SAYS, "missing"])
    assert (done.returncode, done.stdout) == (NOT_FOUND, "")
    assert done.stderr == ("portc-run: illumos function a_function_of_another_system "
                           "is not provided\n")


def test_missing_is_listed():
    done = start([LAUNCHER, "--check", SAYS])
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert [line.split() for line in lines if line.startswith("missing")] == [
        ["missing", "-", "a_function_of_another_system"]]
    assert re.fullmatch(r"\d+ provided, \d+ approximated, 1 missing, 0 libraries missing",
                        lines[-1])


def test_nothing_missing():
    done = start([LAUNCHER, "--check", GUESTS / "basics"])
    assert done.returncode == 0 and ", 0 missing, 0 libraries missing\n" in done.stdout


def test_traced():
    done = start([LOADER, SAYS, "open"], env={"PORTC_TRACE": "calls"})
    assert (done.returncode, done.stdout) == (0, "")
    assert re.search(r'^\d+: open\("/does/not/exist", 0x0, .*\) = -1 \(errno 2\)$', done.stderr,
                     re.MULTILINE)
    assert re.search(r"^\d+: exit\(0\)$", done.stderr, re.MULTILINE)


def test_not_traced():
    done = start([LOADER, SAYS, "open"], env={"PORTC_TRACE": "others"})
    assert (done.returncode, done.stderr) == (0, "")


# --- started by the kernel

# As portc-illumos(7) says it is installed, in a layer over /usr/lib that nobody else sees.
INSTALL = """
set -e
mount -t tmpfs layer "$1"
mkdir "$1/upper" "$1/work"
mount -t overlay -o "lowerdir=/usr/lib,upperdir=$1/upper,workdir=$1/work" layer /usr/lib
mkdir /usr/lib/amd64
ln -s "$2" /usr/lib/amd64/ld.so.1
shift 2
exec "$@"
"""


@pytest.fixture
def installed(tmp_path):
    """What to put in front of a command."""
    namespaces = ["-m"] if os.geteuid() == 0 else ["-U", "-r", "-m"]
    layer = tmp_path / "layer"
    layer.mkdir()
    command = ["unshare", *namespaces, "sh", "-c", INSTALL, "install", layer, LOADER]
    done = start([*command, "true"])
    if done.returncode != 0:
        pytest.skip(f"this system does not allow it: {done.stderr.strip()}")
    return command


def test_by_kernel(installed):
    done = start([*installed, SAYS, "a", "b c"])
    assert (done.returncode, done.stdout, done.stderr) == (STATUS, f"{SAYS}|a|b c\n", "")


def test_not_by_kernel():
    """What the others here would show if they started nothing of ours."""
    with pytest.raises(FileNotFoundError):
        start([SAYS])


def test_by_shell(installed):
    done = start([*installed, "sh", "-c", f"echo a | {SAYS} b"])
    assert (done.returncode, done.stdout, done.stderr) == (STATUS, f"{SAYS}|b\n", "")


def test_as_interpreter(installed, tmp_path):
    script = tmp_path / "script"
    script.write_text(f"#!{SAYS} one argument\n")
    script.chmod(0o755)
    done = start([*installed, script, "a"])
    assert (done.returncode, done.stdout) == (STATUS, f"{SAYS}|one argument|{script}|a\n")


def test_damaged_by_kernel(installed, tmp_path):
    program = changed(tmp_path, without(PT_DYNAMIC))
    done = start([*installed, program])
    assert done.returncode == CANNOT_RUN and str(program) in done.stderr


def test_set_user_id(installed, public):
    program = shutil.copy(SAYS, public)
    if os.geteuid() != 0:
        pytest.skip("only root can make a program another user's")
    os.chmod(program, 0o4755)
    done = start([*installed, "setpriv", f"--reuid={NOBODY}", "--clear-groups", program])
    assert (done.returncode, done.stdout) == (CANNOT_RUN, "")
    assert done.stderr == f"ld.so.1: {program}: set-user-ID illumos programs are not supported\n"


@pytest.mark.parametrize("guest", ["basics", "children", "files", "signals", "spawned", "threads"])
def test_guests_by_kernel(installed, guest):
    arguments = ["one", "two"] if guest == "basics" else []
    done = start([*installed, "env", "GUEST=yes", GUESTS / guest, *arguments])
    assert done.returncode == 0 and "failed" not in done.stdout and "ok " in done.stdout
