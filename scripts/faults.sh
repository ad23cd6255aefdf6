#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Faults on purpose in whole runs: machines that die, hang, and print half of what they
# should; machines and runners that are killed at any moment; results cut off anywhere; a full
# disk.  No verdict may be wrong, no finished result lost, and every run can be resumed.
# Usage: scripts/faults.sh [N]        about N faults; SEED=… repeats a run's choices
set -u
cd "$(dirname "$0")/.." || exit 2
wanted=${1:-1000}
SEED=${SEED:-$$}
RANDOM=$SEED
flatbed=${FLATBED:-$PWD/build/host/flatbed}
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
cp config.mak "$dir/"
cd "$dir" || exit 2
mkdir x86
export QEMU=$dir/qemu ACCEL=tcg XDG_STATE_HOME=$dir/state XDG_CACHE_HOME=$dir/cache
faults=0 bad=0 kills=0 resumes=0 cuts=0 runs=0

wrong() {
	echo "SEED=$SEED, run $runs: $*"
	bad=1
}

# A VMM that does what its image's text says.
cat >qemu.c <<'EOT'
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char kind[32] = "";
	FILE *image;

	if (argc > 1 && !strncmp(argv[1], "--", 2) && strcmp(argv[1], "--no-reboot"))
		return puts("QEMU emulator version 7.2.0, a stub") < 0;
	for (int i = 1; i + 1 < argc; i++) {
		if (strcmp(argv[i], "-kernel"))
			continue;
		image = fopen(argv[i + 1], "r");
		if (!image || fscanf(image, "%31s", kind) != 1)
			return 2;
	}
	setvbuf(stdout, NULL, _IONBF, 0);
	if (!strcmp(kind, "dies-at-once"))
		raise(SIGKILL);
	puts("PASS: first");
	usleep(rand() % 500);
	if (!strcmp(kind, "dies"))
		raise(SIGKILL);
	if (!strcmp(kind, "crashes"))
		raise(SIGSEGV);
	if (!strcmp(kind, "triple-fault"))
		return 0;
	if (!strcmp(kind, "half-a-line"))
		return write(1, "FAIL: sec", 9) > 0;
	if (!strcmp(kind, "hangs"))
		pause();
	if (!strcmp(kind, "slow"))
		usleep(20000);
	if (!strcmp(kind, "garbage"))
		for (int i = 0; i < 3000; i++)
			putchar(rand() % 255 + 1 == '\n' ? 'x' : rand() % 200 + 32);
	if (!strcmp(kind, "fails")) {
		puts("\nFAIL: second\nSUMMARY: 2 tests, 1 unexpected failures");
		return 3;
	}
	puts("\nSUMMARY: 1 tests");
	if (!strcmp(kind, "dies-late"))
		raise(SIGKILL);
	if (!strcmp(kind, "hangs-late"))
		pause();
	return 1;
}
EOT
gcc -O1 -w -static -o qemu qemu.c || exit 2

# What is to be said of each kind, up to its first blank behind a '('.
declare -A truth=(
	[passes]="PASS (1 tests)" [slow]="PASS (1 tests)" [garbage]="PASS (1 tests)"
	[fails]="FAIL (2 tests, 1 unexpected failures)"
	[dies-at-once]="FAIL (terminated on SIGKILL)" [dies]="FAIL (terminated on SIGKILL)"
	[dies-late]="FAIL (terminated on SIGKILL)" [crashes]="FAIL (terminated on SIGSEGV)"
	[triple-fault]="FAIL " [hangs]="FAIL (timeout; duration=0.3)"
	[hangs-late]="FAIL (timeout; duration=0.3)"
	[half-a-line]="FAIL (the image left with success, but a result line says otherwise)"
)
kinds=(passes passes passes slow slow garbage fails dies-at-once dies dies-late crashes
	triple-fault half-a-line half-a-line dies crashes)

# A tree of 24 cases; two in three runs have a hang, which costs a while.
declare -A kind_of
tree() {
	local i kind time
	kind_of=()
	for ((i = 0; i < 24; i++)); do
		kind=${kinds[RANDOM % ${#kinds[@]}]}
		((i == 7 && RANDOM % 3)) && kind=hangs
		((i == 13 && RANDOM % 9 == 0)) && kind=hangs-late
		kind_of[c$i]=$kind
		echo "$kind" >"x86/c$i.flat"
		[[ $kind == passes || $kind == slow || $kind == fails ]] || faults=$((faults + 1))
		# What does not hang has time enough on the busiest host.
		[[ $kind == hangs* ]] && time=0.3 || time=30
		printf '[c%d]\nfile = c%d.flat\ntimeout = %s\n\n' "$i" "$i" $time
	done >x86/unittests.cfg
}

# Each case has the verdict that it is to have, once; so many may have been killed from outside.
judge() {	# file, kills
	local word name rest excused=0
	declare -A seen=()
	while read -r word name rest; do
		[[ -n ${seen[$name]-} ]] && wrong "$name is told twice"
		seen[$name]=1
		[[ "$word $rest" == "${truth[${kind_of[$name]}]}" || \
			"$word " == "${truth[${kind_of[$name]}]}" ]] && continue
		[[ $rest == "(terminated on SIGKILL)" ]] && ((excused++ < $2)) && continue
		wrong "$name (${kind_of[$name]}): $word $rest"
	done <"$1"
	((${#seen[@]} == 24)) || wrong "${#seen[@]} of 24 cases have a verdict"
}

# A child of the runner's, if there is one just now.
victim() {
	local child
	child=$(pgrep -P "$1" -n 2>/dev/null) && [[ -n $child ]] && kill -KILL "$child" 2>/dev/null
}

run_and_kill() {
	local guests=0 resume='' runner size before
	before=$(readlink logs/latest)
	while :; do
		"$flatbed" suite $resume -j 4 --color=never --no-history >out 2>err &
		runner=$!
		case $((RANDOM % 4)) in
		0)	# The runner is killed, and maybe what it wrote last is cut off.
			sleep "$(printf 0.%03d $((RANDOM % 400 + 10)))"
			if kill -KILL $runner 2>/dev/null; then
				wait $runner 2>/dev/null
				kills=$((kills + 1)) faults=$((faults + 1))
				size=0
				# It may have been killed before it had a folder.
				[[ $(readlink logs/latest) == "$before" ]] ||
					size=$(stat -c %s logs/latest/results 2>/dev/null || echo 0)
				if ((size > 2000 && RANDOM % 2)); then
					truncate -s $((size - RANDOM % 600)) logs/latest/results
					cuts=$((cuts + 1)) faults=$((faults + 1))
				fi
				# Killed before there was anything to go on with?
				((size > 20)) && resume=--resume || resume=
				[[ -n $resume ]] && resumes=$((resumes + 1))
				continue
			fi ;;
		1)	# One of its machines is.
			sleep "$(printf 0.%03d $((RANDOM % 100 + 2)))"
			victim $runner && guests=$((guests + 1)) faults=$((faults + 1)) ;;
		esac
		wait $runner
		break
	done
	judge out $guests
	grep -q 'cannot\|Sanitizer\|assert' err && wrong "$(head -n 3 err)"
}

# A disk that is full: one message, and nothing else is lost.
full_disk() {
	local small=$dir/small status
	mkdir -p "$small"
	mount -t tmpfs -o size=40k none "$small" 2>/dev/null || return 0
	unittest_log_dir=$small/logs "$flatbed" suite -j 4 --color=never --no-history >out 2>err
	status=$?
	umount "$small"
	faults=$((faults + 1))
	judge out 0
	((status == 1)) || wrong "a full disk, with red cases: status $status"
	grep -q 'No space left' err || wrong "a full disk is not told"
	(($(grep -c 'cannot write' err) <= 3)) || wrong "a full disk is told again and again"
}

while ((faults < wanted)) && ((!bad)); do
	runs=$((runs + 1))
	tree
	run_and_kill
	((runs % 10 == 5)) && full_disk
	((runs % 50 == 0)) && rm -rf logs
done
echo "$faults faults in $runs runs: $kills runners killed, $resumes resumed, $cuts results cut off"
exit $bad
