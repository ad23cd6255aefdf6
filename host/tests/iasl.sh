#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# ACPI's own disassembler reads all of our tables without complaint, and its
# compiler takes back what it made of the AML.
# Usage: host/tests/iasl.sh TEST_ACPI
set -u
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
"$1" "$dir" || exit 1
cd "$dir" || exit 2
status=0
for table in *.dat; do
	if ! iasl -d "$table" >"$table.log" 2>&1 ||
		! grep -qE 'decoded$|^Disassembly completed$' "$table.log" ||
		grep -iE 'error|warning|invalid|unknown|checksum' "$table.log"; then
		echo "$table:"
		cat "$table.log"
		status=1
	fi
done
if ! iasl DSDT.dsl >DSDT.log 2>&1 || ! grep -q ' 0 Errors, 0 Warnings, 0 Remarks' DSDT.log; then
	cat DSDT.log
	status=1
fi
exit $status
