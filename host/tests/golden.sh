#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Golden runs: the runner against scripted VMMs that do what VMMs should not.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d) || exit 2
trap 'rm -rf "$tree"' EXIT
cd "$tree" || exit 2
mkdir x86
cp "$top/config.mak" .

# The image's name says what its machine does.
cat >qemu <<'EOF'
#!/bin/bash
case $1 in
--help | -h) echo "QEMU emulator, a fake"; exit ;;
--version) echo "QEMU emulator version 7.2.0"; exit ;;
esac
while [[ $# -gt 0 && $1 != -kernel ]]; do shift; done
image=${2##*/}
case ${image%.flat} in
pass)	echo "PASS: a"; echo "SUMMARY: 1 tests"; exit 1 ;;
fail)	echo "FAIL: a"; echo "SUMMARY: 1 tests, 1 unexpected failures"; exit 3 ;;
skip)	echo "SKIP: a"; echo "SUMMARY: 1 tests, 1 skipped"; exit 77 ;;
liar)	echo "FAIL: a"; echo "SUMMARY: 1 tests, 1 unexpected failures"; exit 1 ;;
abort)	echo "ABORT: no"; exit 127 ;;
crash)	echo "PASS: a"; kill -SEGV $$ ;;
hang)	echo "PASS: a"; echo $$ >hang.pid; exec sleep 100 ;;
deaf)	trap '' TERM INT; echo "PASS: a"; echo $$ >hang.pid
	while :; do sleep 0.1; done ;;
error)	echo "qemu: cannot allocate memory" >&2; exit 1 ;;
nocpu)	echo "qemu: unable to find CPU model 'nonsense'" >&2; exit 1 ;;
warns)	echo "qemu: warning: TCG is slow" >&2
	echo "PASS: a"; echo "SUMMARY: 1 tests"; exit 1 ;;
bare)	echo "PASS: a"; exit 1 ;;
flood)	yes "PASS: a" | head -n 200000; echo "SUMMARY: 200000 tests"; exit 1 ;;
garbage)
	head -c 5000 /dev/urandom
	echo; echo "PASS: a"; echo "SUMMARY: 1 tests"; exit 1 ;;
half)	printf 'PASS: a\nSUMM'; exit 1 ;;
silent)	exit 0 ;;
esac
EOF
chmod +x qemu
for name in pass fail skip liar abort crash hang flood garbage half silent \
		error nocpu warns bare deaf; do
	printf '\177ELF not an image of ours' >"x86/$name.flat"
	printf '[%s]\nfile = %s.flat\n' "$name" "$name"
	[[ $name == hang || $name == deaf ]] && echo 'timeout = 1'
	echo
done >x86/unittests.cfg
printf '[missing]\nfile = missing.flat\n\n[broken]\nfile = pass.flat\nnonsense = 1\n' \
	>>x86/unittests.cfg

run() {
	QEMU=$tree/qemu ACCEL=tcg "$top/build/host/flatbed" suite --color=never "$@"
}
run >out 2>err
status=$?
# Behind a name without a summary stands a blank: parsers of old know it so.
sed 's/_$//' >want <<'EOF'
PASS pass (1 tests)
FAIL fail (1 tests, 1 unexpected failures)
SKIP skip (1 tests, 1 skipped)
FAIL liar (the image left with success, but a result line says otherwise)
FAIL abort _
FAIL crash (terminated on SIGSEGV)
FAIL hang (timeout; duration=1)
PASS flood (200000 tests)
PASS garbage (1 tests)
PASS half _
FAIL silent _
FAIL error (error: qemu: cannot allocate memory)
SKIP nocpu (qemu: unable to find CPU model 'nonsense')
PASS warns (1 tests)
PASS bare _
FAIL deaf (timeout; duration=1)
FAIL missing (error: x86/missing.flat is not built; run make)
PASS broken (1 tests)
EOF
bad=0
same() {	# what, wanted, got: files
	diff "$2" "$3" || { echo "$1: wanted (<) and printed (>) differ"; bad=1; }
}
same "stdout of a suite" want out
# Several at once: the same lines, each whole, in any order.
run -j 3 >out3 2>/dev/null
same "stdout with -j 3" <(sort want) <(sort out3)
kill -0 "$(<hang.pid)" 2>/dev/null && { echo "a VMM outlived its timeout"; bad=1; }
[[ $status -eq 1 ]] || { echo "status $status, not 1"; bad=1; }
grep -q 'unittests.cfg:[0-9]*:.*nonsense' err || { echo "no word of the unknown key"; bad=1; }

run pass >/dev/null 2>&1 || { echo "one green case: status $?"; bad=1; }
run pass nobody >/dev/null 2>&1
[[ $? -eq 2 ]] || { echo "an unknown name is not status 2"; bad=1; }
run --nonsense >/dev/null 2>&1
[[ $? -eq 2 ]] || { echo "an unknown option is not status 2"; bad=1; }
[[ $(run -l | head -n 3 | tr '\n' ' ') == "pass fail skip " ]] || { echo "-l differs"; bad=1; }
cat >want-tap <<'EOF'
TAP version 13
ok 1 - pass: a
not ok 2 - fail: a
ok 3 - skip: a # skip
ok 4 - crash: a
not ok 5 - crash: terminated on SIGSEGV
1..5
EOF
run -t pass fail skip crash >out-tap 2>/dev/null
same "TAP" want-tap out-tap

# One image: its status is the verdict.
while read -r name want; do
	TIMEOUT=1 QEMU=$tree/qemu ACCEL=tcg "$top/build/host/flatbed" run \
		"x86/$name.flat" >run.out 2>run.err </dev/null
	got=$?
	[[ $got -eq $want ]] || { echo "flatbed run $name: status $got, not $want"; bad=1; }
done <<'EOF'
pass	0
fail	3
skip	77
liar	3
abort	127
crash	139
hang	124
silent	1
error	1
half	0
nothere	2
EOF
for log in logs/runs/*/garbage.log; do
	iconv -f UTF-8 -t UTF-8 "$log" >/dev/null 2>&1 || { echo "$log is not UTF-8"; bad=1; }
done
[[ -s logs/pass.log ]] || { echo "no log under its known name"; bad=1; }
grep -qs 'PASS: a' logs/runs/*/flood.log || { echo "an earlier run's log is gone"; bad=1; }

# Interrupted: machines stop, what is known is told.
sed -i 's/^timeout = 1$/timeout = 60/' x86/unittests.cfg
QEMU=$tree/qemu ACCEL=tcg "$top/build/host/flatbed" suite --color=never pass hang \
	>out 2>/dev/null &
runner=$!
sleep 1
vmm=$(<hang.pid)
kill -INT $runner
wait $runner
[[ $? -eq 130 ]] || { echo "interrupted: not by SIGINT"; bad=1; }
kill -0 "$vmm" 2>/dev/null && { echo "a VMM outlived its runner"; bad=1; }
if ! grep -q '^PASS pass' out || ! grep -q '^FAIL hang (interrupted' out; then
	echo "an interrupted run does not tell what it knows"
	bad=1
fi
if (( bad )); then
	echo "--- stdout"; cat out; echo "--- stderr"; head -n 20 err
fi
exit $bad
