#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# One image as a standalone test: scripts/mkstandalone.sh x86/NAME.flat [CASE]
# writes tests/CASE, or tests/NAME.
set -u
if [[ $# -lt 1 || $# -gt 2 || $1 == -* ]]; then
	echo "usage: scripts/mkstandalone.sh IMAGE [NAME]" >&2
	exit 2
fi
top=$(cd "$(dirname "$0")/.." && pwd)
[[ -f config.mak ]] || cd "$top" || exit 2
"${MAKE:-make}" -s build/static/flatbed build-head || exit 2
exec build/static/flatbed standalone --image="$1" ${2:+"$2"}
