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
hang)	echo "PASS: a"; exec sleep 100 ;;
flood)	yes "PASS: a" | head -n 200000; echo "SUMMARY: 200000 tests"; exit 1 ;;
garbage)
	head -c 5000 /dev/urandom
	echo; echo "PASS: a"; echo "SUMMARY: 1 tests"; exit 1 ;;
half)	printf 'PASS: a\nSUMM'; exit 1 ;;
silent)	exit 0 ;;
esac
EOF
chmod +x qemu
for name in pass fail skip liar abort crash hang flood garbage half silent; do
	printf '\177ELF not an image of ours' >"x86/$name.flat"
	printf '[%s]\nfile = %s.flat\n' "$name" "$name"
	[[ $name == hang ]] && echo 'timeout = 1'
	echo
done >x86/unittests.cfg
printf '[missing]\nfile = missing.flat\n\n[broken]\nfile = pass.flat\nnonsense = 1\n' \
	>>x86/unittests.cfg

run() {
	QEMU=$tree/qemu ACCEL=tcg "$top/build/host/flatbed" suite --color=never "$@"
}
run >out 2>err
status=$?
cat >want <<'EOF'
PASS pass (1 tests)
FAIL fail (1 tests, 1 unexpected failures)
SKIP skip (1 tests, 1 skipped)
FAIL crash (terminated on SIGSEGV)
FAIL hang (timeout; duration=1)
PASS flood (200000 tests)
PASS garbage (1 tests)
PASS broken (1 tests)
EOF
bad=0
while read -r line; do
	grep -qxF "$line" out || { echo "missing: $line"; bad=1; }
done <want
for name in liar abort silent missing; do
	grep -q "^FAIL $name" out || { echo "not red: $name"; bad=1; }
done
[[ $(wc -l <out) -eq 13 ]] || { echo "$(wc -l <out) lines, not 13"; bad=1; }
[[ $status -eq 1 ]] || { echo "status $status, not 1"; bad=1; }
grep -q 'unittests.cfg:[0-9]*:.*nonsense' err || { echo "no word of the unknown key"; bad=1; }

run pass >/dev/null 2>&1 || { echo "one green case: status $?"; bad=1; }
run pass nobody >/dev/null 2>&1
[[ $? -eq 2 ]] || { echo "an unknown name is not status 2"; bad=1; }
run --nonsense >/dev/null 2>&1
[[ $? -eq 2 ]] || { echo "an unknown option is not status 2"; bad=1; }
[[ $(run -l | head -n 3 | tr '\n' ' ') == "pass fail skip " ]] || { echo "-l differs"; bad=1; }
run -t pass fail skip 2>/dev/null | tail -n 1 | grep -qx '1\.\.3' ||
	{ echo "TAP has no plan"; bad=1; }
[[ -s logs/pass.log ]] || { echo "no log under its known name"; bad=1; }
grep -qs 'PASS: a' logs/runs/*/flood.log || { echo "an earlier run's log is gone"; bad=1; }

# Interrupted: machines stop, what is known is told.
sed -i 's/^timeout = 1$/timeout = 60/' x86/unittests.cfg
QEMU=$tree/qemu ACCEL=tcg "$top/build/host/flatbed" suite --color=never pass hang \
	>out 2>/dev/null &
runner=$!
sleep 1
kill -INT $runner
wait $runner
[[ $? -eq 130 ]] || { echo "interrupted: not by SIGINT"; bad=1; }
if ! grep -q '^PASS pass' out || ! grep -q '^FAIL hang (interrupted' out; then
	echo "an interrupted run does not tell what it knows"
	bad=1
fi
if (( bad )); then
	echo "--- stdout"; cat out; echo "--- stderr"; head -n 20 err
fi
exit $bad
