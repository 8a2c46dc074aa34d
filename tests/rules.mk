# SPDX-License-Identifier: MIT
#
# `make test` and the unit tests. The other suites have rules of their own.

UNIT_SRC := $(sort $(wildcard tests/unit/*.cc))
UNIT_OBJ := $(UNIT_SRC:%.cc=$(O)/obj/%.o)

$(O)/obj/tests/unit/%.o: tests/unit/%.cc
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CPPFLAGS_ALL) $(HOSTED_CXXFLAGS) -c -o $@ $<

$(O)/tests/unit: $(UNIT_OBJ) $(O)/lib/libportc.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(SANITIZE) $(LDFLAGS) -pthread -o $@ $(UNIT_OBJ) $(O)/lib/libportc.a -lcriterion

.PHONY: test test-unit test-headers test-man soak
test: ## install what is missing, build, and run every suite, also under the sanitizers
	$(Q)packaging/deps.sh
	$(Q)env -u MAKEFLAGS -u MODE tests/all.sh

test-man: all ## the manual pages, and the examples in them
	$(Q)man/lint.sh $(O)/lib

test-unit: $(O)/tests/unit ## the modules, white box (Criterion)
	$(Q)$(O)/tests/unit -j2

test-headers: ## <port.h> in C89 to C++20, 64 and 32 bits
	$(Q)tests/headers/check.sh

N ?= 600#            seconds of make soak
soak: storm sequences-programs $(PRELOAD) $(LAUNCHER) ## killed processes and random sequences, for N=600 seconds
	$(Q)tests/soak.sh $(O) $(N) $(STORM_SEED)
