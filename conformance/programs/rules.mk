# SPDX-License-Identifier: MIT
#
# Real programs on their event-port backends. Each folder here is one; README.md explains.

P ?=# test-programs: the programs to run, "libevent nginx"; all of them if empty

.PHONY: test-programs test-programs-quick
test-programs: all ## real programs' own test suites, linked, preloaded and on epoll (P="libevent nginx")
	$(Q)packaging/deps.sh
	$(Q)O=$(O) conformance/programs/run.sh full $(P)

test-programs-quick: all ## the part of test-programs that takes two minutes
	$(Q)O=$(O) conformance/programs/run.sh quick $(P)
