#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Programs of the host's as cases: what a TEST of one may do, and what comes of it.
set -u
cd "$(dirname "$0")/../.." || exit 2
flatbed=${FLATBED:-$PWD/build/host/flatbed}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failed=0

cat >"$work/victims.c" <<'EOT'
#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/test.h"

TEST(good, "holds") { EXPECT(true); }
TEST(bad, "does not hold")
{
	SUBTEST("one") EXPECT_EQ(1, 2);
	SUBTEST("two") EXPECT_ERROR(-EPERM, EPERM);
}
TEST(left, "a REQUIRE leaves SUBTESTs, too")
{
	SUBTEST("outer") SUBTEST("inner") REQUIRE_DONE(-ENOENT);
}
TEST(crash, "dies") { abort(); }
TEST(leaves, "ends its process") { _exit(5); }
TEST(hang, "never ends") { for (;;) pause(); }
TEST(empty, "checks nothing") { }
TEST(cannot, "cannot tell") { error("no %s", "luck"); }
TEST(absent, "needs what nobody has", REQUIRES(KVM_CAP_USER_MEMORY, KVM_CAP_S390_AIS)) { }
TEST(last, "is reached") { SUBTEST("part") skip("not today"); EXPECT(true); }
EOT
"${HOST_CC:-cc}" -std=gnu11 -O2 -D_GNU_SOURCE -DTEST_SECONDS=1 -Ihost -Ilib -Ilib/x86 -fno-pie \
	-no-pie -fno-toplevel-reorder -Wl,-z,noseparate-code -o "$work/victims.host" \
	"$work/victims.c" host/api/*.c -pthread 2>"$work/errors" ||
	{ cat "$work/errors"; exit 1; }

same() {	# what, expected, got
	[[ $2 == "$3" ]] && return
	printf '%s: expected\n%s\ngot\n%s\n' "$1" "$2" "$3"
	failed=1
}

same "TESTs that the file lists" "good bad left crash leaves hang empty cannot absent last" \
	"$("$flatbed" list "$work/victims.host" | sed 's/:.*//' | tr '\n' ' ' | sed 's/ $//')"
want='PASS: good
FAIL: bad: one
PASS: bad: two
FAIL: bad
FAIL: left: outer: inner
FAIL: left
FAIL: crash (error: signal 6: Aborted)
FAIL: leaves (error: its process left with status 5)
FAIL: hang (error: no end within 1 s)
FAIL: empty (error: no check was executed)
FAIL: cannot (error: no luck)
SKIP: absent (no KVM_CAP_S390_AIS)
SKIP: last: part (not today)
PASS: last
SUMMARY: 14 tests, 9 unexpected failures, 2 skipped'
lines() { grep -E '^(PASS|FAIL|SKIP|SUMMARY): '; }
got=$("$work/victims.host")
status=$?
same "its own lines" "$want" "$(lines <<<"$got")"
same "its own status" 3 "$status"
got=$("$flatbed" run "$work/victims.host" 2>&1)
same "lines of flatbed run" "$want" "$(lines <<<"$got")"
got=$("$flatbed" run "$work/victims.host" -append 'good last absent')
same "status of what passes" 0 $?
same "what was selected" 'PASS: good
SKIP: absent (no KVM_CAP_S390_AIS)
SKIP: last: part (not today)
PASS: last
SUMMARY: 4 tests, 2 skipped' "$(lines <<<"$got")"
# Each check in each of its ways, once, in a run of its own; the verdict is what it was.
got=$(FLATBED_MUTATE=1 "$work/victims.host" good cannot bad last)
same "falsified checks" 'good: F:8 outcome: noticed
bad: F:11 outcome: noticed
bad: F:11 far: noticed
bad: F:12 outcome: noticed
bad: F:12 far: noticed
last: F:24 outcome: noticed' \
	"$(sed -n "s|^MUTATED: \(.*\)$work/victims.c|\1F|p" <<<"$got")"
same "verdict of falsified" "SUMMARY: 7 tests, 3 unexpected failures, 1 skipped" \
	"$(tail -n 1 <<<"$got")"
"$flatbed" run "$work/victims.host" -append absent >/dev/null
same "status of nothing but SKIP" 77 $?
got=$("$flatbed" run --backend=qemu-tcg "$work/victims.host" 2>&1)
[[ $got == *"tests this host's KVM"* ]] || same "another VMM" "a SKIP" "$got"
exit $failed
