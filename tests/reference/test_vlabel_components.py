"""vlabel components against scipy.ndimage.label: connectivities, densities, types, thresholds, filters, tables."""
import json
import os
import pathlib
import tempfile
import unittest

import numpy as np
from scipy import ndimage
from skimage.filters import threshold_otsu

from arrays import DTYPES
import labels_case as case
import voxpipe
import voxstream

SHAPES = [(7, 33, 50), (1, 1, 1), (1, 30, 9), (5, 1, 70), (30, 4, 2), (9, 20, 200)]
DENSITIES = [0, 0.01, 0.1, 0.2, 0.35, 0.5, 0.8, 0.99, 1]


class Components(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def assert_scipy(self, array, n, *words):
        found = case.labels(array, "-n", n, *words)
        expected, count = ndimage.label(array != 0, case.STRUCTURES[n])
        np.testing.assert_array_equal(found, expected)
        self.assertEqual(np.uint8 if count < 256 else np.uint16 if count < 65536 else np.uint32, found.dtype)

    def test_random_masks(self):
        random = np.random.default_rng(1)
        for i, shape in enumerate(SHAPES):
            for density in DENSITIES:
                mask = (random.random(shape) < density).astype(np.uint8)
                for n in (6, 18, 26):
                    with self.subTest(shape=shape, density=density, n=n):
                        self.assert_scipy(mask, n, *(["-j", "1", "--memory", "1M"] if i % 2 else []))

    def test_shapes_that_are_hard_to_follow(self):
        comb = np.zeros((12, 40, 41), np.uint8)
        comb[:, :, ::2] = 1
        comb[-1] = 1
        teeth = np.zeros((12, 40, 41), np.uint8)
        teeth[::2] = 1
        teeth[:, -1, -1] = 1
        checker = (np.indices((10, 20, 70)).sum(0) % 2).astype(np.uint8)
        for name, mask in (("comb", comb), ("teeth", teeth), ("checker", checker), ("spiral", case.spiral(25)),
                           ("turned", np.ascontiguousarray(case.spiral(21).transpose(2, 0, 1)))):
            for n in (6, 18, 26):
                with self.subTest(name, n=n):
                    self.assert_scipy(mask, n)
                    self.assert_scipy(mask, n, "-j", "1", "--memory", "450K")

    def test_types(self):
        random = np.random.default_rng(2)
        for dtype in DTYPES:
            values = (random.random((6, 20, 131)) < 0.3) * random.integers(1, 100, (6, 20, 131))
            array = values.astype(dtype)
            if np.dtype(dtype).kind == "f":
                array[0, 0, :9] = (0.0, -0.0, np.nan, np.nan, np.inf, 0, 0.5, -0.0, -1)
            elif np.dtype(dtype).kind == "i":
                array[0, 0, :3] = (0, -5, np.iinfo(dtype).min)
            with self.subTest(dtype):
                self.assert_scipy(array, 26)

    def test_equal_neighbours(self):
        random = np.random.default_rng(3)
        for dtype in DTYPES:
            array = random.integers(0, 4, (6, 17, 75)).astype(dtype)
            if dtype == "uint64":
                array[array == 3] = 2**63 + 1
            for n in (6, 18, 26):
                with self.subTest(dtype=dtype, n=n):
                    found = case.labels(array, "--multi", "-n", n)
                    np.testing.assert_array_equal(found, case.by_value(array, case.STRUCTURES[n]))

    def test_thresholds(self):
        random = np.random.default_rng(4)
        for dtype in ("uint8", "int16", "float32"):
            array = ndimage.gaussian_filter(random.normal(60, 90, (9, 30, 40)), 1).astype(dtype)
            for words, inside in ((["--above", "60"], array > 60), (["--below", "50"], array < 50),
                                  (["--range", "50,70"], (array >= 50) & (array <= 70)),
                                  (["--otsu"], array > threshold_otsu(array))):
                with self.subTest(dtype=dtype, words=words):
                    np.testing.assert_array_equal(case.labels(array, *words), ndimage.label(inside)[0])

    def test_filters_and_order(self):
        random = np.random.default_rng(5)
        mask = (random.random((12, 30, 60)) < 0.25).astype(np.uint8)
        expected, count = ndimage.label(mask)
        sizes = ndimage.sum(mask, expected, range(1, count + 1)).astype(int)
        boxes = ndimage.find_objects(expected)
        inner = np.array([all(s.start > 0 and s.stop < n for s, n in zip(box, mask.shape)) for box in boxes])
        largest_first = sorted(range(count), key=lambda i: (-sizes[i], i))
        for words, kept in (
                (["--min-size", "5"], [i for i in range(count) if sizes[i] >= 5]),
                (["--min-size", "40um3"], [i for i in range(count) if sizes[i] >= 5]),
                (["--drop-border"], [i for i in range(count) if inner[i]]),
                (["--keep-largest", "7"], sorted(largest_first[:7])),
                (["--keep-largest", "0"], []),
                (["--sort", "size"], largest_first),
                (["--sort", "size", "--keep-largest", "9", "--drop-border", "--min-size", "3"],
                 [i for i in largest_first if inner[i] and sizes[i] >= 3][:9])):
            table = np.zeros(count + 1, int)
            table[np.array(kept, int) + 1] = np.arange(1, len(kept) + 1)
            with self.subTest(words):
                found = case.labels(mask, *words, spacing=[2, 2, 2], unit="micrometer")
                np.testing.assert_array_equal(found, table[expected])

    def test_many_labels(self):
        for count, dtype in ((255, np.uint8), (300, np.uint16), (70_000, np.uint32)):
            mask = np.zeros((3, 300, 1000), np.uint8)
            mask[::2, ::2, ::2].flat[:count] = 1
            found = case.labels(mask)
            self.assertEqual(dtype, found.dtype)
            np.testing.assert_array_equal(found, ndimage.label(mask)[0])
        message = case.run("components", "-t", "uint16", array=mask, status=1)
        self.assertIn("70,000 labels do not fit uint16", message)
        self.assertEqual(np.int64, case.labels(mask, "-t", "int64").dtype)

    def test_rows_beyond_16_bits(self):
        random = np.random.default_rng(6)
        mask = (random.random((2, 3, 70_000)) < 0.4).astype(np.uint8)
        self.assert_scipy(mask, 26)

    def test_files_pipes_threads_and_memory_give_the_same_bits(self):
        random = np.random.default_rng(7)
        mask = (random.random((60, 100, 120)) < 0.3).astype(np.uint8)
        voxstream.write_raw(str(self.folder / "mask.raw"), mask, {"spacing": [2, 1, 1], "unit": "micrometer"})
        done = case.run("components", "mask.raw", "a.raw", "--table", "a.csv", folder=self.folder)
        expected, count = ndimage.label(mask)
        self.assertEqual(f"{count}\n", done.stdout.decode())
        a = (self.folder / "a.raw").read_bytes()
        np.testing.assert_array_equal(expected, np.frombuffer(a, np.uint16).reshape(mask.shape))
        for words in (["-j", "1"], ["-j", "3"], ["--memory", "24M", "-j", "2"], ["--memory", "20M", "-j", "1"]):
            with self.subTest(words):
                case.run("components", "mask.raw", "b.raw", "--table", "b.csv", "-f", *words, folder=self.folder)
                self.assertEqual(a, (self.folder / "b.raw").read_bytes())
                self.assertEqual((self.folder / "a.csv").read_bytes(), (self.folder / "b.csv").read_bytes())
                os.unlink(self.folder / "b.csv")
        for level in ("baseline", "avx2"):
            done = voxpipe.shell(f"VOXPIPE_SIMD={level} vlabel components mask.raw -f b.raw || true", self.folder)
            if b"is no level" not in done.stderr:
                self.assertEqual(a, (self.folder / "b.raw").read_bytes())

    def test_runs_that_do_not_fit_are_spooled(self):
        random = np.random.default_rng(8)
        mask = (random.random((96, 256, 256)) < 0.5).astype(np.uint8)
        voxstream.write_raw(str(self.folder / "mask.raw"), mask)
        done = case.run("components", "-n", "26", "--memory", "16M", "--report", "r.json", "mask.raw", "a.raw",
                        folder=self.folder)
        expected, count = ndimage.label(mask, case.STRUCTURES[26])
        self.assertEqual(count, int(done.stdout))
        found = np.fromfile(self.folder / "a.raw", json.loads((self.folder / "a.raw.json").read_text())["dtype"])
        np.testing.assert_array_equal(expected, found.reshape(mask.shape))
        peak = json.loads((self.folder / "r.json").read_text())["peak_memory"]
        if not voxpipe.SANITIZED:
            self.assertLess(peak, (16 + 24) << 20)

    def test_too_many_objects_for_the_memory(self):
        mask = np.zeros((64, 128, 128), np.uint8)
        mask[::2, ::2, ::2] = 1
        mask = np.tile(mask, (4, 1, 1))
        message = case.run("components", "--memory", "8M", "--table", "t.csv", array=mask, folder=self.folder, status=3)
        self.assertRegex(message, "objects and pieces of objects take .*--memory leaves")
        self.assertEqual([], list(self.folder.iterdir()))

    def test_the_count_and_the_meta(self):
        mask = np.zeros((3, 4, 5), np.uint8)
        mask[0, 0, 0] = mask[2, 3, 4] = 7
        done = case.run("components", "-", "-", array=mask, spacing=[3, 2, 1], unit="micrometer", range=[0, 7],
                        value_map={"slope": 2, "intercept": 1})
        self.assertEqual("2", done.stderr.decode().splitlines()[-1])
        import io
        _, meta = voxstream.read(io.BytesIO(done.stdout))
        self.assertEqual(("labels", [3, 2, 1]), (meta["kind"], meta["spacing"]))
        self.assertIsNone(meta["value_map"])
        self.assertNotIn("range", meta)
        alone = case.run("components", "-", "/dev/null", array=mask)
        self.assertEqual((b"2\n", b""), (alone.stdout, alone.stderr))

    def test_real_masks(self):
        data = os.environ.get("VOXPIPE_TEST_DATA")
        if not data:
            self.skipTest("VOXPIPE_TEST_DATA is not set")
        import tifffile
        for name in ("shell_225x128x128.tif", "bone_128x128x128.tif"):
            volume = tifffile.imread(os.path.join(data, name))
            mask = volume > threshold_otsu(volume)
            for n in (6, 18, 26):
                with self.subTest(name, n=n):
                    np.testing.assert_array_equal(case.labels(volume, "--otsu", "-n", n),
                                                  ndimage.label(mask, case.STRUCTURES[n])[0])

    def test_wrong_options(self):
        mask = np.ones((2, 2, 2), np.uint8)
        for words in (["-n", "8"], ["--min-size", "3um"], ["--min-size", "4um3"], ["--min-size", "-1"],
                      ["--keep-largest", "-1"], ["--above", "nan"], ["--above", "1", "--otsu"], ["-t", "float32"],
                      ["--table", "t.txt"]):
            with self.subTest(words):
                self.assertIn("error:", case.run("components", *words, array=mask, folder=self.folder, status=2))
                self.assertEqual([], list(self.folder.iterdir()))
        (self.folder / "out.raw").write_bytes(b"")
        self.assertIn("out.raw", case.run("components", "-", "out.raw", array=mask, folder=self.folder, status=2))


if __name__ == "__main__":
    unittest.main()
