# SPDX-License-Identifier: MIT
#
# Fuzzing with libFuzzer: the harnesses, linked with a copy of the runtime that clang has compiled
# with the sanitizers; and the same with a defect planted in one file, which must be found.

CLANG ?= clang++
T ?= 60#             seconds per harness of `make fuzz`
FUZZ := $(O)/fuzz
FUZZ_CASES := segment bags calls guest
FUZZ_BIN := $(FUZZ_CASES:%=$(FUZZ)/%)
FUZZ_PLANTED := $(FUZZ_CASES:%=$(FUZZ)/planted-%)
FUZZ_OBJ := $(RUNTIME_SRC:%.cc=$(FUZZ)/obj/%.o)
# What looks at an illumos program before any of it runs.
FUZZ_GUEST := $(addprefix illumos/,elf/image.cc loader/mapping.cc link/guest.cc link/bind.cc link/stubs.cc)
FUZZ_OBJ_guest := $(FUZZ_GUEST:%.cc=$(FUZZ)/obj/%.o)
# A misaligned pointer of the program's is nothing that x86-64 or the kernel minds.
FUZZ_SANITIZE := address,undefined -fno-sanitize=alignment
FUZZ_FLAGS := -std=c++20 -O1 -g -Wall -fno-omit-frame-pointer -fno-sanitize-recover=undefined

# Which file gets the defect, and how: a check of its own is left out.
FUZZ_DEFECT_segment := libportc/core/segment.cc
FUZZ_PLANT_segment := s/bounded\(header_->high_water\)/uint32_t{header_->high_water}/
FUZZ_DEFECT_bags := libportc/core/passing.cc
FUZZ_PLANT_bags := s/^ *close_all\(given, .*//
FUZZ_DEFECT_calls := libportc/base/usermem.cc
FUZZ_PLANT_calls := s/^ *if \(!each_page\(low, high, page_writable\)\).*//
FUZZ_DEFECT_guest := illumos/link/guest.cc
FUZZ_PLANT_guest := s/^ *if \(size > segment\.p_memsz - .*//

$(FUZZ)/obj/%.o: %.cc
	$(call say,CLANG,$<)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS_ALL) $(FUZZ_FLAGS) -fno-exceptions -fno-rtti \
	  -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE) -c -o $@ $<

$(FUZZ)/obj/tests/fuzz/%.o: tests/fuzz/%.cc
	$(call say,CLANG,$<)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS_ALL) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE) -c -o $@ $<

.SECONDEXPANSION:
$(FUZZ_BIN): $(FUZZ)/%: $(FUZZ)/obj/tests/fuzz/%.o $(FUZZ_OBJ) $$(FUZZ_OBJ_$$*)
	$(call say,LINK,$@)
	$(Q)$(CLANG) -fsanitize=fuzzer,$(FUZZ_SANITIZE) -o $@ $^

# The check must be there to be left out.
$(FUZZ)/obj/planted-%.o: tests/fuzz/rules.mk $(RUNTIME_SRC)
	$(call say,CLANG,$@)
	@mkdir -p $(@D)
	$(Q)sed -E '$(FUZZ_PLANT_$*)' $(FUZZ_DEFECT_$*) > $(@:.o=.cc)
	$(Q)! cmp -s $(FUZZ_DEFECT_$*) $(@:.o=.cc)
	$(Q)$(CLANG) $(filter-out -MMD -MP,$(CPPFLAGS_ALL)) $(FUZZ_FLAGS) -Wno-unused -fno-exceptions \
	  -fno-rtti -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE) -c -o $@ $(@:.o=.cc)

$(FUZZ_PLANTED): $(FUZZ)/planted-%: $(FUZZ)/obj/tests/fuzz/%.o $(FUZZ)/obj/planted-%.o $$(FUZZ_OBJ) \
  $$(FUZZ_OBJ_$$*)
	$(call say,LINK,$@)
	$(Q)$(CLANG) -fsanitize=fuzzer,$(FUZZ_SANITIZE) -o $@ \
	  $(filter-out $(FUZZ_DEFECT_$*:%.cc=$(FUZZ)/obj/%.o),$^)

.PHONY: test-fuzz fuzz fuzz-build
fuzz-build: $(FUZZ_BIN) $(FUZZ_PLANTED)

test-fuzz: fuzz-build ## the corpora and a fixed number of runs beyond, and planted defects
	$(Q)tests/fuzz/check.sh $(FUZZ)

fuzz: $(FUZZ_BIN) ## fuzz shared memory, what sockets bring, calls, illumos files: T=seconds each
	$(Q)tests/fuzz/fuzz.sh $(FUZZ) $(T)
