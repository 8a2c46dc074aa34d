# SPDX-License-Identifier: MIT
#
# The benchmark: build/$(MODE)/bench/bench, and the programs it starts to measure calls that are
# none of ours, and other libraries.

BENCH_SRC := $(sort $(filter-out tests/bench/strangers.cc,$(wildcard tests/bench/*.cc)))
BENCH_OBJ := $(BENCH_SRC:%.cc=$(O)/obj/%.o)
BENCH := $(O)/bench/bench
STRANGERS := $(O)/bench/strangers
PEERS_SRC := $(sort $(wildcard tests/bench/peers/*.cc)) tests/bench/sets.cc tests/bench/support.cc
PEERS_OBJ := $(PEERS_SRC:%.cc=$(O)/obj/%.o)
PEERS := $(O)/bench/peers
BENCH_JSON ?= build/bench.json
BENCH_SVG ?= build/bench.svg
BENCH_OPTIONS ?=

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

# Not linked to the library either. libev comes last: it has functions of libevent's names, too.
$(PEERS): $(PEERS_OBJ)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(SANITIZE) $(LDFLAGS) -o $@ $(PEERS_OBJ) -levent_core -luv -lev

.PHONY: bench bench-build bench-programs test-bench
bench-build: $(BENCH) $(STRANGERS) $(PEERS) $(PRELOAD) $(LAUNCHER)

BENCH_ROWS := $(O)/bench/rows.json
BENCH_PROGRAMS := $(O)/bench/programs.json

# The packages come first: without the peers' it cannot be built.
bench: ## install what is missing, measure beside references in the same run, write build/bench.json and .svg
	$(Q)packaging/deps.sh build demo bench
	$(Q)$(AGAIN) bench-build
	$(Q)$(BENCH) $(BENCH_OPTIONS) --json $(BENCH_ROWS)
	$(Q)O=$(O) tests/bench/programs.py --json $(BENCH_PROGRAMS)
	@printf '\n'
	$(Q)tests/bench/report.py --json $(BENCH_JSON) --svg $(BENCH_SVG) $(BENCH_ROWS) $(BENCH_PROGRAMS)

bench-programs: ## the part of make bench with Redis and nginx on event ports and on epoll
	$(Q)packaging/deps.sh build demo bench
	$(Q)$(AGAIN) all
	@mkdir -p $(dir $(BENCH_PROGRAMS))
	$(Q)O=$(O) tests/bench/programs.py --json $(BENCH_PROGRAMS)
	$(Q)tests/bench/report.py $(BENCH_PROGRAMS)

test-bench: $(BENCH) ## the benchmark's list of rows, and its report
	$(Q)BENCH=$(BENCH) $(PYTHON) -B -m pytest -q -p no:cacheprovider tests/bench/test_report.py
