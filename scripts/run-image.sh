#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# One image: x86/run x86/NAME.flat [VMM options].  x86-run, x86/run and those of the other
# architectures are links to this file.

here=${0%/*}
[ "$here" = "$0" ] && here=.
# Without a process of its own, where Linux is 6.1 or newer.
read -r machine 2>/dev/null </proc/sys/kernel/arch || machine=$(uname -m)
case $machine in armv*) machine=arm ;; esac
for top in "$here" "$here/.." .; do
	for flatbed in "$top/scripts/flatbed-$machine" "$top/build/host/flatbed"; do
		[ -x "$flatbed" ] && exec "$flatbed" run "$@"
	done
done
echo "flatbed: scripts/flatbed-$machine is not there; run ./configure && make" >&2
exit 2
