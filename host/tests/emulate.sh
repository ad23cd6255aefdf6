#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What writes to read-only pages, KVM's emulator executes: the guest says the same, by
# itself and beside others that change memory slots; and it was emulated indeed.
set -u
cd "$(dirname "$0")/../.." || exit 2
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
bad=0

# Status 1 is the debug-exit port's form of success.
vm() {
	build/host/flatbed vm --stats "$@" x86/realmode.flat -append calls \
		2>"$dir/err" </dev/null
	[[ $? -eq 1 ]]
}

vm >"$dir/whole" || { echo "it fails undisturbed"; bad=1; }
for others in '' ,slots:5,dirtylog:3 ,migrate:9,state:3; do
	vm --perturb="emulate:1$others" --seed=3 >"$dir/out" ||
		{ echo "emulate:1$others: it fails"; bad=1; }
	cmp "$dir/whole" "$dir/out" || bad=1
	grep -q '^[1-9][0-9]* writes emulated' "$dir/err" ||
		{ echo "emulate:1$others: nothing was emulated"; bad=1; }
done
exit $bad
