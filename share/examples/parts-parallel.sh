#!/bin/bash
# A command in 8 parts by GNU parallel, four at a time: parts-parallel.sh scan.raw median.raw
set -euo pipefail
seq 8 | parallel --halt soon,fail=1 -j4 vfilter median -r 2 -j 1 --part {}/8 "$1" "$2"
vpart finish "$2"
