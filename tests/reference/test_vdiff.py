"""vdiff against NumPy and scikit-image."""
import json
import pathlib
import sys
import tempfile
import unittest

import numpy as np
from skimage.metrics import peak_signal_noise_ratio

import voxpipe

sys.path.insert(0, str(voxpipe.ROOT / "share" / "examples"))
import voxstream  # noqa: E402


class Vdiff(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def diff(self, a, b, *options, meta_a=None, meta_b=None):
        voxstream.write_raw(str(self.folder / "a.raw"), a, meta_a)
        voxstream.write_raw(str(self.folder / "b.raw"), b, meta_b)
        return voxpipe.run("vdiff", "a.raw", "b.raw", *options, folder=self.folder)

    def test_measures(self):
        random = np.random.default_rng(5)
        for dtype_a, dtype_b in (("uint8", "uint8"), ("uint16", "int16"), ("int32", "float32"), ("float16", "float64"),
                                 ("float32", "float32"), ("uint64", "int64")):
            a = random.integers(0, 120, (9, 20, 31)).astype(dtype_a)
            b = np.where(random.random(a.shape) < 0.3, random.integers(0, 120, a.shape), a).astype(dtype_b)
            for tolerance in (0, 17):
                result = self.diff(a, b, "--json", "--tolerance", str(tolerance))
                found = json.loads(result.stdout)
                distance = np.abs(a.astype("f8") - b.astype("f8"))
                wrong = np.argwhere(distance > tolerance)
                self.assertEqual(1, result.returncode)
                self.assertEqual((len(wrong), wrong[0].tolist()), (found["differing"], found["first"]))
                self.assertEqual(distance.max(), found["max_abs"])
                self.assertAlmostEqual(distance.mean(), found["mean_abs"], 12)
                peak = float(a.max()) - float(a.min())
                self.assertAlmostEqual(peak_signal_noise_ratio(a.astype("f8"), b.astype("f8"), data_range=peak),
                                       found["psnr"], 9)
                self.assertEqual([a[tuple(wrong[0])], b[tuple(wrong[0])]], [found["first_a"], found["first_b"]])

    def test_same_answer_however_it_runs(self):
        random = np.random.default_rng(6)
        a = random.normal(0, 1e5, (30, 40, 50)).astype("f4")
        b = a + random.normal(0, 1, a.shape).astype("f4")
        usual = self.diff(a, b, "--json").stdout
        self.assertEqual(usual, self.diff(a, b, "--json", "-j", "1", "--memory", "16M").stdout)
        piped = voxpipe.shell("vconvert a.raw | vdiff --json - b.raw || [ $? = 1 ]", self.folder)
        self.assertEqual(usual, piped.stdout)

    def test_exit_status(self):
        a = np.arange(60, dtype="u2").reshape(3, 4, 5)
        self.assertEqual(0, self.diff(a, a.astype("f8")).returncode)
        self.assertEqual(1, self.diff(a, a + np.uint16(2)).returncode)
        self.assertEqual(0, self.diff(a, a + np.uint16(2), "--tolerance", "2").returncode)
        shapes = self.diff(a, a[:2])
        self.assertEqual((1, b"different shapes: 3 x 4 x 5 and 2 x 4 x 5\n"), (shapes.returncode, shapes.stdout))
        self.assertEqual(2, voxpipe.run("vdiff", "a.raw", folder=self.folder).returncode)
        self.assertEqual(2, voxpipe.run("vdiff", "a.raw", "b.raw", "--tolerance", "-1", folder=self.folder).returncode)
        self.assertGreaterEqual(voxpipe.run("vdiff", "a.raw", "missing.raw", folder=self.folder).returncode, 2)

    def test_metadata_is_noted_not_compared(self):
        a = np.zeros((2, 3, 4), "u1")
        result = self.diff(a, a, meta_a={"spacing": [1, 1, 1], "unit": "micrometer"})
        self.assertEqual(0, result.returncode)
        self.assertIn(b"spacing, unit differ", result.stderr)
        self.assertEqual(b"", self.diff(a, a).stderr)

    def test_labels(self):
        random = np.random.default_rng(7)
        a = random.integers(0, 5000, (20, 30, 40)).astype("u2")
        names = np.concatenate([[0], 10**12 + random.permutation(5000)]).astype("i8")
        b = names[a]
        self.assertEqual(0, self.diff(a, b, "--labels").returncode)
        b[11, 5, 7] = b[b != b[11, 5, 7]][-1]
        found = self.diff(a, b, "--labels", "--json")
        self.assertEqual(1, found.returncode)
        self.assertEqual(first_break(a, b), json.loads(found.stdout)["first"])
        self.assertEqual(2, self.diff(a, b.astype("f8"), "--labels").returncode)


def first_break(a, b):
    """The first voxel in scan order that no one-to-one renumbering with 0 to 0 explains."""
    there, back = {0: 0}, {0: 0}
    for index, (left, right) in enumerate(zip(a.ravel().tolist(), b.ravel().tolist())):
        if there.setdefault(left, right) != right or back.setdefault(right, left) != left:
            return [int(i) for i in np.unravel_index(index, a.shape)]
    return None


if __name__ == "__main__":
    unittest.main()
