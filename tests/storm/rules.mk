# SPDX-License-Identifier: MIT
#
# The kill storm: a build of the library with hooks (libportc/base/kill_point.h), of its own, and
# the program that uses them. Nothing else is linked with these objects.

STEPS ?= 97#        of make test-storm-steps; 1 takes hours
STORM_SECONDS ?= 60
STORM_SEED ?=#  seed of a storm to repeat; the time of day if empty

STORM := $(O)/storm
STORM_LIB := $(STORM)/lib/libportc.so.1
STORM_RUNTIME_OBJ := $(RUNTIME_SRC:%.cc=$(STORM)/obj/%.o) $(WRAPPER_SRC:%.cc=$(STORM)/obj/%.o)
STORM_OBJ := $(patsubst %.cc,$(STORM)/obj/%.o,$(sort $(wildcard tests/storm/*.cc)))
STORM_BIN := $(STORM)/bin/storm

$(STORM_RUNTIME_OBJ): $(STORM)/obj/%.o: %.cc
	$(call say,CXX,$< (storm))
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CPPFLAGS_ALL) -DPORTC_KILL_POINTS $(RUNTIME_CXXFLAGS) -c -o $@ $<

# The hooks are the program's.
$(STORM_LIB): $(STORM_RUNTIME_OBJ) libportc/libportc.map
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(RUNTIME_LDFLAGS) -Wl,-z,undefs \
	  -Wl,-soname,libportc.so.1 -Wl,--version-script,libportc/libportc.map \
	  -o $@ $(STORM_RUNTIME_OBJ)

# The names of all points, as the sources have them.
$(STORM)/include/points.inc: $(RUNTIME_SRC)
	@mkdir -p $(@D)
	$(Q)grep -oh 'kill_point("[a-z_.]*")' $(RUNTIME_SRC) | sort -u | \
	  sed 's/kill_point(\(".*"\))/\1,/' > $@

$(STORM)/obj/tests/storm/points.o: $(STORM)/include/points.inc
$(STORM_OBJ): $(STORM)/obj/%.o: %.cc
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CPPFLAGS_ALL) -I$(STORM)/include -DPORTC_KILL_POINTS $(HOSTED_CXXFLAGS) \
	  -fno-exceptions -c -o $@ $<

$(STORM_BIN): $(STORM_OBJ) $(STORM_LIB)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(SANITIZE) $(LDFLAGS) -pthread -Wl,-rpath,'$$ORIGIN/../lib' -o $@ $(STORM_OBJ) $(STORM_LIB)

.PHONY: storm test-storm test-storm-steps
storm: $(STORM_BIN)

test-storm: $(STORM_BIN) ## kill processes that share ports, for a minute, and plant defects that must show
	$(Q)tests/storm/check.sh $(STORM_BIN) $(STORM_SECONDS) $(STORM_SEED)

# The library as it is shipped: no hook is needed to kill at an instruction.
test-storm-steps: $(STORM_BIN) $(LIB) ## kill a process at every STEPS-th instruction of each call
	$(Q)LD_LIBRARY_PATH=$(O)/lib $(STORM_BIN) --steps $(STEPS) $(if $(STORM_SEED),--seed $(STORM_SEED))
