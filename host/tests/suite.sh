#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What run_tests.sh is asked to do: which cases, in which order, how often, on which VMMs,
# and what becomes of a run that is stopped, paused or cannot write.
set -u
# shellcheck source=host/tests/fake.sh
. "$(dirname "$0")/fake.sh"

fake pass 1 'PASS: a\nSUMMARY: 1 tests\n'
fake pass2 1 'PASS: a\nSUMMARY: 1 tests\n'
fake fail 3 'FAIL: a\nSUMMARY: 1 tests, 1 unexpected failures\n'
fake flaky 1 ''
fake slow 1 'PASS: a\nSUMMARY: 1 tests\n'
fake many 1 'PASS: a\nSUMMARY: 1 tests\n'
printf 'smp = 4\nmemory = 256M\ngroups = big other\n' >>x86/unittests.cfg
# Every third time it passes; the slow one takes half a second.
cat >behaviour <<'EOT'
case $image in
*flaky)	n=$(($(cat count 2>/dev/null) + 1)); echo $n >count
	((n % 3)) && { echo "FAIL: a"; exit 3; }
	echo "PASS: a"; exit 1 ;;
*slow)	begun=$EPOCHREALTIME; sleep 0.5; echo "$begun $EPOCHREALTIME" >>moments ;;
esac
EOT
sed -i '/^image=/r behaviour' qemu

# gives STATUS 'LINES' ARGUMENT…: the status and the lines of standard output.
gives() {
	local status=$1 want=$2 got
	shift 2
	got=$(suite --no-history "$@" 2>err)
	[[ $? -eq $status ]] || wrong "$*: status is not $status"
	[[ $got == "$want" ]] || wrong "$(printf '%s:\nwanted %s\ngot    %s' "$*" "$want" "$got")"
	grep -e Sanitizer -e 'runtime error' err && wrong "$*: a sanitizer complains"
}
P='(1 tests)' F='(1 tests, 1 unexpected failures)'

# Which cases.
gives 0 "PASS pass $P"$'\n'"PASS pass2 $P" 'pass*'
gives 2 "PASS pass $P" pass nobody
grep -q "no case is named 'nobody'" err || wrong "nobody is not missed"
gives 2 '' 'x*'
gives 0 "PASS many $P" -g big
gives 0 "PASS many $P" --filter 'smp>2 & !fail'
gives 0 "PASS many $P" --filter 'memory>=256 | name=nothing'
gives 2 '' -g bigg
grep -q "no case is in group 'bigg'; the nearest is 'big'" err || wrong "no such group"
gives 1 "FAIL fail $F" --filter '(fail | many) & !group=big'
gives 2 '' --filter 'smp>'
gives 4 '' --filter 'name=nothing'
for ((i = 1, n = 0; i <= 3; i++)); do
	n=$((n + $(suite --shard $i/3 --plan 2>/dev/null | wc -l)))
done
((n == 6)) || wrong "three shards have $n of 6 cases"
gives 2 '' --shard 4/3

# In which order, and how often.
[[ $(suite --no-history --shuffle=1 pass pass2 many 2>/dev/null | sort) == \
	$(suite --no-history pass pass2 many 2>/dev/null | sort) ]] || wrong "a shuffle loses cases"
a=$(suite --no-history --shuffle=4 2>/dev/null) b=$(suite --no-history --shuffle=4 2>/dev/null)
[[ ${a//flaky*)/} == "${b//flaky*)/}" ]] || wrong "a seed does not fix the order"
gives 0 "PASS pass $P"$'\n'"PASS pass $P" --repeat=2 pass
rm -f count
gives 1 "FAIL flaky "$'\n'"FAIL flaky "$'\n'"PASS flaky " --repeat=3 flaky
grep -q 'flaky: flaky does not always end' err || wrong "repeats that differ are not told"
rm -f count
gives 1 "FAIL flaky (flaky: red 2 times before)" --retry=3 flaky
rm -f count
gives 0 "PASS flaky (flaky: red 2 times before)" --retry=3 --allow-flaky flaky
rm -f count
gives 1 "FAIL flaky " --retry=1 flaky
rm -f count
gives 1 $'TAP version 13\nok 1 - flaky: a\nnot ok 2 - flaky: flaky: red 2 times before\n1..2' \
	-t --retry=3 flaky
echo 2 >count
gives 1 "PASS pass $P"$'\n'"PASS flaky "$'\n'"PASS pass $P"$'\n'"FAIL flaky " \
	--until-fail pass flaky
gives 1 "PASS pass $P"$'\n'"PASS pass2 $P"$'\n'"FAIL fail $F" --fail-fast
gives 1 "FAIL fail $F" --rerun-failed
gives 3 "FAIL slow (interrupted)" --run-timeout=0.2 slow
TIMEOUT=0.2 gives 1 "FAIL slow (timeout; duration=0.2)" slow
# How its machines are run is part of what repeats a case.
gives 1 "FAIL fail $F" --migrate-every=5 --perturb=stall:3,affinity --seed=7 --strict fail
grep -q 'timeouts are 3.25833 times as long' err || wrong "what takes longer has no longer"
grep -qF " ./run_tests.sh --migrate-every=5 --perturb=stall:3,affinity --seed=7 --strict fail" \
	logs/latest/results || wrong "rerun: $(grep -o 'rerun=[^	]*' logs/latest/results)"
TIMEOUT_SCALE=10 TIMEOUT=0.2 gives 0 "PASS slow $P" slow
grep -q 'timeouts are 10 times as long' err || wrong "longer timeouts are not told"

# Further cases, and changed ones.
mkdir -p more
printf '[pass]\ntest_args = x\n[new]\nfile = new.flat\n' >more/a.cfg
printf x >more/new.flat
cp x86/pass.out more/new.out
cp x86/pass.status more/new.status
gives 0 "PASS pass $P"$'\n'"PASS new $P" --cfg=more pass new
suite --cfg=more --plan --json pass 2>/dev/null | grep -q -e "-append x" || wrong "no overlay"
gives 2 '' --cfg=nowhere
# Values that are none cost their own cases, and are no reason to skip.
cat >odd.cfg <<'EOF'
[m]
file = pass.flat
memory = 12Q
[s]
file = pass.flat
smp = many
[z]
file = pass.flat
smp = 0
[t]
file = pass.flat
timeout = soon
[d]
file = pass.flat
disabled_if = (
[c]
file = pass.flat
smp = cpus=2,threads=2
memory = 2G
EOF
gives 1 "FAIL m (error: memory = 12Q: it is a size, as 256M or 2G)
FAIL s (error: smp = many: it is a number of CPUs from 1)
FAIL z (error: smp = 0: it is a number of CPUs from 1)
FAIL t (error: 'soon' is no duration)
PASS d $P
PASS c $P" --cfg=odd.cfg m s z t d c
grep -q 'odd.cfg:13: disabled_if: .*syntax error' err || wrong "no word of a condition: $(cat err)"
# What a shell says of a case, it says when the case begins, however long that has waited.
cat >later.cfg <<'EOF'
[later]
file = pass.flat
test_args = `wc -l <moments`
EOF
: >moments
gives 0 "PASS slow $P"$'\n'"PASS later $P" --cfg=later.cfg slow later
grep -q -e '-append 1' logs/later.log || wrong "an old word of a shell's: $(head -1 logs/later.log)"
# Another built tree.
mkdir other
cp -r x86 config.mak other/
gives 0 "PASS pass $P" --tests=other pass
# Its cases and images are enough; never are ours taken instead.
rm other/config.mak
gives 0 "PASS pass $P" --tests=other pass
mkdir empty
suite --tests=empty pass >got 2>&1
[[ $? -eq 2 && $(<got) == *x86/unittests.cfg* ]] || wrong "a tree without cases: $(<got)"
[[ -d other/logs ]] && wrong "another tree's folder got our logs"

# Which VMMs.
vmm="command:$tree/qemu -kernel {image}"
got=$(suite --no-history --backend="qemu-tcg,$vmm" pass fail 2>err)
[[ $got == "PASS pass@qemu-tcg $P
PASS pass@command $P
FAIL fail@qemu-tcg $F
FAIL fail@command $F" ]] || wrong "two VMMs: $got"
"$flatbed" diff >diff.out 2>/dev/null || wrong "two VMMs that agree, differ"
for twice in kvm,kvm qemu-tcg,kvm,qemu-tcg; do
	gives 2 '' --backend=$twice pass
	grep -q -- "--backend: ${twice%%,*} is named twice" err || wrong "$twice: $(cat err)"
done
gives 2 '' --backend="$vmm" --backend="$vmm" pass
grep -q -- '--backend: command is named twice' err || wrong "two commands: $(cat err)"
gives 2 '' --backend='command:nothing {image}' pass
grep -q 'command:nothing {image}: nothing is no program' err || wrong "no such command"
gives 2 '' --backend="command:$tree/qemu" pass
KVMTOOL=nothing gives 2 '' --backend=kvmtool pass
# shellcheck disable=SC2016 # the script's own
sed 's/^image=.*/&; [[ $image == *pass ]] \&\& { echo "FAIL: a"; exit 3; }/' qemu >liar
chmod +x liar
suite --no-history --backend="qemu-tcg,command:$tree/liar -kernel {image}" pass >/dev/null 2>&1
"$flatbed" diff >diff.out 2>/dev/null && wrong "two VMMs that differ, agree"
tr -s ' ' <diff.out | diff - <(printf ' qemu-tcg command\npass PASS FAIL\n a PASS FAIL\n') ||
	wrong "flatbed diff"

# Alone means alone.
printf '[alone]\nfile = slow.flat\nalone = y\n[beside]\nfile = slow.flat\n' >alone.cfg
rm -f moments
suite --no-history --cfg=alone.cfg -j 4 alone beside slow >/dev/null 2>&1
[[ $(wc -l <moments) -eq 3 ]] || wrong "three cases did not all run"
# Each line is a begin and an end; the shortest of all that overlap in no pair with it.
awk '{ begin[NR] = $1; end[NR] = $2 }
	END {
		for (i = 1; i <= NR; i++) {
			free = 1
			for (k = 1; k <= NR; k++)
				if (k != i && begin[i] < end[k] && begin[k] < end[i])
					free = 0
			alone += free
		}
		exit !(alone == 1)
	}' moments || { wrong "alone is not alone"; cat moments; }

# Stopped from the terminal, machines stand still too, and no timeout runs.
printf '[still]\nfile = slow.flat\ntimeout = 1\n' >still.cfg
QEMU=$tree/qemu ACCEL=tcg "$flatbed" suite --color=never --no-history --cfg=still.cfg still \
	>out 2>err &
runner=$!
machine=
for ((i = 0; i < 500 && ! machine; i++)); do
	machine=$(pgrep -P $runner) || sleep 0.01
done
kill -TSTP $runner
is_stopped() {
	for ((i = 0; i < 100; i++)); do
		[[ $(ps -o state= -p "$1") == T* ]] && return
		sleep 0.05
	done
	false
}
is_stopped $runner || wrong "a stopped runner runs"
is_stopped "$machine" || wrong "the machine of a stopped runner runs"
sleep 1.5
kill -CONT $runner
wait $runner || wrong "a case that was stopped: $(cat out)"

# Killed at any moment, a run goes on where it was.
for ((i = 0; i < 8; i++)); do
	printf '[r%d]\nfile = slow.flat\n' $i
done >resume.cfg
QEMU=$tree/qemu ACCEL=tcg "$flatbed" suite --color=never --no-history -j 3 --cfg=resume.cfg \
	'r?' fail >out 2>err &
runner=$!
sleep 0.8
kill -KILL $runner
{ wait $runner; } 2>/dev/null
got=$(suite --resume 2>err | sort)
[[ $? -eq 0 && $(wc -l <<<"$got") -eq 9 && $(grep -c '^PASS r' <<<"$got") -eq 8 ]] ||
	wrong "resumed: $got"
grep -q '9 cases: 8 passed, 1 failed' err || wrong "resumed totals: $(tail -n 1 err)"
# Once all have ended there is nothing left, and that is said; new images are, too.
sleep 1.1; touch x86/*.flat
suite --resume >/dev/null 2>err
grep -q 'going on with .*latest: 9 of 9 cases had ended$' err || wrong "resumed: $(cat err)"
grep -q '[1-9] of these results are of images that have been built anew since' err ||
	wrong "images since: $(cat err)"

# What is built anew while it runs is its own case's affair at most.
suite --no-history slow pass >out 2>err &
sleep 0.3; : >x86/slow.flat
wait $! || wrong "an image that is cut off: $(cat out err)"
printf x >x86/slow.flat
# Neither a file that is none keeps the others from running.
mkfifo x86/pipe.flat
printf '[pipe]\nfile = pipe.flat\n' >pipe.cfg
gives 1 "PASS pass $P"$'\n'"FAIL pipe (error: x86/pipe.flat: not a file)" --cfg=pipe.cfg pipe pass

# Where nothing can be written.
gives 2 '' --report=junit=/nowhere/x pass
QEMU=$tree/qemu ACCEL=tcg "$flatbed" suite --color=never --no-history pass slow pass2 2>err \
	>/dev/full
[[ $? -eq 2 ]] || wrong "a full standard output is not status 2"
[[ $(grep -c 'No space left' err) -eq 1 ]] || wrong "a full standard output is told: $(cat err)"
suite --no-history pass slow slow pass2 2>err | true
[[ ${PIPESTATUS[0]} -eq 141 ]] || wrong "nobody reads, and it goes on"
got=$(ulimit -f 1; suite --no-history pass 2>&1)
[[ $? -eq 2 && $got == *"cannot write the results: File too large"*"PASS pass"* ]] ||
	wrong "files that may not grow: $got"
chmod a-w logs 2>/dev/null
: >file
unittest_log_dir=file/logs gives 2 '' pass
grep -q 'file/logs: cannot make the folder for logs: Not a directory' err ||
	wrong "a log folder that cannot be: $(cat err)"
chmod u+w logs
exit $bad
