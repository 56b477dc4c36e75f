"""vlabel measure, select and fill-holes against scikit-image, scipy and NumPy."""
import io
import json
import pathlib
import tempfile
import unittest

import numpy as np
from scipy import ndimage
from skimage.measure import regionprops_table

from arrays import DTYPES
import labels_case as case
import voxstream

GEOMETRY = ("label voxels volume z0 y0 x0 z1 y1 x1 cz cy cx cz_phys cy_phys cx_phys equivalent_diameter "
            "touches_border").split()
INTENSITY = "int_min int_max int_mean int_std int_sum wz wy wx".split()


def some_labels(shape=(9, 22, 130), dtype=np.uint16, seed=1, threshold=0.62):
    random = np.random.default_rng(seed)
    mask = ndimage.uniform_filter(random.random(shape), 2) > threshold
    return ndimage.label(mask, case.STRUCTURES[26])[0].astype(dtype)


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, array, **meta):
        voxstream.write_raw(str(self.folder / name), array, meta)


class Measure(Folder):
    def table(self, labels, intensity=None, *words, **meta):
        self.write("labels.raw", labels, **meta)
        if intensity is not None:
            self.write("intensity.raw", intensity)
            words = ("--intensity", "intensity.raw", *words)
        return case.run("measure", "labels.raw", *words, folder=self.folder).stdout.decode()

    def test_against_scikit_image(self):
        random = np.random.default_rng(2)
        for dtype in ("uint8", "int16", "uint32", "int64"):
            labels = some_labels(dtype=dtype, threshold=0.64 if dtype == "uint8" else 0.6)
            intensity = random.normal(100, 30, labels.shape).astype(np.float32)
            spacing = np.array([2.5, 0.5, 1.25])
            origin = np.array([10, -3, 0.5])
            text = self.table(labels, intensity, spacing=list(spacing), origin=list(origin), unit="micrometer")
            self.assertEqual(",".join(GEOMETRY + INTENSITY), text.splitlines()[0])
            rows = case.rows(text)
            theirs = regionprops_table(labels, intensity.astype(np.float64), properties=(
                "label", "area", "bbox", "centroid", "weighted_centroid", "min_intensity", "max_intensity",
                "mean_intensity"))
            self.assertEqual(len(theirs["label"]), len(rows))

            def ours(name):
                return np.array([row[name] for row in rows])

            for name, reference in (("label", "label"), ("voxels", "area"), ("int_min", "min_intensity"),
                                    ("int_max", "max_intensity"), *zip(GEOMETRY[3:9], (f"bbox-{i}" for i in range(6)))):
                np.testing.assert_array_equal(ours(name), theirs[reference], name)
            np.testing.assert_allclose(ours("int_mean"), theirs["mean_intensity"], 1e-12)
            for i, axis in enumerate("zyx"):
                np.testing.assert_allclose(ours(f"c{axis}"), theirs[f"centroid-{i}"], 1e-13)
                np.testing.assert_allclose(ours(f"c{axis}_phys"), origin[i] + spacing[i] * theirs[f"centroid-{i}"], 1e-12)
                np.testing.assert_allclose(ours(f"w{axis}"), theirs[f"weighted_centroid-{i}"], 1e-12)
            volume = theirs["area"] * spacing.prod()
            np.testing.assert_allclose(ours("volume"), volume, 1e-15)
            np.testing.assert_allclose(ours("equivalent_diameter"), np.cbrt(6 * volume / np.pi), 1e-14)
            boxes = ndimage.find_objects(labels.astype(int))
            border = [any(s.start == 0 or s.stop == n for s, n in zip(b, labels.shape)) for b in boxes if b]
            np.testing.assert_array_equal(ours("touches_border"), border)

    def test_intensities_of_every_type(self):
        random = np.random.default_rng(3)
        labels = some_labels()
        index = np.arange(1, labels.max() + 1)
        for dtype in DTYPES:
            kind = np.dtype(dtype)
            if kind.kind == "f":
                values = random.normal(0, 50, labels.shape).astype(dtype)
            else:
                ends = np.iinfo(dtype)
                values = random.integers(ends.min, ends.max, labels.shape, dtype=dtype, endpoint=True)
            rows = case.rows(self.table(labels, values))
            wide = values.astype(np.float64)
            scale = np.abs(wide).max()
            for name, function in (("int_sum", np.sum), ("int_mean", np.mean), ("int_std", np.std), ("int_min", np.min),
                                   ("int_max", np.max)):
                expected = ndimage.labeled_comprehension(wide, labels, index, function, float, 0)
                exact = name in ("int_min", "int_max")
                with self.subTest(dtype=dtype, column=name):
                    np.testing.assert_allclose([row[name] for row in rows], expected, 0 if exact else 1e-11,
                                               0 if exact else 1e-12 * scale)

    def test_nan_zero_sums_and_cancellation(self):
        labels = np.zeros((3, 4, 300), np.uint8)
        labels[0], labels[1], labels[2, :2] = 1, 2, 3
        values = np.zeros(labels.shape, np.float64)
        values[0, 0, :3] = (1e300, 1, -1e300)
        values[1] = np.nan
        values[1, 0, 0] = 5
        values[2] = 1e-3
        done = case.run("measure", "-", array=labels)
        self.assertEqual(4, len(done.stdout.splitlines()))
        rows = case.rows(self.table(labels, values))
        self.assertEqual((5, 5, 0, 5), tuple(rows[1][name] for name in ("int_min", "int_max", "int_std", "int_sum")))
        self.assertEqual((1, 0, 0), tuple(rows[1][name] for name in ("wz", "wy", "wx")))
        values[:] = 0
        values[1] = np.inf
        rows = case.rows(self.table(labels, values))
        self.assertTrue(np.isnan(rows[0]["wz"]) and rows[0]["int_sum"] == 0)
        self.assertTrue(np.isnan(rows[1]["int_mean"]))
        message = case.run("measure", "labels.raw", "--intensity", "intensity.raw", folder=self.folder).stderr.decode()
        self.assertIn("1,200 voxels of labels are NaN or infinite", message)

    def test_labels_of_any_number(self):
        labels = np.zeros((2, 3, 4), np.uint64)
        labels[0, 0, 0], labels[1, 2, 3], labels[0, 1] = 2**64 - 1, 7, 2**40
        text = self.table(labels)
        self.assertEqual(["7", str(2**40), str(2**64 - 1)], [line.split(",")[0] for line in text.splitlines()[1:]])
        text = self.table(np.array([[[-5, 3, 0, -5]]], np.int32))
        self.assertEqual(["-5", "3"], [line.split(",")[0] for line in text.splitlines()[1:]])
        self.assertEqual(",".join(GEOMETRY) + "\n", self.table(np.zeros((2, 2, 2), np.uint8)))

    def test_the_same_bits(self):
        random = np.random.default_rng(4)
        labels = some_labels((40, 60, 150), np.uint32)
        values = (random.normal(0, 1, labels.shape) * 10.0 ** random.integers(-8, 8, labels.shape)).astype(np.float64)
        expected = self.table(labels, values)
        for words in (["-j", "1"], ["-j", "3"], ["--memory", "8M"]):
            self.assertEqual(expected, self.table(labels, values, *words), words)
        done = case.run("measure", "-", "--intensity", "intensity.raw", array=labels, folder=self.folder)
        self.assertEqual(expected, done.stdout.decode())

    def test_json_and_files(self):
        labels = some_labels()
        rows = case.rows(self.table(labels))
        case.run("measure", "labels.raw", "-o", "t.json", folder=self.folder)
        case.run("measure", "labels.raw", "-o", "t.csv", folder=self.folder)
        self.assertEqual(rows, json.loads((self.folder / "t.json").read_text()))
        self.assertEqual(rows, case.rows((self.folder / "t.csv").read_text()))
        self.assertIn("t.csv", case.run("measure", "labels.raw", "-o", "t.csv", folder=self.folder, status=2))
        case.run("measure", "labels.raw", "-o", "t.csv", "-f", folder=self.folder)
        case.run("components", "labels.raw", "/dev/null", "--table", "c.csv", folder=self.folder)
        self.assertEqual(",".join(GEOMETRY), (self.folder / "c.csv").read_text().splitlines()[0])

    def test_the_table_of_components_is_that_of_measure(self):
        mask = (some_labels() > 0).astype(np.uint8)
        self.write("mask.raw", mask, spacing=[3, 1, 2], unit="micrometer", origin=[1, 2, 3])
        case.run("components", "mask.raw", "found.raw", "--table", "c.json", folder=self.folder)
        case.run("measure", "found.raw", "-o", "m.json", folder=self.folder)
        self.assertEqual((self.folder / "c.json").read_text(), (self.folder / "m.json").read_text())

    def test_refusals(self):
        labels = some_labels()
        self.write("labels.raw", labels)
        self.write("small.raw", labels[1:])
        self.write("float.raw", labels.astype(np.float32))
        for words, what in ((["labels.raw", "--intensity", "small.raw"], "they must agree"),
                            (["float.raw"], "labels are whole numbers"), (["labels.raw", "-o", "t.txt"], ".csv or .json")):
            self.assertIn(what, case.run("measure", *words, folder=self.folder, status=2))
        many = np.arange(1, 200_001, dtype=np.uint32).reshape(2, 100, 1000)
        self.assertIn("--memory", case.run("measure", "--memory", "12M", array=many, status=3))


class Select(Folder):
    def test_choices(self):
        labels = some_labels(seed=5)
        labels[labels > 0] *= 3
        ids, sizes = np.unique(labels[labels > 0], return_counts=True)
        border = np.unique(np.concatenate([labels[[0, -1]].ravel(), labels[:, [0, -1]].ravel(), labels[:, :, [0, -1]].ravel()]))
        largest = ids[np.lexsort((ids, -sizes))]
        for words, kept in (
                (["--min-size", "4"], ids[sizes >= 4]), (["--max-size", "3"], ids[sizes <= 3]),
                (["--min-size", "32um3", "--max-size", "80um3"], ids[(sizes >= 4) & (sizes <= 10)]),
                (["--keep-largest", "5"], largest[:5]), (["--drop-border"], np.setdiff1d(ids, border)),
                (["--ids", "3,9,9,30,100000"], np.array([3, 9, 30])),
                (["--ids", "3,9,30", "--min-size", "1"], np.array([3, 9, 30])), (["--keep-largest", "0"], ids[:0]),
                (["--drop-border", "--keep-largest", "3"], largest[np.isin(largest, border, invert=True)][:3])):
            with self.subTest(words):
                found = case.labels(labels, *words, subcommand="select", spacing=[2, 2, 2], unit="micrometer")
                np.testing.assert_array_equal(found, np.where(np.isin(labels, kept), labels, 0))
                self.assertEqual(labels.dtype, found.dtype)
        found = case.labels(labels, "--min-size", 4, "--relabel", subcommand="select")
        kept = np.concatenate([[0], ids[sizes >= 4]])
        np.testing.assert_array_equal(found, np.where(np.isin(labels, kept), np.searchsorted(kept, labels), 0))

    def test_types_and_large_numbers(self):
        for dtype in DTYPES[:8]:
            labels = some_labels((5, 9, 70), np.uint8, 6, 0.7).astype(dtype)
            ends = np.iinfo(dtype)
            labels[0, 0, :3] = min(ends.max, 2**63 - 1), 0, ends.min
            found = case.labels(labels, "--ids", f"2,{min(ends.max, 2**63 - 1)},{ends.min or 5}", subcommand="select")
            np.testing.assert_array_equal(found, np.where(np.isin(labels, [2, labels[0, 0, 0], ends.min or 5]), labels, 0))

    def test_says_and_refuses(self):
        labels = some_labels()
        done = case.run("select", "--keep-largest", "2", array=labels)
        self.assertIn(f"2 of {labels.max()} labels kept", done.stderr.decode())
        _, meta = voxstream.read(io.BytesIO(done.stdout))
        self.assertEqual("labels", meta["kind"])
        for words in ([], ["--ids", "0"], ["--ids", "1,x"], ["--keep-largest", "-2"], ["--min-size", "3mm3"]):
            self.assertIn("error:", case.run("select", *words, array=labels, status=2))
        self.assertIn("whole numbers", case.run("select", "--ids", "1", array=labels.astype(np.float32), status=2))


class FillHoles(Folder):
    def test_against_scipy(self):
        random = np.random.default_rng(7)
        for shape in ((9, 30, 70), (1, 20, 20), (6, 3, 3), (1, 1, 1)):
            for density in (0.3, 0.6, 0.75, 0.9, 1):
                mask = (random.random(shape) < density).astype(np.uint8)
                for n in (6, 18, 26):
                    with self.subTest(shape=shape, density=density, n=n):
                        found = case.labels(mask, "-n", n, subcommand="fill-holes")
                        np.testing.assert_array_equal(found, ndimage.binary_fill_holes(mask, case.STRUCTURES[n]))

    def test_values_types_and_meta_stay(self):
        for dtype in DTYPES:
            volume = np.zeros((7, 7, 150), dtype)
            volume[1:6, 1:6, 1:6] = 2
            volume[1:6, 1:6, 80:140] = 100
            expected = volume.copy()
            volume[3, 3, 2:5] = volume[2:5, 2:5, 90:130] = 0
            volume[0, 0, 0] = 3
            expected[0, 0, 0] = 3
            done = case.run("fill-holes", array=volume, kind="labels", spacing=[1, 2, 3])
            found, meta = voxstream.read(io.BytesIO(done.stdout))
            np.testing.assert_array_equal(found, expected)
            self.assertEqual(("labels", [1, 2, 3]), (meta["kind"], meta["spacing"]))
            self.assertIn("2 holes of 363 voxels filled", done.stderr.decode())

    def test_files_threads_and_memory(self):
        random = np.random.default_rng(8)
        mask = (random.random((40, 90, 100)) < 0.7).astype(np.uint8)
        self.write("mask.raw", mask)
        expected = ndimage.binary_fill_holes(mask).astype(np.uint8)
        for words in ([], ["-j", "1"], ["--memory", "20M"]):
            case.run("fill-holes", "mask.raw", "-f", "out.raw", *words, folder=self.folder)
            np.testing.assert_array_equal(expected, np.fromfile(self.folder / "out.raw", np.uint8).reshape(mask.shape))


if __name__ == "__main__":
    unittest.main()
