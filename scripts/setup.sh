#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# All set-up on a Debian machine, then: run (the suite), check (Flatbed's own
# tests), build (nothing more), or all (builds every architecture, with every
# optional library and VMM).  Further words go to run_tests.sh.
set -u
cd "$(dirname "$0")/.." || exit 2

what=${1:-run}
[[ $# -gt 0 ]] && shift
declare -A package=(
	[gcc]=gcc [ld]=binutils [make]=make
	[qemu-system-x86_64]=qemu-system-x86
)
declare -A header=([stdlib.h]=libc6-dev)
# The architectures and their compilers, as lib/rules.mk knows them.
archs() {
	sed -n 's/^archs_[a-z0-9]* := //p' ./*/rules.mk | tr '\n' ' '
}
case $what in
run | build) ;;
check | all)
	package+=([shellcheck]=shellcheck [clang]=clang)
	header+=(
		[cmocka.h]=libcmocka-dev [Zydis/Zydis.h]=libzydis-dev [jansson.h]=libjansson-dev
		[libxml2/libxml/xmlwriter.h]=libxml2-dev [sqlite3.h]=libsqlite3-dev
		[elfutils/libdw.h]=libdw-dev [seccomp.h]=libseccomp-dev
	)
	;;&
all)
	package+=(
		[bochs-bin]="bochs bochs-term" [qemu-system-aarch64]=qemu-system-arm
		[qemu-system-ppc64]=qemu-system-ppc [qemu-system-s390x]=qemu-system-misc
		[qemu-system-riscv64]=qemu-system-misc [iasl]=acpica-tools [gdb]=gdb
		[xmllint]=libxml2-utils [jq]=jq [sqlite3]=sqlite3 [zsh]=zsh [man]=man-db
		[prove]=perl [script]=bsdutils [chromium]=chromium [dh]=debhelper
		[dpkg-buildpackage]=dpkg-dev [lintian]=lintian
	)
	header+=([capstone/capstone.h]=libcapstone-dev)
	while read -r cross; do
		[[ $cross == $(uname -m)-* ]] || package+=([${cross}gcc]=gcc-${cross%-})
	done < <(sed -n 's/^cross_[a-z0-9_]* := //p' ./*/rules.mk | sort -u)
	;;
check) ;;
*)
	echo "usage: scripts/setup.sh [run|check|build|all] [run_tests.sh options]" >&2
	exit 2
	;;
esac

missing=()
for tool in "${!package[@]}"; do
	# shellcheck disable=SC2206 # some tools take two packages
	command -v "$tool" >/dev/null || missing+=(${package[$tool]})
done
for file in "${!header[@]}"; do
	[[ -n $(find /usr/include -path "*/$file" -print -quit) ]] || missing+=("${header[$file]}")
done

# Says nothing unless it fails.
quietly() {
	local output

	output=$("$@" 2>&1 </dev/null) && return
	printf '%s\n' "$output" >&2
	echo "setup.sh: failed: $*" >&2
	exit 2
}
if (( ${#missing[@]} )); then
	as_root=()
	(( EUID == 0 )) || as_root=(sudo)
	for tool in apt-get "${as_root[@]}"; do
		command -v "$tool" >/dev/null && continue
		echo "setup.sh: no $tool here; install these first: ${missing[*]}" >&2
		exit 2
	done
	echo "setup.sh: installing ${missing[*]}" >&2
	# sudo passes no environment on.
	as_root+=(env DEBIAN_FRONTEND=noninteractive)
	quietly "${as_root[@]}" apt-get -q update
	quietly "${as_root[@]}" apt-get -qy --no-install-recommends install \
		"${missing[@]}"
	# Libraries count only for a tree that is configured after them.
	[[ ${missing[*]} == *-dev* ]] && rm -f config.mak
fi
[[ -f config.mak && ! configure -nt config.mak ]] || quietly ./configure
if [[ $what == all ]]; then
	quietly make -j"$(nproc)" "ARCHS=$(archs)" images host
else
	quietly make -j"$(nproc)"
fi
case $what in
run)	exec ./run_tests.sh -j "$(nproc)" "$@" ;;
check)	exec make --no-print-directory check ;;
esac
