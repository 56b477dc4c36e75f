"""vfilter against scipy.ndimage and scikit-image: types, boundaries, footprints, odd shapes, radii larger than the volume."""
import io
import json
import os
import pathlib
import sys
import tempfile
import unittest

import numpy as np
from scipy import ndimage

import voxpipe

sys.path.insert(0, str(voxpipe.ROOT / "share" / "examples"))
import voxstream  # noqa: E402

DTYPES = ["uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
BOUNDARIES = ["nearest", "reflect", "mirror", "constant", "wrap"]
SHAPES = [(7, 33, 50), (1, 1, 1), (1, 30, 9), (5, 1, 70), (3, 4, 2)]


def made_up(dtype, shape, seed=0):
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return rng.normal(10, 300, shape).astype(dtype)
    info = np.iinfo(dtype)
    values = rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    # scipy computes in double precision, which holds no more digits of 64-bit integers.
    return values >> 12 << 12 if dtype.itemsize == 8 else values


def footprint_of(shape, radius):
    """box, ball or cross as cli.md words them."""
    axes = np.ogrid[tuple(slice(-r, r + 1) for r in radius)]
    if shape == "box":
        return np.ones([2 * r + 1 for r in radius], bool)
    if shape == "cross":
        return sum((axis != 0).astype(int) for axis in axes) <= 1
    distance = sum((axis / max(r, 0.5)) ** 2 for axis, r in zip(axes, radius))
    return distance <= 1 + 1e-9


def stream_of(array, **meta):
    out = io.BytesIO()
    voxstream.write(out, array, {"shape": list(array.shape), **meta}, None)
    return out.getvalue()


def vfilter(array, *words, meta=None, status=0):
    done = voxpipe.run("vfilter", words[0], "-q", *words[1:], stdin=stream_of(array, **(meta or {})))
    if done.returncode != status:
        raise AssertionError(f"vfilter {words}: exit {done.returncode}: {done.stderr.decode()}")
    if status:
        return done.stderr.decode()
    return voxstream.read(io.BytesIO(done.stdout))


def filtered(array, *words, **more):
    return vfilter(array, *words, **more)[0]


class Morphology(unittest.TestCase):
    def check(self, words, array, expected):
        with self.subTest(words=words, dtype=array.dtype, shape=array.shape):
            got = filtered(array, *words)
            self.assertEqual(got.dtype, array.dtype)
            np.testing.assert_array_equal(got, expected)

    def test_min_and_max_of_every_type_and_boundary(self):
        for dtype in DTYPES:
            for boundary in BOUNDARIES:
                array = made_up(dtype, (7, 33, 50), 1)
                wide = array.astype("f4") if dtype == "float16" else array
                for name, plain in (("min", ndimage.minimum_filter), ("max", ndimage.maximum_filter)):
                    self.check([name, "-r", "2,1,3", "--boundary", boundary, "--cval", "5"], array,
                               plain(wide, (5, 3, 7), mode=boundary, cval=5))

    def test_footprints_and_radii(self):
        array = made_up("uint16", (9, 31, 40), 2)
        for radius in ((1, 1, 1), (0, 2, 5), (3, 3, 3), (4, 1, 0), (2, 6, 3), (0, 0, 0), (5, 5, 5), (8, 8, 8)):
            for shape in ("box", "ball"):
                for boundary in ("nearest", "mirror", "wrap"):
                    footprint = footprint_of(shape, radius)
                    for name, plain in (("min", ndimage.minimum_filter), ("max", ndimage.maximum_filter)):
                        self.check([name, "-r", ",".join(map(str, radius)), "--footprint", shape, "--boundary", boundary],
                                   array, plain(array, footprint=footprint, mode=boundary))

    def test_odd_shapes(self):
        for shape in SHAPES:
            array = made_up("int16", shape, 3)
            for boundary in BOUNDARIES:
                for footprint in ("box", "ball"):
                    self.check(["max", "-r", "6,2,4", "--footprint", footprint, "--boundary", boundary], array,
                               ndimage.maximum_filter(array, footprint=footprint_of(footprint, (6, 2, 4)), mode=boundary))

    def test_physical_radii(self):
        array = made_up("uint8", (6, 20, 20), 4)
        meta = {"spacing": [2.0, 0.5, 0.5], "unit": "micrometer"}
        got = filtered(array, "max", "-r", "2um", meta=meta)
        np.testing.assert_array_equal(got, ndimage.maximum_filter(array, (3, 9, 9), mode="nearest"))
        self.assertIn("--spacing", vfilter(array, "max", "-r", "2um", status=2))

    def test_nan_spreads(self):
        array = made_up("float32", (5, 12, 13), 5)
        array[2, 5, 5] = np.nan
        array[0, 0, 0] = -np.nan
        array[4, 11, 12], array[4, 0, 0] = np.inf, -np.inf
        hit = ndimage.maximum_filter(np.isnan(array), 3, mode="nearest")
        for name, plain in (("min", ndimage.minimum_filter), ("max", ndimage.maximum_filter)):
            got = filtered(array, name)
            np.testing.assert_array_equal(np.isnan(got), hit)
            expected = plain(np.nan_to_num(array, nan=0, posinf=np.inf, neginf=-np.inf), 3, mode="nearest")
            np.testing.assert_array_equal(got[~hit], expected[~hit])


class ThresholdTest(unittest.TestCase):
    def test_every_type_and_condition(self):
        for dtype in DTYPES:
            array = made_up(dtype, (4, 20, 31), 6)
            values = np.sort(array.ravel())
            low, high = (values[len(values) // 3], values[len(values) // 3 * 2])
            texts = {v: repr(float(v)) if np.dtype(dtype).kind == "f" else str(int(v)) for v in (low, high)}
            for words, inside in ((["--above", texts[low]], array > low), (["--below", texts[low]], array < low),
                                  (["--range", f"{texts[low]},{texts[high]}"], (array >= low) & (array <= high)),
                                  (["--range", f",{texts[high]}"], array <= high), (["--range", f"{texts[low]},"], array >= low)):
                with self.subTest(dtype=dtype, words=words):
                    got, meta = vfilter(array, "threshold", *words)
                    self.assertEqual((got.dtype, meta["kind"]), (np.uint8, "mask"))
                    np.testing.assert_array_equal(got, inside)
                    np.testing.assert_array_equal(filtered(array, "threshold", "--keep", *words), np.where(inside, array, 0))

    def test_between_the_values_of_integers(self):
        array = np.arange(-8, 8, dtype=np.int8).reshape(1, 2, 8)
        for words, inside in ((["--above", "2.5"], array > 2.5), (["--below", "-2.5"], array < -2.5),
                              (["--range", "-1.5,3.5"], (array >= -1.5) & (array <= 3.5)), (["--above", "200"], array > 99),
                              (["--below", "200"], array < 99), (["--range", "3,2"], array > 99)):
            np.testing.assert_array_equal(filtered(array, "threshold", *words), inside)

    def test_values_inside_and_outside(self):
        array = made_up("uint16", (3, 9, 10), 7)
        got = filtered(array, "threshold", "--above", "30000", "--inside", "255", "--outside", "7")
        np.testing.assert_array_equal(got, np.where(array > 30000, 255, 7))
        self.assertIn("--inside 256", vfilter(array, "threshold", "--above", "1", "--inside", "256", status=2))
        self.assertIn("give one of", vfilter(array, "threshold", status=2))

    def test_otsu(self):
        from skimage.filters import threshold_otsu
        for dtype in ("uint8", "uint16", "int16", "float32"):
            array = np.clip(made_up("float64", (9, 30, 31), 8) / 30 + 60, 0, 120).astype(dtype)
            array[:4] += np.array(100).astype(dtype)
            np.testing.assert_array_equal(filtered(array, "threshold", "--otsu"), array > threshold_otsu(array))

    def test_nan_is_outside(self):
        array = np.array([[[np.nan, 1, np.inf, -np.inf]]], np.float32)
        np.testing.assert_array_equal(filtered(array, "threshold", "--above", "0"), [[[0, 1, 1, 0]]])
        np.testing.assert_array_equal(filtered(array, "threshold", "--range", ",5"), [[[0, 1, 0, 1]]])


class SameBits(unittest.TestCase):
    """Through files and pipes, with any memory, threads and vector instructions."""

    COMMANDS = ["min -r 3", "max -r 2 --footprint ball --boundary wrap", "threshold --above 20000"]

    def test_all_commands(self):
        array = made_up("uint16", (40, 70, 300), 9)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "v.raw"
            array.tofile(path)
            sidecar = {"voxpipe": 1, "shape": array.shape, "dtype": "uint16", "byte_order": "little"}
            pathlib.Path(f"{path}.json").write_text(json.dumps(sidecar))
            for command in self.COMMANDS:
                usual = filtered(array, *command.split())
                for run in ("-j 1", "-j 3 --memory 4M", "--memory 2M"):
                    done = voxpipe.run("vfilter", *command.split(), *run.split(), "-f", "-q", "v.raw", "out.npy", folder=folder)
                    self.assertEqual(0, done.returncode, done.stderr)
                    np.testing.assert_array_equal(np.load(os.path.join(folder, "out.npy")), usual, f"{command} {run}")


if __name__ == "__main__":
    unittest.main()
