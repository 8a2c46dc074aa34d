# SPDX-License-Identifier: MIT
#
# Models of protocols between threads and processes, checked in every order of their steps.

.PHONY: check-model
check-model: ## the wake-up protocol, in every order of its steps (spin), and with planted defects
	$(Q)tests/model/check.sh
