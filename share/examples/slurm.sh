#!/bin/bash
# One scan per array task: sbatch --array=0-99 slurm.sh scans/ results/
#SBATCH --job-name=voxpipe
#SBATCH --cpus-per-task=8
#SBATCH --mem=4G
#SBATCH --time=01:00:00
set -euo pipefail

scans=("$1"/*.tif)
scan=${scans[${SLURM_ARRAY_TASK_ID:-0}]}
result=$2/$(basename "$scan" .tif)_u8.tif

# Each tool takes its threads from SLURM_CPUS_PER_TASK. --memory counts for each tool of a pipe.
vclip --memory 1G -p 1,99 "$scan" | vnormalize --memory 1G minmax -t uint8 | vconvert -f - "$result"
