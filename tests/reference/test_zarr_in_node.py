"""What viewers in a browser read of our stores: zarrita and ome-zarr.js under node, against NumPy, at every level. Needs
their packages in the folder VOXPIPE_NODE, by default build/node, where scripts/setup --full puts them."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

import numpy as np

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support"
sys.path.insert(0, str(SUPPORT))
from format_case import FormatCase, some_volume  # noqa: E402

PACKAGES = pathlib.Path(os.environ.get("VOXPIPE_NODE") or os.path.join(os.environ.get("VOXPIPE_BUILD", "build"), "node"))
MISSING = [str(path) for path in (PACKAGES / "node_modules" / "zarrita", PACKAGES / "node_modules" / "ome-zarr.js") if not path.is_dir()]
MISSING += [] if shutil.which("node") else ["node"]


def shrunk(volume, factor):
    """Means of boxes, of those at the end what is there; half to even."""
    for axis, step in enumerate(factor):
        begins = np.arange(0, volume.shape[axis], step)
        counts = np.diff(np.append(begins, volume.shape[axis]))
        volume = np.add.reduceat(volume, begins, axis=axis) / counts.reshape([-1 if a == axis else 1 for a in range(3)])
    return volume


@unittest.skipIf(MISSING, f"needs packages of node: {MISSING} (scripts/setup --full)")
class ZarrInNode(FormatCase):
    def read_by_node(self, name):
        if not self.path("read_zarr.mjs").exists():
            shutil.copy(SUPPORT / "read_zarr.mjs", self.path("read_zarr.mjs"))
            self.path("node_modules").symlink_to((PACKAGES / "node_modules").resolve())
        done = subprocess.run(["node", "read_zarr.mjs", name], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(done.stdout)

    def check(self, name, volume, version, spacing, shrink):
        found = self.read_by_node(name)
        self.assertEqual(version, found["zarr_version"])
        self.assertEqual(["z", "y", "x"], [axis["name"] for axis in found["axes"]])
        self.assertEqual({"micrometer"}, {axis["unit"] for axis in found["axes"]})
        self.assertGreater(len(found["levels"]), 2)
        level, factor = volume, np.ones(3)
        for number, read in enumerate(found["levels"]):
            if number > 0:
                step = [round(float(f)) for f in np.array(read["transformations"][0]["scale"]) / (factor * spacing)]
                level, factor = shrink(level, step), factor * step
                np.testing.assert_allclose((factor - 1) * spacing / 2, read["transformations"][1]["translation"])
            self.assertEqual(list(level.shape), read["shape"])
            self.assertEqual(volume.dtype.name, read["dtype"])
            self.assertEqual(hashlib.sha256(np.ascontiguousarray(level).tobytes()).hexdigest(), read["digest"], f"level {number}")

    def test_every_level_is_numpys(self):
        spacing = np.array([2, 0.5, 0.5])
        for number, dtype in enumerate(("uint8", "uint16", "int16", "uint32", "float32", "float64", "int64")):
            volume = some_volume((13, 85, 61), dtype)
            if dtype.endswith("64") or dtype == "float32":
                volume = (volume // 2**45 if dtype == "int64" else np.rint(volume)).astype(dtype)

            def means(level, step):
                result = shrunk(level.astype("f8"), step)
                return (result if dtype.startswith("float") else np.rint(result)).astype(dtype)

            self.write_with_ours(volume, "in.raw", spacing=spacing.tolist(), unit="micrometer")
            codec = ("zstd", "none", "gzip", "blosc:zstd:5", "blosc:lz4", "zstd:9", "gzip")[number]
            kinds = (("a.ome.zarr", (), 3), ("b.ome.zarr", ("--shard", "none"), 3), ("c.ome.zarr", ("--shard", "32,64,32"), 3),
                     ("d.ozx", (), 3), ("e.ome.zarr", ("--ome", "0.4"), 2))
            for name, options, version in kinds if dtype == "uint16" else (kinds[number % 4], kinds[4]):
                with self.subTest(dtype=dtype, codec=codec, options=options, name=name):
                    self.run_ours("vpyramid", "-q", "-f", "--chunk", "16", "-c", codec, *options, "in.raw", name)
                    self.check(name, volume, version, spacing, means)

    def test_labels_are_read(self):
        volume = some_volume((9, 70, 41), "uint16") // 8192

        def most_frequent(level, step):
            shape = [-(-n // s) for n, s in zip(level.shape, step)]
            boxes = ((i, [slice(k * s, (k + 1) * s) for k, s in zip(i, step)]) for i in np.ndindex(*shape))
            result = np.zeros(shape, level.dtype)
            for index, box in boxes:
                values, counts = np.unique(level[tuple(box)], return_counts=True)
                result[index] = values[np.argmax(counts)]
            return result

        self.write_with_ours(volume, "in.raw", spacing=[1, 1, 1], unit="micrometer", kind="labels")
        self.run_ours("vpyramid", "-q", "--chunk", "8", "in.raw", "labels.ome.zarr")
        self.check("labels.ome.zarr", volume, 3, np.ones(3), most_frequent)


if __name__ == "__main__":
    unittest.main()
