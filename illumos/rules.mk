# SPDX-License-Identifier: MIT
#
# Running illumos programs: the loader (ld.so.1) and the runtime (libportc-illumos.so).

ILLUMOS_LOADER := $(O)/lib/portc/ld.so.1
ILLUMOS_RUNTIME := $(O)/lib/portc/libportc-illumos.so
ILLUMOS_GEN := illumos/gen/gen.py
ILLUMOS_INC := $(O)/gen/illumos/tables

LOADER_SRC := $(sort $(wildcard illumos/loader/*.cc)) illumos/elf/image.cc
LOADER_OBJ := $(LOADER_SRC:%.cc=$(O)/obj/loader/%.o)
GUEST_SRC := $(sort $(wildcard illumos/elf/*.cc illumos/link/*.cc illumos/rt/*.cc))
GUEST_OBJ := $(GUEST_SRC:%.cc=$(O)/obj/%.o)
NUMBER_TABLES := $(sort $(wildcard illumos/tables/*.tab))
SYMBOL_TABLES := $(sort $(wildcard illumos/tables/symbols/*.tab))
GUEST_INC := $(NUMBER_TABLES:illumos/tables/%.tab=$(ILLUMOS_INC)/%.inc) \
  $(ILLUMOS_INC)/symbols.inc $(ILLUMOS_INC)/declarations.inc $(ILLUMOS_INC)/libraries.inc

all: $(ILLUMOS_LOADER) $(ILLUMOS_RUNTIME)
.SECONDARY: $(GUEST_INC)

$(ILLUMOS_INC)/symbols.inc: $(SYMBOL_TABLES) $(ILLUMOS_GEN)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(ILLUMOS_GEN) symbols $(SYMBOL_TABLES) > $@

$(ILLUMOS_INC)/declarations.inc: $(SYMBOL_TABLES) $(ILLUMOS_GEN)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(ILLUMOS_GEN) declarations $(SYMBOL_TABLES) > $@

$(ILLUMOS_INC)/libraries.inc: $(ILLUMOS_GEN)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(ILLUMOS_GEN) libraries > $@

$(ILLUMOS_INC)/%.inc: illumos/tables/%.tab $(ILLUMOS_GEN)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(ILLUMOS_GEN) numbers $< > $@

# Guests may call with any stack alignment (Go 1.26 does); the vectors' registers want sixteen.
# Neither optimised at link time, where gcc forgets about it, nor with calls in the place of returns.
GUEST_CXXFLAGS := $(filter-out $(LTO),$(RUNTIME_CXXFLAGS)) -mincoming-stack-boundary=3 -fno-optimize-sibling-calls -I$(O)/gen

$(O)/obj/illumos/%.o: illumos/%.cc | $(GUEST_INC)
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CPPFLAGS_ALL) $(GUEST_CXXFLAGS) -c -o $@ $<

$(ILLUMOS_RUNTIME): $(GUEST_OBJ) $(LIB) illumos/runtime.map
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out $(LTO),$(RUNTIME_LDFLAGS)) -Wl,-rpath,'$$ORIGIN/..' \
	  -Wl,--version-script,illumos/runtime.map -o $@ $(GUEST_OBJ) $(LIB) -lm

# No C library, no imports, no thread-local storage: it runs before anybody could provide them, and
# moves itself (main.cc). The sanitizers need all of these, so every mode has the same one.
LOADER_CXXFLAGS := -std=c++20 -O2 -g $(WARN) -Wconversion -ffreestanding -fno-exceptions -fno-rtti \
  -fno-stack-protector -fno-tree-loop-distribute-patterns -fpie -fvisibility=hidden \
  -fno-threadsafe-statics -fno-asynchronous-unwind-tables -ffunction-sections \
  -DPORTC_LIBDIR='"$(LIBDIR)"'

$(O)/obj/loader/%.o: %.cc
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CPPFLAGS_ALL) $(LOADER_CXXFLAGS) -c -o $@ $<

$(ILLUMOS_LOADER): $(LOADER_OBJ)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -nostdlib -static-pie -Wl,-z,text,-z,relro,-z,now,-z,noexecstack,--gc-sections \
	  -Wl,--no-dynamic-linker,-e,portc_loader_entry -o $@ $(LOADER_OBJ)
	$(Q)if readelf -rW $@ | grep R_X86_64 | grep -qv R_X86_64_RELATIVE; then \
	  echo "$@: has relocations that it does not apply to itself" >&2; rm -f $@; exit 1; fi
