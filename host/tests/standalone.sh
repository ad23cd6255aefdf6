#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Runners where this tree is not: standalone tests, and the files that people carry.
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/fake.sh"
static=$top/build/static/flatbed
[[ -x $static ]] || { echo "no $static: make build/static/flatbed"; exit 1; }

echo 01234567 >build-head
fake good 1 'PASS: a\nSUMMARY: 1 tests\n'
fake fails 3 'FAIL: a\nSUMMARY: 1 tests, 1 unexpected failures\n'
fake skips 77 'SKIP: a\nSUMMARY: 1 tests, 1 skipped\n'
fake aborts 127 'ABORT: no\n'
cat >>x86/unittests.cfg <<'EOT'
[asks]
file = good.flat
groups = nodefault

[other]
file = good.flat
arch = arm64

[sh/ape]
file = good.flat
extra_params = """-append "a b" \
-m 64"""
disabled_if = [[ "$ARCH" == none ]]

[missing]
file = missing.flat

[slow]
file = slow.flat
timeout = 1
EOT
cp x86/good.flat x86/slow.flat
"$static" standalone --runner="$static" >out 2>err || wrong "writing: $(cat err)"
for line in 'Written tests/good\.' 'Written tests/sh%2Fape\.' \
	'skip missing (test kernel not present)'; do
	grep -qx "$line" out || wrong "no '$line': $(cat out)"
done

# From now on there is neither tree nor configuration; the VMM is a stranger.
mkdir away
cp tests/* away/
cp qemu away/vmm
sed -i "s|^image=.*|image=$tree/x86/\$(basename \"\${2%.flat}\")|" away/vmm
cat >x86/slow.out <x86/good.out
cd away || exit 2
# shellcheck disable=SC2016 # it is the VMM that expands it
sed 's/^cat /case $image in *slow) sleep 20 ;; esac\ncat /' vmm >vmm.slow
mv vmm.slow vmm
chmod +x vmm
before=$(ls)
mkdir ../tmp
alone() {	# NAME: runs it with nothing of this shell's environment
	env -i PATH="$PATH" TMPDIR="$tree/tmp" QEMU=./vmm ACCEL=tcg "${@:2}" "./$1" \
		>../out 2>../err
}
while read -r name want line; do
	alone "$name" </dev/null
	got=$?
	[[ $got -eq $want ]] || wrong "$name: status $got, not $want: $(cat ../out)"
	sed 's/\x1b\[[0-9]*m//g' ../out | grep -qxF "$line" ||
		wrong "$name: no '$line': $(cat ../out)"
	sed -n 1p ../out | grep -qx 'BUILD_HEAD=01234567' || wrong "$name: no BUILD_HEAD"
done <<'EOT'
good	0	PASS good (1 tests)
fails	3	FAIL fails (1 tests, 1 unexpected failures)
skips	77	SKIP skips (1 tests, 1 skipped)
other	77	SKIP other (arm64 only)
sh%2Fape 0	PASS sh/ape (1 tests)
slow	124	FAIL slow (timeout; duration=1)
EOT
alone aborts </dev/null
[[ $? -eq 127 ]] || wrong "aborts: not status 127"
alone good
grep -q $'^\033\\[32mPASS\033\\[0m good' ../out || wrong "no colour into a pipe"
alone good NO_COLOR=1
grep -q $'\033' ../out && wrong "NO_COLOR: colour"
alone good HUSH=secret
grep -q secret ../out ../err && wrong "the environment is printed"
alone asks </dev/null
[[ $? -eq 77 ]] || wrong "nodefault: not status 77 when nobody says yes"
grep -q 'are you sure (y/N)? ' ../out || wrong "nodefault: it does not ask"
alone asks <<<y || wrong "nodefault: not run when somebody says yes"
./good --nonsense >../out 2>../err
[[ $? -eq 2 ]] || wrong "an argument: not status 2"
./good --help | grep -q '^Usage: ' || wrong "no help"
env -i PATH="$PATH" TMPDIR="$tree/tmp" QEMU=./vmm ACCEL=tcg TIMEOUT=60 ./slow \
	>../out 2>../err </dev/null &
sleep 1
kill -TERM $!
wait $!
[[ $? -eq 143 ]] || wrong "SIGTERM: it does not end by it"
[[ $(ls) == "$before" ]] || wrong "something was written to the current folder: $(ls)"
[[ -z $(ls ../tmp) ]] || wrong "something is left in TMPDIR: $(ls ../tmp)"
head -c -8 good >../cut
echo -n 99999999 >>../cut
chmod +x ../cut
../cut >../out 2>../err && wrong "a damaged file passes"
grep -q 'damaged' ../err || wrong "a damaged file: $(cat ../err)"

# What is carried to where the tests run.
cd "$tree" || exit 2
mkdir -p there/x86 there/scripts
cp "$top/run_tests.sh" config.mak build-head there/
cp "$top/scripts/flatbed-$(uname -m)" there/scripts/
cp "$top/x86/run" x86/unittests.cfg x86/*.flat there/x86/
cp away/vmm there/
cd there || exit 2
env -i PATH="$PATH" HOME="$tree" QEMU=./vmm ACCEL=tcg ./run_tests.sh --color=never good fails \
	>../out 2>../err
[[ $? -eq 1 ]] || wrong "carried: not status 1: $(cat ../err)"
grep -qx 'PASS good (1 tests)' ../out || wrong "carried: $(cat ../out ../err)"
env -i PATH="$PATH" HOME="$tree" QEMU=./vmm ACCEL=tcg ./x86/run x86/good.flat >../out 2>&1 ||
	wrong "carried: x86/run: $(cat ../out)"
# It needs the C library and nothing else that a machine may not have.
libraries=$(ldd "scripts/flatbed-$(uname -m)" | grep -vE 'linux-vdso|lib[cm]\.so|/ld-linux')
[[ -z $libraries ]] || wrong "the runner needs $libraries"
exit $bad
