#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Times, as medians of alternating runs: the hello kernel from exec to end, embedded
# on /dev/kvm against QEMU TCG; the time from fork to the guest's first exit; the
# runner's own cost a case, with a stub for VMM; and how long reading cases takes.
# CASES=100000 scripts/bench.sh shows that nothing grows beyond its share.
set -u
cd "$(dirname "$0")/.." || exit 2
rounds=${1:-21}
flatbed=build/host/flatbed
image=x86/dummy.flat

median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# Microseconds of a command.
time_us() {
	local begin=$EPOCHREALTIME end
	"$@" >/dev/null 2>&1
	end=$EPOCHREALTIME
	echo $((${end/./} - ${begin/./}))
}

dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT

embedded=() tcg=() empty=()
for ((i = 0; i < rounds; i++)); do
	empty+=("$(time_us /bin/true)")
	[[ -w /dev/kvm ]] &&
		embedded+=("$(time_us $flatbed run --backend=kvm $image)")
	command -v qemu-system-x86_64 >/dev/null &&
		tcg+=("$(time_us $flatbed run --backend=qemu-tcg $image)")
done
echo "an empty process, which each time below includes:" \
	"$(printf '%s\n' "${empty[@]}" | median) us"
[[ ${#tcg[@]} -gt 0 ]] && t=$(printf '%s\n' "${tcg[@]}" | median) &&
	echo "hello, QEMU TCG: $t us (median of ${#tcg[@]})"
if [[ ${#embedded[@]} -gt 0 ]]; then
	e=$(printf '%s\n' "${embedded[@]}" | median)
	echo "hello, embedded: $e us (median of ${#embedded[@]})"
	[[ -n ${t:-} ]] && echo "ratio: $((t / e))"
	# A guest whose first instructions exit: what is left is the VMM's.
	gcc -m32 -nostdlib -static -no-pie -Wl,-Ttext=0x100000,--build-id=none \
		-x assembler -o "$dir/first" - <<-'EOF'
		.globl _start
		.long 0x1badb002, 0, -0x1badb002
		_start: xor %eax, %eax
		out %eax, $0xf4
	EOF
	for ((i = 0; i < rounds; i++)); do
		$flatbed vm --stats "$dir/first" 2>&1 >/dev/null |
			sed -n 's/^first exit after \([0-9]*\) us.*/\1/p'
	done | median | sed 's/.*/fork to first exit: & us/'
fi

# A VMM of 1 ms, and as many cases as wanted.
cat >"$dir/stub.c" <<'EOF'
#include <stdio.h>
#include <string.h>
#include <time.h>
int main(int argc, char **argv)
{
	const struct timespec work = { 0, 1000000 };

	if (argc > 1 && !strncmp(argv[1], "--", 2) && strcmp(argv[1], "--no-reboot"))
		return puts("QEMU emulator version 7.2.0, a stub") < 0;
	nanosleep(&work, NULL);
	puts("PASS: boots\nSUMMARY: 1 tests");
	return 1;
}
EOF
gcc -O2 -static -o "$dir/qemu" "$dir/stub.c" || exit 2
mkdir -p "$dir/x86" && echo "no image of ours" >"$dir/x86/stub.flat"
cp config.mak "$dir/"
flatbed=$PWD/$flatbed image=$PWD/$image
cd "$dir" || exit 2
export QEMU=$dir/qemu ACCEL=tcg XDG_STATE_HOME=$dir/state XDG_CACHE_HOME=$dir/cache
cases() {
	local i
	for ((i = 0; i < $1; i++)); do
		printf '[case%d]\nfile = stub.flat\nsmp = 1\n\n' "$i"
	done >x86/unittests.cfg
}
count=${CASES:-1000}
cases "$count"
stub=() whole=()
for ((i = 0; i < 5; i++)); do
	for ((k = 0; k < 20; k++)); do
		stub+=("$(time_us ./qemu)")
	done
	whole+=("$(time_us "$flatbed" suite -j 2)")
done
s=$(printf '%s\n' "${stub[@]}" | median)
w=$(printf '%s\n' "${whole[@]}" | median)
echo "runner's own cost at -j 2: $((2 * w / count - s)) us a case ($count cases;" \
	"the stub VMM alone: $s us)"
cases 10000
for ((i = 0; i < rounds; i++)); do
	time_us "$flatbed" suite --list
done | median | sed 's/.*/listing 10000 cases: & us/'
for ((i = 0; i < rounds; i++)); do
	time_us "$flatbed" list "$image"
done | median | sed 's/.*/flatbed list: & us/'
