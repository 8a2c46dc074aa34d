# SPDX-License-Identifier: MIT
#
# Every way of arming descriptors again, forced by PORTC_REARM: the suites, in each of them. The
# defects are planted in the library of tests/storm, with a copy of tests/interpose/level.c.

MODES := $(O)/tests/modes
MODES_PROGRAMS := $(MODES)/level $(INTERPOSE)/level $(CONFORMANCE_BIN) \
  $(O)/tests/sequences/player

$(O)/obj/tests/modes/%.o: tests/modes/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(HOSTED_CFLAGS) -c -o $@ $<

# The hooks are the program's.
$(MODES)/level: $(O)/obj/tests/interpose/level.o $(O)/obj/tests/modes/hooks.o \
    $(INTERPOSE_SUPPORT) $$(STORM_LIB)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(INTERPOSE_LINK) -rdynamic -o $@ $^ -Wl,-rpath,'$$ORIGIN/../../storm/lib'

.PHONY: test-modes test-modes-quick
test-modes: $(MODES_PROGRAMS) $(INTERPOSE_BIN) $(O)/tests/unit $(O)/tests/sequences/player-preloaded \
    $(O)/storm/bin/storm all ## every suite in each way of arming descriptors again (PORTC_REARM)
	$(Q)tests/modes/check.sh $(O) full

test-modes-quick: $(MODES_PROGRAMS) all ## the part of test-modes that make test runs
	$(Q)tests/modes/check.sh $(O) quick
