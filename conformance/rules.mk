# SPDX-License-Identifier: MIT
#
# The conformance tests: all assertions in one program, built twice from the same objects.
# conformance/README.md says what they are.

PYTHON ?= /usr/bin/python3
ONLY ?=# conformance tests to run, a pytest -k expression such as "getn or 089"

CONFORMANCE_SRC := $(sort $(wildcard conformance/*.c conformance/*/*.c))
CONFORMANCE_OBJ := $(CONFORMANCE_SRC:%.c=$(O)/obj/%.o)
CONFORMANCE_BIN := $(O)/conformance/linked $(O)/conformance/preloaded
# The report that counts is the release build's.
CONFORMANCE_REPORT := $(if $(filter release,$(MODE)),build/conformance.json,$(O)/conformance.json)
CONFORMANCE_ENV := PORTC_BUILD=$(O) PORTC_REPORT=$(CONFORMANCE_REPORT)
# A sanitizer's runtime has to come before everything else that is preloaded.
ifneq ($(SANITIZE),)
CONFORMANCE_ENV += PORTC_SANITIZER=$(shell $(CC) -print-file-name=lib$(MODE).so)
endif

$(O)/obj/conformance/%.o: conformance/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(HOSTED_CFLAGS) -c -o $@ $<

$(O)/conformance/linked: $(CONFORMANCE_OBJ) $(LIB) $(O)/lib/libportc.so
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) $(LDFLAGS) -pthread -o $@ $(CONFORMANCE_OBJ) \
	  -L$(O)/lib -lportc -Wl,-rpath,'$$ORIGIN/../lib'

# Knows nothing of libportc: port_* are found in what is preloaded, or not at all. Without -E,
# ld would resolve what it cannot find to 0 instead of leaving it to the dynamic linker.
$(O)/conformance/preloaded: $(CONFORMANCE_OBJ)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) $(LDFLAGS) -pthread -Wl,--unresolved-symbols=ignore-all -Wl,-E \
	  -o $@ $(CONFORMANCE_OBJ)

.PHONY: conformance conformance-programs
conformance-programs: $(CONFORMANCE_BIN)

conformance: $(CONFORMANCE_BIN) $(PRELOAD) $(LAUNCHER) ## run the conformance tests, linked and preloaded
	$(Q)status=0; \
	$(CONFORMANCE_ENV) $(PYTHON) -B -m pytest -q -p no:cacheprovider \
	  $(if $(ONLY),-k '$(ONLY)') conformance/run.py || status=$$?; \
	$(CONFORMANCE_ENV) $(PYTHON) -B conformance/run.py missing || status=$$?; \
	exit $$status
