#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Tests of Flatbed itself; the last line counts them.
set -u
cd "$(dirname "$0")/.." || exit 2
out=build/check
mkdir -p $out || exit 2
passed=0 failed=0 skipped=0

check() {	# name, command…
	local name=$1
	shift
	if "$@" >"$out/$name.log" 2>&1 </dev/null; then
		echo "PASS: $name"
		passed=$((passed + 1))
	else
		echo "FAIL: $name"
		sed 's/^/    /' "$out/$name.log" | tail -n 40
		failed=$((failed + 1))
	fi
}
skip() {
	echo "SKIP: $1 ($2)"
	skipped=$((skipped + 1))
}

# Prints lines of the form that the suite prints; green only if all held.
suite() {
	ACCEL=$1 ./run_tests.sh -j 2 --color=never "${@:2}"
}

unit() {
	local rename=(-Dmemcpy=guest_memcpy -Dmemset=guest_memset -Dmemmove=guest_memmove
		-Dmemcmp=guest_memcmp -Dstrlen=guest_strlen -Dstrcmp=guest_strcmp
		-Dstrncmp=guest_strncmp -Dstrchr=guest_strchr -Dvsnprintf=guest_vsnprintf
		-Dsnprintf=guest_snprintf -Dparse_number=guest_parse_number)
	# shellcheck disable=SC2054 # a comma is part of the word
	local flags=(-std=gnu11 -g -O1 -D_GNU_SOURCE -fsanitize=address,undefined
		-fno-sanitize-recover=all -Wall -Wextra -Werror)

	for source in lib/printf.c lib/string.c; do
		gcc "${flags[@]}" -fno-builtin "${rename[@]}" -Ilib -Ilib/x86 -c $source \
			-o $out/"$(basename $source .c)".o || return
	done
	gcc "${flags[@]}" -Wno-format-truncation -Ihost -Ilib -o $out/test_base \
		host/tests/test_base.c host/vmm/ledger.c $out/printf.o $out/string.o \
		-lcmocka && ASAN_OPTIONS=detect_leaks=0 $out/test_base
}

check includes scripts/check-includes.sh
check includes-refuses host/tests/check-includes-test.sh
check style scripts/check-style.sh
if [[ -f /usr/include/cmocka.h ]]; then
	check unit unit
else
	skip unit "cmocka is not installed"
fi
check golden host/tests/golden.sh
# The runner knows whether /dev/kvm works; it says what it takes.
if ./run_tests.sh dummy 2>&1 >/dev/null | grep -q 'using the embedded VMM'; then
	check selftest-kvm build/host/flatbed run --backend=kvm x86/selftest.flat -smp 2 -cpu max
	check suite-kvm suite kvm
else
	skip selftest-kvm "no /dev/kvm"
	skip suite-kvm "no /dev/kvm"
fi
if command -v qemu-system-x86_64 >/dev/null; then
	check selftest-tcg build/host/flatbed run --backend=qemu-tcg x86/selftest.flat \
		-smp 2 -cpu max
	check suite-tcg suite tcg
	if [[ -f build/i386/x86/selftest.flat ]]; then
		check selftest-i386-tcg build/host/flatbed run --backend=qemu-tcg \
			build/i386/x86/selftest.flat -smp 2 -cpu max
	else
		skip selftest-i386-tcg "not built: make ARCH=i386"
	fi
else
	skip tcg "no qemu-system-x86_64"
fi
echo "$passed passed, $failed failed, $skipped skipped"
(( failed == 0 ))
