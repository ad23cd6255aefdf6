#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Times, as medians of alternating runs: the hello kernel from exec to end, embedded
# on /dev/kvm against QEMU TCG; the time from fork to the guest's first exit; and
# the runner's own cost a case, with a stub for VMM.
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

# 50 cases on a VMM that ends at once.
cat >"$dir/qemu" <<'EOF'
#!/bin/sh
case $1 in
--help | -h) echo "QEMU stub"; exit ;;
--version) echo "QEMU emulator version 7.2.0"; exit ;;
esac
echo "PASS: boots"
echo "SUMMARY: 1 tests"
exit 1
EOF
chmod +x "$dir/qemu"
stub=$(time_us "$dir/qemu")
mkdir -p "$dir/x86" && cp $image "$dir/x86/"
cp config.mak "$dir/"
for ((i = 0; i < 50; i++)); do
	printf '[case%d]\nfile = dummy.flat\n\n' $i
done >"$dir/x86/unittests.cfg"
whole=$(cd "$dir" && QEMU=$dir/qemu ACCEL=tcg time_us "$OLDPWD/$flatbed" suite -j 1)
echo "runner's own cost: $(((whole - 50 * stub) / 50)) us a case (stub VMM: $stub us)"
