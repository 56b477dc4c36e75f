"""vfilter against scipy.ndimage and scikit-image: types, boundaries, footprints, odd shapes, radii larger than the volume."""
import json
import os
import pathlib
import tempfile
import unittest

import numpy as np
from scipy import ndimage

from arrays import DTYPES
from filter_case import filtered, made_up, vfilter
import voxpipe

BOUNDARIES = ["nearest", "reflect", "mirror", "constant", "wrap"]
SHAPES = [(7, 33, 50), (1, 1, 1), (1, 30, 9), (5, 1, 70), (3, 4, 2)]


def footprint_of(shape, radius):
    """box, ball or cross as cli.md words them."""
    axes = np.ogrid[tuple(slice(-r, r + 1) for r in radius)]
    if shape == "box":
        return np.ones([2 * r + 1 for r in radius], bool)
    if shape == "cross":
        return sum((axis != 0).astype(int) for axis in axes) <= 1
    distance = sum((axis / max(r, 0.5)) ** 2 for axis, r in zip(axes, radius))
    return distance <= 1 + 1e-9


def rounded(values, dtype):
    """Half to even, saturating."""
    if np.dtype(dtype).kind == "f":
        return values.astype(dtype)
    info = np.iinfo(dtype)
    return np.clip(np.rint(values), info.min, info.max).astype(dtype)


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

    def test_morphology(self):
        plain = {"erode": ndimage.grey_erosion, "dilate": ndimage.grey_dilation, "open": ndimage.grey_opening,
                 "close": ndimage.grey_closing}
        for dtype in ("uint8", "int16", "float32"):
            array = made_up(dtype, (9, 21, 30), 11) // 2
            for footprint in ("box", "ball", "cross"):
                for radius in ((1, 1, 1), (2, 3, 1), (0, 2, 7), (6, 6, 6)):
                    for boundary in BOUNDARIES:
                        element = footprint_of(footprint, radius)
                        made = {name: function(array, footprint=element, mode=boundary, cval=3)
                                for name, function in plain.items()}
                        # With a constant outside, opening may exceed the volume.
                        made["tophat"] = rounded(array.astype("f8") - made["open"], dtype)
                        made["bottomhat"] = rounded(made["close"].astype("f8") - array, dtype)
                        for name, expected in made.items():
                            self.check([name, "-r", ",".join(map(str, radius)), "--footprint", footprint, "--boundary",
                                        boundary, "--cval", "3"], array, expected)

    def test_binary_morphology(self):
        mask = (np.random.default_rng(12).random((10, 25, 30)) < 0.7).astype(np.uint8)
        plain = {"erode": ndimage.binary_erosion, "dilate": ndimage.binary_dilation}
        plain["range"] = lambda voxels, element: plain["dilate"](voxels, element) ^ plain["erode"](voxels, element)
        plain["tophat"] = lambda voxels, element: voxels & ~ndimage.binary_opening(voxels, element)
        plain["bottomhat"] = lambda voxels, element: ndimage.binary_closing(voxels, element) & ~voxels
        for name, function in plain.items():
            got, meta = vfilter(mask, name, "-r", "2", "--footprint", "ball", "--boundary", "constant", meta={"kind": "mask"})
            self.assertEqual("mask", meta["kind"])
            np.testing.assert_array_equal(got, function(mask != 0, footprint_of("ball", (2, 2, 2))))

    def test_range(self):
        for dtype in DTYPES:
            array = made_up(dtype, (6, 21, 30), 13)
            wide = array.astype("f4") if dtype == "float16" else array
            for footprint in ("box", "ball"):
                element = footprint_of(footprint, (1, 2, 2))
                high, low = (plain(wide, footprint=element, mode="mirror") for plain in (ndimage.maximum_filter,
                                                                                           ndimage.minimum_filter))
                if array.dtype.kind == "f":
                    expected = (high - low).astype(dtype)
                else:
                    most = np.iinfo(dtype).max
                    expected = np.array([min(int(a) - int(b), most) for a, b in zip(high.ravel(), low.ravel())], dtype)
                    expected = expected.reshape(array.shape)
                self.check(["range", "-r", "1,2,2", "--footprint", footprint, "--boundary", "mirror"], array, expected)

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


class Ranks(unittest.TestCase):
    def check(self, words, array, expected):
        with self.subTest(words=words, dtype=array.dtype, shape=array.shape):
            got = filtered(array, *words)
            self.assertEqual(got.dtype, array.dtype)
            np.testing.assert_array_equal(got, expected)

    def test_medians_and_percentiles_of_every_type_and_boundary(self):
        for dtype in DTYPES:
            array = made_up(dtype, (5, 13, 40), 31)
            wide = array.astype("f4") if dtype == "float16" else array
            for boundary in BOUNDARIES:
                more = ["--boundary", boundary, "--cval", "5"]
                self.check(["median", *more], array, ndimage.median_filter(wide, 3, mode=boundary, cval=5))
                self.check(["median", "-r", "1,2,0", *more], array, ndimage.median_filter(wide, (3, 5, 1), mode=boundary, cval=5))
                self.check(["percentile", "-p", "30", "-r", "1,0,2", *more], array,
                           ndimage.percentile_filter(wide, 30, (3, 1, 5), mode=boundary, cval=5))

    def test_constants_that_no_double_holds(self):
        for dtype, value in (("uint64", 2**63 + 1), ("uint64", 2**64 - 1), ("int64", -(2**53) - 1)):
            words = ["median", "-r", "1", "--boundary", "constant", "--cval"]
            self.check([*words, str(value)], np.zeros((1, 1, 3), dtype), np.full((1, 1, 3), value, dtype))
        self.assertIn("--cval 18446744073709551616 is no value of uint64",
                      vfilter(np.zeros((1, 1, 3), "u8"), *words, str(2**64), status=2))

    def test_footprints_percentiles_and_few_values(self):
        array = made_up("uint16", (8, 15, 20), 32) % 50
        for dtype in ("uint8", "int8", "uint16", "int16", "float32"):
            few = (array.astype("i4") - (20 if dtype[0] == "i" else 0)).astype(dtype)
            for shape in ("box", "ball"):
                for radius in ((1, 1, 1), (2, 2, 2), (0, 3, 1), (9, 1, 2)):
                    footprint = footprint_of(shape, radius)
                    where = ["-r", ",".join(map(str, radius)), "--footprint", shape]
                    self.check(["median", *where], few, ndimage.median_filter(few, footprint=footprint, mode="nearest"))
                    for percent in ("0", "12.5", "99", "100"):
                        self.check(["percentile", "-p", percent, *where], few,
                                   ndimage.percentile_filter(few, float(percent), footprint=footprint, mode="nearest"))

    def test_odd_shapes(self):
        for shape in SHAPES:
            array = made_up("uint8", shape, 33)
            for boundary in BOUNDARIES:
                for radius in (1, 3):
                    self.check(["median", "-r", str(radius), "--boundary", boundary], array,
                               ndimage.median_filter(array, 2 * radius + 1, mode=boundary))

    def test_nan_spreads(self):
        array = made_up("float32", (5, 12, 43), 34)
        array[2, 5, 5], array[0, 0, 0], array[4, 11, 40] = np.nan, -np.nan, np.inf
        for words, size in ((["median"], 3), (["median", "-r", "2"], 5), (["percentile", "-p", "0"], 3)):
            hit = ndimage.maximum_filter(np.isnan(array), size, mode="nearest")
            np.testing.assert_array_equal(np.isnan(filtered(array, *words)), hit)


def gradient_magnitude(array, mode, steps=(1, 1, 1)):
    parts = [ndimage.correlate1d(array, [-0.5, 0, 0.5], axis, mode=mode) / step for axis, step in enumerate(steps)]
    return np.sqrt(sum(part**2 for part in parts))


def variance(array, size, mode):
    mean = ndimage.uniform_filter(array, size, mode=mode)
    return ndimage.uniform_filter(array**2, size, mode=mode) - mean**2


LINEAR = {
    "gaussian -s 1.3,0.8,2": lambda a, m: ndimage.gaussian_filter(a, (1.3, 0.8, 2), mode=m),
    "gaussian -s 0,1,4 --truncate 2.5": lambda a, m: ndimage.gaussian_filter(a, (0, 1, 4), mode=m, truncate=2.5),
    "unsharp -s 1 --amount 0.7": lambda a, m: a + 0.7 * (a - ndimage.gaussian_filter(a, 1, mode=m)),
    "mean -r 1": lambda a, m: ndimage.uniform_filter(a, 3, mode=m),
    "mean -r 2,0,5": lambda a, m: ndimage.uniform_filter(a, (5, 1, 11), mode=m),
    "mean -r 8": lambda a, m: ndimage.uniform_filter(a, 17, mode=m),
    "mean -r 2 --footprint ball": lambda a, m: ndimage.convolve(a, footprint_of("ball", (2, 2, 2)) / 33.0, mode=m),
}
DIFFERENCES = {
    "gradient": gradient_magnitude,
    "gradient -s 1.5": lambda a, m: ndimage.gaussian_gradient_magnitude(a, 1.5, mode=m),
    "sobel": lambda a, m: np.sqrt(sum(ndimage.sobel(a, axis, mode=m) ** 2 for axis in range(3))),
    "laplacian": lambda a, m: ndimage.laplace(a, mode=m),
    "log -s 1,1.2,1.5": lambda a, m: ndimage.gaussian_laplace(a, (1, 1.2, 1.5), mode=m),
    "dog -s 1 --sigma2 2,1.5,2": lambda a, m: (ndimage.gaussian_filter(a, 1, mode=m)
                                               - ndimage.gaussian_filter(a, (2, 1.5, 2), mode=m)),
    "variance -r 1,2,3": lambda a, m: variance(a, (3, 5, 7), m),
    "std -r 4": lambda a, m: np.sqrt(np.maximum(variance(a, 9, m), 0)),
}


class Linear(unittest.TestCase):
    """Against scipy in double precision; integers are its results rounded once."""

    def compare(self, words, got, expected, tolerance=1e-5):
        with self.subTest(words=words, dtype=got.dtype, shape=got.shape):
            largest = max(np.abs(expected).max(), 1e-30)
            # float16 has 11 digits; integers are compared by their own, with room for ties.
            share = {"f2": 1e-3}.get(got.dtype.str[1:], tolerance)
            allowed = share * largest if got.dtype.kind == "f" else 0.5 + 1e-9 * largest
            self.assertLessEqual(np.abs(got.astype("f8") - expected).max(), allowed)

    def test_every_type_and_boundary(self):
        for dtype in DTYPES:
            array = made_up(dtype, (9, 21, 30), 21)
            for boundary in ("nearest", "reflect", "mirror", "wrap"):
                for words, plain in LINEAR.items():
                    expected = plain(array.astype("f8"), boundary)
                    got = filtered(array, *words.split(), "--boundary", boundary)
                    self.assertEqual(got.dtype, array.dtype)
                    if array.dtype.kind != "f":
                        info = np.iinfo(dtype)
                        expected = np.clip(expected, info.min, info.max)
                    self.compare(words, got, expected)
                for words, plain in DIFFERENCES.items():
                    got = filtered(array, *words.split(), "--boundary", boundary)
                    self.assertEqual(got.dtype, np.float32)
                    self.compare(words, got, plain(array.astype("f8"), boundary), 1e-5 if array.dtype.itemsize < 8 else 1e-4)

    def test_integers_are_rounded_once(self):
        array = made_up("uint16", (20, 40, 50), 22)
        for words in ("gaussian -s 2", "mean -r 1"):
            command = [name for name in LINEAR if name == words]
            expected = (LINEAR[words] if command else lambda a, m: ndimage.gaussian_filter(a, 2, mode=m))(
                array.astype("f8"), "nearest")
            np.testing.assert_array_equal(filtered(array, *words.split()), np.rint(expected).astype("u2"))
            got = filtered(array, *words.split(), "-t", "float64")
            np.testing.assert_allclose(got, expected, rtol=1e-13)

    def test_odd_shapes_and_constant_outside(self):
        for shape in SHAPES:
            array = made_up("float32", shape, 23)
            for boundary in BOUNDARIES:
                got = filtered(array, "gaussian", "-s", "2", "--boundary", boundary, "--cval", "7")
                self.compare(boundary, got, ndimage.gaussian_filter(array.astype("f8"), 2, mode=boundary, cval=7))

    # What scipy.ndimage filters along one axis after the other, and what we do with its results.
    DERIVATIVES = {
        "sobel": lambda a, **outside: np.sqrt(sum(ndimage.sobel(a, axis, **outside) ** 2 for axis in range(3))),
        "gradient -s 1.2,2,1": lambda a, **outside: ndimage.gaussian_gradient_magnitude(a, (1.2, 2, 1), **outside),
        "log -s 1,0.7,3": lambda a, **outside: ndimage.gaussian_laplace(a, (1, 0.7, 3), **outside),
        "log -s 2 --truncate 1": lambda a, **outside: ndimage.gaussian_laplace(a, 2, truncate=1, **outside),
        "laplacian": lambda a, **outside: ndimage.laplace(a, **outside),
    }

    def test_derivatives_with_a_constant_outside(self):
        for dtype in ("uint8", "int16", "float32", "float64"):
            for shape in SHAPES:  # most are smaller than the filters' reach
                array = made_up(dtype, shape, 28)
                for words, plain in self.DERIVATIVES.items():
                    for value in (0, 100):
                        got = filtered(array, *words.split(), "--boundary", "constant", "--cval", str(value))
                        self.compare(f"{words} {value}", got, plain(array.astype("f8"), mode="constant", cval=value))

    def test_derivatives_with_a_constant_outside_are_divided_by_the_spacing(self):
        array = made_up("uint16", (9, 20, 21), 29)
        meta = {"spacing": [2.0, 0.5, 0.25], "unit": "micrometer"}
        outside = {"mode": "constant", "cval": 5000}
        for words, order in (("gradient", 1), ("log", 2)):
            got = filtered(array, words, "-s", "1", "--boundary", "constant", "--cval", "5000", meta=meta)
            parts = [ndimage.gaussian_filter(array.astype("f8"), 1, [order if i == axis else 0 for i in range(3)], **outside)
                     / step**order for axis, step in enumerate((2, 0.5, 0.25))]
            self.compare(words, got, np.sqrt(sum(part**2 for part in parts)) if order == 1 else sum(parts))

    def test_spacing(self):
        array = made_up("float32", (9, 20, 21), 24)
        meta = {"spacing": [2.0, 0.5, 0.25], "unit": "micrometer"}
        wide = array.astype("f8")
        self.compare("gradient", filtered(array, "gradient", meta=meta), gradient_magnitude(wide, "nearest", (2, 0.5, 0.25)))
        self.compare("per voxel", filtered(array, "gradient", "--no-spacing", meta=meta), gradient_magnitude(wide, "nearest"))
        expected = sum(ndimage.correlate1d(wide, [1, -2, 1], axis, mode="nearest") / step**2
                       for axis, step in enumerate((2, 0.5, 0.25)))
        self.compare("laplacian", filtered(array, "laplacian", meta=meta), expected)
        self.compare("sigma", filtered(array, "gaussian", "-s", "1um", meta=meta),
                     ndimage.gaussian_filter(wide, (0.5, 2, 4), mode="nearest"))

    def test_variance_of_large_integers_is_exact(self):
        array = (65000 + np.random.default_rng(25).integers(0, 3, (6, 20, 21))).astype("u2")
        for radius in (1, 5, 16, 20):  # windows whose sums take more and more bits
            shifted = variance(array.astype("f8") - 65000, 2 * radius + 1, "nearest")
            for values in (array, (array.astype("i4") - 32768).astype("i2")):
                got = filtered(values, "variance", "-r", str(radius), "-t", "float64")
                np.testing.assert_allclose(got, shifted, atol=1e-12)

    def test_nan_and_infinities_spread_no_farther_than_the_neighbourhood(self):
        array = made_up("float32", (9, 20, 21), 26)
        array[4, 9, 9] = np.nan
        hit = ndimage.maximum_filter(np.isnan(array), 3, mode="nearest")
        for words in ("mean -r 1", "variance -r 1", "gaussian -s 0.3"):
            got = filtered(array, *words.split())
            np.testing.assert_array_equal(np.isnan(got), hit, words)
            self.assertTrue((filtered(array, *words.split(), "-t", "int16")[hit] == 0).all())
        array[4, 9, 9] = np.inf
        np.testing.assert_array_equal(np.isinf(filtered(array, "mean")), hit)

    def test_a_nan_that_odd_taps_step_over(self):
        array = np.arange(343, dtype="float32").reshape(7, 7, 7)
        array[3, 3, 3] = np.nan
        for words in (("gradient",), ("gradient", "-s", "1"), ("sobel",)):
            self.assertTrue(np.isnan(filtered(array, *words)[3, 3, 3]), words)

    def test_value_map(self):
        array = made_up("uint8", (4, 9, 10), 27)
        meta = {"value_map": {"slope": -2.0, "intercept": 5.0}}
        self.assertEqual({"slope": -2.0, "intercept": 5.0}, vfilter(array, "gaussian", "-s", "1", meta=meta)[1]["value_map"])
        self.assertEqual({"slope": -2.0, "intercept": 0.0}, vfilter(array, "laplacian", meta=meta)[1]["value_map"])
        self.assertEqual({"slope": 4.0, "intercept": 0.0}, vfilter(array, "variance", meta=meta)[1]["value_map"])


class SameBits(unittest.TestCase):
    """Through files and pipes, with any memory, threads and vector instructions."""

    COMMANDS = ["min -r 3", "max -r 2 --footprint ball --boundary wrap", "threshold --above 20000", "range -r 2", "open -r 2",
                "tophat -r 2 --footprint ball", "bottomhat -r 1,2,3 --boundary wrap", "gaussian -s 1.5", "mean -r 2", "std -r 3 --boundary mirror",
                "median", "percentile -p 80 -r 1,2,2", "gradient", "gradient -s 1", "unsharp -s 1 --amount 2", "log -s 2 --boundary constant --cval 9000",
                "sobel --boundary constant --cval 9000", "gaussian -s 0,9,1"]

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
