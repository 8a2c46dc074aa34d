# SPDX-License-Identifier: MIT
#
# The benchmark: build/$(MODE)/bench/bench, and the program it starts to measure calls that are
# none of ours.

BENCH_SRC := $(sort $(filter-out tests/bench/strangers.cc,$(wildcard tests/bench/*.cc)))
BENCH_OBJ := $(BENCH_SRC:%.cc=$(O)/obj/%.o)
BENCH := $(O)/bench/bench
STRANGERS := $(O)/bench/strangers
BENCH_JSON ?= build/bench.json

$(O)/obj/tests/bench/%.o: tests/bench/%.cc
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CPPFLAGS_ALL) $(HOSTED_CXXFLAGS) -c -o $@ $<

$(BENCH): $(BENCH_OBJ) $(LIB) $(O)/lib/libportc.so
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(SANITIZE) $(LDFLAGS) -pthread -Wl,-rpath,'$$ORIGIN/../lib' -o $@ $(BENCH_OBJ) \
	  -L$(O)/lib -lportc -luring

# Not linked to the library: the preload object brings it, or nothing does.
$(STRANGERS): $(O)/obj/tests/bench/strangers.o
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(SANITIZE) $(LDFLAGS) -o $@ $<

.PHONY: bench bench-build
bench-build: $(BENCH) $(STRANGERS) $(PRELOAD) $(LAUNCHER)

bench: bench-build ## measure against a reference in the same run, write build/bench.json
	@mkdir -p $(dir $(BENCH_JSON))
	$(Q)$(BENCH) --json $(BENCH_JSON)
