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
case $what in
run | build) ;;
check)	package+=([shellcheck]=shellcheck [clang]=clang) ;;
*)	echo "usage: scripts/setup.sh [run|check|build] [run_tests.sh options]" >&2
	exit 2 ;;
esac

missing=()
for tool in "${!package[@]}"; do
	command -v "$tool" >/dev/null || missing+=("${package[$tool]}")
done
[[ -f /usr/include/stdlib.h ]] || missing+=(libc6-dev)
[[ $what == check && ! -f /usr/include/cmocka.h ]] && missing+=(libcmocka-dev)
[[ $what == check && ! -f /usr/include/Zydis/Zydis.h ]] && missing+=(libzydis-dev)

as_root=()
(( EUID == 0 )) || as_root=(sudo)
log=$(mktemp) || exit 2
trap 'rm -f "$log"' EXIT
quietly() {
	"$@" >"$log" 2>&1 </dev/null && return
	cat "$log" >&2
	echo "setup.sh: failed: $*" >&2
	exit 2
}
if (( ${#missing[@]} )); then
	command -v apt-get >/dev/null || {
		echo "setup.sh: install these first: ${missing[*]}" >&2
		exit 2
	}
	echo "setup.sh: installing ${missing[*]}" >&2
	export DEBIAN_FRONTEND=noninteractive
	quietly "${as_root[@]}" apt-get -q update
	quietly "${as_root[@]}" apt-get -qy --no-install-recommends install \
		"${missing[@]}"
	rm -f config.mak		# what is there now counts
fi
[[ -f config.mak ]] || quietly ./configure
quietly make -j"$(nproc)"
case $what in
run)	exec ./run_tests.sh -j "$(nproc)" "$@" ;;
check)	exec make --no-print-directory check ;;
esac
