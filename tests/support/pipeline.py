"""The examples that take a folder of scans through a pipeline: their scans, and what must come out."""
import json

import voxpipe

NAMES = ("a", "b")
# What the examples do, in one process a step and without parts.
PLAIN = """rm -rf plain; mkdir plain
for name in a b; do
  vclip -p 1,99 scans/$name.tif - | vnormalize minmax -t uint8 | vfilter median -r 2 - plain/$name.raw
  vfilter threshold --otsu plain/$name.raw | vlabel components --min-size 10 --table plain/$name.csv - plain/${name}_labels.raw
done"""


def make_scans(test, folder):
    (folder / "scans").mkdir()
    for seed, name in enumerate(NAMES):
        made = voxpipe.shell(f"vphantom foam --shape 40,70,70 --spacing 2um --seed {seed} scans/{name}.tif", folder)
        test.assertEqual(0, made.returncode, made.stderr.decode())


def check(test, folder):
    """Voxels and tables are those of the plain steps; labels lie in their image's store."""
    made = voxpipe.shell(PLAIN, folder)
    test.assertEqual(0, made.returncode, made.stderr.decode())
    for name in NAMES:
        for mine, theirs in ((f"plain/{name}.raw", f"results/{name}.ome.zarr"),
                             (f"plain/{name}_labels.raw", f"results/{name}.ome.zarr/labels/objects")):
            same = voxpipe.run("vdiff", mine, theirs, folder=folder)
            test.assertEqual(0, same.returncode, (same.stdout, same.stderr))
        test.assertEqual((folder / f"plain/{name}.csv").read_bytes(), (folder / f"results/{name}.csv").read_bytes())
        listed = json.loads((folder / f"results/{name}.ome.zarr/labels/zarr.json").read_text())
        test.assertIn("objects", json.dumps(listed))
    test.assertEqual([], [path.name for path in (folder / "work").iterdir() if path.name.endswith(".parts")])
