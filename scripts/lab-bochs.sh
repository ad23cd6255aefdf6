#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A Linux kernel in Bochs, without a BIOS: what "qemu-system-x86_64 -kernel" is to QEMU.
# The kernel's PVH entry takes memory, command line and initrd as a structure in memory
# (include/xen/interface/hvm/start_info.h); scripts/lab-rom.S reads all of it from a disk.
set -u -o pipefail

usage() {
	cat <<'EOT'
usage: scripts/lab-bochs.sh KERNEL INITRD [COMMAND LINE…]

KERNEL is a bzImage or an ELF file. What the guest sends to port 0xe9 is printed.
MEMORY=SIZE	default 1G
CPU=MODEL	in Bochs' words
LIMIT=TIME	of the whole, default 900
PRINTER=FILE	what goes to the printer
BOCHS=COMMAND	or a folder that scripts/get-bochs3.sh has made
EOT
}

fail() {
	echo "lab-bochs: $*" >&2
	exit 125
}

(( $# >= 2 )) || { usage >&2; exit 125; }
kernel=$1 initrd=$2
shift 2
memory=$(numfmt --from=iec "${MEMORY:-1G}") || exit 125
cpu=${CPU:-corei7_skylake_x} limit=${LIMIT:-900}
here=${0%/*}
# All of Bochs' time is of instructions, so many to the second.
ips=50000000
work=$(mktemp -d) || exit 125
bochs_pid=''
# shellcheck disable=SC2317 # by the traps
leave() {
	if [[ -n $bochs_pid ]]; then
		kill -KILL -- "-$bochs_pid"
		wait "$bochs_pid"
	fi 2>/dev/null
	rm -rf "$work"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# What starts Bochs, in words: a folder brings its own loader and libraries.
folder_command() {
	local loaders=("$1"/usr/lib/*/ld-linux-*.so.*) libraries

	[[ -x ${loaders[0]} ]] || return
	libraries=${loaders[0]%/*}
	bochs=(env "LTDL_LIBRARY_PATH=$libraries/bochs/plugins" "${loaders[0]}" --library-path
		"$libraries:/${libraries#"$1"/}" "$1/usr/bin/bochs-bin")
}

has_model() {
	[[ $'\n'$("${bochs[@]}" --help cpu 2>&1)$'\n' == *$'\n'"$cpu"$'\n'* ]]
}

bochs_find() {
	local side=${XDG_DATA_HOME:-${HOME:-/root}/.local/share}/flatbed/bochs3

	bochs=()
	if [[ -d ${BOCHS-} ]]; then
		folder_command "$(realpath "$BOCHS")" && has_model && return
	else
		bochs=("${BOCHS:-bochs-bin}")
		command -v "${bochs[0]}" >/dev/null && has_model && return
		[[ -z ${BOCHS-} ]] && folder_command "$side" && has_model && return
	fi
	command -v "${bochs[0]-}" >/dev/null || fail "no Bochs was found (package bochs)"
	fail "Bochs has no CPU $cpu (bochs-bin --help cpu lists them)"
}

number() {	# file, offset, bytes
	od -An "-tu$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# The ELF file that is compressed in a bzImage: its header says where
# (Documentation/x86/boot.rst).
kernel_unpack() {
	local at length how

	if [[ $(head -c 4 "$kernel" | tr -d '\0') == $'\177ELF' ]]; then
		ln -s "$(realpath "$kernel")" "$work/vmlinux"
		return
	fi
	(( $(number "$kernel" 0x202 4) == 0x53726448 )) || fail "$kernel is no kernel"
	at=$(( ($(number "$kernel" 0x1f1 1) + 1) * 512 + $(number "$kernel" 0x248 4) ))
	length=$(number "$kernel" 0x24c 4)
	case $(od -An -tx1 -j $at -N 4 "$kernel") in
	" fd 37 7a 58")	how=xz ;;
	" 28 b5 2f fd")	how=zstd ;;
	" 1f 8b "*)	how=gzip ;;
	*)		fail "$kernel is compressed in an unknown way" ;;
	esac
	command -v $how >/dev/null || fail "$how is not installed"
	# Behind it: the length that it had, 4 bytes.
	$how -dc >"$work/vmlinux" \
		< <(tail -c "+$(( at + 1 ))" "$kernel" | head -c "$(( length - 4 ))") ||
		fail "cannot unpack $kernel"
}

words() {
	local v text=''

	for v; do
		printf -v text '%s\\x%02x\\x%02x\\x%02x\\x%02x' "$text" $(( v & 255 )) \
			$(( v >> 8 & 255 )) $(( v >> 16 & 255 )) $(( v >> 24 & 255 ))
	done
	printf '%b' "$text"
}

longs() {
	local v

	for v; do
		words $(( v & 0xffffffff )) $(( v >> 32 ))
	done
}

sectors() {
	echo $(( ($1 + 511) / 512 ))
}

info=0x9000		# where the structure goes; the command line is 256 bytes behind
low_end=0x9f000		# below the EBDA's place and what is not RAM
start_info() {	# initrd's address, size; command line
	words 0x336ec578 1 0 1
	longs $(( info + 0x40 )) $(( info + 0x100 )) 0 $(( info + 0x60 ))
	words 2 0
	longs 0
	longs "$1" "$2" 0 0
	longs 0x1000 $(( low_end - 0x1000 ))
	words 1 0
	longs 0x100000 $(( memory - 0x100000 ))
	words 1 0
	head -c $(( 0x100 - 0x90 )) /dev/zero
	printf '%s\0' "$3"
}

# A disk of: the table, the structure, the kernel's file, the initrd.
disk_make() {
	local size address entry at=9 kernel_at=9

	size=$(stat -Lc %s "$initrd") || fail "cannot read $initrd"
	address=$(( (memory - size) & ~0xfffff ))
	(( size < memory / 3 )) || fail "the initrd takes more than a third of the memory"
	readelf -lnW "$work/vmlinux" >"$work/elf" || fail "cannot read $kernel"
	entry=$(awk '/0x00000012/ { for (i = 1; $i != "data:"; i++);
		print "0x" $(i + 4) $(i + 3) $(i + 2) $(i + 1); exit }' "$work/elf")
	[[ -n $entry ]] || fail "$kernel has no PVH entry (CONFIG_PVH)"
	start_info "$address" "$size" "$*" >"$work/info"
	truncate -s 4096 "$work/info"
	at=$(( kernel_at + $(sectors "$(stat -Lc %s "$work/vmlinux")") ))
	{
		words 1 8 $info
		awk '$1 == "LOAD" { print $2, $4, $5 }' "$work/elf" |
		while read -r offset place length; do
			words $(( kernel_at + offset / 512 )) "$(sectors $(( length )))" "$place"
		done
		words $at "$(sectors "$size")" "$address"
		words $info 0 "$entry"
	} >"$work/table"
	truncate -s 512 "$work/table"
	cat "$work/table" "$work/info" "$work/vmlinux" >"$work/disk" || fail "no disk"
	truncate -s $(( at * 512 )) "$work/disk"
	cat "$initrd" >>"$work/disk" || fail "no disk"
	# Whole cylinders, as Bochs wants them: 16 heads of 63 sectors.
	truncate -s %516096 "$work/disk"
	rm -f "$work/vmlinux"
}

rom_make() {
	"${CC:-cc}" -m32 -I "$here/../host" -c -o "$work/rom.o" "$here/lab-rom.S" || fail "no ROM"
	objcopy -O binary -j .text "$work/rom.o" "$work/rom" || fail "no ROM"
	head -c 512 /dev/zero >"$work/vga"
}

bochs_configure() {
	cat >"$work/rc" <<-EOT
	config_interface: textconfig
	display_library: term
	plugin_ctrl: iodebug=0, unmapped=1, biosdev=0, speaker=0, parallel=1, gameport=0
	megs: $(( memory >> 20 ))
	romimage: file=$work/rom
	vgaromimage: file=$work/vga
	cpu: model=$cpu, count=1, ips=$ips, reset_on_triple_fault=0, ignore_bad_msrs=1
	clock: sync=none, time0=utc
	com1: enabled=1, mode=file, dev=$work/serial
	parport1: enabled=1, file=${PRINTER:-/dev/null}
	port_e9_hack: enabled=1
	pci: enabled=1, chipset=i440fx
	ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
	ata0-master: type=disk, path=$work/disk, mode=flat, cylinders=0
	ata1: enabled=0
	private_colormap: enabled=0
	log: $work/log
	panic: action=fatal
	error: action=ignore
	info: action=ignore
	debug: action=ignore
	EOT
	bochs+=(-q -f "$work/rc")
	# A build with the debugger waits for a command.
	if [[ $("${bochs[@]}" --help 2>&1) == *"-rc filename"* ]]; then
		echo 'debugger_log: /dev/null' >>"$work/rc"
		echo c >"$work/go"
		bochs+=(-rc "$work/go")
	fi
}

bochs_find
rom_make
kernel_unpack
# Bochs' TSC counts instructions, whatever CPUID says of its frequency.
disk_make "tsc_early_khz=$(( ips / 1000 )) tsc=reliable $*"
bochs_configure
# It prints a banner first, and lines of its debugger now and then.
console() {
	sed -u -e '1,/^(0) \[0x/d' -e '/^([0-9]*)\.\[[0-9]*\] /d'
}
# Bochs ends at SIGKILL only, and timeout is its process group.
TERM=vt100 timeout -s KILL "$limit" "${bochs[@]}" </dev/null 2>"$work/errors" > >(console) &
bochs_pid=$!
wait $bochs_pid 2>/dev/null
result=$?
bochs_pid=''
(( result == 137 )) && { cat "$work/serial" >&2; fail "no end within $limit"; }
grep -q 'Shutdown port' "$work/log" && exit 0
cat "$work/serial" >&2 2>/dev/null
fail "Bochs ended: $(grep '>>PANIC<<' "$work/log" | tail -n 1)"
