#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The list of devices in docs/machine.md is the VMM's; --update writes it anew.  The
# JSON is JSON.
# Usage: host/tests/machine-doc.sh [--update]
set -u
cd "$(dirname "$0")/../.." || exit 2
doc=docs/machine.md
flatbed=build/host/flatbed
list=$(mktemp) || exit 2
trap 'rm -f "$list"' EXIT
{
	echo '<!-- flatbed vm --machine -->'
	echo
	$flatbed vm --machine | LC_ALL=C sed 's/^/    /'
	echo
	echo '<!-- end -->'
} >"$list" || exit 1

if [[ ${1-} == --update ]]; then
	sed -i -e "/<!-- flatbed vm --machine -->/{
		r $list
		N
	}" -e '/<!-- flatbed vm --machine -->/,/<!-- end -->/d' $doc
	exit
fi
if ! diff <(sed -n '/<!-- flatbed vm --machine -->/,/<!-- end -->/p' $doc) "$list"; then
	echo "$doc is behind the VMM: host/tests/machine-doc.sh --update"
	exit 1
fi
if command -v python3 >/dev/null; then
	$flatbed vm --machine=json | python3 -m json.tool >/dev/null || exit 1
fi
