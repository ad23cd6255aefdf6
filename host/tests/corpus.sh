#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The runner against VMMs that do all that VMMs should not: host/tests/corpus/vmms.
set -u
# shellcheck source=host/tests/fake.sh
. "$(dirname "$0")/fake.sh"

# The corpus as a script, a configuration, and what is wanted.
awk -v quote="'" '
	function begin(header) {
		name = header
		sub(/^\[/, "", name); sub(/\].*/, "", name)
		print name ")"
		print "[" name "]\nfile = " name ".flat" >"x86/unittests.cfg"
		if (header ~ /timeout$/) {
			print "timeout = 1" >"x86/unittests.cfg"
			print name >"slow"
		}
		status[name] = 0
		order[++count] = name
	}
	/^#/ || /^$/ { next }
	/^\[/ { begin($0); next }
	/^=> / { print ";;"; line = substr($0, 4); sub(/_$/, "", line); print line >"want"; next }
	/^== / { status[name] = substr($0, 4); next }
	{ print "\t" $0 }
	END { for (i = 1; i <= count; i++) print order[i], status[order[i]] >"statuses" }
' "$top/host/tests/corpus/vmms" >behaviours
{
	cat <<'EOT'
#!/bin/bash
case $1 in
--help | -h) echo "QEMU emulator, a fake"; exit ;;
--version) echo "QEMU emulator version 7.2.0"; exit ;;
esac
while [[ $# -gt 0 && $1 != -kernel ]]; do shift; done
image=${2##*/}
case ${image%.flat} in
EOT
	cat behaviours
	echo "esac"
} >qemu
while read -r name status; do
	printf '\177ELF not an image of ours' >"x86/$name.flat"
done <statuses

# A '*' in a line stands for any text, a '?' for what no UTF-8 is.
same() {	# got, wanted
	local got want
	while IFS= read -r want <&3; do
		IFS= read -r got <&4 || { wrong "missing: $want"; continue; }
		got=${got//$'\xef\xbf\xbd'/?}
		# shellcheck disable=SC2053 # a pattern is meant
		[[ $got == "$want" || ( $want == *'*)' && $got == "${want%'*)'}"*')' ) ]] ||
			wrong "$(printf 'wanted: %.200s\n   got: %.200s' "$want" "$got")"
	done 3<"$2" 4<"$1"
	[[ $(wc -l <"$1") -eq $(wc -l <"$2") ]] || wrong "$1 has $(wc -l <"$1") lines"
}
suite -j 8 --order=file >out 2>err
[[ $? -eq 1 ]] || wrong "not red"
# Several at once: whole lines, in any order.
LC_ALL=C sort -k 2,2 want >wanted
LC_ALL=C sort -k 2,2 out >sorted
same sorted wanted
grep -e Sanitizer -e 'runtime error' err && wrong "a sanitizer complains"

# Logs are text, whatever was printed, and end somewhere.
for log in logs/*.log; do
	iconv -f UTF-8 -t UTF-8 "$log" >/dev/null 2>&1 || wrong "$log is not UTF-8"
	[[ $(stat -Lc %s "$log") -lt 18000000 ]] || wrong "$log is endless"
done

# One image: its status is the verdict.  What takes its whole timeout has been seen.
while read -r name status; do
	grep -qx "$name" slow && [[ $name != internal-error ]] && continue
	TIMEOUT=30 QEMU=$tree/qemu ACCEL=tcg \
		"$flatbed" run "x86/$name.flat" >run.out 2>run.err </dev/null
	got=$?
	[[ $got -eq $status ]] || wrong "flatbed run $name: status $got, not $status"
	grep -e Sanitizer -e 'runtime error' run.err && wrong "a sanitizer complains of $name"
done <statuses
(( bad )) && grep -v '^  ' err | head -n 20
echo "$(wc -l <statuses) VMMs"
exit $bad
