"""The Snakemake workflows among the examples."""
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import pipeline
import voxpipe


class Snakemake(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        pipeline.make_scans(self, self.folder)

    def snakemake(self, example, *more):
        shutil.copy(voxpipe.ROOT / "share/examples" / example, self.folder)
        # Its home is not ours to fill.
        environment = {**voxpipe.ENVIRONMENT, "HOME": str(self.folder), "XDG_CACHE_HOME": str(self.folder / "cache")}
        ran = subprocess.run(["snakemake", "-s", example, "--cores", "2", *more], cwd=self.folder, env=environment, capture_output=True,
                             timeout=600, check=False)
        self.assertEqual(0, ran.returncode, ran.stderr.decode())
        return ran.stderr.decode() + ran.stdout.decode()

    def test_one_step(self):
        self.snakemake("Snakefile")
        for name in pipeline.NAMES:
            facts = json.loads(voxpipe.run("vinfo", "--json", self.folder / f"results/{name}_u8.tif").stdout)
            self.assertEqual(("uint8", [0, 255]), (facts["dtype"], facts["range"]))

    def test_the_pipeline(self):
        self.snakemake("pipeline.smk")
        pipeline.check(self, self.folder)
        self.assertIn("Nothing to be done", self.snakemake("pipeline.smk"))
        (self.folder / "scans/a.tif").touch()
        self.snakemake("pipeline.smk")
        pipeline.check(self, self.folder)


if __name__ == "__main__":
    voxpipe.need("snakemake", "snakemake")
    unittest.main()
