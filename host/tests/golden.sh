#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Golden runs: all that a suite prints, in order, side by side, as TAP, and interrupted.
set -u
# shellcheck source=host/tests/fake.sh
. "$(dirname "$0")/fake.sh"

fake pass 1 'PASS: a\nSUMMARY: 1 tests\n'
fake fail 3 'FAIL: a\nSUMMARY: 1 tests, 1 unexpected failures\n'
fake skip 77 'SKIP: a\nSUMMARY: 1 tests, 1 skipped\n'
fake crash 139 'PASS: a\n'
fake deaf 1 'PASS: a\n'
fake missing 1 ''
rm x86/missing.flat
fake bare 1 'PASS: a\n'
printf 'nonsense = 1\n' >>x86/unittests.cfg
# It does not hear that it is to end.
cat >deaf <<'EOF'
[[ $image == *deaf ]] && { trap '' TERM INT; echo $$ >deaf.pid; while :; do sleep 0.1; done; }
EOF
sed -i '/^cat /r deaf' qemu
export TIMEOUT=1

# Behind a name without a summary stands a blank: parsers of old know it so.
sed 's/_$//' >want <<'EOF'
PASS pass (1 tests)
FAIL fail (1 tests, 1 unexpected failures)
SKIP skip (1 tests, 1 skipped)
FAIL crash (terminated on SIGSEGV)
FAIL deaf (timeout; duration=1)
FAIL missing (error: x86/missing.flat is not built; run make)
PASS bare _
EOF
same() {	# what, wanted, got: files
	diff "$2" "$3" || wrong "$1: wanted (<) and printed (>) differ"
}
suite >out 2>err
[[ $? -eq 1 ]] || wrong "a red run is not status 1"
same "stdout of a suite" want out
grep -q 'unittests.cfg:[0-9]*:.*nonsense' err || wrong "no word of the unknown key"
# Several at once: the same lines, each whole, in any order.
suite -j 3 >out3 2>/dev/null
same "stdout with -j 3" <(sort want) <(sort out3)
kill -0 "$(<deaf.pid)" 2>/dev/null && wrong "a VMM outlived its timeout"

suite pass >/dev/null 2>&1 || wrong "one green case: status $?"
suite --nonsense >/dev/null 2>&1
[[ $? -eq 2 ]] || wrong "an unknown option is not status 2"
[[ $(suite -l | head -n 3 | tr '\n' ' ') == "pass fail skip " ]] || wrong "-l differs"
cat >want-tap <<'EOF'
TAP version 13
ok 1 - pass: a
not ok 2 - fail: a
ok 3 - skip: a # skip
ok 4 - crash: a
not ok 5 - crash: terminated on SIGSEGV
1..5
EOF
suite -t pass fail skip crash >out-tap 2>/dev/null
same "TAP" want-tap out-tap
[[ -s logs/pass.log ]] || wrong "no log under its known name"
[[ $(cat logs/runs/*/deaf.log | grep -c 'PASS: a') -eq 2 ]] || wrong "an earlier log is gone"

# Interrupted: machines stop, what is known is told, and the signal is what ends us.
for signal in INT TERM HUP; do
	rm -f deaf.pid
	# Whoever runs this may ignore hangups, which the runner would heed.
	TIMEOUT=60 QEMU=$tree/qemu ACCEL=tcg env --default-signal=HUP \
		"$flatbed" suite --color=never pass deaf >out 2>/dev/null &
	runner=$!
	for ((i = 0; i < 200; i++)); do
		[[ -s deaf.pid ]] && break
		sleep 0.02
	done
	kill -$signal $runner
	{ wait $runner; } 2>/dev/null
	status=$?
	[[ $status -eq $((128 + $(kill -l $signal))) ]] || wrong "$signal: status $status"
	kill -0 "$(<deaf.pid)" 2>/dev/null && wrong "$signal: a VMM outlived its runner"
	diff out - <<'EOF' || wrong "$signal: an interrupted run does not tell what it knows"
PASS pass (1 tests)
FAIL deaf (interrupted)
EOF
done
exit $bad
