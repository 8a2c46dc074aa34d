# SPDX-License-Identifier: MIT
"""The numbers of <port.h>, poll(2) and player.c."""

AIO, TIMER, USER, FD, ALERT, MQ, FILE = range(1, 8)
SET, UPDATE = 1, 2
IN, PRI, OUT, ERR, HUP, NVAL = 1, 2, 4, 8, 16, 32
RDNORM, RDBAND, WRNORM, WRBAND, RDHUP = 0x40, 0x80, 0x100, 0x200, 0x2000
ALWAYS = ERR | HUP
AIOAREAD = 11
ACCESS, MODIFIED, ATTRIB, DELETE, TRUNC = 1, 2, 4, 0x10, 0x100000
FILE_BITS = ACCESS | MODIFIED | ATTRIB | TRUNC
APPEND, READ, CHMOD, CUT, UNLINK, MAKE = range(6)  # how player.c changes files
INT_MAX = 0x7FFFFFFF
BITS = 0xFFFF & ~NVAL

PLACES = 4  # for timers, requests and files, of a process
FIRST_FREE = 3  # standard input and output, and standard error, are not the sequences'
MOST_NESTED = 3

# The kinds of timeouts and lists that player.c has.
ZERO, SHORT, TOO_MANY, NEGATIVE, WILD_TIMEOUT = range(5)
DISARM, EXPIRED, FAR = range(3)  # how player.c sets timers
GOOD, NULL, WILD = range(3)
