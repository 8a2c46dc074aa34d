# SPDX-License-Identifier: MIT
#
# Programs to learn from, linked with the library as it lies in $(O)/lib.

WATCH := $(O)/examples/watch

$(O)/examples/%: examples/%/watch.c $(LIB) $(O)/lib/libportc.so
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) -MF $@.d $(HOSTED_CFLAGS) $(LDFLAGS) -pthread -o $@ $< \
	  -L$(O)/lib -lportc -lrt -Wl,-rpath,'$$ORIGIN/../lib'

.PHONY: demo-watch
demo-watch: $(WATCH) ## watch one port handle files, timers, asynchronous I/O, a queue and a thread
	$(Q)examples/watch/demo.sh $(WATCH)
