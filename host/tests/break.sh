#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Deliberate faults: listed, documented, refused if unknown, and noticed.
set -u
cd "$(dirname "$0")/../.." || exit 2
flatbed=build/host/flatbed
out=$(mktemp -d) || exit 2
trap 'rm -rf "$out"' EXIT
bad=0
complain() {
	echo "$*"
	bad=1
}

$flatbed vm --break help >"$out/help" || complain "--break help fails"
[[ $(wc -l <"$out/help") -ge 25 ]] || complain "only $(wc -l <"$out/help") faults"
diff <(sed -n '/^| fault/,$p' docs/deliberate-faults.md) <($flatbed vm --break markdown) ||
	complain "docs/deliberate-faults.md has another table"
while read -r wrong why; do
	$flatbed vm x86/victim.flat --break "$wrong" 2>"$out/text"
	[[ $? -eq 2 ]] || complain "--break $wrong: not refused"
	grep -q "$why" "$out/text" || { complain "--break $wrong:"; cat "$out/text"; }
done <<'END'
nonsense	no such fault
cr4-umib	did you mean 'cr4-umip'
cr4-umip@0	no number from 1
cr4-umip@x	no number from 1
END

# A fault, and a TEST that must notice: IMAGE TEST, or none that may.
run() {	# fault, image, words
	timeout 60 $flatbed vm "x86/$2.flat" -cpu max -smp 2 --break "$1" -append "$3" \
		--timeout 20 >"$out/console" 2>"$out/text"
}
# Where KVM has no breakpoints, what needs them is refused, and nothing else is.
untold() {	# fault
	grep -q 'this KVM has no breakpoints' "$out/text" || return
	[[ $($flatbed vm --break means | sed -n "s/^$1 //p") == entry && ! -s $out/console ]] ||
		complain "$1: refused for want of breakpoints"
	echo "SKIP: $1 (this KVM has no breakpoints)"
}
while read -r fault image tests; do
	run "$fault" "$image" "$tests"
	untold "$fault" && continue
	grep -q '^wrong on purpose' "$out/text" || complain "$fault: never told in $image: $tests"
	grep -q '^FAIL:' "$out/console" || complain "$fault: not noticed by $image: $tests"
done <<'END'
pf-error-code	selftest	page_faults
error-code-gained	umip	on
frame-cpl	umip	off
nmi-lost	selftest	nmi
wrmsr-lost	selftest	with_msr
rdmsr-flip	selftest	with_msr
END
for control in control-plain control-rest control-msr control-entry; do
	run $control selftest 'faults page_faults with_msr'
	untold $control && continue
	grep -q '^FAIL:' "$out/console" && complain "$control is no honest control"
	grep -q '^SUMMARY: 3 tests$' "$out/console" || complain "$control: does not get through"
done
# On one occasion only.
run rdmsr-flip@2 selftest with_msr
grep -q '^wrong on purpose 1 times' "$out/text" || complain "@2: not once"

# What it is all for: one TEST notices a fault, and all its checks can fail.
timeout 60 $flatbed vm x86/umip.flat -cpu max -append on >"$out/console"
if grep -q '^SKIP: on' "$out/console"; then
	echo "SKIP: prove (this CPU has no UMIP)"
	exit $bad
fi
export PROVE_DIR=$out/prove CASES=umip FAULTS="cr4-umip avx-lost"
scripts/prove.sh >"$out/proof" 2>"$out/text" ||
	complain "prove fails: $(tail -n 1 "$out/text")"
tr -d '`' <"$out/proof" >"$out/plain"
# Its bug is the one of x86/known-failures/kvm_intel.cfg.
grep -qxF '| umip: on | cr4-umip | 7 of 7 | yes |' "$out/plain" ||
	{ complain "another proof of umip: on"; cat "$out/proof"; }
grep -qxF '| umip: off |  | 2 of 2 |  |' "$out/plain" || complain "another proof of umip: off"
exit $bad
