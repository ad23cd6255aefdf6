#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Reports of a run that has every verdict, checked against what their readers take.
# Usage: host/tests/reports.sh [FOLDER]; with a folder, what was written stays there.
set -u
keep=${1:+$(realpath -m "$1")}
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/fake.sh"
[[ -z $keep ]] || trap 'mkdir -p "$keep" && cp -r "$tree/." "$keep"; rm -rf "$tree"' EXIT

# A VMM whose machine does what the image's name says.
cat >qemu <<'EOT'
#!/bin/bash
case $1 in
--help | -h) echo "QEMU emulator, a fake"; exit ;;
--version) echo "QEMU emulator version 7.2.0"; exit ;;
esac
while [[ $# -gt 0 && $1 != -kernel ]]; do shift; done
image=${2##*/}
case ${image%.flat} in
pass)	echo "PASS: a"; echo "METRIC: exit 1234 ns"; echo "SUMMARY: 1 tests"; exit 1 ;;
fail)	printf '\tx86/fail.c:12: read <tsc> & "co" == 5\n\t\texpected 0x5\n\t\tgot      0x4\n'
	echo "FAIL: a: first, of: many"
	printf '\tx86/fail.c:20: b\n'; echo 'FAIL: 100% #2 \ </script><!-- ]]>'
	echo "SUMMARY: 2 tests, 2 unexpected failures"; exit 3 ;;
skip)	echo "SKIP: a"; echo "SUMMARY: 1 tests, 1 skipped"; exit 77 ;;
xfail)	echo "XFAIL: a"; echo "SUMMARY: 1 tests, 1 expected failures"; exit 1 ;;
abort)	echo "ABORT: no"; exit 127 ;;
crash)	echo "PASS: a"; kill -SEGV $$ ;;
hang)	echo "PASS: a"; exec sleep 100 ;;
odd)	printf 'PASS: bell \a, escape \033[1m, bad \377 byte, snowman \342\230\203\n'
	echo "SUMMARY: 1 tests"; exit 1 ;;
esac
EOT
chmod +x qemu
for name in pass fail skip xfail abort crash hang odd; do
	printf '\177ELF not an image of ours' >"x86/$name.flat"
	printf '[%s]\nfile = %s.flat\ngroups = g %s\n' "$name" "$name" "$name"
	[[ $name == hang ]] && echo 'timeout = 1'
	echo
done >x86/unittests.cfg
printf '[missing]\nfile = missing.flat\n' >>x86/unittests.cfg
run() {
	QEMU=$tree/qemu ACCEL=tcg GITHUB_STEP_SUMMARY=$tree/summary.md "$flatbed" suite \
		--color=never "$@"
}
kinds=(tap ktap github)
have() { ! "$flatbed" suite --report=help | grep "^$1 " | grep -q 'not in this build'; }
for kind in json html junit; do
	if have $kind; then
		kinds+=("$kind")
	else
		run --report=$kind pass 2>err && wrong "$kind: no message that it is missing"
		grep -q 'this build has no' err || wrong "$kind: $(cat err)"
	fi
done
rm -f summary.md
run "${kinds[@]/#/--report=}" >out 2>err
[[ $? -eq 1 ]] || wrong "status: not 1"
[[ $(grep -cE '^(PASS|FAIL|SKIP) ' out) -eq 9 && $(wc -l <out) -eq 9 ]] ||
	wrong "reports have changed standard output: $(cat out)"
latest=logs/latest

# Standard error repeats what failed, and how to run it again; scripts that count
# words in capitals there count nothing twice.
for pattern in '^  fail: failed$' '^      x86/fail.c:12: read <tsc> & "co" == 5$' \
	'^        expected 0x5$' '^    again: .*ACCEL=tcg ./run_tests.sh fail$' \
	'^  hang: timeout; duration=1$' '^  missing: error: x86/missing.flat is not built'; do
	grep -q "$pattern" err || wrong "stderr: no '$pattern' in: $(cat err)"
done
grep -E 'PASS|FAIL|SKIP' err && wrong "stderr: results in capitals"
grep -q $'\033' err && wrong "stderr: escapes where there is no terminal"
if command -v script >/dev/null; then
	# A case that takes a while is shown while it runs; COLUMNS says how wide.
	terminal() (
		export unittest_log_dir=others QEMU=$tree/qemu ACCEL=tcg
		script -qec "stty cols 50; $flatbed suite hang fail" /dev/null
	)
	TERM=xterm terminal >terminal.out
	grep -q '0 of 2: 0 passed' terminal.out || wrong "terminal: no progress"
	grep -qE '  hang [0-9.]+ s' terminal.out || wrong "terminal: no running case"
	grep -q $'\033\\[31mfail\033\\[0m: failed' terminal.out || wrong "terminal: no colour"
	NO_COLOR=1 TERM=xterm terminal | grep -q $'\033\\[[0-9]*m' && wrong "NO_COLOR: colour"
	TERM=dumb terminal | grep -q $'\033\\[K' && wrong "TERM=dumb: a line is taken away"
fi

# What the run left for resuming and comparing.
[[ $(head -n 1 $latest/results) == $'flatbed-results\t1' ]] || wrong "results: no first line"
[[ $(grep -c '^case' $latest/results) -eq 9 && $(grep -c '^end$' $latest/results) -eq 9 ]] ||
	wrong "results: not 9 cases"

# TAP: a tester's own reader, where there is one; else the numbers.
[[ $(grep -cE '^(not )?ok [0-9]+ - ' $latest/results.tap) -eq 9 ]] || wrong "tap: not 9 points"
tail -n 1 $latest/results.tap | grep -qx '1\.\.9' || wrong "tap: no plan"
grep -qF "100% \\#2 \\\\" $latest/results.tap || wrong "tap: # and \\ are not protected"
if command -v prove >/dev/null; then
	# It reads version 13, of which 14 is a superset for who skips what is indented.
	sed '1s/14/13/' $latest/results.tap >as13.tap
	prove --exec cat as13.tap >prove.out 2>&1
	grep -q 'Parse errors' prove.out && wrong "tap: $(cat prove.out)"
	grep -q 'Failed 5/9' prove.out || wrong "prove counts otherwise: $(cat prove.out)"
fi
sed -n 2p $latest/results.ktap | grep -qx '1\.\.9' || wrong "ktap: no plan behind its version"
grep -qx 'not ok 7 hang # TIMEOUT timeout; duration=1' $latest/results.ktap ||
	wrong "ktap: no TIMEOUT"

annotation='::error file=x86/fail.c,line=12,title=fail%3A a%3A first%2C of%3A many::x86/fail.c:12'
grep -qF "$annotation" $latest/annotations.txt ||
	wrong "github: $(cat $latest/annotations.txt)"
grep -qF '| TIMEOUT | hang | timeout; duration=1 |' summary.md ||
	wrong "github: $(cat summary.md)"

if have junit; then
	if command -v xmllint >/dev/null; then
		xmllint --noout --schema "$top/docs/junit.xsd" $latest/junit.xml 2>xml.err ||
			wrong "junit: $(cat xml.err)"
		# The counts on a suite are those of what is in it.
		for what in failure:failures error:errors skipped:skipped testcase:tests; do
			told=$(xmllint --xpath "sum(//testsuite/@${what#*:})" $latest/junit.xml)
			there=$(xmllint --xpath "count(//${what%:*})" $latest/junit.xml)
			[[ $told == "$there" ]] || wrong "junit: $told ${what#*:}, not $there"
		done
		failure='//testcase[@name="a: first, of: many"]/failure'
		[[ $(xmllint --xpath "string($failure/@message)" $latest/junit.xml) == \
			 'read <tsc> & "co" == 5: expected 0x5, got 0x4' ]] ||
			wrong "junit: no message"
	fi
fi

# Each event's fields are those of docs/events.md: name, type, and what is always there.
if have json && command -v jq >/dev/null; then
	awk '
		/^## / { event = $2 }
		/^\| `/ {
			split($0, cell, "|")
			always = cell[2] ~ /\*/ ? "*" : ""
			n = split(cell[2], names, "`")
			gsub(/ /, "", cell[3])
			for (i = 2; i <= n; i += 2)
				print event, names[i], cell[3] always
		}' "$top/docs/events.md" | sort >documented
	jq -r '.event as $e | del(.event) | to_entries[] | "\($e) \(.key) \(.value | type)"' \
		$latest/events.jsonl | sort -u >seen || wrong "json: not JSON"
	join -v 1 <(tr ' ' , <seen) <(tr -d '*' <documented | tr ' ' , | sort) >unknown
	[[ -s unknown ]] && wrong "json: not in docs/events.md: $(cat unknown)"
	while read -r event field _; do
		jq -e -s --arg e "$event" --arg f "$field" \
			'all(.[] | select(.event == $e); has($f))' \
			$latest/events.jsonl >/dev/null ||
			wrong "json: a $event without $field"
	done < <(grep '\*$' documented)
	[[ $(jq -s 'map(select(.event == "case-end")) | length' $latest/events.jsonl) -eq 9 ]] ||
		wrong "json: not 9 cases"
	[[ $(jq -r 'select(.event == "result" and .checks) | .checks[0].expression' \
		$latest/events.jsonl | head -n 1) == 'read <tsc> & "co" == 5' ]] ||
		wrong "json: no expression"
fi
if have html; then
	[[ $(grep -c '^<script>cases.push' $latest/report.html) -eq 9 ]] ||
		wrong "html: not 9 cases"
	grep -q '</script><!--' $latest/report.html && wrong "html: a result ends the script"
fi

# A report that cannot be written is said, and costs no verdict.
if [[ -c /dev/full ]]; then
	run --report=tap=/dev/full pass >out 2>err
	[[ $? -eq 2 ]] || wrong "a full disk: not status 2"
	grep -q '^PASS pass' out || wrong "a full disk costs a verdict"
	[[ $(grep -c '/dev/full' err) -eq 1 ]] || wrong "a full disk: $(cat err)"
fi
run --report=tap=/nowhere/x pass >out 2>err && wrong "a folder that is not there: status 0"
run --report=nonsense pass >out 2>err
[[ $? -eq 2 ]] || wrong "an unknown report is not status 2"
grep -q 'one of junit, json' err || wrong "an unknown report: $(cat err)"
# A report on standard output is all that is there; annotations stand beside the lines.
[[ $(run --report=tap=- pass 2>/dev/null | head -n 1) == "TAP version 14" ]] ||
	wrong "--report=tap=-: not TAP alone"
run --report=github=- pass 2>/dev/null | grep -q '^PASS pass' || wrong "--report=github=-: no lines"
exit $bad
