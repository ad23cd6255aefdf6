#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The real gdb on a real image, by each thing that the stub offers.
set -u
cd "$(dirname "$0")/../.." || exit 2
out=$(mktemp -d) || exit 2
trap 'rm -rf "$out"; kill $vm 2>/dev/null' EXIT
bad=0 vm=

start() {	# TEST, options
	local test=$1
	shift
	rm -f "$out/socket"
	timeout 60 build/host/flatbed vm "${image:-x86/victim.flat}" -smp 2 -append "$test" \
		--gdb="$out/socket" "$@" >"$out/console" 2>"$out/vm" &
	vm=$!
	for ((i = 0; i < 100; i++)); do
		[[ -S $out/socket ]] && return
		sleep 0.05
	done
	echo "$test: no socket"
	bad=1
}
debug() {	# file with symbols; commands from standard input
	cat >"$out/commands"
	timeout 50 gdb -nx -q -batch -ex 'set pagination off' -ex 'set confirm off' \
		-ex "target remote $out/socket" -x "$out/commands" "$1" >"$out/gdb" 2>&1 </dev/null
}
says() {	# what, pattern…
	local what=$1 pattern
	shift
	for pattern; do
		grep -qE "$pattern" "$out/gdb" && continue
		echo "$what: gdb says nothing like: $pattern"
		sed 's/^/    /' "$out/gdb" | tail -n 30
		bad=1
	done
}
ends() {	# what, status, pattern on the console
	wait "$vm"
	local status=$?
	[[ $status -eq $2 ]] || { echo "$1: status $status, not $2"; tail -n 3 "$out/vm"; bad=1; }
	grep -qE "$3" "$out/console" || { echo "$1: console lacks $3"; bad=1; }
}

# The first instruction, registers of all kinds, threads, breakpoints, steps.
start loops
debug x86/victim.elf <<'END'
info registers rip cs cr0
info threads
break test_run_loops
continue
info registers cr3 efer
printf "pe %u\n", $cr0 & 1
bt 2
info registers xmm0 mxcsr st0 fs_base idtr_base tr
stepi
stepi
hbreak check_equal
delete 1
continue
printf "got %u\n", got
finish
set var counter = 77
printf "counter %u\n", counter
set $rax = 0x123456789abcdef0
printf "rax %#lx\n", $rax
monitor phys on
x/1xw 0x100000
monitor phys off
maintenance packet qqemu.PhyMemMode
monitor walk 0x100000
monitor exits
monitor nonsense
delete
detach
END
says loops 'start \(\) at lib/x86/start.S' 'cs +0x8 ' '\(CPU 1, not started\)' \
	'hit Breakpoint 1, test_run_loops \(\) at x86/victim.c' '^efer +0x500 ' '^pe 1$' \
	'^#1 .* test_body' 'idtr_base +0x1' '^mxcsr ' \
	'hit Breakpoint 2, check_equal' '^got 10$' 'Value returned.*true|Value returned is' \
	'^counter 77$' '^rax 0x123456789abcdef0$' '0x1badb002' 'received: "0"' \
	'PML4E\[0\] at ' 'io port=0xe9 direction=in' '^phys on\|off: ' 'detached'
ends loops 1 '^PASS: loops'

# A store is seen, by hardware or by steps; a breakpoint in code that runs often.
start loops
debug x86/victim.elf <<'END'
break test_run_loops
continue
watch counter
continue
continue
printf "counter %u\n", counter
disable
continue
END
says watch 'Hardware watchpoint 2: counter' '^Old value = 0' '^New value = 2$' '^counter 2$' \
	'exited with code 01|exited normally'
ends watch 1 '^PASS: loops'

# Another CPU: it is the one that stops, and the only one that steps.
start waits
debug x86/victim.elf <<'END'
break spin
continue
info threads
thread
set scheduler-locking on
stepi
stepi
thread 1
bt
kill
END
says waits 'Thread 2 hit Breakpoint 1, spin' '\* 2 +Thread 2 \(CPU 1, running\)' \
	'Current thread is 2' '#[0-9] .*on_cpu'
wait "$vm"
grep -q 'killed by the debugger' "$out/vm" || { echo "kill: not said"; bad=1; }

# A store of another CPU, which HLT and a wake-up bring there.
start waits
debug x86/victim.elf <<'END'
break cpu_online
continue
delete
watch counter
continue
kill
END
says "other CPU's store" 'hit Hardware watchpoint 2: counter' '^New value = 1$'
wait "$vm"

# An interrupt from the user, who then mends what the guest waits for; another session.
start forever
debug x86/victim.elf <<'END'
python
import threading, os, signal, time
def later():
    time.sleep(1)
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=later).start()
end
continue
bt
detach
END
says interrupt 'received signal SIGINT' 'test_run_forever'
debug x86/victim.elf <<'END'
set var counter = 1
continue
END
says again 'wait_for|cpu_relax|test_run_forever' 'exited with code 01|exited normally'
ends forever 1 '^PASS: forever'

# A machine about to die is shown first.
start dies
debug x86/victim.elf <<'END'
continue
info registers rip
bt 1
continue
END
says dies 'received signal SIGSEGV' '^#0 .*(test_run_dies|0x0*fff0 in)' 'exited normally'
ends dies 0 'INFO: dies'
grep -q 'triple fault' "$out/vm" || { echo "dies: no triple fault in the end"; bad=1; }

# Images of 32 bits have registers of their own; whether KVM runs them is another question.
if [[ -f build/i386/x86/victim.elf ]]; then
	image=build/i386/x86/victim.flat
	start quick
	debug build/i386/x86/victim.elf <<-'END'
	info registers eip cr0 xmm7
	stepi
	printf "at %#x\n", $eip
	kill
	END
	says i386 '^eip +0x[0-9a-f]+ ' '^cr0 +0x11 ' '^xmm7 ' '^at 0x'
	wait "$vm"
fi

build/host/flatbed vm x86/victim.flat --gdb=99999999 2>"$out/vm"
grep -q 'neither a port nor a path' "$out/vm" || { echo "a wrong port is not refused"; bad=1; }
exit $bad
