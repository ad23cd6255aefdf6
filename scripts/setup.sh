#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# All set-up on a Debian machine, then: run (the suite), check (Flatbed's own
# tests), or build (nothing more).  Further words go to run_tests.sh.
set -u
cd "$(dirname "$0")/.." || exit 2

what=${1:-run}
[[ $# -gt 0 ]] && shift
declare -A package=(
	[gcc]=gcc [ld]=binutils [make]=make
	[qemu-system-x86_64]=qemu-system-x86
)
declare -A header=([stdlib.h]=libc6-dev)
case $what in
run | build) ;;
check)
	package+=([shellcheck]=shellcheck [clang]=clang)
	header+=([cmocka.h]=libcmocka-dev [Zydis/Zydis.h]=libzydis-dev)
	;;
*)
	echo "usage: scripts/setup.sh [run|check|build] [run_tests.sh options]" >&2
	exit 2
	;;
esac

missing=()
for tool in "${!package[@]}"; do
	command -v "$tool" >/dev/null || missing+=("${package[$tool]}")
done
for file in "${!header[@]}"; do
	[[ -f /usr/include/$file ]] || missing+=("${header[$file]}")
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
[[ -f config.mak ]] || quietly ./configure
quietly make -j"$(nproc)"
case $what in
run)	exec ./run_tests.sh -j "$(nproc)" "$@" ;;
check)	exec make --no-print-directory check ;;
esac
