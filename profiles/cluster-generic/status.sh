#!/bin/sh
# How is a job: running, success or failed? For Slurm; other schedulers need other commands.
state=$(scontrol show job "$1" 2>&1)
case $state in *"Invalid job id"*) state=JobState=$(sacct -X -n -P -o State -j "$1" 2>/dev/null) ;; esac
case $state in
    *JobState=COMPLETED*) echo success ;;
    *JobState=PENDING* | *JobState=CONFIGURING* | *JobState=RUNNING* | *JobState=COMPLETING*) echo running ;;
    *JobState=SUSPENDED* | *JobState=REQUEUED* | *JobState=STOPPED*) echo running ;;
    *JobState=*) echo failed ;;
    *) echo running ;; # the controller does not answer
esac
