#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The include check refuses a planted violation of each rule, and passes the tree.
set -u
cd "$(dirname "$0")/../.." || exit 2
tree=$(mktemp -d) || exit 2
trap 'rm -rf "$tree"' EXIT
cp -r lib host "$tree"
for directory in common lib/*/defs; do
	directory=${directory%/defs} directory=${directory#lib/}
	mkdir "$tree/$directory"
	cp "$directory"/*.c "$tree/$directory"
	[[ ! -f $directory/rules.mk ]] || cp "$directory/rules.mk" "$tree/$directory"
done

check=scripts/check-includes.sh
bad=0
$check "$tree" || { echo "the tree itself is refused"; exit 1; }

# All violations stand in one tree; each is refused once, at its place, and no more.
planted() {	# file, line of text, [message]
	local name=${2#*[<\"]}
	name="#include of ${name%[>\"]*}: "
	[[ ${3-} == not\ a\ * || ${3-} == a\ question* || ${3-} == *names\ no* ]] && name=
	echo "$2" >>"$tree/$1"
	echo "$1:$(wc -l <"$tree/$1"): $name${3:-not allowed here}" >>"$tree/want"
}
allowed() {	# file, line of text
	echo "$2" >>"$tree/$1"
}
# The ABI stands alone.
planted lib/abi/host.h '#include <stddef.h>'
planted lib/abi/host.h '#include <abi/image.h>'
planted lib/abi/host.h '#  include <base.h>'
# Constants depend on nothing, and are nothing else.
planted lib/x86/defs/msr.h '#include <stdint.h>'
planted lib/x86/defs/msr.h '#include <defs/cr.h>'
planted lib/x86/defs/cr.h 'extern int msr;' 'not a #define: not allowed here'
planted lib/x86/defs/apic.h '/* a comment */ enum msr { ONE };' 'not a #define: not allowed here'
allowed lib/x86/defs/msr.h '/* a comment */'
# The guest's libraries: neutral ones know one door to the architecture.
planted lib/test.c '#include <apic.h>'
planted lib/test.c '#include <x86/apic.h>'
planted lib/test.c '#include <defs/msr.h>'
planted lib/test.c '#include <stdio.h>'
planted lib/test.c '#include "base.h"' 'the other brackets, please'
allowed lib/test.c '#include <asm/cpu.h>'
planted common/sieve.c '#include <paging.h>'
planted common/sieve.c '#include <defs/page.h>'
planted common/sieve.c '#ifdef __x86_64__' 'a question for the architecture: not allowed here'
planted lib/smp.c '#if !defined(__aarch64__)' 'a question for the architecture: not allowed here'
planted lib/x86/apic.c '#include <vmm/vm.h>'
planted lib/x86/apic.c '#include <linux/kvm.h>'
# Tests: no host, no ABI, no C library.
planted x86/umip.c '#include <abi/host.h>'
planted x86/umip.c '#include <string.h>'
planted x86/umip.c '#include <host/base/str.h>'
allowed x86/umip.c '#include <apic.h>'
allowed x86/umip.c '#include <asm/cpu.h>'
# The host's layers.
planted host/base/str.c '#include "abi/host.h"'
planted host/base/str.c '#include "vmm/vm.h"'
planted host/vmm/ram.c '#include "runner/plan.h"'
planted host/vmm/bus.c '#include "defs/msr.h"'
planted host/vmm/bus.c '#include "apic.h"'
planted host/vmm/dev/host.c '#include "defs/msr.h"'
planted host/vmm/ram.c '#include "vmm/x86/arch.h"'
planted host/vmm/x86/boot.c '#include "vmm/arm/arch.h"'
allowed host/vmm/x86/dev/exit.c '#include "defs/msr.h"'
planted host/vmm/x86/boot.c '#include "runner/plan.h"'
planted host/vmm/x86/boot.c '#include "asm/cpu.h"'
planted host/runner/cfg.c '#include "vmm/machine.h"'
planted host/runner/cfg.c '#include "defs/msr.h"'
planted host/runner/cfg.c '#include "words.h"' 'not named from the top'
planted host/runner/cfg.c '#include <runner/words.h>' 'the other brackets, please'
planted host/runner/cfg.c '#include WORDS_H' 'an #include that names no file'
allowed host/vmm/x86/boot.c '#include "defs/msr.h"'
# A new directory has to say what it is.
mkdir "$tree/host/other"
echo >"$tree/host/other/new.c"
echo 'host/other/new.c:1: in no layer' >>"$tree/want"

if $check "$tree" >"$tree/out"; then
	echo "violations are printed, but the status says that there are none"
	bad=1
fi
diff <(sort "$tree/want") <(sort "$tree/out") ||
	{ echo "wanted (<) and printed (>) differ"; bad=1; }
# Another architecture, which has not every door that neutral code uses.
mkdir -p "$tree/lib/other/defs" "$tree/lib/other/asm"
touch "$tree/lib/other/asm/cpu.h"
$check "$tree" >"$tree/out"
if ! grep -q 'lib/string.c:[0-9]*: #include of asm/string.h: not there for other' "$tree/out" ||
	grep -q 'asm/cpu.h: not there' "$tree/out"; then
	echo "a door that one architecture lacks is not seen"
	bad=1
fi
# Unless it has no use for the file.
mkdir "$tree/other"
echo 'lacks_other := lib/io.h lib/string.c lib/test.c' >"$tree/other/rules.mk"
$check "$tree" >"$tree/out"
if grep 'lib/string.c:.*not there for other' "$tree/out" ||
	! grep -q 'lib/smp.c:.*not there for other' "$tree/out"; then
	echo "a file that an architecture lacks is asked for its doors, or all are not"
	bad=1
fi
exit $bad
