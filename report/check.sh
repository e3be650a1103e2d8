#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Says whether report/dist is what build.mjs makes of the pinned packages. Needs node, npm and, unless npm
# has the packages in its cache, its registry.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$(dirname "$0")"
cp -r package.json package-lock.json charts.mjs build.mjs dist "$folder"
cd "$folder"
npm ci --prefer-offline --ignore-scripts --no-audit --no-fund --loglevel error
node build.mjs --check
