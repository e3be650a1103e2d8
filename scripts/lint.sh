#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-format on every file; clang-tidy on what changed since main's last merge base (all with LINT_ALL=1).
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t files < <(git ls-files '*.cpp' '*.hpp' '*.c' '*.h')
clang-format --dry-run -Werror "${files[@]}"
base=${LINT_BASE:-HEAD~1}
if [ "${LINT_ALL:-0}" = 1 ] || ! git rev-parse -q --verify "$base" >/dev/null; then
  mapfile -t changed < <(git ls-files '*/src/*.cpp' 'platform/cli/*.cpp')
else
  mapfile -t changed < <(git diff --name-only --diff-filter=d "$base" -- '*/src/*.cpp' 'platform/cli/*.cpp')
fi
if [ ${#changed[@]} -eq 0 ]; then exit 0; fi
# clang cannot read GCC's precompiled headers, so the commands are handed over without them.
mkdir -p build/lint
sed -E 's/-include [^ ]*cmake_pch\.hxx//g; s/-Winvalid-pch//g' build/release/compile_commands.json > build/lint/compile_commands.json
printf '%s\n' "${changed[@]}" | xargs -P "$(nproc)" -n 1 clang-tidy -p build/lint --quiet 2>/dev/null
