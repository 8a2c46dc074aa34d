# SPDX-License-Identifier: MIT
#
# Programs that have nothing to do with event ports, without the preload object and with it. The
# scripts beside this file do the work, and fetch what they take from Debian.

.PHONY: test-transparency test-transparency-quick test-glibc-rt
SUITES ?=#     of test-transparency: glibc_rt cpython redis postgresql stress_ng
test-transparency: all ## other people's programs and tests, without and with the preload object (SUITES="cpython ...")
	$(Q)O=$(O) tests/transparency/run.sh full $(SUITES)

test-transparency-quick: all ## the part of test-transparency that takes less than two minutes
	$(Q)$(PYTHON) -B -m pytest -q -p no:cacheprovider tests/transparency/test_compare.py
	$(Q)O=$(O) tests/transparency/run.sh quick $(SUITES)

test-glibc-rt: all ## glibc's own tests, without and with the preload object
	$(Q)O=$(O) tests/transparency/run.sh full glibc_rt
