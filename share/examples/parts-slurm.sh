#!/bin/bash
# A median of one large volume, in 64 parts, then the join; what `vpart slurm` prints, by hand.
#   bash parts-slurm.sh scan.ome.zarr median.ome.zarr
set -euo pipefail
parts=64

array=$(sbatch --parsable --array=1-$parts --cpus-per-task=8 --mem=3G --time=02:00:00 --signal=B:TERM@60 --requeue <<END
#!/bin/bash
exec vfilter median -r 2 --memory 2G --part \$SLURM_ARRAY_TASK_ID/$parts "$1" "$2"
END
)
sbatch --dependency="afterok:$array" --kill-on-invalid-dep=yes --mem=256M --time=02:00:00 <<END
#!/bin/bash
exec vpart finish "$2"
END
