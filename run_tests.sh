#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The suite: run_tests.sh [OPTIONS] [CASE...]; --help says which.

here=${0%/*}
[ "$here" = "$0" ] && here=.
if [ ! -f config.mak ]; then
	if [ ! -f "$here/config.mak" ]; then
		echo "run ./configure && make first. See ./configure -h"
		exit 1
	fi
	cd "$here" || exit 2
	here=.
fi
for top in . "$here"; do
	[ -x "$top/build/host/flatbed" ] && exec "$top/build/host/flatbed" suite "$@"
done
echo "flatbed: build/host/flatbed is not there; run make" >&2
exit 2
