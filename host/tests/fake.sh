#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# For tests of the runner: a tree of cases whose VMM prints what a file says and leaves
# with the status that another one says.  Sourced; sets $top, $tree, $flatbed.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tree=$(mktemp -d) || exit 2
trap 'rm -rf "$tree"' EXIT
cd "$tree" || exit 2
export XDG_STATE_HOME=$tree/state XDG_CACHE_HOME=$tree/cache
unset unittest_log_dir TIMEOUT_SCALE BENEATH
mkdir x86
cp "$top/config.mak" .
# shellcheck disable=SC2034 # for who sources this
flatbed=${FLATBED:-$top/build/host/flatbed}
# shellcheck disable=SC2034
bad=0
# shellcheck disable=SC2034
wrong() { echo "$*"; bad=1; }

cat >qemu <<'EOT'
#!/bin/bash
case $1 in
--help | -h) echo "QEMU emulator, a fake"; exit ;;
--version) echo "QEMU emulator version 7.2.0"; exit ;;
esac
while [[ $# -gt 0 && $1 != -kernel ]]; do shift; done
image=${2%.flat}
cat "$image.out"
exit "$(<"$image.status")"
EOT
chmod +x qemu

# fake NAME STATUS TEXT: what the case's machine says from now on; TEXT is printf's.
fake() {
	# shellcheck disable=SC2059 # a format is meant
	printf "$3" >"x86/$1.out"
	echo "$2" >"x86/$1.status"
	[[ -f x86/$1.flat ]] && return
	printf '\177ELF not an image of ours' >"x86/$1.flat"
	printf '[%s]\nfile = %s.flat\n' "$1" "$1" >>x86/unittests.cfg
}
suite() {
	QEMU=$tree/qemu ACCEL=tcg "$flatbed" suite --color=never "$@"
}
