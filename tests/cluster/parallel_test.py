"""The examples for GNU parallel."""
import json
import pathlib
import tempfile
import unittest

import pipeline
import voxpipe

EXAMPLES = voxpipe.ROOT / "share/examples"


class Parallel(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def shell(self, command):
        # Its home is not ours to fill.
        done = voxpipe.shell(f"export HOME=$PWD; {command}", self.folder)
        self.assertEqual(0, done.returncode, done.stderr.decode())

    def test_parts_of_one_volume(self):
        self.shell("vphantom noise -q --shape 23,40,31 -t uint16 in.raw; mkdir whole; cp in.raw in.raw.json whole; cd whole;"
                   "vfilter median -r 2 in.raw out.raw")
        self.shell(f"{EXAMPLES}/parts-parallel.sh in.raw out.raw")
        self.assertEqual(voxpipe.bytes_of(self.folder / "whole/out.raw"), voxpipe.bytes_of(self.folder / "out.raw"))

    def test_a_folder_of_scans(self):
        pipeline.make_scans(self, self.folder)
        self.shell(f"{EXAMPLES}/scans-parallel.sh scans results")
        times = {}
        for name in pipeline.NAMES:
            facts = json.loads(voxpipe.run("vinfo", "--json", self.folder / f"results/{name}_u8.tif").stdout)
            self.assertEqual(("uint8", [0, 255]), (facts["dtype"], facts["range"]))
            self.assertEqual(40 * 70 * 70, json.loads((self.folder / f"results/{name}_stats.json").read_text())["count"])
            times[name] = (self.folder / f"results/{name}_u8.tif").stat().st_mtime_ns
        self.shell(f"{EXAMPLES}/scans-parallel.sh scans results")
        for name, time in times.items():
            self.assertEqual(time, (self.folder / f"results/{name}_u8.tif").stat().st_mtime_ns)


if __name__ == "__main__":
    voxpipe.need("parallel", "parallel")
    unittest.main()
