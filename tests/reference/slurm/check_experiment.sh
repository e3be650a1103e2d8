#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# check_experiment.sh <duet-vp>: the same experiment locally and as a job array on a private Slurm, one task of which is
# killed while it runs. Fails unless both results are the same and the killed task's points were submitted again.
set -euo pipefail
if ! command -v slurmctld >/dev/null || [ "$(id -u)" -ne 0 ]; then
  echo "skipped: slurm-wlm is not installed, or this is not root"
  exit 77
fi
program=$(readlink -f "$1")
here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d)
export SLURM_HOME=$work/slurm
cleanup() { "$here/start_slurm.sh" stop >/dev/null 2>&1 || true; rm -rf "$work"; }
trap cleanup EXIT
"$here/start_slurm.sh" >/dev/null
export SLURM_CONF=$SLURM_HOME/slurm.conf

# 240 points in three tasks of 80: long enough to catch one in the middle.
cat > "$work/space.yaml" <<'Y'
name: space
command: [estimate-array, vector, --kernel, ssm, --tokens, "1", --states, "{states}", --json, "-"]
axes:
  rows: ["2", "4", "8", "16", "32"]
  columns: ["2", "4", "8", "16"]
  lanes: ["8", "16", "32", "64"]
  states: ["16", "64", "256"]
points_per_task: 80
tables: [{name: latency, value: latency_s, rows: lanes, columns: [states]}]
Y
"$program" experiment "$work/space.yaml" -o "$work/local" > "$work/local.log"
"$program" experiment "$work/space.yaml" -o "$work/cluster" --engine slurm > "$work/cluster.log" 2>&1 &
submitter=$!

# Kill the first task's whole process tree as soon as it has stored a point but not all of them.
round=$work/cluster/slurm/round_1
killed=no
for _ in $(seq 1200); do
  if [ -e "$round/task_0.txt" ]; then
    stored=0
    while read -r key; do [ -e "$work/cluster/points/$key.json" ] && stored=$((stored + 1)); done < "$round/task_0.txt"
    if [ "$stored" -ge 1 ] && [ "$stored" -lt 80 ]; then
      job=$(squeue --noheader --format %F | head -1)
      scancel --signal=KILL --full "${job}_0" && killed=yes
      break
    fi
    [ "$stored" -lt 80 ] || break
  fi
  sleep 0.05
done
wait "$submitter"
[ "$killed" = yes ] || { echo "no task was caught while it ran"; exit 1; }
[ -d "$work/cluster/slurm/round_2" ] || { echo "nothing was submitted again"; exit 1; }
for file in results.json results.csv tables/latency.md; do
  cmp "$work/local/$file" "$work/cluster/$file"
done
echo "identical: $(find "$work/cluster/points" -name '*.json' | wc -l) points, killed task submitted again: $(wc -l < "$work/cluster/slurm/round_2/task_0.txt") points left"
