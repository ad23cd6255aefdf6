#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Proves who may include whom; nothing else is a layer.  Prints each violation as
# file:line and exits 1 if there is one.
# Usage: scripts/check-includes.sh [TREE]
set -uf
cd "${1:-$(dirname "$0")/..}" || exit 2

# Who | what an #include of it may name, as patterns of files of the tree; "free"
# is a header of the compiler's own, "system" any that is not ours.  The first
# line whose pattern fits a file is about it.  A "?" is a name without a slash, and
# ARCH in the second column the directory that ARCH in the first one stands for.
table='
lib/abi/*          | stdint
lib/ARCH/defs/*    |
lib/ARCH/*         | free lib/?.h lib/abi/?.h lib/ARCH/*.h
lib/*              | free lib/?.h lib/abi/?.h lib/ARCH/*asm/?.h
ARCH/*             | free lib/?.h lib/ARCH/*.h
common/*           | free lib/?.h lib/ARCH/*asm/?.h
host/base/*        | system host/base/?.h
host/build/*       | system host/base/?.h
host/vmm/ARCH/*    | system host/base/?.h host/vmm/(?|ARCH/*).h lib/abi/?.h lib/ARCH/defs/?.h
host/vmm/arch.h    | system host/vmm/ARCH/arch.h
host/vmm/*         | system host/base/?.h host/vmm/?.h lib/abi/?.h
host/runner/*      | system host/base/?.h host/runner/?.h lib/abi/?.h host/vmm/(vm|command).h
host/api/*         | system host/base/?.h host/api/?.h lib/abi/?.h lib/ARCH/defs/?.h
api/*              | system host/base/?.h host/api/?.h host/vmm/*.h lib/ARCH/defs/?.h
host/fuzz/*        | system host/*.h lib/abi/?.h
host/tests/*       | system host/*.h lib/abi/*.h lib/ARCH/defs/*.h lib/fdt.h lib/covering.h
'
# The architectures are the directories of lib/ that have constants of their own.
# Compilers search the parts of one that its architectures do not share, and then it.
archs='' rows=''
declare -A paths
for directory in $(find lib -mindepth 2 -maxdepth 2 -name defs | sort); do
	arch=${directory#lib/} arch=${arch%/defs}
	archs+=" $arch"
	paths[$arch]="$(find "lib/$arch" -mindepth 2 -maxdepth 2 -name asm | sort |
		sed 's|/asm$||' | tr '\n' ' ')lib/$arch"
done
any="(${archs# })" any=${any// /|}
while IFS='|' read -r who allowed; do
	if [[ $who == *ARCH* ]]; then
		for arch in $archs; do
			rows+="${who//ARCH/$arch}|${allowed//ARCH/$arch}"$'\n'
		done
	else
		rows+="$who|${allowed//ARCH/$any}"$'\n'
	fi
done <<<"$table"
free=' stdarg.h stdbool.h stddef.h stdint.h '

status=0
complain() {	# file, line, what
	echo "$1:$2: $3"
	status=1
}

# Where the compiler looks for what a file includes.
path_of() {	# file
	local top=lib
	[[ $1 == host/* || $1 == api/* ]] && top='host lib'
	for arch in $archs; do
		[[ $1 == "lib/$arch/"* || $1 == "$arch/"* || $1 == "host/vmm/$arch/"* ]] &&
			{ path="$top ${paths[$arch]}"; return; }
	done
	path="$top ${paths[*]}"
}

# Which file of the tree <name> or "name" is, as the compiler finds it; or what else.
resolve() {	# file, bracket, name
	local path directory
	path_of "$1"
	[[ $2 == '"' ]] && path="${1%/*} $path"
	for directory in $path; do
		[[ -f $directory/$3 ]] && { target=$directory/$3; return; }
	done
	target=system
	[[ $free == *" $3 "* ]] && target="system free"
	[[ $3 == stdint.h ]] && target+=" stdint"
}

# Neutral code's doors to the architecture: each has them that has a use for the file.
doors_check() {	# file, line, name
	local arch directory found
	for arch in $archs; do
		found=
		grep -qsE "^lacks_$arch :=(.* )?$1( |\$)" "$arch/rules.mk" && continue
		for directory in ${paths[$arch]}; do
			[[ -f $directory/$3 ]] && found=yes
		done
		[[ $found ]] || complain "$1" "$2" "#include of $3: not there for $arch"
	done
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
	done <<<"$rows"
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
	[[ $name == asm/* && ( $file == common/* || ${file%/*} == lib ) ]] &&
		doors_check "$file" "$line" "$name"
	# Ours are named from the top, with the brackets of their side.
	ours=''
	[[ $file == host/* || $file == api/* ]] && ours=yes
	if [[ $target != system* && $ours && $bracket == '<' ]] ||
	   [[ $bracket == '"' && ( ! $ours || $target == system* ) ]]; then
		complain "$file" "$line" "#include of $name: the other brackets, please"
	elif [[ $target == "${file%/*}/$name" && $ours ]]; then
		complain "$file" "$line" "#include of $name: not named from the top"
	fi
done < <(find lib $archs common host api -name '*.[chS]' -print0 2>/dev/null | sort -z |
	xargs -0 grep -nHE '^[[:space:]]*#[[:space:]]*include')

while read -r file; do
	layer "$file" || complain "$file" 1 "in no layer"
done < <(find lib $archs common host api -name '*.[chS]' 2>/dev/null | sort)

# Neutral code does not ask what it is compiled for.
machines='x86_64|i386|amd64|aarch64|arm|powerpc|ppc|s390|riscv'
set +f
while IFS=: read -r file line text; do
	complain "$file" "$line" "a question for the architecture: not allowed here"
done < <(grep -nHE "^[[:space:]]*#[[:space:]]*(el)?if.*__($machines)" \
	lib/*.[ch] common/*.[ch] 2>/dev/null)

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
