# SPDX-License-Identifier: MIT
#
# The C programs of the other suites, under memcheck.

VALGRIND_CANARY := $(O)/tests/valgrind/canary

$(VALGRIND_CANARY): tests/valgrind/canary.c $(LIB) $(O)/lib/libportc.so
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(HOSTED_CFLAGS) $(LDFLAGS) -o $@ $< -L$(O)/lib -lportc \
	  -Wl,-rpath,'$$ORIGIN/../../lib'

.PHONY: test-valgrind test-valgrind-quick
test-valgrind: $(VALGRIND_CANARY) $(CONFORMANCE_BIN) $(THREADS_BIN) ## the C programs under memcheck; some minutes
	$(Q)$(PYTHON) -B tests/valgrind/run.py $(O) all

test-valgrind-quick: $(VALGRIND_CANARY) $(CONFORMANCE_BIN) $(THREADS_BIN) ## some of them
	$(Q)$(PYTHON) -B tests/valgrind/run.py $(O) short
