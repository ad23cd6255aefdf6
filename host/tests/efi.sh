#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# UEFI images: how QEMU is called for them, and, where firmware and a linker for such
# images are, that real firmware starts one of each architecture.
set -u
# shellcheck source=host/tests/fake.sh
. "$(dirname "$0")/fake.sh"

# It shows its words and the disk that it is given, and sleeps as long as it is told.
cat >qemu <<'EOT'
#!/bin/bash
case $1 in
--help | -h) echo "QEMU emulator, a fake"; exit ;;
--version) echo "QEMU emulator version 7.2.0"; exit ;;
-device) [[ $2 == help ]] && { echo 'name "pc-testdev"'; exit; } ;;
esac
printf '\033[2J\033[01;01H\033[=3hWORDS: %s\r\n' "$*"
printf '\033[2J\033[1m\r\n'
while (($#)); do
	[[ $1 == *file=/dev/fd/* ]] && grep -a -o 'the image' "${1##*file=}"
	shift
done
sleep "${FAKE_SLEEP-0}"
echo "PASS: a"
echo "EXIT: STATUS=1"
exit 1
EOT
mkdir arm riscv
for dir in x86 arm riscv; do
	printf 'the image%0200d\n' 0 >$dir/a.efi
	printf '[a]\nfile = a.flat\nsmp = 2\n[args]\nfile = a.flat\ntest_args = one\n' \
		>$dir/unittests.cfg
done
sed -i 's/^CONFIG_EFI=.*/CONFIG_EFI=y/; s/^ENVIRON_DEFAULT=.*/ENVIRON_DEFAULT=y/' config.mak
touch firmware
export EFI_UEFI=$tree/firmware ACCEL=tcg
arch() { sed -i "s/^ARCH=.*/ARCH=$1/" config.mak; }
run() { QEMU=$tree/qemu "$flatbed" suite --color=never --no-history "$@" >out 2>err; }
words() { sed -n '/WORDS: /s/\r$//p' logs/a.log; }
has() { [[ "$(words) " == *" $1 "* ]] || wrong "wanted $1 in $(words)"; }
tells() { grep -qF -e "$1" out || wrong "wanted '$1' in $(cat out err)"; }

# x86: a disk, and neither arguments nor environment.
arch x86_64
run a || wrong "x86: $(cat out err)"
[[ $(words) == WORDS:* ]] || wrong "what firmware does to the screen: $(words | cat -v)"
has "-drive if=pflash,format=raw,readonly=on,file=$tree/firmware"
has "-smp 2 -m 256"
[[ $(words) == *-kernel* || $(words) == *-initrd* ]] && wrong "x86: $(words)"
grep -qx 'the image' logs/a.log || wrong "no image on the disk"
grep -q $'^\r' logs/a.log && wrong "a line without text is shown"
run args
tells 'SKIP args (UEFI images of x86_64 take no arguments)'
EFI_SMP=3 run a
has "-smp 3"
printf '[a]\nfile = a.flat\nqemu_params = -m 512\n' >x86/unittests.cfg
run a
has "-smp 1 -m 512"

# Firmware takes its time; a case's time is what it was, and ten seconds.
FAKE_SLEEP=1.2 TIMEOUT=1s run a || wrong "ten seconds for firmware: $(cat out err)"

# arm64: as a kernel.
arch arm64
run a || wrong "arm64: $(cat out err)"
has "-machine acpi=off -bios $tree/firmware -kernel arm/a.efi -smp 2 -m 256 -initrd"
EFI_USE_ACPI=y run a
[[ $(words) == *acpi=* ]] && wrong "ACPI: $(words)"
run args
tells 'PASS args'

arch riscv64
run a
tells 'SKIP a (UEFI images of riscv64 are not supported)'
arch x86_64
EFI_UEFI=/nowhere run a
tells "error: EFI_UEFI=/nowhere is no UEFI firmware to be read"
for backend in kvm bochs; do
	QEMU='' ACCEL='' "$flatbed" run --backend=$backend x86/a.efi >out 2>&1
	grep -q 'UEFI images need QEMU\|--backend' out || wrong "$backend: $(cat out)"
done

# Real ones: at their status, by way of a port and of PSCI's SYSTEM_OFF.
unset EFI_UEFI ACCEL
cat >x86/real.c <<'EOT'
static void say(const char *text)
{
	for (; *text; text++)
		__asm__ volatile("outb %0, %1" : : "a"(*text), "Nd"((unsigned short)0x3f8));
}
unsigned long EfiMain(void)
{
	say("PASS: started\r\nSUMMARY: 1 tests\r\n");
	for (;;)
		__asm__ volatile("outl %0, %1" : : "a"(0), "Nd"((unsigned short)0xf4));
}
EOT
cat >arm/real.c <<'EOT'
unsigned long EfiMain(void)
{
	register unsigned long off __asm__("x0") = 0x84000008;

	for (const char *text = "PASS: started\nSUMMARY: 1 tests\nEXIT: STATUS=1\n"; *text; text++)
		*(volatile unsigned int *)0x9000000 = *text;
	__asm__ volatile("hvc #0" : "+r"(off));
	for (;;)
		;
}
EOT
real() {	# directory, clang's name for the architecture, a QEMU, its firmware
	command -v "$3" >/dev/null && [[ -f $4 ]] || return 0
	clang --target="$2-unknown-windows" -ffreestanding -mno-stack-arg-probe -O1 \
		-c "$1/real.c" -o "$1/real.o" 2>/dev/null &&
		lld-link /subsystem:efi_application /entry:EfiMain "/out:$1/real.efi" \
		"$1/real.o" >/dev/null 2>&1 || return 0
	if ! "$flatbed" run --backend=qemu-tcg "$1/real.efi" >out 2>err ||
		! grep -q '^PASS: started' out; then
		wrong "real firmware, $2: $(cat out err)"
	fi
}
real x86 x86_64 qemu-system-x86_64 /usr/share/ovmf/OVMF.fd
real arm aarch64 qemu-system-aarch64 /usr/share/qemu-efi-aarch64/QEMU_EFI.fd
exit $bad
