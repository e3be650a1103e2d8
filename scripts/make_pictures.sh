#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the pictures of the documentation from real runs: docs/how-to/images/*.png. Needs chromium, gtkwave, xvfb.
set -euo pipefail
cd "$(dirname "$0")/.."
vp=$PWD/build/release/bin/duet-vp
images=$PWD/docs/how-to/images
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$vp" run duet --model nemotron-h-56b --workload arxiv --batch 8 --quiet --csv "$work/out.csv" --report "$work/report.html"
python3 scripts/report_pictures.py "$work/report.html" "$images"
"$vp" run duet --model mamba2-130m --workload chat --batch 1 --quiet --csv "$work/out.csv" --vcd "$work/run.vcd" \
  --trace-select 'prefill.driver,prefill.chiplet_x1_y0,prefill.memory_x0_y0,prefill.noi.link[0->1],inter_package_link[0]' \
  --trace-window '..60 us'
cat > "$work/grab.tcl" <<TCL
gtkwave::/Time/Zoom/Zoom_Full
after 500
gtkwave::/File/Grab_To_File $images/gtkwave.png
gtkwave::/File/Quit
TCL
(cd "$work" && timeout 60 xvfb-run -a -s "-screen 0 1680x960x24" gtkwave run.vcd run.gtkw -S grab.tcl >/dev/null 2>&1) || true
[ "$images/gtkwave.png" -nt "$work/run.vcd" ] || { echo "gtkwave made no picture" >&2; exit 1; }
