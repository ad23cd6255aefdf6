#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Guests that ask to be migrated, on a real QEMU: once, on and on, not at all, wrongly.
set -u
# shellcheck source=host/tests/fake.sh
. "$(dirname "$0")/fake.sh"

# guest NAME LINE…: prints its lines; behind one that begins with '>' it waits for a byte.
guest() {
	local name=$1 line
	shift
	{
		# shellcheck disable=SC2016 # assembly
		echo '.globl _start
	.long 0x1badb002, 0, -0x1badb002
_start:	mov $script, %esi
next:	lodsb
	test %al, %al
	jz over
	cmp $1, %al
	je wait
	mov $0x3f8, %dx
	out %al, %dx
	jmp next
wait:	mov $0x3fd, %dx
1:	in %dx, %al
	test $1, %al
	jz 1b
	mov $0x3f8, %dx
	in %dx, %al
	jmp next
over:	xor %eax, %eax
	out %eax, $0xf4
	hlt
script:'
		for line; do
			printf '	.ascii "%s\\n"\n' "${line#>}"
			[[ $line == '>'* ]] && echo '	.byte 1'
		done
		echo '	.byte 0'
	} >"$name.S"
	gcc -m32 -nostdlib -static -no-pie -Wl,-Ttext=0x100000,--build-id=none \
		-o "x86/$name.flat" "$name.S" || exit 2
	printf '[%s]\nfile = %s.flat\ngroups = migration\ntimeout = 60\n' "$name" "$name" \
		>>x86/unittests.cfg
}
guest once 'PASS: before' '>Now migrate the VM, then press a key to continue...' \
	'INFO: Migration complete' 'SUMMARY: 2 tests'
guest quietly '>Now migrate the VM (quiet)' 'PASS: a' 'SUMMARY: 1 tests'
guest thrice '>Now migrate the VM' '>Now migrate the VM' '>Now migrate the VM' 'SUMMARY: 1 tests'
guest on '>Begin continuous migration' '>x' 'End continuous migration' \
	'>End continuous migration (quiet)' 'SUMMARY: 1 tests'
guest skipped '>Skipped VM migration (quiet)' 'SKIP: a' 'SUMMARY: 1 tests, 1 skipped'
guest never 'PASS: a' 'SUMMARY: 1 tests'
guest twice '>Begin continuous migration' 'Begin continuous migration' '>x'
guest unbegun 'End continuous migration' '>x'

ACCEL=tcg "$flatbed" suite --color=never -j 2 --order=file >out 2>err
sort out >sorted
sort >want <<'EOT'
PASS once (2 tests)
PASS quietly (1 tests)
PASS thrice (1 tests)
PASS on (1 tests)
PASS skipped (1 tests, 1 skipped)
FAIL never (the test ended before its migration point)
FAIL twice (continuous migration had begun already)
FAIL unbegun (continuous migration had not begun)
EOT
diff want sorted || wrong "verdicts"
grep -q '(quiet)' logs/*.log && wrong "a quiet line is shown"
# A machine that never existed here has said what came behind the key.
grep -q 'Migration complete' logs/once.log || wrong "nothing came behind the migration"
(( bad )) && { cat out; tail -n 40 err; }
exit $bad
