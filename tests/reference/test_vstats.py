"""vstats against NumPy and scikit-image."""
import csv
import io
import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import warnings
import xml.etree.ElementTree

import jsonschema
import numpy as np
from skimage.filters import threshold_otsu
from skimage.io import imread

from arrays import DTYPES

BIN = os.environ.get("VOXPIPE_BIN")
DATA = os.environ.get("VOXPIPE_TEST_DATA")
SCHEMA = json.loads((pathlib.Path(__file__).parents[2] / "share/schema/vstats.schema.json").read_text())
PERCENTILES = [0.1, 1, 5, 25, 50, 75, 95, 99, 99.9]


def made_up(dtype, kind, shape, seed=0):
    """A volume of a dtype: 'full' uses its whole range, 'narrow' a few hundred values, 'constant' one."""
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if kind == "constant":
        return np.full(shape, 37.5).astype(dtype)
    if kind == "narrow":
        return np.clip(rng.normal(60, 15, shape), 0, 120).astype(dtype)
    if dtype.kind == "f":
        return (rng.normal(0.3, 0.2, shape) * 10.0 ** rng.integers(-2, 2, shape)).astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)


class Volume:
    """An array as a raw file with options that describe it."""

    def __init__(self, folder, name, array):
        self.path = str(pathlib.Path(folder) / f"{name}.raw")
        array.tofile(self.path)
        sidecar = {"voxpipe": 1, "shape": list(array.shape), "dtype": array.dtype.name, "byte_order": "little"}
        pathlib.Path(self.path + ".json").write_text(json.dumps(sidecar))


def vstats(*args, status=0, stdin=None):
    run = subprocess.run([pathlib.Path(BIN) / "vstats", *map(str, args)], input=stdin, capture_output=True)
    if run.returncode != status:
        raise AssertionError(f"vstats {args}: exit {run.returncode}: {run.stderr.decode()}")
    return run.stdout.decode() if status == 0 else run.stderr.decode()


def statistics(*args, **more):
    result = json.loads(vstats("--json", *args, **more))
    jsonschema.validate(result, SCHEMA)
    return result


@unittest.skipUnless(BIN, "VOXPIPE_BIN names no folder of executables")
class VstatsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def volume(self, name, array):
        return Volume(self.folder.name, name, array).path

    def check_moments(self, got, values, tolerance=1e-12):
        """Moments against double precision NumPy, relative to the size of the values."""
        values = values.astype(np.float64)
        self.assertEqual(got["count"], values.size)
        self.assertEqual(got["min"], values.min())
        self.assertEqual(got["max"], values.max())
        size = max(np.abs(values).max(), 1e-300)
        self.assertLessEqual(abs(got["mean"] - values.mean()), tolerance * size)
        self.assertLessEqual(abs(got["std"] - values.std()), tolerance * size)

    def check_all(self, got, array, bins=256, percentiles=PERCENTILES, with_otsu=True):
        finite = array[np.isfinite(array)] if array.dtype.kind == "f" else array.ravel()
        self.check_moments(got, finite)
        as_double = finite.astype(np.float64)
        self.assertAlmostEqual(got["sum"], float(as_double.sum()), delta=1e-12 * max(np.abs(as_double).sum(), 1e-300))
        self.assertEqual(got["median"], np.median(as_double))
        self.assertEqual(list(got["percentiles"]), [f"{p:g}" for p in percentiles])
        np.testing.assert_array_equal(list(got["percentiles"].values()), np.percentile(as_double, percentiles))
        counts, edges = np.histogram(finite, bins=bins)
        np.testing.assert_array_equal(got["histogram"]["edges"], edges.astype(np.float64))
        np.testing.assert_array_equal(got["histogram"]["counts"], counts)
        shares = counts[counts > 0] / counts.sum()
        self.assertAlmostEqual(got["entropy"], -(shares * np.log2(shares)).sum(), places=12)
        if not with_otsu:
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if array.dtype.kind in "iu" and array.dtype.itemsize > 2:
                centres = (edges[:-1] + edges[1:]) / 2
                otsu = finite[0] if finite.min() == finite.max() else threshold_otsu(hist=(counts, centres))
            else:
                otsu = threshold_otsu(finite, nbins=bins)
        self.assertEqual(got["otsu"], float(otsu))

    def test_every_dtype_and_spread(self):
        for dtype in DTYPES:
            for kind in ("full", "narrow", "constant"):
                with self.subTest(dtype=dtype, kind=kind):
                    array = made_up(dtype, kind, (7, 33, 50))
                    got = statistics(self.volume("v", array))
                    self.assertEqual((got["nan"], got["inf"]), (0, 0))
                    self.check_all(got, array)

    def test_other_bins_and_percentiles(self):
        for dtype in ("uint8", "int16", "int32", "float16", "float32", "float64"):
            for bins in (1, 2, 10, 999):
                with self.subTest(dtype=dtype, bins=bins):
                    array = made_up(dtype, "narrow", (5, 20, 31), seed=bins)
                    percentiles = [0, 12.5, 33.3, 100]
                    got = statistics("-b", bins, "-p", "0,12.5,33.3,100", self.volume("v", array))
                    # scikit-image's threshold needs two bins.
                    self.check_all(got, array, bins, percentiles, with_otsu=bins > 1)

    def test_float_values_on_the_edges_of_bins(self):
        # Whole numbers over 0..256 lie exactly on edges; an offset makes the edges themselves inexact.
        rng = np.random.default_rng(5)
        for offset in (0, 1000, 1e6, 1.6e7):
            for dtype in ("float32", "float64"):
                with self.subTest(offset=offset, dtype=dtype):
                    array = (rng.integers(0, 257, (6, 40, 41)) + offset).astype(dtype)
                    self.check_all(statistics(self.volume("v", array)), array)

    def test_few_neighbouring_floats(self):
        # Fewer values than bins: edges coincide, and only NumPy's own arithmetic gives its counts.
        rng = np.random.default_rng(6)
        array = (np.float32(1000) + rng.integers(0, 40, (4, 20, 50)).astype(np.float32) * np.float32(2.0**-14))
        # Its first bin is empty then, which makes scikit-image's threshold NaN inside.
        self.check_all(statistics(self.volume("v", array)), array, with_otsu=False)

    def test_nan_and_infinities_are_left_out_and_counted(self):
        for dtype in ("float16", "float32", "float64"):
            with self.subTest(dtype=dtype):
                array = made_up(dtype, "narrow", (6, 30, 40))
                flat = array.reshape(-1)
                flat[::7], flat[3::50], flat[5::60] = np.nan, np.inf, -np.inf
                got = statistics(self.volume("v", array))
                self.assertEqual(got["nan"], np.isnan(array).sum())
                self.assertEqual(got["inf"], np.isinf(array).sum())
                self.check_all(got, array)

    def test_no_finite_voxels(self):
        for dtype in ("float16", "float32", "float64"):
            with self.subTest(dtype=dtype):
                path = self.volume("v", np.full((2, 3, 4), np.nan, dtype))
                got = statistics("--profile", "z", path)
                self.assertEqual((got["count"], got["nan"]), (0, 24))
                for key in ("min", "max", "mean", "std", "median", "otsu"):
                    self.assertIsNone(got[key])
                self.assertEqual(set(got["percentiles"].values()), {None})
                self.assertEqual(sum(got["histogram"]["counts"]), 0)
                self.assertIn("NaN", vstats(path))
                vstats("--plot", pathlib.Path(self.folder.name) / "none.svg", path)

    def test_mask_of_any_type(self):
        array = made_up("float32", "narrow", (5, 30, 41))
        rng = np.random.default_rng(8)
        for dtype in ("uint8", "int32", "float16", "float64"):
            with self.subTest(dtype=dtype):
                mask = (rng.random(array.shape) < 0.4).astype(dtype) * 3
                got = statistics("--mask", self.volume("m", mask), self.volume("v", array))
                self.check_all(got, array[mask != 0])

    def test_profile_along_every_axis(self):
        for dtype in ("uint8", "uint16", "int32", "float16", "float32"):
            array = made_up(dtype, "narrow", (5, 40, 37))
            if array.dtype.kind == "f":
                array[1, 3, ::5] = np.nan
            for name, axis in (("z", 0), ("y", 1), ("x", 2)):
                with self.subTest(dtype=dtype, axis=name):
                    got = statistics("--profile", name, self.volume("v", array))["profile"]
                    self.assertEqual([plane["index"] for plane in got], list(range(array.shape[axis])))
                    for plane in got:
                        values = np.take(array, plane["index"], axis)
                        self.check_moments(plane, values[np.isfinite(values)])

    def test_labels_with_and_without_a_mask(self):
        rng = np.random.default_rng(9)
        array = made_up("uint16", "narrow", (5, 30, 41))
        mask = (rng.random(array.shape) < 0.5).astype(np.uint8)
        for dtype in ("uint8", "int16", "uint32", "uint64"):
            labels = (rng.integers(0, 9, array.shape) // 2).astype(dtype)
            labels[2] = 77
            labels[3, 3, :9] = 99
            mask[3, 3, :9] = 0  # not seen at all
            volume, label_path = self.volume("v", array), self.volume("l", labels)
            for inside, options in ((np.ones_like(mask), []), (mask, ["--mask", self.volume("m", mask)])):
                with self.subTest(dtype=dtype, masked=bool(options)):
                    got = statistics("--labels", label_path, *options, volume)["labels"]
                    self.assertEqual([row["label"] for row in got], [1, 2, 3, 4, 77] + ([] if options else [99]))
                    for row in got:
                        self.check_moments(row, array[(labels == row["label"]) & (inside != 0)])

    def test_labels_of_floats_are_refused(self):
        volume = self.volume("v", made_up("uint8", "narrow", (2, 3, 4)))
        message = vstats("--labels", self.volume("l", np.ones((2, 3, 4), np.float32)), volume, status=2)
        self.assertIn("whole numbers", message)

    def test_extremes_of_64_bit_integers_have_all_digits(self):
        for dtype in ("int64", "uint64"):
            limits = np.iinfo(dtype)
            array = np.array([limits.min, limits.min + 1, 2**53 + 1, limits.max], dtype).reshape(1, 2, 2)
            for part in (array, array[:, :1], array[:, 1:]):
                volume = self.volume("v", np.ascontiguousarray(part))
                got = statistics(volume)
                self.assertEqual([got["min"], got["max"]], [int(part.min()), int(part.max())])
                fields = dict(zip(*(line.split(",") for line in vstats("--csv", volume).split())))
                self.assertEqual([fields["min"], fields["max"]], [str(part.min()), str(part.max())])

    def test_region(self):
        array = made_up("uint16", "narrow", (6, 30, 40))
        got = statistics("--roi", "1:4,:,5:-5", self.volume("v", array))
        self.check_all(got, array[1:4, :, 5:-5])

    def test_same_text_whatever_threads_memory_file_or_pipe(self):
        for dtype in ("uint16", "float32", "float64"):
            with self.subTest(dtype=dtype):
                array = made_up(dtype, "full", (20, 64, 300))
                path = self.volume("v", array)
                options = ["--json", "--profile", "x"]
                expected = vstats(*options, path)
                raw = ["--in-shape", "20,64,300", "--in-dtype", dtype]
                self.assertEqual(vstats(*options, "-j", 1, path), expected)
                self.assertEqual(vstats(*options, "-j", 2, "--memory", "16M", path), expected)
                self.assertEqual(vstats(*options, "-j", 5, "--memory", "4G", path), expected)
                self.assertEqual(vstats(*options, *raw, stdin=array.tobytes()), expected)

    def test_csv(self):
        array = made_up("float32", "narrow", (4, 20, 30))
        path = self.volume("v", array)
        row, = csv.DictReader(io.StringIO(vstats("--csv", "-p", "1,99.5", path)))
        self.assertEqual(float(row["p99.5"]), np.percentile(array.astype(np.float64), 99.5))
        self.assertEqual(int(row["count"]), array.size)
        planes = list(csv.DictReader(io.StringIO(vstats("--csv", "--profile", "z", path))))
        self.assertEqual([int(plane["index"]) for plane in planes], [0, 1, 2, 3])
        self.assertEqual([float(plane["max"]) for plane in planes], [float(plane.max()) for plane in array])

    def test_plot_is_svg(self):
        path = self.volume("v & <w>", made_up("uint16", "narrow", (4, 20, 30)))
        plot = pathlib.Path(self.folder.name) / "plot.svg"
        vstats("--plot", plot, path)
        root = xml.etree.ElementTree.parse(plot).getroot()
        self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
        words = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
        self.assertTrue(any("v & <w>" in word for word in words))
        for word in ("99.9 %", "Otsu", "100 %"):
            self.assertIn(word, words)
        self.assertIn(".svg", vstats("--plot", "plot.jpg", path, status=2))

    def test_plot_as_png_and_pdf(self):
        path = self.volume("v", made_up("uint16", "narrow", (4, 20, 30)))
        plot = pathlib.Path(self.folder.name) / "plot.png"
        vstats("--plot", plot, path)
        picture = imread(plot)
        self.assertEqual((560, 960, 3), picture.shape)
        self.assertGreater((picture == (0x7F, 0x9F, 0xC6)).all(axis=-1).sum(), 1000)
        vstats("--plot", plot.with_suffix(".pdf"), path)
        self.assertTrue(plot.with_suffix(".pdf").read_bytes().startswith(b"%PDF-"))

    def test_wrong_usage(self):
        path = self.volume("v", made_up("uint8", "narrow", (2, 3, 4)))
        for options in (["-p", "101"], ["-p", "-1"], ["-b", "0"], ["--profile", "w"], ["--json", "--csv"]):
            with self.subTest(options=options):
                self.assertIn("vstats: error: ", vstats(*options, path, status=2))

    @unittest.skipUnless(DATA, "VOXPIPE_TEST_DATA names no folder of real volumes")
    def test_real_volumes(self):
        import tifffile
        for path in sorted(pathlib.Path(DATA).glob("*.tif")):
            with self.subTest(path=path.name):
                array = tifffile.imread(path)
                if array.ndim == 3:
                    self.check_all(statistics(path), array)


if __name__ == "__main__":
    unittest.main()
