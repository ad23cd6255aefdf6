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
	# An installed tree stays as it is: logs go where the user is.
	if [ -w "$here" ]; then
		cd "$here" || exit 2
		here=.
	fi
fi
machine=$(uname -m)
case $machine in armv*) machine=arm ;; esac
for top in . "$here"; do
	for flatbed in "$top/scripts/flatbed-$machine" "$top/build/host/flatbed"; do
		[ -x "$flatbed" ] && exec "$flatbed" suite "$@"
	done
done
echo "flatbed: scripts/flatbed-$machine is not there; run make on such a machine" >&2
exit 2
