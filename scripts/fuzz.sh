#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Runs fuzzers that `make fuzz-programs` has built, from the kept corpus, which is a line of
# hexadecimal an input in host/fuzz/corpus/NAME.  What they find stays in build/fuzz/found/;
# where that folder is read-only, in a lab, nowhere.
# Usage: [FUZZ_SECONDS=60 | FUZZ_RUNS=N] scripts/fuzz.sh NAME…
#        scripts/fuzz.sh --keep NAME…    the kept corpus anew, from all that was found
set -u
cd "$(dirname "$0")/.." || exit 2
# The machine's process ends with its machine, and gives nothing back.
export ASAN_OPTIONS=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}
out=build/fuzz
[[ -w $out ]] || { out=$(mktemp -d) && trap 'rm -rf "$out"' EXIT; } || exit 2
most=1024		# bytes of an input
bad=0

unpack() {	# name
	local line number=0
	rm -rf "$out/corpus/$1"
	mkdir -p "$out/corpus/$1" "$out/found/$1" || exit 2
	[[ -f host/fuzz/corpus/$1 ]] || return
	sed 's/../\\x&/g' "host/fuzz/corpus/$1" | while read -r line; do
		# shellcheck disable=SC2059 # the format is the bytes
		printf "$line" >"$out/corpus/$1/$number"
		number=$((number + 1))
	done
}

keep() {	# name
	local file
	unpack "$1"
	rm -rf "$out/merged/$1"
	mkdir -p "$out/merged/$1" host/fuzz/corpus
	"build/fuzz/fuzz_$1" -merge=1 -max_len=$most "$out/merged/$1" \
		"$out/corpus/$1" "$out/found/$1" >/dev/null 2>&1 || return 1
	for file in "$out/merged/$1"/*; do
		od -An -v -tx1 "$file" | tr -d ' \n'
		echo
	done | sort >"host/fuzz/corpus/$1"
	wc -l "host/fuzz/corpus/$1"
}

run() {	# name
	local limit=(-max_total_time="${FUZZ_SECONDS:-60}")
	[[ -n ${FUZZ_RUNS-} ]] && limit=(-runs="$FUZZ_RUNS")
	unpack "$1"
	if "build/fuzz/fuzz_$1" "${limit[@]}" -max_len=$most -timeout=10 -print_final_stats=1 \
		-artifact_prefix="$out/$1-" "$out/found/$1" "$out/corpus/$1" \
		>"$out/$1.log" 2>&1; then
		echo "PASS: fuzz_$1 ($(sed -n 's/^stat::number_of_executed_units: *//p' \
			"$out/$1.log") inputs)"
	else
		echo "FAIL: fuzz_$1"
		grep -aE 'ERROR|runtime error|SUMMARY|Test unit written' "$out/$1.log" |
			sed 's/^/    /' | head -n 8
		return 1
	fi
}

keeping=
[[ ${1-} == --keep ]] && { keeping=y; shift; }
for name; do
	if [[ -n $keeping ]]; then
		keep "$name" || bad=1
	else
		run "$name" || bad=1
	fi
done
exit $bad
