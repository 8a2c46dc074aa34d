# SPDX-License-Identifier: MIT
#
# What makes the library usable outside this tree: packages it needs, installation, the
# demonstration. The scripts beside this file do the work.

# portc-run looks for the preload object in ../lib/portc, seen from where it lies itself, and
# that stays right when LIBDIR is a distribution's architecture folder.
PRELOADDIR := $(abspath $(BINDIR)/../lib)/portc
PKGCONFIGDIR := $(LIBDIR)/pkgconfig
MAN_PAGES := $(sort $(wildcard man/*.[137]))

# Steps that run make again, for programs whose tools the step before may have installed.
AGAIN = $(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j2)

.PHONY: deps install uninstall format check-format demo demo-echo demo-programs
deps: ## install what the build and the tests need (Debian packages)
	$(Q)packaging/deps.sh

# --- installation ----------------------------------------------------------------------
# A path below PREFIX is written relative to ${prefix}, so that the file can be relocated.
PC_PATH = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))

# Without ldconfig the loader does not know a library that is new in /usr/local/lib. Packages, and
# installations by ordinary users, have to see to it themselves.
install: all ## install below DESTDIR and PREFIX
	$(Q)install -d "$(DESTDIR)$(BINDIR)" "$(DESTDIR)$(PRELOADDIR)" "$(DESTDIR)$(PKGCONFIGDIR)" \
	  "$(DESTDIR)$(INCLUDEDIR)" $(foreach n,1 3 7,"$(DESTDIR)$(MANDIR)/man$(n)")
	$(Q)install -m 755 $(LAUNCHER) "$(DESTDIR)$(BINDIR)"
	$(Q)install -m 644 $(LIB) $(O)/lib/libportc.a "$(DESTDIR)$(LIBDIR)"
	$(Q)ln -sf $(notdir $(LIB)) "$(DESTDIR)$(LIBDIR)/libportc.so"
	$(Q)install -m 644 $(PRELOAD) $(ILLUMOS_RUNTIME) "$(DESTDIR)$(PRELOADDIR)"
	$(Q)install -m 755 $(ILLUMOS_LOADER) "$(DESTDIR)$(PRELOADDIR)"
	$(Q)install -m 644 include/port.h "$(DESTDIR)$(INCLUDEDIR)"
	$(Q)$(foreach page,$(MAN_PAGES),install -m 644 $(page) \
	  "$(DESTDIR)$(MANDIR)/man$(patsubst .%,%,$(suffix $(page)))"; )
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(call PC_PATH,$(LIBDIR))|' \
	  -e 's|@INCLUDEDIR@|$(call PC_PATH,$(INCLUDEDIR))|' -e 's|@VERSION@|$(VERSION)|' \
	  packaging/portc.pc.in >"$(DESTDIR)$(PKGCONFIGDIR)/portc.pc"
	$(Q)chmod 644 "$(DESTDIR)$(PKGCONFIGDIR)/portc.pc"
	$(Q)if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" = 0 ]; then PATH="$$PATH:/sbin" ldconfig; fi

uninstall: ## remove what install put there
	$(Q)rm -f "$(DESTDIR)$(BINDIR)/$(notdir $(LAUNCHER))" \
	  $(foreach file,$(PRELOAD) $(ILLUMOS_RUNTIME) $(ILLUMOS_LOADER),"$(DESTDIR)$(PRELOADDIR)/$(notdir $(file))") \
	  $(foreach file,$(notdir $(LIB)) libportc.so libportc.a,"$(DESTDIR)$(LIBDIR)/$(file)") \
	  "$(DESTDIR)$(PKGCONFIGDIR)/portc.pc" "$(DESTDIR)$(INCLUDEDIR)/port.h" \
	  $(foreach page,$(notdir $(MAN_PAGES)),"$(DESTDIR)$(MANDIR)/man$(patsubst .%,%,$(suffix $(page)))/$(page)")
	$(Q)if [ -d "$(DESTDIR)$(PRELOADDIR)" ]; then \
	  rmdir --ignore-fail-on-non-empty "$(DESTDIR)$(PRELOADDIR)"; fi

# --- formatting ------------------------------------------------------------------------
# include/port.h is laid out by hand: it is read as documentation, and in the manner of C.
FORMAT_SOURCES = find conformance examples illumos interpose libportc packaging tests \
  \( -name '*.cc' -o -name '*.h' -o -name '*.c' \) -print0

format: ## lay out the sources with clang-format
	$(Q)packaging/deps.sh dev
	$(Q)$(FORMAT_SOURCES) | xargs -0 -r clang-format -i

check-format: ## fail if `make format` would change something
	$(Q)packaging/deps.sh dev
	$(Q)$(FORMAT_SOURCES) | xargs -0 -r clang-format --dry-run -Werror

# --- demonstration ---------------------------------------------------------------------
DEMO := $(O)/demo/echo_server $(O)/demo/echo_load

$(O)/obj/packaging/%.o: packaging/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(HOSTED_CFLAGS) -c -o $@ $<

$(O)/demo/echo_server: $(O)/obj/packaging/demo/echo_server.o $(LIB) $(O)/lib/libportc.so
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) $(LDFLAGS) -pthread -o $@ $< -L$(O)/lib -lportc \
	  -Wl,-rpath,'$$ORIGIN/../lib'

$(O)/demo/echo_load: $(O)/obj/packaging/demo/echo_load.o
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $<

demo-programs: all $(DEMO)

demo: ## install what is missing, build, and run Redis on event ports under load
	@echo '[1/5] checking for the packages that the build needs'
	$(Q)packaging/deps.sh build
	@echo '[2/5] building libportc'
	$(Q)$(AGAIN) demo-programs
	$(Q)O=$(O) packaging/demo.sh

demo-echo: demo-programs ## run the bundled echo server under load, without Redis
	$(Q)O=$(O) packaging/demo.sh echo

# --- tests -----------------------------------------------------------------------------
.PHONY: test-install
test-install: all ## install into a temporary folder and use what is there
	$(Q)MODE=$(MODE) O=$(O) VERSION=$(VERSION) MAKE="$(MAKE)" packaging/install_test.sh
