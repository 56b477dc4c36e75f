#!/bin/bash
# Every scan of a folder at 8 bits, with its statistics, four at a time by GNU parallel: scans-parallel.sh scans/ results/
# Stopped, it goes on where it was: the log says what is done.
set -euo pipefail
export SHELL=/bin/bash VOXPIPE_THREADS=1
mkdir -p "$2"
parallel --halt soon,fail=1 -j4 --joblog "$2/u8.log" --resume-failed \
  'set -o pipefail; vclip -p 1,99 {1} - | vnormalize minmax -t uint8 | vconvert -f - {2}/{1/.}_u8.tif' ::: "$1"/*.tif ::: "$2"
parallel --halt soon,fail=1 -j4 'vstats --json {1} > {2}/{1/.}_stats.json' ::: "$1"/*.tif ::: "$2"
