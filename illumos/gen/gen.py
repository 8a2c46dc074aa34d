#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Turns the fact tables in illumos/tables/ into what the compiler reads.

  gen.py numbers TABLE            pairs {Linux's name, illumos's number}, for an array of Number
  gen.py declarations TABLE...    C++ declarations of what the tables of symbols name
  gen.py symbols TABLE...         their entries, sorted by name, for an array of Symbol
  gen.py libraries                the libraries that a program may be linked with
  gen.py stubs LIBRARY TABLE...   assembly that defines LIBRARY's names, to link test programs with

Everything goes to standard output. A fault in a table is reported with its line, exit status 1.
"""

import sys
from dataclasses import dataclass

LIBRARIES = {
    "c": "libc.so.1",
    "socket": "libsocket.so.1",
    "nsl": "libnsl.so.1",
    "sendfile": "libsendfile.so.1",
    "m": "libm.so.2",
    "rt": "librt.so.1",
    "pthread": "libpthread.so.1",
    "dl": "libdl.so.1",
    "kstat": "libkstat.so.1",
}
# Libraries that programs are linked with though nothing in them is theirs any more, or nothing
# that is used: their functions are libc's (libpthread's and their like), or a compiler put them in.
OTHERS = ("libaio.so.1", "libgcc_s.so.1", "libposix4.so.1", "libresolv.so.2", "libssp.so.0",
          "libthread.so.1", "libxnet.so.1")
KINDS = {"pass", "plain", "checked", "leaf", "call", "data"}


class TableError(Exception):
    pass


def lines(path):
    """Yields (number, words, comment) of each line that says something."""
    with open(path, encoding="utf-8") as table:
        for number, line in enumerate(table, 1):
            words, _, comment = line.partition("#")
            if words.split():
                yield number, words.split(), comment.strip()


def numbers(path):
    for number, words, _ in lines(path):
        if len(words) != 2:
            raise TableError(f"{path}:{number}: a name and a number are wanted")
        int(words[1], 0)
        yield f"{{{words[0]}, {words[1]}}},"


@dataclass
class Symbol:
    name: str
    library: str
    version: str
    kind: str
    target: str
    signature: str
    approximate: str

    def address(self):
        if self.kind in ("pass", "plain", "checked"):
            return f"{self.kind}<&::{self.target}>()"
        prefix = "host_" if self.kind == "leaf" else ""
        return f"reinterpret_cast<const void*>(&{prefix}{self.target})"

    def declaration(self):
        if self.kind == "leaf":
            return f'extern "C" void host_{self.target}() asm("{self.target}");'
        if self.kind == "call":
            return f'extern "C" void {self.target}();'
        return ""

    def size(self):
        return f"sizeof {self.target}" if self.kind == "data" else "0"

    def note(self):
        return f'"{self.approximate}"' if self.approximate else "nullptr"


def parse_symbol(words, comment):
    if len(words) != 6:
        raise ValueError(f"six columns are wanted, there are {len(words)}")
    name, library, version, kind, target, signature = words
    if library not in LIBRARIES or kind not in KINDS:
        raise ValueError("no such library or kind")
    if target == "-":
        target = f"il_{name}" if kind in ("call", "data") else name
    return Symbol(name, library, version, kind, target, "" if signature == "-" else signature,
                  comment)


def symbols(paths):
    """The tables' lines: NAME LIBRARY VERSION KIND TARGET SIGNATURE [# what is approximated]"""
    seen = {}
    for path in paths:
        for number, words, comment in lines(path):
            place = f"{path}:{number}"
            try:
                symbol = parse_symbol(words, comment)
            except ValueError as error:
                raise TableError(f"{place}: {error}") from error
            if symbol.name in seen:
                raise TableError(f"{place}: {symbol.name} stands in {seen[symbol.name]} already")
            seen[symbol.name] = place
            yield symbol


def declarations(*paths):
    return sorted({s.declaration() for s in symbols(paths)} - {""})


def entries(*paths):
    for s in sorted(symbols(paths), key=lambda s: s.name.encode()):
        yield (f'{{"{s.name}", "{LIBRARIES[s.library]}", "{s.signature}", {s.address()}, '
               f"{s.size()}, {s.note()}}},")


def libraries():
    for name in sorted((*LIBRARIES.values(), *OTHERS)):
        yield f'"{name}",'


def stubs(library, *paths):
    functions, objects = [], []
    for s in symbols(paths):
        if LIBRARIES[s.library] == library:
            (objects if s.kind == "data" else functions).append(s)
    yield ".text"
    for s in functions:
        yield f".globl {s.name}\n.type {s.name},@function\n{s.name}: ud2"
    yield ".data"
    for s in objects:
        yield (f".globl {s.name}\n.type {s.name},@object\n.size {s.name}, {s.signature}\n"
               f".balign 16\n{s.name}: .zero {s.signature}")


COMMANDS = {"numbers": numbers, "libraries": libraries, "declarations": declarations, "symbols": entries, "stubs": stubs}


def main(arguments):
    if len(arguments) < 1 or arguments[0] not in COMMANDS:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        for line in COMMANDS[arguments[0]](*arguments[1:]):
            print(line)
    except (TableError, ValueError, OSError) as error:
        print(f"gen.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
