#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that are missing. Usage: install_packages.sh demo|test|site
set -euo pipefail
demo=(g++ cmake ninja-build libsystemc-dev libboost-dev libboost-graph-dev libyaml-cpp-dev libfmt-dev
  libspdlog-dev libcli11-dev nlohmann-json3-dev libeigen3-dev)
tests=(catch2 libvalijson-dev libbenchmark-dev libunicorn-dev gcc-riscv64-unknown-elf gdb-multiarch chromium
  clang-format clang-tidy python3 git gtkwave xvfb mkdocs zsh slurm-wlm munge)
# Node comes from elsewhere on some machines, and then Debian's npm cannot be installed beside it.
command -v npm >/dev/null || tests+=(nodejs npm)
site=(mkdocs)
wanted=("${demo[@]}")
if [ "${1:-demo}" = test ]; then wanted+=("${tests[@]}"); fi
if [ "${1:-demo}" = site ]; then wanted=("${site[@]}"); fi
# A package that was removed, but not purged, is still known to dpkg.
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/^installed //p') || true
missing=()
for package in "${wanted[@]}"; do
  grep -qxF "$package" <<<"$installed" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
echo "installing: ${missing[*]}"
sudo=(); if [ "$(id -u)" -ne 0 ]; then sudo=(sudo); fi
"${sudo[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
