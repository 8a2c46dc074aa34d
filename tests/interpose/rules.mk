# SPDX-License-Identifier: MIT
#
# The wrappers, white box: programs that are linked with the library (tests/interpose/NAME) and
# the same ones to be run under the preload object (tests/interpose/preloaded/NAME).

INTERPOSE := $(O)/tests/interpose
INTERPOSE_CASES := rawfork vforked execing leaving passing closing replacing same_number exhausted foreign scribbled \
  killed chained crowd level timers clocks queues files many_files
INTERPOSE_OBJ = $(O)/obj/tests/interpose
INTERPOSE_SUPPORT := $(O)/obj/tests/interpose/support.o $(O)/obj/tests/interpose/working.o
INTERPOSE_PRELOADED := $(INTERPOSE_CASES:%=$(INTERPOSE)/preloaded/%)
INTERPOSE_SHARED := $(patsubst %,$(INTERPOSE)/%.so,libearly libmiddle counter nothing)
INTERPOSE_OTHERS := $(patsubst %,$(INTERPOSE)/%,early early-plain strangers own_descriptors \
  static dlopened indirect relay)
INTERPOSE_BIN := $(INTERPOSE_CASES:%=$(INTERPOSE)/%) $(INTERPOSE_PRELOADED) $(INTERPOSE_SHARED) \
  $(INTERPOSE_OTHERS)
INTERPOSE_ENV := PORTC_BUILD=$(O)
ifneq ($(SANITIZE),)
INTERPOSE_ENV += PORTC_SANITIZER=$(shell $(CC) -print-file-name=lib$(MODE).so)
endif
INTERPOSE_LINK = $(CC) $(SANITIZE) $(LDFLAGS) -pthread
INTERPOSE_PORTC := -L$(O)/lib -lportc -Wl,-rpath,'$$ORIGIN/../../lib'

$(O)/obj/tests/interpose/%.o: tests/interpose/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(HOSTED_CFLAGS) -fPIC -c -o $@ $<

$(INTERPOSE_BIN): | $(INTERPOSE)/preloaded/.folder
$(INTERPOSE)/preloaded/.folder:
	@mkdir -p $(@D)
	@touch $@

$(INTERPOSE_CASES:%=$(INTERPOSE)/%): $(INTERPOSE)/%: $(O)/obj/tests/interpose/%.o \
    $(INTERPOSE_SUPPORT) $(LIB) $(O)/lib/libportc.so
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -o $@ $< $(INTERPOSE_SUPPORT) $(INTERPOSE_PORTC)

# Without -E, ld would resolve the port functions, which it cannot find, to 0.
$(INTERPOSE_PRELOADED): $(INTERPOSE)/preloaded/%: $(O)/obj/tests/interpose/%.o \
    $(INTERPOSE_SUPPORT)
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -Wl,--unresolved-symbols=ignore-all -Wl,-E -o $@ $^

INTERPOSE_FILES := $(patsubst %,$(INTERPOSE)/%,files many_files preloaded/files preloaded/many_files)
$(INTERPOSE_FILES): $(INTERPOSE_OBJ)/watching.o
$(INTERPOSE_FILES): INTERPOSE_SUPPORT += $(INTERPOSE_OBJ)/watching.o

$(INTERPOSE)/libearly.so: $(INTERPOSE_OBJ)/early_lib.o $(INTERPOSE_OBJ)/calls.o
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -shared -Wl,-soname,libearly.so -o $@ $^

$(INTERPOSE)/counter.so: $(INTERPOSE_OBJ)/counter.o
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -shared -o $@ $<

$(INTERPOSE)/nothing.so: $(INTERPOSE_OBJ)/nothing.o
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -shared -o $@ $<

$(INTERPOSE)/libmiddle.so: $(INTERPOSE_OBJ)/exact.o $(INTERPOSE_SUPPORT) $(LIB) $(O)/lib/libportc.so
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -shared -Wl,-soname,libmiddle.so -o $@ $(INTERPOSE_OBJ)/exact.o \
	  $(INTERPOSE_SUPPORT) $(INTERPOSE_PORTC)

# The library before libearly.so, and so initialized after it.
$(INTERPOSE)/early: $(INTERPOSE_OBJ)/early.o $(INTERPOSE)/libearly.so $(LIB) $(O)/lib/libportc.so
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -o $@ $< -Wl,--no-as-needed $(INTERPOSE_PORTC) -L$(INTERPOSE) -learly \
	  -Wl,-rpath,'$$ORIGIN'

$(INTERPOSE)/early-plain: $(INTERPOSE_OBJ)/early.o $(INTERPOSE)/libearly.so
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -o $@ $< -L$(INTERPOSE) -learly -Wl,-rpath,'$$ORIGIN'

$(INTERPOSE)/strangers $(INTERPOSE)/own_descriptors: $(INTERPOSE)/%: $(INTERPOSE_OBJ)/%.o \
    $(INTERPOSE_OBJ)/calls.o $(INTERPOSE_OBJ)/support.o
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -o $@ $^

$(INTERPOSE)/static: $(INTERPOSE_OBJ)/exact.o $(INTERPOSE_OBJ)/exact_main.o $(INTERPOSE_SUPPORT) \
    $(O)/lib/libportc.a
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -o $@ $^

$(INTERPOSE)/dlopened: $(INTERPOSE_OBJ)/exact.o $(INTERPOSE_OBJ)/exact_main.o \
    $(INTERPOSE_OBJ)/dlopened.o $(INTERPOSE_SUPPORT) $(LIB)
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -o $@ $(filter %.o,$^)

$(INTERPOSE)/indirect: $(INTERPOSE_OBJ)/exact_main.o $(INTERPOSE)/libmiddle.so
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -o $@ $< -L$(INTERPOSE) -lmiddle -Wl,-rpath,'$$ORIGIN'

$(INTERPOSE)/relay: $(INTERPOSE_OBJ)/relay.o
	$(call say,LINK,$@)
	$(Q)$(INTERPOSE_LINK) -o $@ $<

.PHONY: interpose-programs test-interpose check-symbols
interpose-programs: $(INTERPOSE_BIN)

test-interpose: $(INTERPOSE_BIN) $(PRELOAD) $(LAUNCHER) ## the wrappers: start-up order, other preloads, strangers
	$(Q)$(INTERPOSE_ENV) $(PYTHON) -B -m pytest -q -p no:cacheprovider \
	  $(if $(ONLY),-k '$(ONLY)') tests/interpose/test_interpose.py

check-symbols: $(LIB) $(PRELOAD) ## what the shared objects export, import and need
	$(Q)MODE=$(MODE) tests/interpose/check_symbols.sh $(O)
