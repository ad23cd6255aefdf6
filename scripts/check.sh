#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Tests of Flatbed itself; the last line counts them.
# Usage: check.sh [vmm]    vmm: those of the embedded VMM only, more of each, and what its
# machines cost.  Builds nothing then, and so runs where this folder is read-only: in a lab.
set -u
cd "$(dirname "$0")/.." || exit 2
part=${1:-all}
[[ $part == all || $part == vmm ]] || { echo "usage: check.sh [vmm]" >&2; exit 2; }
out=build/check
mkdir -p $out 2>/dev/null && [[ -w $out ]] || out=$(mktemp -d) || exit 2
# What is run here is nobody's history.
XDG_STATE_HOME=$(realpath "$out")/state
export XDG_STATE_HOME
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

# A suite of which nothing could run, as there is no firmware for the machine, is a skip.
suite_of() {	# name, command…
	local status why

	"${@:2}" >"$out/$1.txt" 2>&1 </dev/null
	status=$?
	why=$(sed -n 's/^SKIP [^ ]* (\(.*\))$/\1/p' "$out/$1.txt" |
		sort | uniq -c | sort -rn | sed -n '1s/^ *[0-9]* //p')
	if (( status == 4 )) && [[ -n $why ]] && ! grep -q '^PASS\|^FAIL' "$out/$1.txt"; then
		skip "$1" "$why"
	else
		check "$1" sh -c "cat '$out/$1.txt'; exit $status"
	fi
}

# Fuzzers that are built: what is known to be interesting, and a little more.
fuzz() {
	local source name

	for source in host/fuzz/fuzz_*.c; do
		name=$(basename "$source" .c)
		if [[ build/fuzz/$name -nt $source ]]; then
			check "$name" env FUZZ_RUNS=4000 scripts/fuzz.sh "${name#fuzz_}"
		elif [[ $part == vmm ]]; then
			skip "$name" "not built: make fuzz-programs"
		fi
	done
}

# The runner knows whether /dev/kvm works; it says what it takes.
vmm() {
	local name resets=2000

	if ! ./run_tests.sh dummy 2>&1 >/dev/null | grep -q 'using the embedded VMM'; then
		for name in selftest-kvm suite-kvm api contain break gdb autopsy suite-isolated \
			suite-migrated suite-perturbed emulate saved-machines resets; do
			skip "$name" "no /dev/kvm"
		done
		return
	fi
	check selftest-kvm build/host/flatbed run --backend=kvm x86/selftest.flat -smp 2 -cpu max
	check suite-kvm suite kvm
	check api host/tests/api.sh
	check contain host/tests/contain.sh
	check break host/tests/break.sh
	if command -v gdb >/dev/null; then
		check gdb host/tests/gdb.sh
	else
		skip gdb "gdb is not installed"
	fi
	check autopsy host/tests/autopsy.sh
	check suite-isolated suite kvm --verify-reset selftest smptest3 msr umip \
		machine_irq_split
	check suite-migrated suite kvm --migrate-every=1 smptest3 umip syscall
	check suite-perturbed suite kvm --perturb=all:4 --seed=1 smptest3 umip setjmp msr64
	check emulate host/tests/emulate.sh
	check saved-machines host/tests/save.sh
	[[ $part == all ]] || resets=10000
	echo RESETS=$resets >"$out/resets"
	check resets env KVM_UNIT_TESTS_ENV="$out/resets" build/host/flatbed run --verify-reset \
		x86/state.flat -append resets
	[[ $part == vmm ]] || return
	for name in $(build/host/flatbed vm --perturb=help | awk '{ print $1 }'); do
		suite_of "suite-$name" suite kvm --perturb="$name:1" \
			smptest3 syscall setjmp msr64
	done
	check costs scripts/bench-vmm.sh 3
	sed 's/^/    /' "$out/costs.log"
}

count() {
	echo "$passed passed, $failed failed, $skipped skipped"
	(( failed == 0 ))
}

if [[ $part == vmm ]]; then
	fuzz
	vmm
	count
	exit
fi
check includes scripts/check-includes.sh
check includes-refuses host/tests/check-includes-test.sh
check style scripts/check-style.sh
# What a check had to leave out, it says in this form.
while IFS='(' read -r name why; do
	skip "$(sed 's/^SKIP: //; s/ $//' <<<"$name")" "${why%)}"
done < <(grep '^SKIP: ' $out/style.log)
# Unit tests: sanitizers are a part of them.
if [[ -z ${CMOCKA-} ]]; then
	skip unit-tests "cmocka is not installed, or ./configure did not see it"
elif ! echo 'int main(void) { return 0; }' | "${HOST_CC:-cc}" -fsanitize=address,undefined \
	-x c -o $out/sanitized - 2>/dev/null; then
	skip unit-tests "${HOST_CC:-cc} has no address sanitizer"
else
	check build-unit-tests "${MAKE:-make}" -s --no-print-directory -k unit-tests
	for source in host/tests/test_*.c; do
		name=$(basename "$source" .c)
		# One that could not be built must not be an old one that passes.
		[[ $out/$name -nt $source ]] || rm -f "$out/$name"
		check "$name" "$out/$name"
	done
fi
check machine-doc host/tests/machine-doc.sh
if ! [[ -x $out/test_acpi ]]; then
	skip acpi-tables "no unit tests"
elif command -v iasl >/dev/null; then
	check acpi-tables host/tests/iasl.sh "$PWD/$out/test_acpi"
else
	skip acpi-tables "iasl is not installed (package acpica-tools)"
fi
if ! command -v clang >/dev/null || ! echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
	clang -fsanitize=fuzzer,address -x c -o $out/fuzzed - 2>/dev/null; then
	skip fuzz "no clang that has libFuzzer"
else
	check build-fuzz "${MAKE:-make}" -s --no-print-directory fuzz-programs
	fuzz
fi
# What the runner should withstand, it withstands under the sanitizers' eyes.
watched=build/host/flatbed
"${MAKE:-make}" -s --no-print-directory $out/flatbed 2>/dev/null && watched=$out/flatbed
for name in golden corpus cfgs suite environment efi; do
	check "$name" env FLATBED="$PWD/$watched" "host/tests/$name.sh"
done
check consumers host/tests/consumers.sh
check faults scripts/faults.sh 100
check reports host/tests/reports.sh
check history host/tests/history.sh
check known host/tests/known.sh
check configure host/tests/configure.sh
# The runner without any optional library, which standalone tests are made of.
check bare "${MAKE:-make}" -s --no-print-directory build/static/flatbed
check bare-reports env FLATBED="$PWD/build/static/flatbed" host/tests/reports.sh
check bare-history env FLATBED="$PWD/build/static/flatbed" host/tests/history.sh
check standalone host/tests/standalone.sh
check install host/tests/install.sh
check bisect host/tests/bisect.sh
if command -v chromium >/dev/null || command -v chromium-browser >/dev/null ||
	command -v google-chrome >/dev/null; then
	check page host/tests/page.sh
else
	skip page "no chromium"
fi
vmm
if command -v qemu-system-x86_64 >/dev/null; then
	check selftest-tcg build/host/flatbed run --backend=qemu-tcg x86/selftest.flat \
		-smp 2 -cpu max
	check suite-tcg suite tcg
	check migrate host/tests/migrate.sh
	if [[ -f build/i386/x86/selftest.flat ]]; then
		check selftest-i386-tcg build/host/flatbed run --backend=qemu-tcg \
			build/i386/x86/selftest.flat -smp 2 -cpu max
	else
		skip selftest-i386-tcg "not built: make ARCH=i386"
	fi
else
	skip tcg "no qemu-system-x86_64"
fi
# The other architectures' suites, where Debian's cross compilers are.
for rules in */rules.mk; do
	read -ra archs < <(sed -n 's/^archs_[a-z0-9]* := //p' "$rules")
	for arch in "${archs[@]}"; do
		cross=$(sed -n "s/^cross_$arch := //p" "$rules")
		[[ $cross == "$(uname -m)"-* ]] && continue
		if ! command -v "${cross}gcc" >/dev/null; then
			skip "suite-$arch" "no ${cross}gcc"
			continue
		fi
		check "build-$arch" "${MAKE:-make}" -s --no-print-directory ARCH="$arch" images
		suite_of "suite-$arch" ./run_tests.sh -j 2 --color=never --arch="$arch"
	done
done
if [[ -f build/arm64/arm/selftest.flat ]]; then
	check suite-arm64-el2 env EL2=1 ./run_tests.sh -j 2 --color=never --arch=arm64
	for size in 16k 64k; do
		check build-arm64-$size "${MAKE:-make}" -s --no-print-directory ARCH=arm64 \
			PAGE_SIZE=$size images
		check selftest-arm64-$size ./run_tests.sh -j 2 --color=never \
			--arch=arm64-$size -g selftest
	done
fi
if command -v bochs-bin >/dev/null; then
	check selftest-bochs build/host/flatbed run --backend=bochs x86/selftest.flat \
		-smp 2 -cpu max
	check suite-bochs ./run_tests.sh -j 2 --color=never --backend=bochs
else
	skip bochs "no bochs-bin"
fi
count
