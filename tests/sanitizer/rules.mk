# SPDX-License-Identifier: MIT
#
# Canaries: a sanitizer mode that does not see these bugs proves nothing about others.

SANITIZER_CASES := $(patsubst tests/sanitizer/%.c,%,$(sort $(wildcard tests/sanitizer/canary_*.c)))
SANITIZER_BIN := $(SANITIZER_CASES:%=$(O)/tests/sanitizer/%)
SANITIZER_PLAIN := $(SANITIZER_CASES:%=$(O)/tests/sanitizer/preloaded/%)

$(SANITIZER_BIN): $(O)/tests/sanitizer/%: tests/sanitizer/%.c $(LIB) $(O)/lib/libportc.so
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(HOSTED_CFLAGS) $(SANITIZE) $(LDFLAGS) -pthread -o $@ $< \
	  -L$(O)/lib -lportc -Wl,-rpath,'$$ORIGIN/../../lib'

# Without the sanitizer, and without the library.
$(SANITIZER_PLAIN): $(O)/tests/sanitizer/preloaded/%: tests/sanitizer/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) -std=c99 -O1 -g $(WARN) $(LDFLAGS) -pthread \
	  -Wl,--unresolved-symbols=ignore-all -Wl,-E -o $@ $<

.PHONY: test-canaries
test-canaries: $(SANITIZER_BIN) $(SANITIZER_PLAIN) $(PRELOAD) ## planted bugs that the sanitizer of this MODE must see
	$(Q)case $(MODE) in asan|tsan) ;; *) echo 'test-canaries needs MODE=asan or MODE=tsan' >&2; exit 2 ;; esac
	$(Q)tests/sanitizer/check.sh $(O) $(MODE) $(shell $(CC) -print-file-name=lib$(MODE).so)
