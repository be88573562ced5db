#!/usr/bin/env bash
# A real Slurm for tests: one node, two pretended GPUs, without systemd or accounting, by root on Debian's slurm-wlm.
# There is one in the system: whoever brings it up sees to it that no other test does.
#   slurm.sh up|stop-controller|start-controller|down FOLDER      (FOLDER takes state and logs)
# FOLDER/sacct stands in for accounting. A GPU job waits as long as FOLDER/hold is there; FOLDER/gpus.tsv tells which
# device each had.
set -euo pipefail
export PATH=$PATH:/usr/sbin
command=$1 folder=$2 host=$(hostname -s)
mark="# written by $(basename "$0") for tests"

start_controller() { slurmctld; }

stop() {
    [ -f "$folder/$1.pid" ] || return 0
    local pid; pid=$(cat "$folder/$1.pid")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    rm -f "$folder/$1.pid"
}

configure() {
    cat > /etc/slurm/slurm.conf <<C
$mark
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
TaskProlog=$folder/task-prolog
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
SlurmdParameters=config_overrides
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldPort=16817
SlurmdPort=16818
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,bf_interval=1
MinJobAge=600
KillWait=2
GresTypes=gpu
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 RealMemory=64000 Gres=gpu:2 State=UNKNOWN
PartitionName=cpu Nodes=$host Default=YES MaxTime=3-0 State=UP
PartitionName=gpu Nodes=$host Default=NO MaxTime=3-0 State=UP
C
    cat > /etc/slurm/gres.conf <<C
$mark
AutoDetect=off
NodeName=$host Name=gpu File=/dev/null
NodeName=$host Name=gpu File=/dev/zero
C
    cat > /etc/slurm/cgroup.conf <<C
$mark
CgroupPlugin=cgroup/v1
ConstrainCores=no
ConstrainRAMSpace=no
ConstrainDevices=no
IgnoreSystemd=yes
C
    cat > "$folder/task-prolog" <<C
#!/bin/sh
[ -n "\$CUDA_VISIBLE_DEVICES" ] && [ -n "\$SLURM_STEP_ID" ] || exit 0
printf '%s\t%s\n' "\$SLURM_JOB_ID" "\$CUDA_VISIBLE_DEVICES" >> "$folder/gpus.tsv"
while [ -e "$folder/hold" ]; do sleep 0.2; done
C
    cat > "$folder/sacct" <<C
#!/bin/sh
# Stands in for accounting: how the jobs of a name are, as the controller remembers them.
case "\$*" in *" --name "*) ;; *) exit 0 ;; esac
for name; do :; done
exec squeue --noheader --states=all --format='%i|%T' --name "\$name"
C
    chmod 755 "$folder"/{task-prolog,sacct}
}

up() {
    for file in /etc/slurm/{slurm,gres,cgroup}.conf; do
        if [ -e $file ] && ! grep -q "^$mark" $file; then
            echo "$file is of another Slurm, which is left alone" >&2
            exit 3
        fi
    done
    # What a killed test left behind.
    local old; old=$(sed -n 's|^SlurmctldPidFile=\(.*\)/slurmctld.pid$|\1|p' /etc/slurm/slurm.conf 2> /dev/null || true)
    [ -z "$old" ] || "$0" down "$old"
    mkdir -p "$folder"/{state,spool} /etc/slurm
    configure
    getent hosts "$host" > /dev/null || echo "127.0.0.1 $host" >> /etc/hosts
    dd if=/dev/urandom of="$folder/munge.key" bs=128 count=1 status=none
    chmod 600 "$folder/munge.key"
    munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
        --log-file="$folder/munged.log" --seed-file="$folder/munge.seed"
    start_controller
    slurmd -N "$host"
    for _ in $(seq 100); do
        [ "$(sinfo -h -p gpu -o %T 2> /dev/null)" = idle ] && exit 0
        sleep 0.2
    done
    sinfo >&2 || true
    tail -n 20 "$folder"/*.log >&2
    exit 1
}

down() {
    scancel --full --user "$(id -un)" 2> /dev/null || true
    for daemon in slurmd slurmctld munged; do stop $daemon; done
    for file in /etc/slurm/{slurm,gres,cgroup}.conf; do
        if grep -qs "^$mark" $file; then rm $file; fi
    done
}

case $command in
    up) up ;;
    stop-controller) stop slurmctld ;;
    start-controller) start_controller ;;
    down) down ;;
esac
