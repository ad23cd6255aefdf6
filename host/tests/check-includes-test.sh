#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The include check refuses a planted violation of each layer, and passes the tree.
set -u
cd "$(dirname "$0")/../.." || exit 2
tree=$(mktemp -d) || exit 2
trap 'rm -rf "$tree"' EXIT
cp -r lib x86 host "$tree"

scripts/check-includes.sh "$tree" || { echo "the tree itself is refused"; exit 1; }
planted() {
	cp "$tree/$1" "$tree/kept"
	echo "#include $2" >>"$tree/$1"
	if scripts/check-includes.sh "$tree" >"$tree/out"; then
		echo "$2 in $1 is not refused"
		exit 1
	fi
	grep -q "^$1:[0-9]*:.*not allowed" "$tree/out" || {
		echo "$2 in $1: refused without its place"
		exit 1
	}
	mv "$tree/kept" "$tree/$1"
}
planted lib/abi/host.h '<stddef.h>'
planted lib/x86/defs/msr.h '<stdint.h>'
planted lib/test.c '<apic.h>'
planted lib/x86/apic.c '"vmm/vm.h"'
planted x86/dummy.c '<abi/host.h>'
planted host/base/str.c '"vmm/vm.h"'
planted host/vmm/ram.c '"runner/plan.h"'
planted host/vmm/bus.c '"defs/msr.h"'
planted host/runner/cfg.c '"vmm/machine.h"'
