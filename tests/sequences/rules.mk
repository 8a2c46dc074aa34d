# SPDX-License-Identifier: MIT
#
# Random sequences of calls, compared with a model; and the same with planted defects, which have
# to be found. A defect is a change (planted/NAME.sed) of a copy of one source of the runtime.

SEQUENCES ?= 2000#    how many sequences `make test-sequences` plays, linked and preloaded
SEED ?= 1#            the seed of the first one

SEQUENCES_BIN := $(O)/tests/sequences
SEQUENCES_OBJ := $(O)/obj/tests/sequences
PLANTED := $(patsubst tests/sequences/planted/%.sed,%,$(sort $(wildcard tests/sequences/planted/*.sed)))
PLANTED_LIB := $(PLANTED:%=$(SEQUENCES_BIN)/planted/%/libportc.so.1)
# NAME:SOURCE for each of them
PLANTED_PAIRS := $(join $(PLANTED:%=%:), \
  $(shell sed -sn '1s/^\# //p' $(PLANTED:%=tests/sequences/planted/%.sed)))

$(SEQUENCES_OBJ)/%.o: tests/sequences/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(HOSTED_CFLAGS) -c -o $@ $<

$(SEQUENCES_BIN)/player: $(SEQUENCES_OBJ)/player.o $(LIB) $(O)/lib/libportc.so
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) $(LDFLAGS) -pthread -o $@ $< -L$(O)/lib -lportc \
	  -Wl,--enable-new-dtags,-rpath,'$$ORIGIN/../../lib'

# Without -E, ld would resolve the port functions, which it cannot find, to 0.
$(SEQUENCES_BIN)/player-preloaded: $(SEQUENCES_OBJ)/player.o
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) $(LDFLAGS) -pthread -Wl,--unresolved-symbols=ignore-all -Wl,-E -o $@ $<

# A change that changes nothing would plant nothing.
define planted_rules # NAME SOURCE
$(SEQUENCES_OBJ)/planted/$(1).cc: $(2) tests/sequences/planted/$(1).sed
	@mkdir -p $$(@D)
	$$(Q)sed -f tests/sequences/planted/$(1).sed $$< >$$@
	$$(Q)if cmp -s $$< $$@; then echo '$(1).sed changes nothing in $$<' >&2; exit 1; fi

$(SEQUENCES_BIN)/planted/$(1)/libportc.so.1: $(SEQUENCES_OBJ)/planted/$(1).o \
    $(filter-out $(O)/obj/$(basename $(2)).o,$(RUNTIME_OBJ)) $(WRAPPER_OBJ)
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(CC) -shared -fno-lto $(SANITIZE) -Wl,-z,defs,-z,relro,-z,now -Wl,-soname,libportc.so.1 \
	  -Wl,--version-script,libportc/libportc.map -o $$@ $$^
endef
$(foreach pair,$(PLANTED_PAIRS),$(eval \
  $(call planted_rules,$(firstword $(subst :, ,$(pair))),$(lastword $(subst :, ,$(pair))))))

$(SEQUENCES_OBJ)/planted/%.o: $(SEQUENCES_OBJ)/planted/%.cc
	$(call say,CXX,$<)
	$(Q)$(CXX) $(CPPFLAGS_ALL) $(RUNTIME_CXXFLAGS) -fno-lto -w -c -o $@ $<

.PHONY: sequences-programs test-sequences
sequences-programs: $(SEQUENCES_BIN)/player $(SEQUENCES_BIN)/player-preloaded $(PLANTED_LIB)

test-sequences: sequences-programs $(PRELOAD) $(LAUNCHER) ## random calls, compared with a model of ports
	$(Q)tests/sequences/run.sh $(O) $(SEQUENCES) $(SEED)
