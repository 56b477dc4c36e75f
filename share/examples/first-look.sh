#!/bin/sh
# Look at the intensities of a scan, cut them off, stretch them, save at a smaller bit depth:
#   first-look.sh scan.tif scan_u8.tif
set -eu
scan=$1
result=$2

vinfo "$scan"
vstats --plot "${result%.tif}_histogram.svg" "$scan"
vclip -p 1,99 "$scan" | vnormalize minmax -t uint8 | vconvert - "$result"
vstats "$result"
vinfo --history "$result"
