#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Configuration files as people break them, and what is said of each: host/tests/corpus/cfgs.
set -u
# shellcheck source=host/tests/fake.sh
. "$(dirname "$0")/fake.sh"
printf x >x86/pass.flat
printf x >x86/fail.flat
count=0

judge() {
	local names
	[[ -n ${name-} ]] || return 0
	count=$((count + 1))
	printf '%b' "$body" >x86/unittests.cfg
	suite --plan >plan 2>err
	# What is about the call, not about the file, comes of every call.
	sed -n 's/^flatbed: x86\/unittests\.cfg:\([0-9]*: \)/!! \1/p' err >got
	sed -n 's/^ERROR \(.*\)$/=> \1/p' plan >>got
	printf '%s' "$said" | diff - got >different || {
		wrong "$name: said otherwise (<: wanted)"
		cat different
	}
	names=$(suite --list | tr '\n' ',')
	names=${names%,}
	names=${names//$'\xef\xbf\xbd'/?}
	[[ ${names:-(none)} == "${wanted/(empty)/(none)}" ]] ||
		wrong "$name: its cases are '$names', not '$wanted'"
	grep -e Sanitizer -e 'runtime error' err && wrong "$name: a sanitizer complains"
}
while IFS= read -r line; do
	case $line in
	'%% '*)
		judge
		name=${line#%% } body='' said='' wanted='' over='' ;;
	'!! '* | '=> '*)	said+=$line$'\n' over=1 ;;
	'== '*)	wanted=${line#== } over=1 ;;
	*)	[[ -n ${name-} && -z $over ]] && body+=$line'\n' ;;
	esac
done <"$top/host/tests/corpus/cfgs"
judge
echo "$count files"
exit $bad
