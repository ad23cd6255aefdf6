#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Proves who may include whom; nothing else is a layer.  Prints each violation as
# file:line and exits 1 if there is one.
set -u
cd "${1:-$(dirname "$0")/..}" || exit 2

# directory pattern | what an #include of it may name (extended regexp)
rules='
lib/abi/*.h        | <stdint\.h>
lib/x86/defs/*.h   | nothing
lib/x86/*          | <(std[a-z]+|abi/[a-z]+|asm/[a-z]+|defs/[a-z]+|[a-z]+)\.h>
lib/*              | <(std[a-z]+|(abi|asm)/[a-z]+|defs/page|base|boot|memory|report|smp|test)\.h>
x86/*.c            | <(asm/[a-z]+|defs/[a-z]+|[a-z]+)\.h>
host/base/*        | (<[a-z/_]+\.h>|"base/[a-z_]+\.h")
host/vmm/x86/*     | (<[A-Za-z/_]+\.h>|"(base|vmm|abi|defs)/[a-z_]+\.h")
host/vmm/*         | (<[A-Za-z/_]+\.h>|"(base|vmm|abi)/[a-z_]+\.h")
host/runner/*      | (<[a-z/_]+\.h>|"(base|abi|runner)/[a-z_]+\.h"|"vmm/(vm|command)\.h")
host/tests/*       | .*
'

status=0
while read -r file; do
	allowed=
	while IFS='|' read -r pattern regexp; do
		pattern=${pattern// /}
		# shellcheck disable=SC2053 # a pattern is meant
		if [[ -n $pattern && $file == $pattern ]]; then
			allowed=${regexp# }
			break
		fi
	done <<<"$rules"
	if [[ -z $allowed ]]; then
		echo "$file:1: in no layer"
		status=1
		continue
	fi
	if bad=$(grep -nE '^[[:space:]]*#[[:space:]]*include' "$file" |
		grep -vE "include[[:space:]]+${allowed}\$"); then
		sed "s|^|$file:|; s|\$|: not allowed here|" <<<"$bad"
		status=1
	fi
done < <(find lib x86 host -name '*.[chS]' | sort)
exit $status
