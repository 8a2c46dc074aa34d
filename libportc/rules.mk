# SPDX-License-Identifier: MIT
#
# libportc.so.1, libportc.a and the preload object, from libportc/ and interpose/.

RUNTIME_SRC := $(sort $(wildcard libportc/*/*.cc))
WRAPPER_SRC := $(sort $(filter-out interpose/portc_run.cc,$(wildcard interpose/*.cc)))
RUNTIME_OBJ := $(RUNTIME_SRC:%.cc=$(O)/obj/%.o)
WRAPPER_OBJ := $(WRAPPER_SRC:%.cc=$(O)/obj/%.o)
LIB := $(O)/lib/libportc.so.1
PRELOAD := $(O)/lib/portc/portc-preload.so
LAUNCHER := $(O)/bin/portc-run

all: $(LIB) $(O)/lib/libportc.so $(O)/lib/libportc.a $(PRELOAD) $(LAUNCHER)

$(O)/obj/libportc/%.o: libportc/%.cc
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CPPFLAGS_ALL) $(RUNTIME_CXXFLAGS) -c -o $@ $<

$(O)/obj/interpose/%.o: interpose/%.cc
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CPPFLAGS_ALL) $(RUNTIME_CXXFLAGS) -c -o $@ $<

# A program that links libportc gets the wrappers from it; a preloaded program gets them from
# the preload object, which must come before libc in the lookup order. The state is always the
# library's: there is one copy of it in a process. It stays when whoever opened it closes it, as
# the ports do.
$(LIB): $(RUNTIME_OBJ) $(WRAPPER_OBJ) libportc/libportc.map
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(RUNTIME_LDFLAGS) -Wl,-soname,libportc.so.1 -Wl,-z,nodelete \
	  -Wl,--version-script,libportc/libportc.map -o $@ $(RUNTIME_OBJ) $(WRAPPER_OBJ)

$(O)/lib/libportc.so: $(LIB)
	$(Q)ln -sf libportc.so.1 $@

$(O)/lib/libportc.a: $(RUNTIME_OBJ)
	$(call say,AR,$@)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $(RUNTIME_OBJ)

$(PRELOAD): $(WRAPPER_OBJ) $(LIB)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(RUNTIME_LDFLAGS) -Wl,-rpath,'$$ORIGIN/..' -o $@ $(WRAPPER_OBJ) $(LIB)

$(LAUNCHER): $(O)/obj/interpose/portc_run.o $(O)/obj/illumos/elf/image.o
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^
