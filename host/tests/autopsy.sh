#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What is said of machines that end badly: x86/victim.c has one TEST a way.
set -u
cd "$(dirname "$0")/../.." || exit 2
out=$(mktemp -d) || exit 2
trap 'rm -rf "$out"' EXIT
bad=0

# No time limit of a test is right for every host.
limit=$(awk "BEGIN { print 0.2 * ${TIMEOUT_SCALE:-1} }")
vm() {	# arguments behind the image's; text to $out/text, JSON to $out/json
	build/host/flatbed vm "${image:-x86/victim.flat}" -smp 2 --timeout "$limit" \
		--autopsy "$out/json" -append "$@" >"$out/console" 2>"$out/text"
	status=$?
	[[ -s $out/json ]] && command -v python3 >/dev/null &&
		! python3 -m json.tool "$out/json" >/dev/null &&
		{ echo "$1: no JSON"; bad=1; }
}
says() {	# of what, a line's pattern
	grep -qE "$2" "$out/text" && return
	echo "$1: no line like: $2"
	sed 's/^/    /' "$out/text" | head -n 30
	bad=1
}
silent() {	# of what, a pattern
	grep -E "$2" "$out/text" || return
	echo "$1: should not be said"
	bad=1
}
# Places have lines only where libdw is; otherwise function+offset.
at='(\(\) at x86/victim\.c:[0-9]+|\+0x[0-9a-f]+)'

vm quick
silent quick .
[[ $status -eq 1 && ! -s $out/json ]] || { echo "quick: status $status, or an autopsy"; bad=1; }
vm spins
says spins "^flatbed vm: CPU 0 spins in spin$at"
says spins '^	called from'
says spins "test_run_spins$at|test_body"
says spins '^	rip +[0-9a-f]{16} +rflags '
says spins '^	last of [0-9]+ exits'
says spins ' io port=0xe9 direction=out size=1 count=1 value=0xa$'
[[ $status -eq 124 ]] || { echo "spins: status $status"; bad=1; }
vm halts
says halts "^flatbed vm: CPU 0 is halted with interrupts off in test_run_halts$at"
says halts '^	events: .*interrupts off'
vm waits
says waits '^flatbed vm: CPU 0 waits for CPU 1 to end its work in '
says waits "^flatbed vm: .*; CPU 1 spins in spin$at"
says waits '^CPU 1 spins'
vm stuck
says stuck "^flatbed vm: CPU 0 spins in test_run_stuck$at"
# It gets there in steps of some ten milliseconds.
vm chatters --migrate-every 2 --timeout "$(awk "BEGIN { print 10 * $limit }")"
says "a machine that moves" "^flatbed vm: CPU 0 (runs|spins) in test_run_chatters$at"
# Whenever its time is over, it says where it was.
for limit_ms in 1 20 100; do
	vm chatters --migrate-every 2 --migrate-process --timeout "0.$(printf %03d $limit_ms)"
	says "a machine that moves early" "^flatbed vm: CPU 0 "
done
vm dies
how='the machine shut down \(triple fault\)'
if grep -q 'KVM has reset the CPU' "$out/text"; then
	says dies "^flatbed vm: $how, .* since; the exit before was at 0x.*, in [a-z]"
else
	says dies "^flatbed vm: $how at 0x.* in test_run_dies$at"
	says dies '0f 0b'
	says dies '^	idt base 0 limit 0$'
fi
[[ $status -eq 0 ]] || { echo "dies: status $status"; bad=1; }
vm unclaimed
says unclaimed '^2 accesses that no device claims'
says unclaimed "read of 1 bytes at port 0x4999, CPU 0 at .* test_run_unclaimed$at"
says unclaimed 'write of 1 bytes at port 0x4998, value 0x5a'
grep -q '^PASS: unclaimed' "$out/console" || { echo "unclaimed: not PASS"; bad=1; }
vm unclaimed --strict
says strict '^flatbed vm: no device claims port 0x4999 \(read of 1 bytes\), in test_run_unclaimed'
[[ $status -eq 2 ]] || { echo "strict: status $status"; bad=1; }
vm unclaimed --trace=io
says trace '^\[ +[0-9.]+\] CPU 0 0x[0-9a-f]+ io port=0x4999 direction=in size=1 count=1 value=0xff$'
image=x86/selftest.flat vm with_msr --trace=msr --timeout 60
says "trace of MSRs" '^\[.*\] CPU 0 0x[0-9a-f]+ rdmsr msr=0x[0-9a-f]+ value='
says "trace of MSRs" '^\[.*\] CPU 0 0x[0-9a-f]+ wrmsr msr=0x[0-9a-f]+ value='
grep -q '^PASS: with_msr' "$out/console" || { echo "trace of MSRs: not PASS"; bad=1; }
vm unclaimed --trace=mmio
silent "trace of others" ' io port'
build/host/flatbed vm x86/victim.flat --trace=nonsense 2>"$out/text"
[[ $? -eq 2 ]] || { echo "trace: nonsense is not status 2"; bad=1; }
says nonsense "'nonsense'.*exits, .*io.*mmio"

# The runner: a line of it in the verdict, all of it in the log.
export TIMEOUT=1 unittest_log_dir=$out/logs NO_COLOR=1
build/host/flatbed run x86/victim.flat -smp 2 -append spins >"$out/console" 2>"$out/text"
[[ $? -eq 124 ]] || { echo "run: a hang is not status 124"; bad=1; }
says run 'timeout; duration=1'
mv "$out/console" "$out/text"
says "run's reason" "^flatbed: timeout after 1 in TEST spins: CPU 0 spins in spin$at"
says "run's lines" '^flatbed: [[:space:]]seen at'
# The lab's longer limits would be in the line.
TIMEOUT_SCALE=1 ./run_tests.sh --color=never victim >"$out/console" 2>"$out/text"
says "suite's summary" "CPU 0 spins in spin$at"
# Scripts look for exactly this line.
grep -qxF 'FAIL victim (timeout; duration=1)' "$out/console" ||
	{ echo "suite: another line for a timeout"; bad=1; }
cp "$out/logs/victim.log" "$out/text"
says log '^flatbed: CPU 0 spins in spin'
exit $bad
