#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What the scripts of those who run such suites in their CI make of ours: each reads our
# output as it reads that of kvm-unit-tests, and finds the same names and verdicts.
set -u
# shellcheck source=host/tests/fake.sh
. "$(dirname "$0")/fake.sh"

fake passes 1 'PASS: one\r\nPASS: 2 - two: deep\r\nSUMMARY: 2 tests\r\n'
fake fails 3 'PASS: a\nFAIL: b: c\nSUMMARY: 2 tests, 1 unexpected failures\n'
fake skips 77 'SKIP: a (no UMIP)\nSUMMARY: 1 tests, 1 skipped\n'
fake expects 1 'XFAIL: a\nPASS: b\nSUMMARY: 2 tests, 1 expected failures\n'
fake silent 1 ''
fake aborts 127 'ABORT: assert failed\n'
fake crashes 139 'PASS: a\n'
fake hangs 1 ''
printf 'timeout = 1\n' >>x86/unittests.cfg
fake broken 1 ''
rm x86/broken.flat
fake manual 1 'PASS: a\n'
printf 'groups = nodefault\n' >>x86/unittests.cfg
# shellcheck disable=SC2016 # the script's own
sed -i 's|^cat "$image.out"|[[ $image == *hangs ]] \&\& exec sleep 100\n&|' qemu

cat >verdicts <<'EOT'
aborts FAIL
broken FAIL
crashes FAIL
expects PASS
fails FAIL
hangs FAIL
manual SKIP
passes PASS
silent PASS
skips SKIP
EOT
export QEMU=$tree/qemu ACCEL=tcg
colored() { "$flatbed" suite "$@"; }
plain() { sed 's/\x1b\[[0-9;]*m//g'; }
compare() {	# who, what it found: "NAME VERDICT" lines
	sort | diff verdicts - >different ||
		{ wrong "$1 finds something else (<: wanted)"; cat different; }
}
colored >out 2>err
[[ $? -eq 1 ]] || wrong "status of a red run"
colored --exit-zero >/dev/null 2>&1 || wrong "--exit-zero is not 0"
FLATBED_EXIT_ZERO=1 colored fails >/dev/null 2>&1 || wrong "FLATBED_EXIT_ZERO is not 0"

# Boards with BusyBox.
plain <out | awk '$1 ~ /^(PASS|FAIL|SKIP)$/ && NF >= 2 { print $2, toupper($1) }' |
	compare "the boards' script"
# A lab's old script.
grep -e PASS -e SKIP -e FAIL out | plain | awk '{ print $2 " " $1 }' | compare "the old script"
# One that reads uncoloured lines and names that begin with a letter.
plain <out | awk '/^(PASS|SKIP|FAIL) [a-zA-Z]/ { print $2, $1 }' | compare "the robot"
# One that searches each line for a word and a name, and stops at a second pair.
plain <out | awk '
	{
		pairs = 0
		rest = $0
		while (match(rest, /(PASS|SKIP|FAIL)[ \t]+[^ \t]+/)) {
			if (!pairs++)
				found = substr(rest, RSTART, RLENGTH)
			rest = substr(rest, RSTART + RLENGTH)
		}
		if (pairs > 1) { print "twice in: " $0; exit }
		if (pairs) { split(found, word, /[ \t]+/); print word[2], word[1] }
	}' | compare "the searching one"
# People count lines.
[[ $(plain <out | grep -cE '^(PASS|FAIL|SKIP)') -eq $(wc -l <verdicts) ]] || wrong "other lines"

# One case at a time: names from -l, a word anywhere in the output, the log as text.
for name in $("$flatbed" suite -l); do
	result=$(colored --exit-zero -a "$name" 2>/dev/null) || wrong "$name: status $?"
	case $result in
	*FAIL*)	verdict=FAIL ;;
	*SKIP*)	verdict=SKIP ;;
	*PASS*)	verdict=PASS ;;
	*)	verdict=none ;;
	esac
	[[ $name == manual ]] && verdict=${verdict/PASS/SKIP}
	echo "$name $verdict"
	[[ $name == broken ]] || iconv -f UTF-8 "logs/$name.log" >/dev/null 2>&1 ||
		wrong "no log of $name that is UTF-8" >&2
done | compare "the single runs"

# Any output is a failure, to one; lines with the word count, to another, chatter too.
good="passes skips expects silent"
# shellcheck disable=SC2086 # words are meant
colored $good 2>/dev/null | grep FAIL | grep -qv XFAIL && wrong "a good run says FAIL"
# shellcheck disable=SC2086
colored -v $good 2>&1 | grep -q FAIL && wrong "the chatter of a good run says FAIL"

# TAP: a line is split at " N - ", the rest at ": "; "# skip" makes a skip.
colored -a -t -v >tap 2>/dev/null
awk '
	NR == 1 { if ($0 != "TAP version 13") print "no TAP"; next }
	/^1\.\.[0-9]+$/ { if (substr($0, 4) != count) print "a plan of " substr($0, 4); next }
	!/^(ok|not ok)/ { print "not TAP: " $0; next }
	{
		count++
		parts = split($0, part, / [0-9]+ - /)
		if (parts < 2) { print "cannot be split: " $0; exit }
		split(part[2], name, ": ")
		gsub(/[^a-zA-Z0-9_-]+/, "", name[1])
		verdict = part[1] == "not ok" ? "FAIL" : "PASS"
		if (tolower(part[2]) ~ /# skip/)
			verdict = "SKIP"
		if (!(name[1] in of) || verdict == "FAIL" || of[name[1]] == "SKIP")
			of[name[1]] = verdict
	}
	END { for (one in of) print one, of[one] }' tap >of
# What printed no result has none here; and -a runs all.
sort of | diff <(grep -v silent verdicts | sed 's/manual SKIP/manual PASS/') - >different ||
	{ wrong "TAP says something else (<: wanted)"; cat different; }
if command -v prove >/dev/null; then
	prove -e cat tap >proved 2>&1
	grep -q 'Parse errors' proved && { wrong "prove finds no TAP"; cat proved; }
fi

# The cases' file with the reader that comes with Python.
if command -v python3 >/dev/null; then
	python3 - "$top/x86/unittests.cfg" <<'EOT' || wrong "ConfigParser rejects x86/unittests.cfg"
import configparser, sys
config = configparser.ConfigParser()
config.read(sys.argv[1])
for name in config.sections():
    config.get(name, "file")
    int(config.get(name, "smp", fallback="1"))
EOT
fi
exit $bad
