"""The example workflows do what they say."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import pipeline
import voxpipe

EXAMPLES = voxpipe.ROOT / "share" / "examples"


class Workflows(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_in_folder(self, *words, **environment):
        result = subprocess.run([str(word) for word in words], cwd=self.folder, capture_output=True, timeout=300,
                                env={**voxpipe.ENVIRONMENT, **environment}, check=False)
        self.assertEqual(0, result.returncode, result.stderr.decode())
        return result.stdout.decode()

    def make_scans(self, *names):
        for seed, name in enumerate(names):
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            self.run_in_folder("vphantom", "foam", "--shape", "16,32,32", "--seed", seed, path)

    def check_stretched(self, name):
        facts = json.loads(voxpipe.run("vinfo", "--json", self.folder / name).stdout)
        self.assertEqual(("uint8", [0, 255]), (facts["dtype"], facts["range"]))

    def test_shell(self):
        self.make_scans("scan.tif")
        self.run_in_folder(EXAMPLES / "first-look.sh", "scan.tif", "scan_u8.tif")
        self.check_stretched("scan_u8.tif")
        self.assertIn("<svg", (self.folder / "scan_u8_histogram.svg").read_text())

    @unittest.skipUnless(shutil.which("make"), "make is not installed")
    def test_make(self):
        self.make_scans("a.tif", "b.tif")
        shutil.copy(EXAMPLES / "Makefile", self.folder)
        self.run_in_folder("make", "-j2")
        for name in ("a", "b"):
            self.check_stretched(f"{name}_u8.tif")
            self.assertEqual(16 * 32 * 32, json.loads((self.folder / f"{name}_stats.json").read_text())["count"])
        before = os.stat(self.folder / "a_u8.tif").st_mtime_ns
        self.run_in_folder("make")
        self.assertEqual(before, os.stat(self.folder / "a_u8.tif").st_mtime_ns)

    @unittest.skipUnless(shutil.which("make"), "make is not installed")
    def test_a_pipeline_by_make(self):
        pipeline.make_scans(self, self.folder)
        shutil.copy(EXAMPLES / "pipeline.mk", self.folder)
        self.run_in_folder("make", "-s", "-j2", "-f", "pipeline.mk")
        pipeline.check(self, self.folder)
        self.assertIn("Nothing to be done", self.run_in_folder("make", "-f", "pipeline.mk"))
        (self.folder / "scans/a.tif").touch()
        self.run_in_folder("make", "-s", "-j2", "-f", "pipeline.mk")
        pipeline.check(self, self.folder)

    def test_slurm_task(self):
        self.make_scans("scans/a.tif", "scans/b.tif")
        (self.folder / "results").mkdir()
        self.run_in_folder(EXAMPLES / "slurm.sh", "scans", "results", SLURM_ARRAY_TASK_ID="1", SLURM_CPUS_PER_TASK="2")
        self.check_stretched("results/b_u8.tif")


if __name__ == "__main__":
    unittest.main()
