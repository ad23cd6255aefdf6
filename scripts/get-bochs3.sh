#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Unpacks Bochs 3.0 from Debian 13 beside whatever the system has, and installs
# nothing: LA57, PKS and WAITPKG are not in Debian 12's Bochs 2.7.
# Usage: scripts/get-bochs3.sh [FOLDER]
# The folder is ${XDG_DATA_HOME:-~/.local/share}/flatbed/bochs3 unless given; the
# runner looks there by itself, and elsewhere with BOCHS=FOLDER.
set -eu
folder=${1:-${XDG_DATA_HOME:-$HOME/.local/share}/flatbed/bochs3}
suite=trixie
machine=$(dpkg --print-architecture)
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# The same mirror as the system's, but another suite, in a configuration of its own.
# shellcheck disable=SC2016 # $(REPO_URI) is apt's
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
	grep -v -e security -e backports | head -n 1)
: "${mirror:=http://deb.debian.org/debian}"
apt=$folder/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
: >"$apt/status"
echo "deb [arch=$machine] $mirror $suite main" >"$apt/sources.list"
cat >"$apt/apt.conf" <<END
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State "$apt";
Dir::State::Lists "$apt/lists";
Dir::State::Status "$apt/status";
Dir::Cache "$apt/cache";
APT::Architecture "$machine";
APT::Architectures { "$machine"; };
APT::Sandbox::User "";
END
export APT_CONFIG=$apt/apt.conf
apt-get -qq update
# It needs the C library of its own suite, and brings its own loader.
cd "$apt"
apt-get -qq download bochs bochs-term libc6 libstdc++6 libgcc-s1 libncurses6 libtinfo6 \
	libltdl7
for package in ./*.deb; do
	dpkg-deb -x "$package" "$folder"
done
cd "$folder"
rm -rf "$apt"
[[ -x usr/bin/bochs-bin ]]
echo "Bochs 3.0 is in $folder"
