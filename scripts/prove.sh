#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Shows what each TEST notices: the suite with each check falsified, and the quick cases
# under every deliberate fault of the embedded VMM; the others under those that are still
# unnoticed then, or with ALL=1 under every one.  Writes docs/proof.md (of chosen cases:
# build/prove/proof.md).  What is there from an earlier call and not older than images and
# VMM is used again.
# Usage: [CASES="NAME…"] [FAULTS="NAME…"] [ALL=1] [JOBS=N] scripts/prove.sh
set -u
cd "$(dirname "$0")/.." || exit 2
out=${PROVE_DIR:-build/prove}
flatbed=build/host/flatbed
jobs=${JOBS:-$(nproc)}
read -ra cases <<<"${CASES-}"
read -ra faults <<<"${FAULTS-}"
mkdir -p "$out" || exit 2
say() { echo "prove: $*" >&2; }

die() {
	say "$*"
	exit 2
}
[[ -w /dev/kvm ]] || die "no /dev/kvm: only the embedded VMM can be wrong on purpose"
[[ ${#faults[@]} -gt 0 ]] ||
	mapfile -t faults < <($flatbed vm --break means | awk '$2 != "vmm" { print $1 }')
newest=$(find x86 -name '*.flat' -newer $flatbed | head -n 1)
: "${newest:=$flatbed}"

# Cases in groups by how long they take by themselves: a hang then costs no more than it
# must.  NAME, seconds up to which a case belongs to it, its time limit in seconds.
groups=(short 0.5 6  medium 5 30  long 60 240)
declare -A members limit

# Groups of the suite; what came of it is in $out/NAME/*/results.
run() {	# name, groups, variables
	local name=$1 group dir
	for group in $2; do
		dir=$out/$name/$group
		[[ -n ${members[$group]-} ]] && run_group "${@:3}"
	done
}
run_group() {	# variables; of run()'s group in run()'s dir
	local wanted
	[[ -f $dir/done && ! $newest -nt $dir/done ]] &&
		[[ $(<"$dir/done") == "${members[$group]}" ]] && return
	rm -rf "$dir"
	mkdir -p "$dir" || exit 2
	say "$name, $group"
	read -ra wanted <<<"${members[$group]# }"
	env -u TIMEOUT unittest_log_dir="$dir/logs" NO_COLOR=1 \
		${limit[$group]:+"TIMEOUT=${limit[$group]}"} "$@" \
		./run_tests.sh -j "$jobs" --no-history "${option[@]}" "${wanted[@]}" \
		>"$dir/out" 2>"$dir/err" </dev/null
	[[ $? -lt 2 || $? -eq 4 ]] || die "$name: the suite does not run: $(tail -n 1 "$dir/err")"
	cp "$dir/logs/latest/results" "$dir/results" || exit 2
	echo "${members[$group]}" >"$dir/done"
}
under() {	# fault, groups
	option=("--break=$1")
	run "$1" "$2"
	option=()
}

# Of a run: "cases" as NAME IMAGE SECONDS, or "tests" as IMAGE TEST WORD.
ask() {	# which, name of the run
	local file
	for file in "$out/$2"/*/results; do
		[[ -f $file ]] && awk -F'\t' -v what="$1" -f scripts/prove.awk "$file"
	done
}

mutated='^.*/([^/]*)\.log:MUTATED: ([^:]*): (.*): ([a-z]*)$'	# log, TEST, site, outcome
facts() {
	local name fault means showed
	for name in honest control-plain control-rest control-msr control-entry; do
		ask tests $name | sed "s/^/$name /"
	done >"$out/controls"
	{
		while read -r fault means; do
			[[ " ${faults[*]} " == *" $fault "* && $fault != control-* ]] || continue
			showed=$(grep -las '^flatbed: wrong on purpose' \
				"$out/$fault"/*/logs/latest/*.log | wc -l)
			echo "fault $fault control-$means $showed"
			ask tests "$fault" | sed "s/^/test $fault /"
		done < <($flatbed vm --break means)
		# Logs are named by the case, and their lines by the TEST.
		ask cases honest | sed 's/^/case /'
		grep -aH '^MUTATED: ' "$out"/falsified/*/logs/latest/*.log |
			sed -nE "s|$mutated|falsified \\1 \\2 \\4 \\3|p"
		ask tests falsified | sed 's/^/again /'
		grep -hE '^\[[^:]+: [^:]+' x86/known-failures/*.cfg |
			sed -E 's/^\[([^:]+): ([^]:]+).*/known \1 \2/' | sort -u
	} >"$out/facts"
}
answer() {	# document, unnoticed
	awk -v what="$1" -f scripts/prove.awk "$out/controls" "$out/facts"
}

option=()
members[all]=" ${cases[*]-}"	# no limit but the case's own
run honest all
while read -r name _ seconds; do
	for ((i = 0; i < ${#groups[@]}; i += 3)); do
		awk "BEGIN { exit !($seconds < ${groups[i + 1]}) }" || continue
		members[${groups[i]}]+=" $name"
		limit[${groups[i]}]=${groups[i + 2]}
		continue 2
	done
	say "left out, as it takes $seconds s: $name"
done < <(ask cases honest | sort)

environment=$(realpath "$out")/environment
echo FLATBED_MUTATE=1 >"$environment"	# of guests; programs of the host's have ours
for group in "${!limit[@]}"; do
	limit[$group]=$((limit[$group] * 5))
done
run falsified "short medium long" KVM_UNIT_TESTS_ENV="$environment" FLATBED_MUTATE=1
for group in "${!limit[@]}"; do
	limit[$group]=$((limit[$group] / 5))
done

for fault in control-plain control-rest control-msr control-entry "${faults[@]}"; do
	under "$fault" short
done
facts
if [[ -n ${ALL-} ]]; then
	left=("${faults[@]}")
else
	mapfile -t left < <(answer unnoticed)
fi
if [[ ${#left[@]} -gt 0 ]]; then
	for fault in control-plain control-rest control-msr control-entry "${left[@]}"; do
		under "$fault" "medium long"
	done
	facts
fi
answer document >"$out/proof.md" || exit 2
if [[ ${#cases[@]} -eq 0 ]]; then
	cp "$out/proof.md" docs/proof.md
	say "docs/proof.md is written"
else
	cat "$out/proof.md"
fi
