#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Saved machines: loaded ones print the rest of what the saved ones printed; files
# that are damaged get one message.
set -u
cd "$(dirname "$0")/../.." || exit 2
flatbed=$PWD/build/host/flatbed
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
bad=0
wrong() {
	echo "$*"
	bad=1
}

# Status 1 is the debug-exit port's form of success.
vm() {
	"$flatbed" vm "$@" 2>"$dir/err" </dev/null
	[[ $? -eq 1 ]]
}

# By number, by name, before the first instruction; with one CPU and with three.
vm -cpu max x86/umip.flat >"$dir/whole"
for point in start 1 57 400 on; do
	vm -cpu max --save "$dir/m@$point" x86/umip.flat >"$dir/saved" ||
		wrong "@$point: the machine that is saved fails"
	cmp -s "$dir/whole" "$dir/saved" || wrong "@$point: saving changes what is printed"
	vm --load "$dir/m" >"$dir/rest" || wrong "@$point: the loaded machine fails"
	[[ -s $dir/rest && $(<"$dir/whole") == *"$(<"$dir/rest")" ]] ||
		wrong "@$point: the loaded machine prints: $(<"$dir/rest")"
done
vm -smp 3 --save "$dir/m@together" x86/smptest.flat >/dev/null
[[ $(vm --load "$dir/m" | tail -n 2) == "PASS: together"* ]] ||
	wrong "three CPUs: $(<"$dir/err")"

# The loaded machine is the saved one, memory and all.
vm -smp 3 -cpu max --hash --save "$dir/m@100" x86/smptest.flat >/dev/null
saved=$(sed -n 's/^saved: //p' "$dir/err")
vm --hash --load "$dir/m" >/dev/null
[[ -n $saved && $(sed -n 's/^loaded: //p' "$dir/err") == "$saved" ]] ||
	wrong "another hash: saved $saved, $(grep loaded "$dir/err")"

# A loaded machine is saved again, onto its own file.
vm -cpu max --save "$dir/m@100" x86/umip.flat >/dev/null
vm --load "$dir/m" --save "$dir/m@100" >"$dir/rest"
tail=$(tail -n 3 "$dir/rest")
[[ $(vm --load "$dir/m" | tail -n 3) == "$tail" ]] || wrong "saved twice: differs"

# From process to process.
vm -smp 2 -cpu max --migrate-every 50 --migrate-process x86/umip.flat >"$dir/moved" ||
	wrong "the machine that moves fails: $(<"$dir/err")"
cmp -s "$dir/whole" "$dir/moved" || wrong "moving changes what is printed"

# Where there is no room, nothing is left behind.
(
	trap '' XFSZ
	ulimit -f 8
	"$flatbed" vm -cpu max --save "$dir/none@start" x86/umip.flat >/dev/null 2>"$dir/err"
)
[[ $(<"$dir/err") == *"saving to $dir/none: File too large"* ]] ||
	wrong "no room: $(<"$dir/err")"
[[ -z $(find "$dir" -name 'none*') ]] || wrong "no room, yet left: $(ls "$dir")"

# What the log of dirty pages knows goes along.
vm -smp 2 --migrate-every 20 --migrate-process -append flushed x86/dirty_log.flat \
	>"$dir/moved" || wrong "dirty pages that the move loses: $(<"$dir/moved")"

message() {	# file, what its message has
	"$flatbed" vm --load "$1" >"$dir/out" 2>"$dir/err"
	[[ -s $dir/out ]] && wrong "$2: it was loaded"
	[[ $(wc -l <"$dir/err") -eq 1 && $(<"$dir/err") == *"$2"* ]] ||
		wrong "no word of \"$2\": $(<"$dir/err")"
}
poke() {	# offset
	cp "$dir/m" "$dir/poked"
	printf '\xa5' | dd of="$dir/poked" bs=1 seek="$1" conv=notrunc status=none
}
head -c 50000 "$dir/m" >"$dir/poked" && message "$dir/poked" truncated
poke 3 && message "$dir/poked" "not a saved machine"
poke 8 && message "$dir/poked" version
poke 100 && message "$dir/poked" damaged
poke 12288 && message "$dir/poked" damaged
poke $(($(stat -c %s "$dir/m") - 1)) && message "$dir/poked" damaged
(cat "$dir/m"; echo) >"$dir/poked" && message "$dir/poked" damaged
: >"$dir/poked" && message "$dir/poked" "not a saved machine"
message /dev/null "not a saved machine"
vm --save "$dir/none@999999" x86/dummy.flat >"$dir/out"
[[ ! -e $dir/none && $(<"$dir/err") == *"nothing was saved: no @999999"* ]] ||
	wrong "a point that never came: $(<"$dir/err")"
exit $bad
