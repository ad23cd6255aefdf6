#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What make install installs: the runner, manual pages, and what shells complete.
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/fake.sh"
root=$tree/root
"${MAKE:-make}" -s -C "$top" --no-print-directory install DESTDIR="$root" PREFIX=/usr >out 2>err ||
	wrong "make install: $(cat err)"
flatbed=$root/usr/bin/flatbed

# It finds its tree wherever it is called, and leaves it as it is.
mkdir elsewhere
(cd elsewhere && "$flatbed" suite -l) >out 2>err || wrong "flatbed suite -l: $(cat err)"
grep -qx umip out || wrong "flatbed suite -l: no umip: $(cat out)"
(cd elsewhere && "$flatbed" suite --backend=qemu --color=never umip) >out 2>err
if grep -qE '^(PASS|FAIL) umip' out; then
	[[ -f elsewhere/logs/umip.log ]] || wrong "no log where it was called"
else
	grep -q 'QEMU' err || wrong "flatbed suite umip: $(cat out err)"
fi
[[ -e $root/usr/lib/flatbed/logs ]] && wrong "logs in the installed tree"
grep -q -e "$top" "$root/usr/lib/flatbed/config.mak" && wrong "config.mak names the source tree"

# It says what is here, in a tree and without one.
(cd elsewhere && QEMU='' "$flatbed" doctor) >out 2>err || grep -q '^There are no images' out ||
	grep -q '^Nothing here can run a machine' out || wrong "doctor: status $?: $(cat out err)"
for pattern in '^This host$' '^KVM$' '^[+-] x86_64: ' '^[+-] built with' '^[+-] .*history'; do
	grep -qE "$pattern" out || wrong "doctor: no '$pattern': $(cat out)"
done
grep -vE '^($|[+!-] |This |KVM$|Other |Tests |There |Nothing )' out && wrong "doctor: other lines"
PATH=/nowhere "$flatbed" doctor >out 2>err
grep -q '^- x86_64: no QEMU; with it (Debian: qemu-system-x86)' out ||
	wrong "doctor without QEMU: $(cat out)"
# One that does not start is none.
mkdir broken
cat >broken/qemu-system-x86_64 <<'EOT'
#!/bin/sh
echo "qemu: libpixman-1.so.0: cannot open shared object file" >&2
exit 127
EOT
chmod +x broken/qemu-system-x86_64
PATH=$PWD/broken:$PATH "$flatbed" doctor >out 2>err
grep -q '^- x86_64: .*/broken/qemu[^ ]* is there and does not start: qemu: libpixman' out ||
	wrong "doctor with a QEMU that does not start: $(cat out)"

# Manual pages render without a word of complaint, and have every option.
pages=$root/usr/share/man
for page in "$pages"/man1/flatbed.1 "$pages"/man1/run_tests.sh.1 "$pages"/man5/unittests.cfg.5; do
	[[ -f $page ]] || { wrong "no $page"; continue; }
	grep -n '@[a-z]*@' "$page" && wrong "$page: a table is missing"
	command -v man >/dev/null || continue
	complaints=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$page" 2>&1 >"$page.txt")
	[[ -z $complaints ]] || wrong "$page: $complaints"
done
options() { "$flatbed" "$1" --help | grep -oE '^  (-., |    )--[a-z0-9-]+' | grep -oE -- '--.*'; }
for option in $(options suite); do
	grep -qF -- "${option//-/\\-}" "$pages/man1/run_tests.sh.1" || [[ $option == --help ]] ||
		wrong "run_tests.sh(1) has no $option"
done
for command in $("$flatbed" --help | awk '/^  / { print $1 }'); do
	grep -qF ".SS flatbed ${command//-/\\-} " "$pages/man1/flatbed.1" ||
		wrong "flatbed(1) has no $command"
done

# bash: as its completion calls the function.
complete_bash() {	# words…: what can stand for the last one
	local COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	_flatbed "$1" "${!#}" "" 2>/dev/null
	printf '%s\n' "${COMPREPLY[@]}"
}
can() {	# wanted, words…
	local wanted=$1
	shift
	complete_bash "$@" | grep -qxF -- "$wanted" ||
		wrong "bash: no $wanted for '$*': $(complete_bash "$@" | tr '\n' ' ')"
}
# shellcheck disable=SC1091 # it has just been made
. "$root/usr/share/bash-completion/completions/flatbed"
complete -p flatbed run_tests.sh x86-run >/dev/null || wrong "bash: nothing is completed"
fake good 1 'PASS: a\nSUMMARY: 1 tests\n'
mkdir -p logs/runs/20260101-000000-1
can history flatbed hi
can --baseline= ./run_tests.sh --ba
can --tap13 ./run_tests.sh --ta
can junit ./run_tests.sh --report = ju
can qemu-tcg ./x86-run --backend = qemu-
can good ./run_tests.sh go
can good flatbed history go
can 20260101-000000-1 flatbed compare latest 2026
can x86/good.flat ./x86-run x86/go
can arm64 flatbed suite --arch = arm6
can zsh flatbed completion z
complete_bash flatbed vm --gdb-nonsense | grep -q . && wrong "bash: completes nonsense"

# zsh: typed into a terminal of its own.
if command -v zsh >/dev/null; then
	cat >rc.zsh <<EOT
PS1=
fpath=($root/usr/share/zsh/site-functions \$fpath)
path=($root/usr/bin \$path)
autoload -Uz compinit
compinit -u -D
show() { print -r -- "GOT<\$BUFFER>"; BUFFER=; zle redisplay; }
zle -N show
bindkey '^X' show
print ready
EOT
	cat >typed.zsh <<'EOT'
zmodload zsh/zpty
zpty shell TERM=dumb zsh -f -i
zpty -w shell "source ./rc.zsh"
zpty -r shell got '*ready*'
for typed in "flatbed hist" "flatbed compare --parti" "run_tests.sh --report=juni" \
		"run_tests.sh goo"; do
	zpty -n -w shell "$typed"$'\t\x18'
	zpty -r shell got '*GOT<*>*'
	print -r -- "$got"
done
EOT
	timeout 30 zsh -f typed.zsh >zsh.out 2>&1
	for wanted in 'flatbed history' 'flatbed compare --partial' 'run_tests.sh --report=junit' \
		'run_tests.sh good'; do
		grep -qE -- "GOT<$wanted *>" zsh.out || wrong "zsh: no '$wanted': $(cat -v zsh.out)"
	done
fi
exit $bad
