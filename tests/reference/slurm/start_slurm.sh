#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Private one-node Slurm on loopback, without systemd and without touching /etc/slurm or /etc/munge.
#   start_slurm.sh            install if missing, start what is not running, wait until the node is idle
#   start_slurm.sh clean      stop our own daemons (by pid file) and remove the state first
#   start_slurm.sh stop       stop our own daemons
# Afterwards:  export SLURM_CONF=$SLURM_HOME/slurm.conf
set -euo pipefail
D=${SLURM_HOME:-$PWD/slurm-run}
CTLD_PORT=${CTLD_PORT:-26817} D_PORT=${D_PORT:-26818}
PIDS="slurmd slurmctld munged"
alive() { local p; p=$(cat "$D/$1.pid" 2>/dev/null) && [ -n "$p" ] && [ "$(cat /proc/$p/comm 2>/dev/null)" = "$1" ]; }
stop() { for s in $PIDS; do if alive $s; then p=$(cat "$D/$s.pid"); kill "$p"; for _ in $(seq 100); do kill -0 "$p" 2>/dev/null || break; sleep 0.1; done; fi; done; }
case ${1:-} in
  stop) stop; exit 0;;
  clean) stop; rm -rf "$D";;
esac
for b in slurmctld slurmd munged; do [ -x /usr/sbin/$b ] || need=1; done
if [ -n "${need:-}" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=600 slurm-wlm munge >/dev/null
fi
umask 022
mkdir -p "$D"/{state,spool,munge}; chmod 0755 "$D" "$D/munge"
H=$(hostname -s); read -r CPUS MEM < <(slurmd -C | sed -n 's/.*CPUs=\([0-9]*\).*RealMemory=\([0-9]*\).*/\1 \2/p')
[ -f "$D/munge/munge.key" ] || { dd if=/dev/urandom of="$D/munge/munge.key" bs=128 count=1 status=none; chmod 0400 "$D/munge/munge.key"; }
cat > "$D/slurm.conf" <<C
ClusterName=local
SlurmctldHost=$H(127.0.0.1)
SlurmUser=root
SlurmctldPort=$CTLD_PORT
SlurmdPort=$D_PORT
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket=$D/munge/munge.socket
CredType=cred/munge
StateSaveLocation=$D/state
SlurmdSpoolDir=$D/spool
SlurmctldPidFile=$D/slurmctld.pid
SlurmdPidFile=$D/slurmd.pid
SlurmctldLogFile=$D/slurmctld.log
SlurmdLogFile=$D/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$D/jobcomp.log
MpiDefault=none
ReturnToService=2
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,batch_sched_delay=0,max_array_tasks=10000
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MaxArraySize=10001
MaxJobCount=20000
MinJobAge=300
NodeName=$H NodeAddr=127.0.0.1 CPUs=$CPUS Boards=1 SocketsPerBoard=1 CoresPerSocket=$CPUS ThreadsPerCore=1 RealMemory=$((MEM*9/10)) State=UNKNOWN
PartitionName=main Nodes=$H Default=YES MaxTime=INFINITE State=UP
C
export SLURM_CONF=$D/slurm.conf
alive munged || /usr/sbin/munged --force --num-threads=2 --key-file="$D/munge/munge.key" --socket="$D/munge/munge.socket" \
  --pid-file="$D/munged.pid" --log-file="$D/munge/munged.log" --seed-file="$D/munge/munged.seed"
for _ in $(seq 50); do munge -S "$D/munge/munge.socket" -n >/dev/null 2>&1 && break; sleep 0.1; done
alive slurmctld || /usr/sbin/slurmctld
for _ in $(seq 100); do scontrol ping 2>/dev/null | grep -q 'is UP' && break; sleep 0.1; done
alive slurmd || /usr/sbin/slurmd
for _ in $(seq 100); do [ "$(sinfo -h -o %t 2>/dev/null)" = idle ] && break; sleep 0.1; done
sinfo
