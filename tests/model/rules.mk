# SPDX-License-Identifier: MIT
#
# Models of protocols between threads and processes, checked in every order of their steps.

MODEL_FLAGS ?=#      of a larger search by check-model; see tests/model/check.sh

.PHONY: check-model
check-model: ## sleeping and waking, in every order of the steps (spin), and with planted defects
	$(Q)MODEL_FLAGS='$(MODEL_FLAGS)' tests/model/check.sh
