#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# flatbed bisect-run: each outcome's status, and a bisection that finds its commit.
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/fake.sh"
export QEMU=$tree/qemu ACCEL=tcg

fake good 1 'PASS: t\nPASS: u: v\nSUMMARY: 2 tests\n'
fake fails 3 'PASS: t\nFAIL: u: v\nSUMMARY: 2 tests, 1 unexpected failures\n'
fake skips 77 'SKIP: t\nSUMMARY: 1 tests, 1 skipped\n'
fake expected 1 'XFAIL: t\nPASS: u\nSUMMARY: 2 tests, 1 expected failures\n'
fake aborts 127 'ABORT: no\n'
fake hangs 1 ''
fake flaky 1 'PASS: t\nSUMMARY: 1 tests\n'
sed -i '/^\[hangs\]/a timeout = 1' x86/unittests.cfg
# It hangs, and it fails every other time.
# shellcheck disable=SC2016 # it is the VMM that expands it
sed -i 's|^cat |case $image in *hangs) sleep 20 ;; *flaky) echo >>count\
	(( $(wc -l <count) % 2 )) \|\| { echo "FAIL: t"; exit 3; } ;; esac\n&|' qemu

while read -r want words; do
	# shellcheck disable=SC2086 # words are meant
	"$flatbed" bisect-run --repeat=2 $words >out 2>err
	got=$?
	[[ $got -eq $want ]] || wrong "$words: status $got, not $want: $(cat err)"
	[[ -s out ]] && wrong "$words: something on standard output: $(cat out)"
done <<'EOT'
0	good
0	good:t
0	good:u
0	good:u:v
125	good:w
125	good:v
1	fails
0	fails:t
1	fails:u
125	skips
125	skips:t
0	expected
1	expected:t
0	expected:u
125	aborts
1	aborts --error-is-bad
1	hangs
1	flaky
125	nobody
1	good fails
125	good skips
1	skips fails
125
125	--repeat=0 good
125	--nonsense good
EOT
[[ -e logs || -e state/flatbed ]] && wrong "logs or a history: $(ls)"
# TEST names have blanks behind colons where people copy them from a log.
"$flatbed" bisect-run --repeat=1 'fails: u: v' >out 2>err
[[ $? -eq 1 ]] || wrong "a name with blanks"
"$flatbed" bisect-run hangs >out 2>err &
sleep 0.5
kill -INT $! $(pgrep -P $!)
wait $!
[[ $? -ge 128 ]] || wrong "interrupted, and the bisection would go on"

# A repository whose VMM breaks at the sixth of ten commits; the fourth does not build.
mkdir repository && cd repository || exit 2
export GIT_CONFIG_GLOBAL=/dev/null HOME=$tree
git init -q . && git config user.name T && git config user.email t@example.org
for n in 1 2 3 4 5 6 7 8 9 10; do
	echo $n >number
	case $n in 4) echo exit 1 >build ;; *) echo true >build ;; esac
	case $n in 6) touch broken ;; esac
	git add -A && git commit -qm "commit $n"
done
cat >../step <<EOT
#!/bin/sh
sh ./build || exit 125
if [ -f broken ]; then cp ../x86/fails.out ../x86/good.out; echo 3 >../x86/good.status
else printf 'PASS: t\nPASS: u: v\nSUMMARY: 2 tests\n' >../x86/good.out
echo 1 >../x86/good.status; fi
cd .. && exec $flatbed bisect-run --repeat=2 good:u
EOT
chmod +x ../step
git bisect start HEAD HEAD~9 >out 2>&1
git bisect run ../step >out 2>&1 || wrong "git bisect run: $(cat out)"
grep -q '^    commit 6$' out || wrong "it finds another commit: $(cat out)"
exit $bad
