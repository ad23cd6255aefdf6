#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What the embedded VMM's machines cost, as medians of alternating runs: the first
# exit by number of CPUs and the process's memory then, a reset against a fresh machine,
# a saved machine of 64 MiB, and exits of all CPUs at once against those of one.
set -u
cd "$(dirname "$0")/.." || exit 2
[[ -w /dev/kvm ]] || { echo "no /dev/kvm: nothing to measure"; exit 0; }
rounds=${1:-11}
vm=(build/host/flatbed vm)
# In memory, where there is room: a disk is not what is measured.
dir=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT

# Of numbers only: a run that told none is no run.
median() {
	sort -n | awk '!/^[0-9]+$/ { bad = 1 } { v[NR] = $1 }
		END { if (bad || !NR) exit 1; print v[int((NR + 1) / 2)] }'
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
	saves+=("$(field '1 saves, \([0-9]*\) us.*' "${vm[@]}" -m 64 \
		--save "$dir/machine@1" "$dir/full")")
	loads+=("$(field 'loaded in \([0-9]*\) us.*' "${vm[@]}" --load "$dir/machine")")
done
save=$(printf '%s\n' "${saves[@]}" | median) || wrong "no times of saves"
load=$(printf '%s\n' "${loads[@]}" | median) || wrong "no times of loads"
echo "a full machine of 64 MiB: saved in $save us, loaded in $load us," \
	"$(((save + load) / 1000)) ms from process to process"

for ((i = 0; i < rounds; i++)); do
	out=$("${vm[@]}" -smp "$(nproc)" -append exits_at_once x86/testdev.flat)
	all_alone+=("$(sed -n 's/^METRIC: exit_alone \([0-9]*\) .*/\1/p' <<<"$out")")
	all_together+=("$(sed -n 's/^METRIC: exit_at_once \([0-9]*\) .*/\1/p' <<<"$out")")
done
alone=$(printf '%s\n' "${all_alone[@]}" | median) || wrong "no times of exits"
together=$(printf '%s\n' "${all_together[@]}" | median) || wrong "no times of exits"
echo "exits of $(nproc) CPUs at once: $((100 * alone * $(nproc) / together))% of one CPU's rate"
