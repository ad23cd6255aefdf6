#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Runs against earlier runs: baselines, comparison, history.
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/fake.sh"

check_fails() {	# NAME GOT: one check that fails with this value
	fake "$1" 3 "\tx86/$1.c:7: f() == 5\n\t\texpected 0x5\n\t\tgot      $2\nFAIL: f\n"
}
passes() { fake "$1" 1 'PASS: f\nMETRIC: m 100 cycles\nSUMMARY: 1 tests\n'; }
skips() { fake "$1" 77 'SKIP: f (no such thing)\nSUMMARY: 1 tests, 1 skipped\n'; }
says() {	# file, pattern…
	local file=$1 pattern
	shift
	for pattern; do
		grep -qE -- "$pattern" "$file" || wrong "no '$pattern' in: $(cat "$file")"
	done
}
status() {	# wanted, what
	[[ $? -eq $1 ]] || wrong "$2: not status $1"
}

passes good
check_fails same 0x4
check_fails changes 0x4
check_fails mended 0x4
passes breaks
passes vanishes
suite >out 2>err
status 1 "the run that becomes the baseline"
before=logs/runs/$(readlink logs/latest | sed 's/.*\///')

suite --baseline="$before" >out 2>err
status 0 "the same failures as in the baseline"
says out '^FAIL same '
says err 'against .*: 3 the same'

# The line moves, which is no change; the value is one.
fake same 3 '\tx86/same.c:9: f() == 5\n\t\texpected 0x5\n\t\tgot      0x4\nFAIL: f\n'
check_fails changes 0x6
passes mended
check_fails breaks 0x1
skips vanishes
passes added
suite --baseline="$before" >out 2>err
status 1 "other failures than in the baseline"
says err '^NEW +breaks: f: x86/breaks.c:7: f\(\) == 5: expected 0x5, got 0x1$' \
	'^CHANGED changes: f: .*got 0x6$' '^FIXED +mended: f: ' \
	'^LOST +vanishes: ran before \(PASS\), SKIP now' '^ADDED +added: PASS' \
	'1 NEW, 1 CHANGED, 1 LOST, 1 FIXED, 1 ADDED, 1 the same'
"$flatbed" compare "$before" latest >out 2>err
status 1 "compare: something is worse"
says out '^before ' '^NEW ' '1 NEW'
"$flatbed" record --baseline="$before" >out 2>err
status 0 "record"
says out '^Tested with Flatbed' '^  kernel    [0-9]' '^  command   ./run_tests.sh ' \
	'^7 cases: 3 PASS, 1 SKIP, 3 FAIL$' '^  FAIL      same changes breaks$' \
	'^Against .*: 1 NEW, 1 CHANGED, 1 LOST' '^NEW +breaks: f: '
"$flatbed" record "$before" >out 2>err
status 0 "record of an earlier run"
says out '^  changes: f: x86/changes.c:7: f\(\) == 5: expected 0x5, got 0x4$'
"$flatbed" record nowhere >out 2>err
status 2 "record of no run"
suite --baseline="$before" --skip-budget=0 vanishes >out 2>err
status 1 "more skips than the budget"
suite --baseline="$before" --skip-budget=1 vanishes >out 2>err
status 4 "as many skips as the budget, and nothing ran"
suite --baseline=nowhere good >out 2>err
status 2 "a baseline that is not there"
says err 'nowhere'
"$flatbed" compare latest latest >out 2>err
status 0 "compare: nothing is worse"
says out '^no difference'
"$flatbed" compare "$before" >out 2>err
status 2 "compare: one run only"

# Measures: five and five can be told apart, one and one cannot.
slow() { fake good 1 "PASS: f\nMETRIC: m $1 cycles\nSUMMARY: 1 tests\n"; }
runs=()
for value in 100 101 102 103 104 150 151 152 153 154; do
	slow $value
	suite good >/dev/null 2>&1
	runs+=("$(readlink logs/latest | sed 's/.*\///')")
done
first=$(IFS=,; echo "${runs[*]:0:5}") second=$(IFS=,; echo "${runs[*]:5}")
"$flatbed" compare "$first" "$second" >out 2>err
status 1 "compare: slower"
says out '^SLOWER +good: m: median 152, was 102 cycles \(\+49 %, p = 0.0079, 5 and 5 values\)$'
"$flatbed" compare "${runs[0]}" "${runs[9]}" >out 2>err
status 0 "compare: one number is no evidence"
says out 'it takes 5 and 5 values'

# Without SQLite, that is all.
"$flatbed" history --path >path 2>err || { says err 'made without sqlite3'; exit $bad; }
db=$(<path)
[[ $db == "$XDG_STATE_HOME"/flatbed/history.db ]] || wrong "the history is at $db"
"$flatbed" history breaks >out
says out 'FAIL ' 'PASS '
"$flatbed" history breaks:f >out
says out 'FAIL .*[0-9a-f]{8}'
"$flatbed" history braeks >out 2>err
status 1 "a name that the history has not"
says err "nearest is 'breaks'"
"$flatbed" history -n x >out 2>err
status 2 "a number that is none"
"$flatbed" history --forget=1 >out 2>err
status 0 "forgetting what is older than a day"
says out '^0 runs dropped'
"$flatbed" history --forget=0 >out 2>err
status 2 "forgetting everything by a mistake"
mv logs elsewhere
"$flatbed" report "${runs[0]}" --report=tap=- >out 2>err &&
	wrong "a run whose folder is gone: status 0"
mv elsewhere logs

# What used to run is missed without a baseline too.
skips good
suite good >out 2>err
says err 'used to run on this kind of host' '^LOST +good: was PASS in .*, SKIP now'
suite --skip-budget=0 good >out 2>err
status 1 "more skips than the budget, by the history"
suite --no-history good >out 2>err
grep -q LOST err && wrong "--no-history asks the history"

# Two at once lose nothing.
passes good
count() { "$flatbed" history -n 1000 good | wc -l; }
was=$(count)
for i in 1 2 3 4; do
	(for _ in 1 2 3; do unittest_log_dir=logs$i suite good >/dev/null 2>>busy; done) &
done
wait
[[ $(count) -eq $((was + 12)) ]] ||
	wrong "two at once: $(count) rows, not $((was + 12)): $(cat busy)"

# A damaged file is set aside, one of a later version is left alone.
cp "$db" kept
rm -f "$db"-*
head -c 20000 /dev/urandom >"$db"
suite good >out 2>err
status 0 "a damaged history costs no verdict"
says err 'is damaged; it is set aside'
[[ -n $(compgen -G "$db.broken-*") ]] || wrong "the damaged file is gone"
[[ $(count) -eq 1 ]] || wrong "no new history after a damaged one"
if command -v sqlite3 >/dev/null; then
	sqlite3 "$db" 'PRAGMA user_version = 99'
	suite good >out 2>err
	status 0 "a later history costs no verdict"
	says err 'written by a later Flatbed'
	# As the first version left it: an old file gets what it lacks, and keeps what it has.
	rm -f "$db"*
	cp kept "$db"
	sqlite3 "$db" 'DROP INDEX test_place; DROP TABLE metric; PRAGMA user_version = 1'
	was=$(count)
	suite good >out 2>err
	[[ $(count) -eq $((was + 1)) ]] || wrong "migration: $(count) rows, not $((was + 1))"
	sqlite3 "$db" "UPDATE run SET started_us = 1 WHERE name = '${runs[0]}'"
	"$flatbed" history --forget=30 >out 2>err
	says out '^1 run dropped'
	"$flatbed" history -n 1000 | grep -q "${runs[0]}" && wrong "forgotten, and still there"
	got=$(sqlite3 "$db" 'PRAGMA user_version; SELECT count(*) FROM metric')
	[[ $got == $'2\n1' ]] || wrong "migration: $got"
fi
exit $bad
