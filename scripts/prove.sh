#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Shows what each TEST notices: the suite under every deliberate fault of the embedded VMM,
# then with each check falsified.  Writes docs/proof.md (of chosen cases: build/prove/proof.md).
# What is there from an earlier call and not older than images and VMM is used again.
# Usage: [CASES="NAME…"] [FAULTS="NAME…"] [JOBS=N] scripts/prove.sh
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
groups=(short 1 10  medium 5 30  long 60 240)
declare -A members

# The suite, group by group; what came of it is in $out/NAME/*/results.
run() {	# name, variables
	local name=$1 dir group i
	shift
	for ((i = 0; i < ${#groups[@]}; i += 3)); do
		group=${groups[i]} dir=$out/$name/${groups[i]}
		[[ -n ${members[$group]-} ]] && run_group "${groups[i + 2]}" "$@"
	done
}
run_group() {	# limit, variables; of run()'s group in run()'s dir
	local limit=$1 wanted
	shift
	[[ -f $dir/done && ! $newest -nt $dir/done ]] &&
		[[ $(<"$dir/done") == "${members[$group]}" ]] && return
	rm -rf "$dir"
	mkdir -p "$dir" || exit 2
	say "$name, $group"
	read -ra wanted <<<"${members[$group]# }"
	env unittest_log_dir="$dir/logs" NO_COLOR=1 TIMEOUT="$limit" "$@" ./run_tests.sh \
		-j "$jobs" --no-history "${option[@]}" "${wanted[@]}" \
		>"$dir/out" 2>"$dir/err" </dev/null
	[[ $? -lt 2 || $? -eq 4 ]] || die "$name: the suite does not run: $(tail -n 1 "$dir/err")"
	cp "$dir/logs/latest/results" "$dir/results" || exit 2
	echo "${members[$group]}" >"$dir/done"
}

# Of a run: "cases" as NAME IMAGE SECONDS, or "tests" as IMAGE TEST WORD.
ask() {	# which, name of the run
	local file
	for file in "$out/$2"/*/results; do
		awk -F'\t' -v what="$1" -f scripts/prove.awk "$file"
	done
}

option=()
groups_all=("${groups[@]}")
groups=(all 0 0)	# no limit, as nothing is known yet
members[all]=" ${cases[*]-}"
run honest
groups=("${groups_all[@]}")
while read -r name _ seconds; do
	for ((i = 0; i < ${#groups[@]}; i += 3)); do
		(( seconds < groups[i + 1] )) || continue
		members[${groups[i]}]+=" $name"
		continue 2
	done
	say "left out, as it takes $seconds s: $name"
done < <(ask cases honest | sort)

for fault in control-plain control-rest control-msr control-entry "${faults[@]}"; do
	option=("--break=$fault")
	run "$fault"
done
# The N-th check site of each TEST, until no TEST has so many.
option=()
mutations=()
for as in 0 1 2; do
	for ((n = 1; n <= 128; n++)); do
		environment=$(realpath "$out")/environment
		printf 'FLATBED_MUTATE=%d\nFLATBED_MUTATE_AS=%d\n' $n $as >"$environment"
		run "mutate.$as.$n" KVM_UNIT_TESTS_ENV="$environment"
		grep -qas '^MUTATED: ' "$out/mutate.$as.$n"/*/logs/latest/*.log || break
		mutations+=("mutate.$as.$n")
	done
done

for name in honest control-plain control-rest control-msr control-entry; do
	ask tests $name | sed "s/^/$name /"
done >"$out/controls"
{
	$flatbed vm --break means | while read -r fault means; do
		[[ " ${faults[*]} " == *" $fault "* && $fault != control-* ]] || continue
		showed=$(grep -las '^flatbed: wrong on purpose' "$out/$fault"/*/logs/latest/*.log |
			wc -l)
		echo "fault $fault control-$means $showed"
		ask tests "$fault" | sed "s/^/test $fault /"
	done
	for name in "${mutations[@]}"; do
		# Logs are named by the case, and their lines by the TEST.
		ask cases "$name" | sed 's/^/case /'
		grep -aH '^MUTATED: ' "$out/$name"/*/logs/latest/*.log |
			sed "s|^.*/\([^/]*\)\.log:MUTATED: \([^:]*\): .*|mutated $name \1 \2|"
		ask tests "$name" | sed "s/^/after $name /"
	done
	grep -hE '^\[[^:]+: [^:]+' x86/known-failures/*.cfg |
		sed -E 's/^\[([^:]+): ([^]:]+).*/known \1 \2/' | sort -u
} >"$out/facts"
awk -v what=document -f scripts/prove.awk "$out/controls" "$out/facts" >"$out/proof.md" || exit 2
if [[ ${#cases[@]} -eq 0 ]]; then
	cp "$out/proof.md" docs/proof.md
	say "docs/proof.md is written"
else
	cat "$out/proof.md"
fi
