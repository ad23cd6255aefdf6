#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What every source file keeps to; shellcheck where it is installed.
set -u
cd "$(dirname "$0")/.." || exit 2
status=0
complain() {
	sed "s|\$|: $1|"
	status=1
}
mapfile -t sources < <(
	find lib x86 host scripts configure Makefile run_tests.sh x86-run .ci/run \
	-type f \( -name '*.[chS]' -o -name '*.sh' -o -name '*.mk' -o -name '*.lds' \
	-o -name configure -o -name Makefile -o -name x86-run -o -path .ci/run \) | sort)
mapfile -t scripts < <(printf '%s\n' "${sources[@]}" |
	grep -E '\.sh$|^configure$|^x86-run$|^\.ci/run$')

for file in "${sources[@]}"; do
	head -n 2 "$file" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' ||
		{ echo "$file:1: no SPDX line"; status=1; }
done
if found=$(grep -nE '[[:space:]]+$' "${sources[@]}"); then
	complain 'trailing white space' <<<"$found"
fi
lines_long() {
	for f; do
		expand "$f" | awk -v f="$f" 'length > 100 { print f ":" NR }'
	done | grep .
}
if found=$(lines_long "${sources[@]}"); then
	complain 'longer than 100 columns' <<<"$found"
fi
word='TO''DO|FIX''ME|XX''X'
if found=$(grep -nwE "$word" "${sources[@]}"); then
	complain 'unfinished' <<<"$found"
fi
if command -v shellcheck >/dev/null; then
	shellcheck "${scripts[@]}" || status=1
else
	echo "shellcheck is not installed: scripts were not checked"
fi
exit $status
