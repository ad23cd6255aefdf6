#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What machines are given: the guest's environment, errata, and each architecture's line.
set -u
# shellcheck source=host/tests/fake.sh
. "$(dirname "$0")/fake.sh"

# It shows its own words, and the file that it is to hand to the guest.
cat >qemu <<'EOT'
#!/bin/bash
case $1 in
--help | -h) echo "QEMU emulator, a fake"; exit ;;
--version) echo "QEMU emulator version 7.2.19 (Debian)"; exit ;;
-device) [[ $2 == help ]] && { echo 'name "pc-testdev"'; echo 'name "pci-testdev"'; exit; } ;;
-cpu) [[ $2 == help ]] && { echo 'rv64'; exit; } ;;
esac
echo "WORDS: $*"
while (($#)); do
	[[ $1 == -initrd || $1 == --initrd ]] && sed 's/^/ENV: /' "$2"
	[[ $1 == -bios ]] && echo "BIOS: $(od -An -v -tx1 "$2" | tr -d ' \n')"
	shift
done
echo "PASS: a"; echo "EXIT: STATUS=1"
exit "${FAKE_STATUS-1}"
EOT
chmod +x qemu
for arch in x86 arm powerpc s390x riscv; do
	mkdir -p $arch
	echo "no image of ours" >$arch/a.flat
	printf '[a]\nfile = a.flat\ntest_args = "one two"\n' >$arch/unittests.cfg
done
printf '# comment\n9e3f7a296940 : 4.9 : access\n7b6b46311a85 : 99.1 : timer\nnonsense\n' >errata.txt
sed -i 's/^ERRATATXT=.*/ERRATATXT=errata.txt/; s/^ENVIRON_DEFAULT=.*/ENVIRON_DEFAULT=y/' config.mak

log() { sed -n "s/^$1: //p" logs/a.log; }
run() { "$flatbed" suite --color=never --no-history "$@" >out 2>err || wrong "$*: $(cat out err)"; }
export QEMU=$tree/qemu ACCEL=kvm,dirty-ring-size=4096
release=$(uname -r)

has_kvm() { "$flatbed" suite --plan a 2>/dev/null | grep -q '^run'; }
if has_kvm; then
	run a
	diff <(log ENV) - <<EOT || wrong "the environment"
TARGET=qemu
QEMU_ACCEL=kvm,dirty-ring-size=4096
QEMU_VERSION_STRING=7.2.19
QEMU_MAJOR=7
QEMU_MINOR=2
QEMU_MICRO=19
KERNEL_VERSION_STRING=$release
KERNEL_VERSION=$(cut -d. -f1 <<<"$release")
KERNEL_PATCHLEVEL=$(cut -d. -f2 <<<"$release")
KERNEL_SUBLEVEL=$(sed -E 's/^[0-9]+\.[0-9]+\.?([0-9]*).*/\1/' <<<"$release" | sed 's/^$/0/')
KERNEL_EXTRAVERSION=$(sed -E 's/^[0-9]+(\.[0-9]+){0,2}//' <<<"$release")
ERRATA_9e3f7a296940=y
ERRATA_7b6b46311a85=n
EOT
	log WORDS | grep -q -e '-accel kvm,dirty-ring-size=4096 .*-kernel x86/a.flat' ||
		wrong "properties of the accelerator: $(log WORDS)"
	# What the user says of an erratum counts, and what the runner knows better does not.
	printf 'FOO=bar\nQEMU_MAJOR=1\n# no\nno assignment\n' >user
	ERRATA_7b6b46311a85=y KVM_UNIT_TESTS_ENV=user run a
	log ENV | grep -qx 'ERRATA_7b6b46311a85=y' || wrong "a user's erratum"
	log ENV | grep -qx 'FOO=bar' || wrong "a user's variable"
	[[ $(log ENV | grep -c '^QEMU_MAJOR=') -eq 1 ]] || wrong "QEMU_MAJOR is the user's"
	log ENV | grep -q 'no assignment' && wrong "a line that is none"
	run -a a
	log ENV | grep -qx 'ERRATA_FORCE=y' || wrong "-a forces no errata"
fi
export ACCEL=tcg
run a
log ENV | grep -qx 'ERRATA_FORCE=y' || wrong "TCG forces no errata"
log WORDS | grep -q -e '-machine accel=tcg -kernel x86/a.flat -smp 1 -append one two -initrd' ||
	wrong "x86: $(log WORDS)"
sed -i 's/^ENVIRON_DEFAULT=.*/ENVIRON_DEFAULT=/' config.mak
run a
[[ -z $(log ENV) ]] || wrong "an environment that was configured out"

# One architecture's line after the other; the image's status is its own, or its line's.
line() {	# architecture, what its words are to have; further variables in front
	local arch=$1
	shift
	sed -i "s/^ARCH=.*/ARCH=$arch/" config.mak
	run a
	log WORDS | grep -qF -e "$*" || wrong "$(printf '%s:\nwanted %s\ngot    %s' "$arch" "$*" \
		"$(log WORDS)")"
}
line i386 '-device isa-debug-exit,iobase=0xf4,iosize=0x4 -display none -serial stdio'
line arm64 '-nodefaults -machine virt -accel tcg -cpu max -device virtio-serial-device'
EL2=1 line arm64 '-machine virt,virtualization=on -accel tcg -cpu max'
TARGET_CPU=cortex-a57 line arm64 '-accel tcg -cpu cortex-a57'
line arm '-machine virt,highmem=off -accel tcg -cpu cortex-a15'
export FAKE_STATUS=0
line riscv64 '-nographic -serial mon:stdio -machine virt -accel tcg -cpu rv64'
line riscv32 '-cpu rv32'
TARGET_CPU_OVERRIDE=x MACHINE_OVERRIDE=,aclint=on FIRMWARE_OVERRIDE=/dev/null \
	line riscv64 '-machine virt,aclint=on -accel tcg -cpu x -bios /dev/null'
line s390x '-machine s390-ccw-virtio -accel tcg -nodefaults -nographic -chardev stdio,id=con0'
line ppc64le '-machine pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off'
# At 0x100 a branch, big-endian, to 0x400000.
[[ $(log BIOS) == "$(printf '0%.0s' {1..512})483fff00" ]] || wrong "pseries' ROM: $(log BIOS)"
MACHINE=powernv9 line ppc64 '-device isa-ipmi-bt,bmc=bmc0,irq=10 -machine powernv9 -accel tcg'

# Under protection, s390x's cases run a second time; TCG knows none.
sed -i 's/^ARCH=.*/ARCH=s390x/' config.mak
printf 'HOST_KEY_DOCUMENT=key\n' >>config.mak
printf '[b]\nfile = a.flat\naccel = tcg\n[c]\nfile = a.flat\ngroups = migration\n' \
	>>s390x/unittests.cfg
[[ $(ACCEL='' "$flatbed" suite -l | tr '\n' ' ') == 'a a_PV b c ' ]] ||
	wrong "doubled: $("$flatbed" suite -l)"
ACCEL='' QEMU='' "$flatbed" suite --plan a_PV 2>/dev/null | grep -qx \
	'SKIP  a_PV (PVM image was not created)' || wrong "an image that was not created"

# kvmtool: as its users have it.
if [[ $(uname -m) == x86_64 ]]; then
	sed -i 's/^ARCH=.*/ARCH=x86_64/' config.mak
	printf 'kvmtool_params = --irqchip=x\nqemu_params = -device nothing\n' >>x86/unittests.cfg
	if ACCEL=kvm has_kvm; then
		ACCEL='' QEMU='' KVMTOOL=$tree/qemu run --backend=kvmtool a
		words='run --nodefaults --network mode=none --loglevel=warning --kernel'
		words+=' x86/a.flat --cpus 1 --params one two --irqchip=x'
		[[ $(log WORDS) == "$words"* ]] || wrong "kvmtool: $(log WORDS)"
	fi
fi
exit $bad
