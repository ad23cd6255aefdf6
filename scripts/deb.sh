#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The Debian package, in build/: of what git knows of this tree, changes included.
set -u
cd "$(dirname "$0")/.." || exit 2
for tool in dpkg-buildpackage dh; do
	command -v $tool >/dev/null && continue
	echo "deb.sh: no $tool: apt-get install dpkg-dev debhelper" >&2
	exit 2
done
version=$(dpkg-parsechangelog -S Version)
source=build/deb/flatbed-$version
rm -rf build/deb
mkdir -p "$source" || exit 2
git ls-files -z --cached --others --exclude-standard |
	xargs -0 cp --parents -P -t "$source" || exit 2
[[ -f build-head ]] && cp build-head "$source/"
log=build/deb/log
if ! (cd "$source" && dpkg-buildpackage -b -us -uc) >$log 2>&1; then
	tail -n 30 $log >&2
	exit 1
fi
mv build/deb/flatbed_*.deb build/ && echo "Written $(echo build/flatbed_"$version"_*.deb)."
command -v lintian >/dev/null || exit 0
lintian --fail-on error,warning build/flatbed_"$version"_*.deb
