# SPDX-License-Identifier: MIT
#
# Threads, signals, cancellation, fork. Programs that are linked with the library
# (tests/threads/NAME), the same ones to be run under the preload object (preloaded/NAME), and with
# the library that has defects to plant (planted/NAME).

STEPS_OF_HANDLERS ?= 797#  make test-threads: every so manieth instruction; test-threads-steps has all

THREADS := $(O)/tests/threads
THREADS_CASES := interrupted cancelled crowd forking
THREADS_OBJ = $(O)/obj/tests/threads
THREADS_PRELOADED := $(THREADS_CASES:%=$(THREADS)/preloaded/%)
THREADS_PLANTED := $(THREADS_CASES:%=$(THREADS)/planted/%)
THREADS_BIN := $(THREADS_CASES:%=$(THREADS)/%) $(THREADS_PRELOADED)

$(O)/obj/tests/threads/%.o: tests/threads/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(HOSTED_CFLAGS) -c -o $@ $<

$(THREADS_CASES:%=$(THREADS)/%): $(THREADS)/%: $(O)/obj/tests/threads/%.o $(INTERPOSE_SUPPORT) \
    $(LIB) $(O)/lib/libportc.so
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(INTERPOSE_LINK) -o $@ $< $(INTERPOSE_SUPPORT) $(INTERPOSE_PORTC)

$(THREADS_PRELOADED): $(THREADS)/preloaded/%: $(O)/obj/tests/threads/%.o $(INTERPOSE_SUPPORT)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(INTERPOSE_LINK) -Wl,--unresolved-symbols=ignore-all -Wl,-E -o $@ $^

# The hooks are the program's, as in tests/storm.
$(THREADS_PLANTED): $(THREADS)/planted/%: $(O)/obj/tests/threads/%.o $(THREADS_OBJ)/planted.o \
    $(INTERPOSE_SUPPORT) $(STORM_LIB)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(INTERPOSE_LINK) -Wl,-E -Wl,-rpath,'$$ORIGIN/../../../storm/lib' -o $@ $^

# Single steps, and what is planted, are for the library as it is shipped.
THREADS_FOR_MODE := $(if $(SANITIZE),,$(THREADS_PLANTED))
THREADS_RUN = STEPS=$(STEPS_OF_HANDLERS) tests/threads/check.sh $(O) \
  $(if $(SANITIZE),$(shell $(CC) -print-file-name=lib$(MODE).so))

.PHONY: test-threads test-threads-steps
test-threads: $(THREADS_BIN) $(THREADS_FOR_MODE) $(PRELOAD) $(LAUNCHER) ## threads, handlers anywhere, cancellation, fork
	$(Q)$(THREADS_RUN)

test-threads-steps: $(THREADS_BIN) ## a signal handler at every instruction of each call; hours
	$(Q)$(THREADS)/interrupted --steps 1
