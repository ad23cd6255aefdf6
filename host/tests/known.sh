#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# flatbed known: what it proposes after a run, which is written here by hand.
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/fake.sh"

mkdir x86/known-failures
cat >x86/known-failures/tcg.cfg <<'EOT'
[a: recorded]
reason = it is known

[a: mended]
reason = it was known

[a: skipped]
reason = the TEST does not run here

[a: mended: part]
reason = it depends
sometimes = the weather

[b: old: *]
reason = it was looked at once
expires = 2020-01-01
link = https://example.org/1

[b: nothing]

[a: moves]
perturbed = migrate
reason = it goes with the VM
EOT
head='kind=tcg\tarch=x86_64\tbackend=qemu'
{
	printf 'flatbed-results\t1\nrun\tid=by-hand\n'
	printf 'case\tname=a1\timage=x86/a.flat\tverdict=FAIL\ttext=5 tests\t%b\n' "$head"
	for test in recorded mended skipped fails; do printf 'test\tname=%s\tword=-\n' $test; done
	printf 'test\tname=dies\n'
	printf 'result\ttest=0\tword=XFAIL\tpath=\treason=it is known\n'
	printf 'result\ttest=1\tword=PASS\tpath=part\n'
	printf 'result\ttest=1\tword=PASS\tpath=\n'
	printf 'result\ttest=2\tword=SKIP\tpath=\n'
	printf 'result\ttest=3\tword=FAIL\tpath=one\tcheck=0\tchecks=1\n'
	printf 'result\ttest=3\tword=FAIL\tpath=\tcheck=1\n'
	printf 'check\tfile=x86/a.c\tline=7\texpression=f()\texpected=#GP(0)\tgot=no fault\nend\n'
	printf 'case\tname=many\timage=x86/b.flat\tverdict=FAIL\ttext=10 tests\t%b\n' "$head"
	printf 'test\tname=wide\tword=FAIL\n'
	for i in 1 2 3 4 5 6 7 8 9; do printf 'result\ttest=0\tword=FAIL\tpath=%d\n' $i; done
	printf 'result\ttest=0\tword=FAIL\tpath=\nend\n'
	printf 'case\tname=a2\timage=x86/a.flat\tverdict=FAIL\ttext=2 tests\t%b\tperturbed=%s\n' \
		"$head" 'migrate state'
	printf 'test\tname=moves\tword=PASS\ntest\tname=stays\tword=FAIL\n'
	printf 'result\ttest=0\tword=PASS\tpath=\nresult\ttest=1\tword=FAIL\tpath=\nend\n'
} >results
"$flatbed" known >out 2>err || wrong "the list: status $?"
grep -qF 'known-failures/tcg.cfg:1: [a: recorded] on tcg: it is known' out ||
	wrong "list: $(cat out)"
grep -qF '[a: moves] on tcg, perturbed by migrate: it goes with the VM' out ||
	wrong "list: $(cat out)"
grep -qF '[b: old: *] on tcg, expired: it was looked at once https://example.org/1' out ||
	wrong "list: $(cat out)"
grep -qF 'tcg.cfg:14: it expired on 2020-01-01; the entry counts no more' err ||
	wrong "$(cat err)"
grep -qF 'tcg.cfg:19: it has no reason; the entry counts no more' err || wrong "$(cat err)"

"$flatbed" known --update results >out 2>err || wrong "a proposal: status $?: $(cat err)"
# A tab stands behind "# ", which here is _.
sed 's/^# _/# \t/' >want <<'EOT'

# x86/known-failures/tcg.cfg:4: [a: mended] passes: take it out
# x86/known-failures/tcg.cfg:14: [b: old: *] has expired: look at it again

[a: fails: one]
# case a1: FAIL: 5 tests
# x86/a.c:7: f()
# _expected #GP(0)
# _got      no fault
reason =

[a: dies]
# case a1: FAIL: 5 tests
# it began, and never ended
reason =

[b: wide]
# case many: FAIL: 10 tests
reason =

[a: stays]
# case a2: FAIL: 2 tests
perturbed = migrate state
reason =
EOT
proposed=x86/known-failures/tcg.cfg.proposed
grep -v '^# \(A proposal\|Review\|entry\)' $proposed | diff want - || bad=1
grep -qF "$proposed: 4 that fail and are not recorded, 2 recorded to look at again" out ||
	wrong "$(cat out)"
# A proposal does not count, and neither do its entries before they have a reason.
"$flatbed" known 2>&1 | grep -q dies && wrong "a proposal is read"
cp $proposed x86/known-failures/kvm.cfg
"$flatbed" known 2>&1 >/dev/null | grep -c 'it has no reason' | grep -qx 5 ||
	wrong "entries without a reason count"
"$flatbed" known --update nowhere >out 2>err && wrong "a run that is not there: status 0"
exit $bad
