# SPDX-License-Identifier: MIT
#
# Guests to test illumos/ with: C programs compiled for the illumos ABI against our own header and
# start file, Go programs, and esbuild as npm publishes it.

GUESTS := $(O)/tests/illumos
GUEST_CC := clang --target=x86_64-pc-solaris2.11
GUEST_CFLAGS := -std=c11 -O1 -Wall -Wextra -Werror -nostdinc -fno-builtin -ffunction-sections \
  -Itests/illumos/c/include
C_GUESTS := $(patsubst tests/illumos/c/%.c,$(GUESTS)/c/%,$(sort $(wildcard tests/illumos/c/*.c)))
# What a guest is linked with are names only: the runtime does not look for these files.
STUB_LIBRARIES := $(addprefix $(GUESTS)/lib/,libc.so.1 libsocket.so.1 libnsl.so.1 libm.so.2 libsendfile.so.1 libkstat.so.1)

# The loader's. It imports a name that nobody has.
LOADER_GUEST := $(GUESTS)/loader/says
$(LOADER_GUEST): tests/illumos/loader/says.c $(GUESTS)/c/start.o $(STUB_LIBRARIES) tests/illumos/c/include/guest.h
	$(call say,GUEST,$@)
	@mkdir -p $(@D)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -fno-pic -c -o $@.o $<
	$(Q)ld.lld --unresolved-symbols=ignore-all -dynamic-linker /usr/lib/amd64/ld.so.1 -o $@ \
	  $(GUESTS)/c/start.o $@.o $(STUB_LIBRARIES)

# A Linux program for them to meet.
LINUX_PEER := $(GUESTS)/linux/port_peer

.PHONY: illumos-guests
.SECONDARY: $(STUB_LIBRARIES) $(GUESTS)/c/start.o
illumos-guests: $(C_GUESTS) $(LINUX_PEER)

$(GUESTS)/lib/%: $(SYMBOL_TABLES) $(ILLUMOS_GEN)
	$(call say,STUB,$@)
	@mkdir -p $(@D)
	$(Q)$(ILLUMOS_GEN) stubs $* $(SYMBOL_TABLES) > $@.S
	$(Q)$(GUEST_CC) -c -o $@.o $@.S
	$(Q)ld.lld -shared -soname $* -o $@ $@.o

$(GUESTS)/c/start.o: tests/illumos/c/start.S
	@mkdir -p $(@D)
	$(Q)$(GUEST_CC) -c -o $@ $<

# Every other one is position-independent, so that both kinds are tested.
GUEST_PIE := basics signals ports network relocations
$(GUESTS)/c/%: tests/illumos/c/%.c $(GUESTS)/c/start.o $(STUB_LIBRARIES) $(wildcard tests/illumos/c/include/*.h)
	$(call say,GUEST,$@)
	@mkdir -p $(@D)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) $(if $(filter $*,$(GUEST_PIE)),-fpie,-fno-pic) -c -o $@.o $<
	$(Q)ld.lld $(if $(filter $*,$(GUEST_PIE)),-pie) -dynamic-linker /usr/lib/amd64/ld.so.1 -o $@ \
	  $(GUESTS)/c/start.o $@.o $(STUB_LIBRARIES)

$(LINUX_PEER): tests/illumos/linux/port_peer.c $(LIB)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(HOSTED_CFLAGS) $(SANITIZE) -o $@ $< -L$(O)/lib -lportc -Wl,-rpath,$(abspath $(O)/lib)

# golang.org/x/sys comes from Debian, which lays its Go packages out for GOPATH.
GO_GUESTS := $(GUESTS)/go/works-illumos $(GUESTS)/go/works-solaris
$(GUESTS)/go/works-%: $(wildcard tests/illumos/go/works/*.go)
	$(call say,GO,$@)
	@mkdir -p $(@D)
	$(Q)cd tests/illumos/go/works && GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$(abspath build/go-cache) \
	  CGO_ENABLED=0 GOOS=$* GOARCH=amd64 go build -o $(abspath $@)

ESBUILD := build/esbuild
.PHONY: esbuild demo-illumos test-illumos test-illumos-esbuild test-illumos-c test-illumos-canaries test-illumos-loader test-illumos-go test-illumos-std
esbuild:
	$(Q)tests/illumos/esbuild/fetch.py $(ESBUILD)

test-illumos-c: all $(C_GUESTS) $(LINUX_PEER) ## illumos C programs
	$(Q)tests/illumos/run_guests.py $(LAUNCHER) $(C_GUESTS)

test-illumos-loader: all $(C_GUESTS) $(LOADER_GUEST) ## what the loader of illumos programs refuses, and by whom it is started
	$(Q)PORTC_BUILD=$(O) $(PYTHON) -B -m pytest -q -p no:cacheprovider $(if $(ONLY),-k '$(ONLY)') tests/illumos/loader

test-illumos-go: all $(GO_GUESTS) ## illumos Go programs
	$(Q)tests/illumos/run_guests.py $(LAUNCHER) $(GO_GUESTS)

# As illumos/rules.mk does it, but for the dependencies, and where libportc.so.1 is found.
CANARY_CXX = $(CXX) $(filter-out -MMD -MP,$(CPPFLAGS_ALL)) $(GUEST_CXXFLAGS)
CANARY_LINK = $(CC) $(filter-out $(LTO),$(RUNTIME_LDFLAGS)) -Wl,-rpath,$(abspath $(O)/lib) \
  -Wl,--version-script,illumos/runtime.map OBJECTS $(LIB) -lm
test-illumos-canaries: export CANARY_CXX := $(CANARY_CXX)
test-illumos-canaries: export CANARY_LINK := $(CANARY_LINK)
CANARY_LOADER_CXX = $(CXX) $(filter-out -MMD -MP,$(CPPFLAGS_ALL)) $(LOADER_CXXFLAGS)
CANARY_LOADER_LINK = $(CC) -nostdlib -static-pie -Wl,-z,text,-z,relro,-z,now,-z,noexecstack \
  -Wl,--gc-sections,--no-dynamic-linker,-e,portc_loader_entry OBJECTS
test-illumos-canaries: export CANARY_LOADER_CXX := $(CANARY_LOADER_CXX)
test-illumos-canaries: export CANARY_LOADER_LINK := $(CANARY_LOADER_LINK)
test-illumos-canaries: all $(C_GUESTS) $(LOADER_GUEST) ## planted defects that the tests of illumos programs must report
	$(Q)tests/illumos/canaries.py $(O) $(GUEST_OBJ) $(LOADER_OBJ)

test-illumos-esbuild: all esbuild ## the esbuild that npm publishes for illumos
	$(Q)PORTC_RUN=$(LAUNCHER) ESBUILD_FOLDER=$(ESBUILD) /usr/bin/python3 -B -m pytest -q -p no:cacheprovider \
	  tests/illumos/esbuild/test_esbuild.py

test-illumos: test-illumos-esbuild test-illumos-c test-illumos-canaries test-illumos-loader test-illumos-go test-illumos-std ## illumos programs, all of them

demo-illumos: ## fetch the published esbuild for illumos, and bundle and serve a project with it
	$(Q)packaging/deps.sh build illumos
	$(Q)$(MAKE) --no-print-directory all esbuild
	$(Q)packaging/demo_illumos.sh $(LAUNCHER) $(ESBUILD)

GO_PACKAGES ?=# packages of Go's standard library to test; empty: all of the list
test-illumos-std: all ## Go's standard library's own tests as illumos programs, compared
	$(Q)GOCACHE=$(abspath build/go-cache) tests/illumos/go_std.py build/go-std $(LAUNCHER) $(GO_PACKAGES)
