#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes docs/reference/ and configs/schema/ from the program itself, and makes each shipped YAML file
# name its schema. A test compares them. Usage: generate_reference.sh [duet-vp]
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-build/release/bin/duet-vp}
mkdir -p docs/reference configs/schema
for kind in platform model workload; do
  "$program" describe --schema "$kind" > "configs/schema/$kind.schema.json"
  "$program" describe --reference "$kind" > "docs/reference/$kind.md"
  shopt -s nullglob
  for file in "configs/${kind}s"/*.yaml; do
    grep -q '^# yaml-language-server:' "$file" && continue
    line="# yaml-language-server: \$schema=../schema/$kind.schema.json"
    if head -1 "$file" | grep -q SPDX; then sed -i "1a $line" "$file"; else sed -i "1i # SPDX-License-Identifier: Apache-2.0\n$line" "$file"; fi
  done
done
for page in cli registers; do "$program" describe --reference "$page" > "docs/reference/$page.md"; done
