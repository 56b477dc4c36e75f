# Every scan in scans/ evened out, its objects found, both as pyramids for a viewer:
#   snakemake -s pipeline.smk --cores 4
#   snakemake -s pipeline.smk -j 100 --cluster 'sbatch -c {threads} --mem={resources.mem_mb}'     (on Slurm)
# clip, normalise, median -> even; threshold, label -> labels; pyramids of both -> results/NAME.ome.zarr
NAMES = glob_wildcards("scans/{name}.tif").name
PARTS = 4


wildcard_constraints:
    name="[^/]+",
    part="[0-9]+",


rule all:
    input:
        expand("results/{name}.ome.zarr", name=NAMES),
        expand("results/{name}.csv", name=NAMES),


rule clip_and_normalise:
    input:
        "scans/{name}.tif",
    output:
        "work/{name}_clipped.raw",
        "work/{name}_clipped.raw.json",
    threads: 2
    resources:
        mem_mb=1024,
    shell:
        "set -o pipefail; "
        "vclip -j {threads} --memory 256M -p 1,99 {input} - "
        "| vnormalize -j {threads} --memory 256M minmax -t uint8 "
        "| vconvert -f - {output[0]}"


# The slow step in parts, as many at once as there are cores or jobs.
rule median_part:
    input:
        "work/{name}_clipped.raw",
    output:
        touch("work/{name}_even.{part}"),
    params:
        parts=PARTS,
        even="work/{name}_even.raw",
    resources:
        mem_mb=512,
    shell:
        "vfilter median -j {threads} --memory 256M -r 2 --redo --force --part {wildcards.part}/{params.parts} "
        "{input} {params.even}"


rule median:
    input:
        expand("work/{{name}}_even.{part}", part=range(1, PARTS + 1)),
    output:
        "work/{name}_even.raw",
        "work/{name}_even.raw.json",
    shell:
        "vpart finish {output[0]}"


rule label:
    input:
        "work/{name}_even.raw",
    output:
        "work/{name}_labels.raw",
        "work/{name}_labels.raw.json",
        "results/{name}.csv",
    resources:
        mem_mb=1024,
    shell:
        "set -o pipefail; "
        "vfilter threshold -j {threads} --memory 256M --otsu {input} "
        "| vlabel components -j {threads} --memory 256M -f --min-size 10 --table {output[2]} - {output[0]}"


rule pyramid:
    input:
        even="work/{name}_even.raw",
        labels="work/{name}_labels.raw",
    output:
        directory("results/{name}.ome.zarr"),
    resources:
        mem_mb=1024,
    shell:
        "vpyramid -j {threads} --memory 512M {input.even} {output} && "
        "vpyramid -j {threads} --memory 512M --label-of {output} --name objects {input.labels}"
