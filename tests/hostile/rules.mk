# SPDX-License-Identifier: MIT
#
# Hostile holders of a port. The library with hooks is the storm's (tests/storm/rules.mk).

HOSTILE := $(O)/hostile/hostile
HOSTILE_LIB := $(O)/storm/lib/libportc.so.1
HOSTILE_OBJ := $(patsubst %.cc,$(O)/obj/%.o,$(sort $(wildcard tests/hostile/*.cc)))

$(HOSTILE_OBJ): $(O)/obj/%.o: %.cc
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CPPFLAGS_ALL) -DPORTC_KILL_POINTS $(HOSTED_CXXFLAGS) -fno-exceptions -c -o $@ $<

$(HOSTILE): $(HOSTILE_OBJ) $(HOSTILE_LIB)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(SANITIZE) $(LDFLAGS) -pthread -Wl,-rpath,'$$ORIGIN/../storm/lib' -o $@ \
	  $(HOSTILE_OBJ) $(HOSTILE_LIB)

.PHONY: test-hostile
test-hostile: $(HOSTILE) ## what a hostile holder of a port can do to the others, and planted defects
	$(Q)tests/hostile/check.sh $(HOSTILE)
