#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What a machine's process has left once the guest runs, and that it cannot do more.
set -u
cd "$(dirname "$0")/../.." || exit 2
out=$(mktemp -d) || exit 2
bad=0 pids=()
trap 'rm -rf "$out"; kill -9 "${pids[@]}" 2>/dev/null' EXIT
complain() {
	echo "$*"
	bad=1
}
child_of() {	# pid: waits for its child to run a guest
	local pid child
	for ((i = 0; i < 200; i++)); do
		child=$(cat "/proc/$1/task/$1/children" 2>/dev/null)
		pid=${child%% *}
		[[ -n $pid && $(status_of "$pid" NoNewPrivs) == 1 ]] && { echo "$pid"; return; }
		sleep 0.05
	done
}
status_of() { awk -v name="$2:" '$1 == name { print $2 }' "/proc/$1/status" 2>/dev/null; }

# A call that the sandbox forbids ends the process, and is told by its name.
seccomp=
build/host/flatbed vm x86/dummy.flat --break vmm-forbidden-call >"$out/console" 2>"$out/text"
status=$?
if grep -q 'SECCOMP' config.mak; then
	seccomp=y
	[[ $status -eq 159 ]] || complain "forbidden: status $status, not 128 + SIGSYS"
	grep -q 'system call that its sandbox forbids: openat (257)' "$out/text" ||
		complain "forbidden: not said: $(head -n 1 "$out/text")"
	export unittest_log_dir=$out/logs
	./run_tests.sh --color=never --break=vmm-forbidden-call dummy >"$out/console" 2>&1
	grep -q '^FAIL dummy (error: the VMM made a system call that its sandbox forbids: openat' \
		"$out/console" || complain "forbidden: the runner does not say it"
fi
build/host/flatbed vm x86/dummy.flat --unconfined --break vmm-forbidden-call >"$out/console" 2>&1
[[ $? -eq 1 ]] || complain "unconfined: the call did not pass"

# One machine, looked at from outside; descriptors of ours are none of its business.
exec 7<README.md 8<Makefile
build/host/flatbed vm x86/victim.flat -smp 2 -append forever >/dev/null 2>&1 &
parent=$!
pids+=("$parent")
machine=$(child_of "$parent")
pids+=("${machine:-0}")
if [[ -z $machine ]]; then
	complain "no machine comes up"
else
	if [[ $(id -u) -eq 0 ]]; then
		[[ $(status_of "$machine" Uid) == 65534 ]] ||
			complain "user $(status_of "$machine" Uid), not nobody"
	fi
	[[ $(status_of "$machine" CapEff) =~ ^0+$ ]] || complain "it has capabilities"
	[[ -z $seccomp || $(status_of "$machine" Seccomp) == 2 ]] || complain "no filter"
	grep -q '^Max core file size *0 *0 ' "/proc/$machine/limits" || complain "core files"
	grep -q '^Max file size *67108864 ' "/proc/$machine/limits" || complain "files of any size"
	grep -q '^Max address space *unlimited' "/proc/$machine/limits" && complain "any memory"
	pipes=0
	for fd in "/proc/$machine/fd"/*; do
		file=$(readlink "$fd")
		# One pipe, which it closes when its end is told.
		[[ $file == pipe:* ]] && (( ++pipes == 1 )) && continue
		[[ $file == /dev/null || $file == /dev/kvm || $file == anon_inode:* ||
		   $file == /memfd:* || $file == "/proc/$machine/pagemap" ||
		   $file == /dev/userfaultfd ]] ||
			complain "it has $file open"
	done
	# It does not outlive whoever started it.
	kill -9 "$parent"
	for ((i = 0; i < 100; i++)); do
		kill -0 "$machine" 2>/dev/null || break
		sleep 0.05
	done
	kill -0 "$machine" 2>/dev/null && complain "it outlives its parent"
fi
exit $bad
