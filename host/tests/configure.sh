#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# ./configure where libraries are missing or not wanted: it says what each costs, and what
# it leaves builds.
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/fake.sh"
libraries="jansson libxml2 sqlite3 libdw libseccomp capstone zydis cmocka"

# A compiler that finds no library's header.
cat >poor-cc <<'EOT'
#!/bin/sh
for word; do
	case $word in
	*.c) grep -qE '<(jansson|libxml|sqlite3|elfutils|seccomp|capstone|Zydis|cmocka)' "$word" &&
		exit 1 ;;
	esac
done
exec cc "$@"
EOT
chmod +x poor-cc
nothing() {	# config.mak asks for no library
	grep -qE '^HOST_LIBS= *$' config.mak && ! grep -q HAVE_ config.mak &&
		! grep -q '^CMOCKA=y' config.mak
}
rm config.mak
HOST_CC=$tree/poor-cc "$top/configure" >out 2>&1 || wrong "configure: $(cat out)"
for name in $libraries; do
	grep -qE "^  $name: no; with it \(Debian: lib[a-z0-9.-]+-dev\), .{10}" out ||
		wrong "nothing is said of $name: $(cat out)"
done
grep -q '^  all that are missing: apt-get install libjansson-dev ' out ||
	wrong "no list: $(cat out)"
nothing || wrong "libraries that are not there: $(cat config.mak)"
rm config.mak
"$top/configure" --without-libraries >out 2>&1 || wrong "--without-libraries: $(cat out)"
[[ $(grep -c ': no, as asked$' out) -eq 8 ]] || wrong "--without-libraries: $(cat out)"
nothing || wrong "libraries that are not wanted: $(cat config.mak)"
"$top/configure" --without-sqlite3 --without-zydis >out 2>&1 ||
	wrong "--without-sqlite3: $(cat out)"
grep -q SQLITE config.mak && wrong "sqlite3, which is not wanted"
[[ $(grep -c ': no, as asked$' out) -eq 2 ]] || wrong "--without-NAME: $(cat out)"
"$top/configure" --nonsense >out 2>&1 && wrong "an unknown option: status 0"
[[ $("$top/configure" --enable-efi 2>&1) == *--tests=DIR* ]] ||
	wrong "--enable-efi is not explained"

# What recipes and people's scripts pass.
"$top/configure" --arch=x86_64 --processor=x86_64 --endian=little --disable-pretty-print-stacks \
	--disable-werror --disable-dump --disable-efi-direct --ld=ld --cflags="-g -DX=1" \
	>out 2>&1 || wrong "known options: $(cat out)"
# Shells read config.mak, and make does, which takes the quotes off.
# shellcheck disable=SC1091 # made just now
got=$(set -eu; . ./config.mak 2>&1; echo "$CFLAGS, $ARCH")
[[ $got == "-g -DX=1, x86_64" ]] || wrong "config.mak in a shell: $got"
# shellcheck disable=SC2016 # make's
got=$(make -s -C "$tree" -f - show 2>&1 < <(sed -n '/^-include config.mak/,/^$/p' "$top/Makefile"
	printf 'show:\n\techo $(CFLAGS), $(ARCH)\n'))
[[ $got == "-g -DX=1, x86_64" ]] || wrong "config.mak in make: $got"

# Beside the sources: an image is built and nothing is written there.
mkdir beside
cd beside || exit 2
touch ../begun
"$top/configure" >out 2>&1 || wrong "in another directory: $(cat out)"
"$top/configure" >out 2>&1 || wrong "in another directory, again: $(cat out)"
make -s -j2 x86/dummy.flat >out 2>&1 || wrong "make in another directory: $(cat out)"
"$flatbed" list x86/dummy.flat >out 2>&1
grep -q boots out || wrong "an image from there: $(cat out)"
# Images without a source go, where they were made here.
cp build/x86_64/x86/dummy.elf build/x86_64/x86/gone.elf
cp build/x86_64/x86/dummy.flat build/x86_64/x86/gone.flat
ln build/x86_64/x86/gone.flat x86/gone.flat
cp x86/dummy.flat x86/guest.flat
make forget-x86_64 >out 2>&1 || wrong "an image without a source: $(cat out)"
got=$(echo build/x86_64/x86/*.flat x86/*.flat)
[[ $got == "build/x86_64/x86/dummy.flat x86/dummy.flat x86/guest.flat" ]] ||
	wrong "images without a source: $got: $(cat out)"
rm x86/guest.flat
# Whatever else would be built, all of it would lie here.
make -n -k 2>/dev/null | grep -oE -e ' -o [^ ]+' | sed 's/^ -o //' | sort -u >outputs
[[ $(wc -l <outputs) -gt 100 ]] || wrong "make -n: $(cat outputs)"
while read -r file; do
	dir=$(realpath -m "$(dirname "$file")")
	[[ $file == /dev/null || $dir/ == $tree/* ]] || echo "$file"
done <outputs | head -n 5 >elsewhere
[[ -s elsewhere ]] && wrong "would be written to the sources: $(cat elsewhere)"
find -L x86 scripts lib -type l | grep . && wrong "links to nothing"
got=$(find "$top" -newer ../begun -type f -not -path "$top/build/check*" -not -path '*/.git*')
[[ -z $got ]] || wrong "written to the sources: $got"
exit $bad
