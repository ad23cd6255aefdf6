#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What every source file keeps to; shellcheck where it is installed.
# Usage: scripts/check-style.sh [TREE]
set -u
cd "${1:-$(dirname "$0")/..}" || exit 2
status=0
mapfile -t sources < <(
	find lib x86 api host scripts configure Makefile run_tests.sh .ci/run \
		-type f \( -name '*.[chS]' -o -name '*.sh' -o -name '*.mk' -o -name '*.lds' \
		-o -name configure -o -name Makefile \
		-o -path "scripts/lab*" -o -path .ci/run \) \
		2>/dev/null | sort)
mapfile -t scripts < <(printf '%s\n' "${sources[@]}" |
	grep -E '\.sh$|^configure$|^scripts/lab$|^\.ci/run$')

# One line of awk says what is wrong with one line; these words would find themselves.
unfinished='TO''DO|FIX''ME|XX''X'
LC_ALL=C awk -v unfinished="(^|[^A-Za-z_])($unfinished)([^A-Za-z_]|\$)" '
	function complain(what) { print FILENAME ":" FNR ": " what; bad = 1 }
	function columns(text,  n, at) {
		gsub(/[\200-\277]/, "", text)	# all but the first byte of a character
		for (n = 0; (at = index(text, "\t")); text = substr(text, at + 1)) {
			n += at - 1
			n += 8 - n % 8
		}
		return n + length(text)
	}
	FNR == 1 { at = /^#!/ ? 2 : 1 }
	FNR == at && !/SPDX-License-Identifier: BSD-2-Clause/ { complain("no SPDX line") }
	/[ \t\r]$/ { complain("white space at its end") }
	/^ *        / { complain("indented by blanks, not by tabs") }
	/ \t/ { complain("a blank in front of a tab") }
	columns($0) > 100 { complain("longer than 100 columns") }
	$0 ~ unfinished { complain("unfinished") }
	END { exit bad }' "${sources[@]}" || status=1

for file in "${sources[@]}"; do
	[[ -s $file && $(tail -c 1 "$file") != "" ]] &&
		{ echo "$file: no newline at its end"; status=1; }
done
for file in "${scripts[@]}"; do
	[[ -x $file ]] || { echo "$file: not executable"; status=1; }
done
if command -v shellcheck >/dev/null; then
	shellcheck "${scripts[@]}" || status=1
else
	echo "SKIP: shellcheck (not installed)"
fi
exit $status
