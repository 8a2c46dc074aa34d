# SPDX-License-Identifier: MIT
#
# Strangers and programs with ports in unusual surroundings: sandboxes, other preload objects,
# few resources, tracing. tests/interpose is where the wrappers are tested by themselves, and
# where support.c and working.c are from.

SURROUNDINGS := $(O)/tests/surroundings
SURROUNDINGS_OBJ = $(O)/obj/tests/surroundings
SURROUNDINGS_PLAIN := $(patsubst %,$(SURROUNDINGS)/%,stranger forbid busy)
SURROUNDINGS_LINKED := $(patsubst %,$(SURROUNDINGS)/%,works namesakes rootless strict stopped starter)
SURROUNDINGS_PRELOADED := $(patsubst %,$(SURROUNDINGS)/preloaded/%,works strict stopped starter)
SURROUNDINGS_KINDS := $(patsubst %,$(SURROUNDINGS)/stranger-%,static static-pie 32)
SURROUNDINGS_SHARED := $(patsubst %,$(SURROUNDINGS)/%.so,libsurroundings-early \
  libsurroundings-plugin audit)
SURROUNDINGS_BIN := $(SURROUNDINGS_PLAIN) $(SURROUNDINGS_LINKED) $(SURROUNDINGS_PRELOADED) \
  $(SURROUNDINGS_KINDS) $(SURROUNDINGS_SHARED) \
  $(patsubst %,$(SURROUNDINGS)/%,secure early early-plain opener)

$(O)/obj/tests/surroundings/%.o: tests/surroundings/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(HOSTED_CFLAGS) -fPIC -c -o $@ $<

$(SURROUNDINGS_BIN): | $(SURROUNDINGS)/preloaded/.folder
$(SURROUNDINGS)/preloaded/.folder:
	@mkdir -p $(@D)
	@touch $@

$(SURROUNDINGS_PLAIN): $(SURROUNDINGS)/%: $(O)/obj/tests/surroundings/%.o
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -o $@ $^

$(SURROUNDINGS_LINKED): $(SURROUNDINGS)/%: $(O)/obj/tests/surroundings/%.o $(INTERPOSE_SUPPORT) \
    $(LIB) $(O)/lib/libportc.so
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -o $@ $< $(INTERPOSE_SUPPORT) $(INTERPOSE_PORTC)

$(SURROUNDINGS_PRELOADED): $(SURROUNDINGS)/preloaded/%: $(O)/obj/tests/surroundings/%.o \
    $(INTERPOSE_SUPPORT)
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -Wl,--unresolved-symbols=ignore-all -Wl,-E -o $@ $^

# Set-user-ID programs are not given libraries by way of $ORIGIN.
$(SURROUNDINGS)/secure: $(O)/obj/tests/surroundings/secure.o $(INTERPOSE_SUPPORT) $(LIB) \
    $(O)/lib/libportc.so
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -o $@ $< $(INTERPOSE_SUPPORT) -L$(O)/lib -lportc \
	  -Wl,-rpath,$(abspath $(O)/lib)

$(SURROUNDINGS)/libsurroundings-early.so: $(SURROUNDINGS_OBJ)/early.o $(INTERPOSE_OBJ)/support.o
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -shared -Wl,-soname,$(@F) -o $@ $^

# The library before the early one, and so initialized after it.
$(SURROUNDINGS)/early: $(SURROUNDINGS_OBJ)/early_main.o $(SURROUNDINGS)/libsurroundings-early.so \
    $(INTERPOSE_OBJ)/support.o $(LIB) $(O)/lib/libportc.so
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -o $@ $(filter %.o,$^) -Wl,--no-as-needed $(INTERPOSE_PORTC) \
	  -L$(SURROUNDINGS) -lsurroundings-early -Wl,-rpath,'$$ORIGIN'

$(SURROUNDINGS)/early-plain: $(SURROUNDINGS_OBJ)/early_main.o \
    $(SURROUNDINGS)/libsurroundings-early.so $(INTERPOSE_OBJ)/support.o
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -o $@ $(filter %.o,$^) -L$(SURROUNDINGS) -lsurroundings-early \
	  -Wl,-rpath,'$$ORIGIN' -Wl,--unresolved-symbols=ignore-all -Wl,-E

$(SURROUNDINGS)/libsurroundings-plugin.so: $(SURROUNDINGS_OBJ)/plugin.o $(INTERPOSE_SUPPORT) \
    $(LIB) $(O)/lib/libportc.so
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -shared -Wl,-soname,$(@F) -o $@ $(filter %.o,$^) $(INTERPOSE_PORTC)

$(SURROUNDINGS)/opener: $(SURROUNDINGS_OBJ)/opener.o $(INTERPOSE_OBJ)/support.o
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -o $@ $^

$(SURROUNDINGS)/audit.so: $(SURROUNDINGS_OBJ)/audit.o
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -shared -o $@ $^

# No sanitizer goes into these.
$(SURROUNDINGS)/stranger-static: SURROUNDINGS_KIND := -static
$(SURROUNDINGS)/stranger-static-pie: SURROUNDINGS_KIND := -fPIE -static-pie
$(SURROUNDINGS)/stranger-32: SURROUNDINGS_KIND := -m32
$(SURROUNDINGS_KINDS): tests/surroundings/stranger.c
	$(call say,LINK,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) -std=c99 -O2 $(WARN) $(LDFLAGS) $(SURROUNDINGS_KIND) -pthread \
	  -o $@ $<

.PHONY: surroundings-programs test-surroundings
surroundings-programs: $(SURROUNDINGS_BIN)

test-surroundings: $(SURROUNDINGS_BIN) $(INTERPOSE)/nothing.so $(PRELOAD) $(LAUNCHER) ## sandboxes, other preload objects, few resources, tracing
	$(if $(SANITIZE),@echo 'test-surroundings takes no sanitizer' >&2; exit 2)
	$(Q)PORTC_BUILD=$(O) $(PYTHON) -B -m pytest -q -p no:cacheprovider --durations=5 \
	  $(if $(ONLY),-k '$(ONLY)') tests/surroundings/test_surroundings.py
