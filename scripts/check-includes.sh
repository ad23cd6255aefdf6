#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Proves who may include whom; nothing else is a layer.  Prints each violation as
# file:line and exits 1 if there is one.
# Usage: scripts/check-includes.sh [TREE]
set -uf
cd "${1:-$(dirname "$0")/..}" || exit 2

# Who | what an #include of it may name, as patterns of files of the tree; "free"
# is a header of the compiler's own, "system" any that is not ours.  The first
# line whose pattern fits a file is about it.  A "?" is a name without a slash.
table='
lib/abi/*          | stdint
lib/x86/defs/*     |
lib/x86/*          | free lib/*.h
lib/*              | free lib/?.h lib/abi/?.h lib/x86/asm/?.h lib/x86/defs/page.h
x86/*              | free lib/?.h lib/x86/?.h lib/x86/asm/?.h lib/x86/defs/?.h
host/base/*        | system host/base/?.h
host/vmm/x86/*     | system host/base/?.h host/vmm/*.h lib/abi/?.h lib/x86/defs/?.h
host/vmm/*         | system host/base/?.h host/vmm/?.h lib/abi/?.h
host/runner/*      | system host/base/?.h host/runner/?.h lib/abi/?.h host/vmm/(vm|command).h
host/tests/*       | system host/*.h lib/abi/*.h lib/x86/defs/*.h
'
# Directories that compilers search, in this order, for guests and for the host.
guest_path='lib lib/x86'
host_path='host lib lib/x86'
free=' stdarg.h stdbool.h stddef.h stdint.h '

status=0
complain() {	# file, line, what
	echo "$1:$2: $3"
	status=1
}

# Which file of the tree <name> or "name" is, as the compiler finds it; or what else.
resolve() {	# file, bracket, name
	local path=$guest_path directory
	[[ $1 == host/* ]] && path=$host_path
	[[ $2 == '"' ]] && path="${1%/*} $path"
	for directory in $path; do
		[[ -f $directory/$3 ]] && { target=$directory/$3; return; }
	done
	target=system
	[[ $free == *" $3 "* ]] && target="system free"
	[[ $3 == stdint.h ]] && target+=" stdint"
}

fits() {	# target, words of the table
	local one word
	for word in $2; do
		word=${word//./\\.}
		word=${word//\*/.*}
		word=${word//\?/[^/]+}
		for one in $1; do
			[[ $one =~ ^$word$ ]] && return 0
		done
	done
	return 1
}

layer() {	# file; sets allowed
	local who
	while IFS='|' read -r who allowed; do
		# shellcheck disable=SC2053 # a pattern is meant
		[[ -n ${who// /} && $1 == ${who// /} ]] && return 0
	done <<<"$table"
	return 1
}

include='^[[:space:]]*#[[:space:]]*include[[:space:]]*([<"])([^>"]+)[>"]'
declare -A known
while IFS=: read -r file line text; do
	if [[ ! $text =~ $include ]]; then
		complain "$file" "$line" "an #include that names no file"
		continue
	fi
	bracket=${BASH_REMATCH[1]} name=${BASH_REMATCH[2]}
	layer "$file" || { complain "$file" "$line" "in no layer"; continue; }
	resolve "$file" "$bracket" "$name"
	# One answer for all that the same layer asks about the same file.
	key="$allowed|$target"
	if [[ -z ${known[$key]-} ]]; then
		fits "$target" "$allowed" && known[$key]=yes || known[$key]=no
	fi
	[[ ${known[$key]} == yes ]] ||
		complain "$file" "$line" "#include of $name: not allowed here"
	# Ours are named from the top, with the brackets of their side.
	if [[ $target != system* && $file == host/* && $bracket == '<' ]] ||
	   [[ $bracket == '"' && ( $file != host/* || $target == system* ) ]]; then
		complain "$file" "$line" "#include of $name: the other brackets, please"
	elif [[ $target == "${file%/*}/$name" && $file == host/* ]]; then
		complain "$file" "$line" "#include of $name: not named from the top"
	fi
done < <(find lib x86 host -name '*.[chS]' -print0 | sort -z |
	xargs -0 grep -nHE '^[[:space:]]*#[[:space:]]*include')

while read -r file; do
	layer "$file" || complain "$file" 1 "in no layer"
done < <(find lib x86 host -name '*.[chS]' | sort)

# Hardware constants only: nothing is left once comments and directives are gone
# (#includes were judged above).
while IFS= read -r file; do
	if left=$(awk '
		{ text = $0 }
		continued { continued = text ~ /\\$/; next }
		comment { if (!sub(/.*\*\//, "", text)) next; comment = 0 }
		{ gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, "", text) }
		sub(/\/\*.*/, "", text) { comment = 1 }
		text ~ /^[ \t]*#[ \t]*(include|define|undef|if|ifdef|ifndef|else|endif)/ {
			continued = text ~ /\\$/
			next
		}
		text ~ /[^ \t]/ { print NR }' "$file" | head -n 1) && [[ -n $left ]]; then
		complain "$file" "$left" "not a #define: not allowed here"
	fi
done < <(find lib -path 'lib/*/defs/*.h' | sort)
exit $status
