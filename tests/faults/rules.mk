# SPDX-License-Identifier: MIT
#
# Failing system calls: faults runs the library that is installed; planted-N is the same program
# with a defect of its own, which must be found.

FAULTS := $(O)/tests/faults
FAULTS_SRC := $(filter-out tests/faults/planted.c,$(sort $(wildcard tests/faults/*.c)))
FAULTS_HDR := $(wildcard tests/faults/*.h) include/port.h
FAULTS_DEFECTS := 1 2 3 4 5 6 7
FAULTS_PLANTED := $(FAULTS_DEFECTS:%=$(FAULTS)/planted-%)
FAULTS_COMPILE = $(CC) $(filter-out -MMD -MP,$(CPPFLAGS_ALL)) -DFAULTS_OBJECT='"libportc.so.1"' \
  $(HOSTED_CFLAGS) -pthread
FAULTS_LINK = $(SANITIZE) $(LDFLAGS) -L$(O)/lib -lportc -Wl,-rpath,'$$ORIGIN/../../lib'

$(FAULTS)/faults: $(FAULTS_SRC) $(FAULTS_HDR) $(LIB) $(O)/lib/libportc.so
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(FAULTS_COMPILE) -o $@ $(FAULTS_SRC) $(FAULTS_LINK)

$(FAULTS_PLANTED): $(FAULTS)/planted-%: $(FAULTS_SRC) tests/faults/planted.c $(FAULTS_HDR) $(LIB) \
    $(O)/lib/libportc.so
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(FAULTS_COMPILE) -DFAULTS_PLANTED=$* -o $@ $(FAULTS_SRC) tests/faults/planted.c \
	  $(FAULTS_LINK)

.PHONY: test-faults
test-faults: $(FAULTS)/faults $(FAULTS_PLANTED) ## each system call of each public call fails
	$(Q)$(PYTHON) -B tests/faults/run.py $(O)
