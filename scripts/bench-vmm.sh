#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What the embedded VMM's machines cost, as medians of alternating runs: the first
# exit by number of CPUs and the process's memory then, a hello kernel as a whole
# process, a reset against a fresh machine, isolated TESTs a second, a saved machine of
# 64 MiB, and exits of 8 CPUs at once, and of as many as the host has, against one's.
# Scripts start no process quicker than the host does: what an empty one takes is told.
# Usage: scripts/bench-vmm.sh [ROUNDS [least]]; on a busy host the least of the times
# says more than their median.
set -u
cd "$(dirname "$0")/.." || exit 2
[[ -w /dev/kvm ]] || { echo "no /dev/kvm: nothing to measure"; exit 0; }
rounds=${1:-11} least=${2:+1}
vm=(build/host/flatbed vm)
# In memory, where there is room: a disk is not what is measured.
dir=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT

# Of numbers only: a run that told none is no run.
median() {
	sort -n | awk -v least="$least" '!/^[0-9]+$/ { bad = 1 } { v[NR] = $1 }
		END { if (bad || !NR) exit 1; print v[least ? 1 : int((NR + 1) / 2)] }'
}
wrong() {
	echo "$*" >&2
	exit 2
}
image() {	# file, assembly
	gcc -m32 -nostdlib -static -no-pie -Wl,-Ttext=0x100000,--build-id=none \
		-x assembler -o "$1" -
}
field() {	# pattern of sed, command…
	local pattern=$1
	shift
	"$@" --stats 2>&1 >/dev/null | sed -n "s/$pattern/\\1/p"
}

image "$dir/first" <<-'END'
	.globl _start
	.long 0x1badb002, 0, -0x1badb002
	_start: xor %eax, %eax
	out %eax, $0xf4
END
"${vm[@]}" --stats "$dir/first" 2>"$dir/why"
grep -q '^first exit' "$dir/why" || wrong "/dev/kvm makes no machine: $(<"$dir/why")"
declare -A first
for ((i = 0; i < rounds; i++)); do
	for cpus in 1 2 8; do
		first[$cpus]+=$(field 'first exit after \([0-9]*\) us.*' \
			"${vm[@]}" -smp $cpus "$dir/first")$'\n'
	done
	all_memory+=("$(field 'peak memory \([0-9]*\) KiB' "${vm[@]}" "$dir/first")")
done
for cpus in 1 2 8; do
	first[$cpus]=$(median <<<"${first[$cpus]%$'\n'}") || wrong "no first exit, $cpus CPUs"
	echo "fork to first exit, $cpus CPUs: ${first[$cpus]} us"
done
echo "each further CPU: $(((first[8] - first[1]) / 7)) us"
memory=$(printf '%s\n' "${all_memory[@]}" | median) || wrong "no peak memory"
echo "peak memory, the few pages that this guest touches included: $memory KiB"

elapsed() {	# command…: microseconds
	local begin=${EPOCHREALTIME/./}
	"$@" >/dev/null 2>&1
	echo $((${EPOCHREALTIME/./} - begin))
}
# One TEST and 64, each of a fresh machine: a name chooses the one.
run=(build/host/flatbed run --backend=kvm)
"${run[@]}" --isolate x86/isolation.flat | grep -q '^SUMMARY: 64 tests$' ||
	wrong "x86/isolation.flat is not 64 TESTs that pass"
for ((i = 0; i < rounds; i++)); do
	empties+=("$(elapsed /bin/true)")
	hellos+=("$(elapsed "${run[@]}" x86/dummy.flat)")
	manies+=("$(elapsed "${run[@]}" --isolate x86/isolation.flat)")
done
empty=$(printf '%s\n' "${empties[@]}" | median) || wrong "no times of an empty process"
hello=$(printf '%s\n' "${hellos[@]}" | median) || wrong "no times of hello"
many=$(printf '%s\n' "${manies[@]}" | median) || wrong "no times of isolated TESTs"
echo "hello, from exec to its end: $hello us; an empty process: $empty us"
echo "isolated TESTs: $(((many - hello) / 63)) us each, $((63000000 / (many - hello))) a second"

echo RESETS=500 >"$dir/environment"
for ((i = 0; i < rounds; i++)); do
	begin=${EPOCHREALTIME/./}
	"${vm[@]}" "$dir/first" >/dev/null
	all_fresh+=($((${EPOCHREALTIME/./} - begin)))
	begin=${EPOCHREALTIME/./}
	resets+=("$(field '500 resets, \([0-9]*\) us.*' "${vm[@]}" -append resets \
		-initrd "$dir/environment" x86/state.flat)")
	cycles+=($(((${EPOCHREALTIME/./} - begin) / 500)))
done
fresh=$(printf '%s\n' "${all_fresh[@]}" | median) || wrong "no times of a fresh machine"
reset=$(printf '%s\n' "${resets[@]}" | median) || wrong "no times of resets"
cycle=$(printf '%s\n' "${cycles[@]}" | median) || wrong "no times of resets"
echo "a fresh machine in a process of its own: $fresh us"
echo "a reset with 64 dirty pages: $reset us; a fresh machine costs $((fresh / reset)) times that"
echo "dirtying the pages, and the reset: $cycle us, $((1000000 / cycle)) a second"

image "$dir/full" <<-'END'
	.globl _start
	.long 0x1badb002, 0, -0x1badb002
	_start: mov $0x200000, %edi
	mov $61 * 256, %ecx		# 61 MiB: a word in each page will do
	1: mov %edi, (%edi)
	add $4096, %edi
	loop 1b
	out %al, $0x80
	xor %eax, %eax
	out %eax, $0xf4
END
for ((i = 0; i < rounds; i++)); do
	# To free an older one's pages is not saving.
	rm -f "$dir/machine"
	saves+=("$(field '1 saves, \([0-9]*\) us.*' "${vm[@]}" -m 64 \
		--save "$dir/machine@1" "$dir/full")")
	loads+=("$(field 'loaded in \([0-9]*\) us.*' "${vm[@]}" --load "$dir/machine")")
done
save=$(printf '%s\n' "${saves[@]}" | median) || wrong "no times of saves"
load=$(printf '%s\n' "${loads[@]}" | median) || wrong "no times of loads"
echo "a full machine of 64 MiB: saved in $save us, loaded in $load us," \
	"$(((save + load) / 1000)) ms from process to process"

# With more CPUs than the host has, what they can do at most is the host's share.
declare -A alone together
cores=$(nproc)
counts=(8)
(( cores == 8 || cores == 1 )) || counts=("$cores" 8)
for ((i = 0; i < rounds; i++)); do
	for cpus in "${counts[@]}"; do
		out=$("${vm[@]}" -smp "$cpus" -append exits_at_once x86/testdev.flat)
		alone[$cpus]+=$(sed -n 's/^METRIC: exit_alone \([0-9]*\) .*/\1/p' <<<"$out")$'\n'
		together[$cpus]+=$(sed -n 's/^METRIC: exit_at_once \([0-9]*\) .*/\1/p' \
			<<<"$out")$'\n'
	done
done
for cpus in "${counts[@]}"; do
	a=$(median <<<"${alone[$cpus]%$'\n'}") || wrong "no times of exits, $cpus CPUs"
	t=$(median <<<"${together[$cpus]%$'\n'}") || wrong "no times of exits, $cpus CPUs"
	most=$((cpus < cores ? cpus : cores))
	echo "exits of $cpus CPUs at once: $((100 * a * cpus / t))% of one CPU's rate," \
		"$((100 * a * cpus / t / most))% of what $cores cores can do"
done
