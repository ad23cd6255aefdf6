# SPDX-License-Identifier: BSD-2-Clause
#
# Tests of Flatbed itself.

.PHONY: check
check: all
	@scripts/check.sh
