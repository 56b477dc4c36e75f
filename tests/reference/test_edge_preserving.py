"""vfilter bilateral against its definition in NumPy, and nlm against scikit-image: types, boundaries, odd shapes, large radii."""
import io
import itertools
import json
import os
import pathlib
import tempfile
import unittest

import numpy as np
from skimage.restoration import denoise_nl_means

from arrays import DTYPES
import voxpipe
import voxstream

PADDING = {"nearest": "edge", "reflect": "symmetric", "mirror": "reflect", "constant": "constant", "wrap": "wrap"}
SHAPES = [(7, 13, 50), (1, 1, 1), (1, 30, 9), (5, 1, 40), (3, 4, 2)]


def made_up(dtype, shape, seed=0, largest=120):
    """A slope and noise."""
    rng = np.random.default_rng(seed)
    slope = np.linspace(0, 0.6, shape[2]) + np.linspace(0, 0.1, shape[1])[:, None] + np.zeros(shape)
    return ((slope + 0.3 * rng.random(shape)) * largest).astype(dtype)


def filtered(array, *words, meta=None, status=0):
    out = io.BytesIO()
    voxstream.write(out, array, {"shape": list(array.shape), **(meta or {})}, None)
    done = voxpipe.run("vfilter", words[0], "-q", *words[1:], stdin=out.getvalue())
    if done.returncode != status:
        raise AssertionError(f"vfilter {words}: exit {done.returncode}: {done.stderr.decode()}")
    return done.stderr.decode() if status else voxstream.read(io.BytesIO(done.stdout))[0]


def padded(values, reach, boundary, cval):
    more = {"constant_values": cval} if boundary == "constant" else {}
    return np.pad(values, [(r, r) for r in reach], mode=PADDING[boundary], **more)


def bilateral(array, sigma, range_sigma, reach, boundary, cval=0):
    """The definition, in double precision on the padded volume."""
    values = array.astype("f8")
    outside = padded(values, reach, boundary, cval)
    sums, totals = np.zeros(values.shape), np.zeros(values.shape)
    for offset in itertools.product(*(range(-r, r + 1) for r in reach)):
        there = outside[tuple(slice(r + d, r + d + n) for r, d, n in zip(reach, offset, values.shape))]
        distance = sum((d / s) ** 2 for d, s in zip(offset, sigma))
        weight = np.exp(-distance / 2 - (there - values) ** 2 / (2 * range_sigma**2))
        sums += weight * there
        totals += weight
    return sums / totals


def rounded(values, dtype):
    """Half to even, saturating."""
    if np.dtype(dtype).kind == "f":
        return values.astype(dtype)
    info = np.iinfo(dtype)
    return np.clip(np.rint(values), info.min, info.max).astype(dtype)


class Bilateral(unittest.TestCase):
    def check(self, array, sigma, range_sigma, reach, boundary, radius=True):
        words = ["bilateral", "-s", ",".join(map(str, sigma)), "--range-sigma", str(range_sigma), "--boundary", boundary,
                 "--cval", "7"]
        if radius:
            words += ["-r", ",".join(map(str, reach))]
        with self.subTest(words=words, dtype=array.dtype, shape=array.shape):
            expected = bilateral(array, sigma, range_sigma, reach, boundary, 7)
            got = filtered(array, *words, "-t", "float64")
            largest = np.abs(expected).max()
            self.assertLessEqual(np.abs(got - expected).max(), 1e-4 * max(largest, 7))
            own = filtered(array, *words)
            self.assertEqual(own.dtype, array.dtype)
            np.testing.assert_array_equal(own, rounded(got, array.dtype))

    def test_every_type_and_boundary(self):
        for dtype in DTYPES:
            array = made_up(dtype, (5, 13, 30), 1)
            for boundary in PADDING:
                self.check(array, (1.5, 1, 2), 20, (2, 1, 3), boundary)

    def test_odd_shapes_and_radii_larger_than_the_volume(self):
        for shape in SHAPES:
            array = made_up("uint16", shape, 2, 60000)
            for boundary in PADDING:
                for reach in ((0, 1, 4), (4, 2, 1), (8, 3, 0)):
                    self.check(array, (2, 1, 1.5), 9000, reach, boundary)

    def test_the_whole_range_of_values(self):
        for dtype, range_sigma in (("uint8", 50), ("uint16", 50), ("uint16", 60000), ("int16", 3), ("float32", 0.01)):
            rng = np.random.default_rng(3)
            array = (rng.normal(0, 1, (6, 12, 40)).astype(dtype) if dtype == "float32" else
                     rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, (6, 12, 40), dtype, True))
            self.check(array, (4, 4, 4), range_sigma, (3, 3, 3), "nearest")

    def test_default_radius(self):
        self.check(made_up("uint8", (6, 14, 20), 4), (1, 0.5, 1.3), 50, (3, 2, 4), "nearest", radius=False)
        array = made_up("uint8", (4, 9, 10), 5)
        np.testing.assert_array_equal(filtered(array, "bilateral"), filtered(array, "bilateral", "-s", "4", "--range-sigma",
                                                                             "50", "-r", "10"))

    def test_lengths(self):
        array = made_up("float32", (6, 14, 20), 6)
        meta = {"spacing": [2.0, 0.5, 0.5], "unit": "micrometer"}
        got = filtered(array, "bilateral", "-s", "1um", "-r", "2um", "--range-sigma", "20", meta=meta)
        expected = bilateral(array, (0.5, 2, 2), 20, (1, 4, 4), "nearest")
        np.testing.assert_allclose(got, expected, atol=1e-4 * expected.max())
        np.testing.assert_array_equal(got, filtered(array, "bilateral", "-s", "0.5,2,2", "-r", "1,4,4", "--range-sigma", "20"))

    def test_sigma_0_leaves_an_axis_out(self):
        array = made_up("float32", (4, 9, 20), 7)
        got = filtered(array, "bilateral", "-s", "0,1,1", "-r", "2", "--range-sigma", "20")
        for plane, alone in zip(got, array):
            np.testing.assert_array_equal(plane, filtered(alone[None], "bilateral", "-s", "1", "-r", "0,2,2", "--range-sigma",
                                                          "20")[0])

    def test_nan_and_infinities_stay_and_do_not_count(self):
        for dtype in ("float16", "float32", "float64"):
            array = made_up(dtype, (5, 12, 13), 8)
            array[2, 5, 5], array[0, 0, 0], array[4, 11, 12], array[4, 0, 0] = np.nan, -np.nan, np.inf, -np.inf
            odd = ~np.isfinite(array)
            got = filtered(array, "bilateral", "-s", "1", "-r", "2", "--range-sigma", "20")
            np.testing.assert_array_equal(got[odd], array[odd])
            weights = filtered(np.where(odd, 0, array), "bilateral", "-s", "1", "-r", "2", "--range-sigma", "20")
            far = np.ones(array.shape, bool)
            for z, y, x in np.argwhere(odd):
                far[max(0, z - 2) : z + 3, max(0, y - 2) : y + 3, max(0, x - 2) : x + 3] = False
            np.testing.assert_array_equal(got[far], weights[far])
            self.assertTrue(np.isfinite(got[~odd]).all())
            self.assertLessEqual(got[~odd].max(), array[~odd].max())
            self.assertGreaterEqual(got[~odd].min(), array[~odd].min())
            whole = filtered(array, "bilateral", "-s", "1", "-t", "uint8")
            np.testing.assert_array_equal(whole[odd], np.nan_to_num(array, nan=0, posinf=255, neginf=0)[odd].astype("u1"))

    def test_refused(self):
        array = made_up("uint8", (2, 3, 4))
        for value in ("0", "-1", "nan", "inf"):
            self.assertIn("--range-sigma", filtered(array, "bilateral", "--range-sigma", value, status=2))
        self.assertIn("--sigma", filtered(array, "bilateral", "-s", "-1", status=2))
        self.assertIn("--radius", filtered(array, "bilateral", "-r", "-1", status=2))


class NonLocalMeans(unittest.TestCase):
    """Over the whole volume: scikit-image pads as --boundary mirror does."""

    def check(self, array, patch, search, strength):
        words = ["nlm", "-r", str(patch), "--search", str(search), "--strength", str(strength), "--boundary", "mirror"]
        with self.subTest(words=words, dtype=array.dtype, shape=array.shape):
            expected = denoise_nl_means(array.astype("f8"), 2 * patch + 1, search, strength, fast_mode=True,
                                        preserve_range=True).reshape(array.shape)
            got = filtered(array, *words, "-t", "float64")
            self.assertLessEqual(np.abs(got - expected).max(), 2e-5 * np.abs(expected).max())
            self.assertGreater(np.abs(got - array).max(), 1e-3 * np.abs(expected).max())
            own = filtered(array, *words)
            self.assertEqual(own.dtype, array.dtype)
            np.testing.assert_array_equal(own, rounded(got, array.dtype))

    def test_every_type(self):
        for dtype in DTYPES:
            self.check(made_up(dtype, (9, 21, 45), 11), 1, 2, 15.3)

    def test_patches_and_searches(self):
        for patch, search in ((1, 0), (1, 3), (2, 2), (3, 1), (4, 2)):
            if search:
                self.check(made_up("uint16", (8, 14, 40), 12, 30000), patch, search, 4321)
            else:
                array = made_up("uint16", (8, 14, 40), 12, 30000)
                np.testing.assert_array_equal(filtered(array, "nlm", "--search", "0", "--strength", "4321"), array)

    def test_odd_shapes_and_radii_larger_than_the_volume(self):
        for shape in ((7, 13, 50), (1, 30, 9), (3, 4, 2), (2, 2, 30)):
            self.check(made_up("float32", shape, 13), 2, 5, 25.7)

    def test_boundaries(self):
        """Equal to the filter of a volume that is padded beforehand."""
        array = made_up("uint8", (5, 9, 20), 14)
        for boundary in PADDING:
            words = ["nlm", "-r", "1", "--search", "2", "--strength", "20"]
            wide = filtered(padded(array, (3, 3, 3), boundary, 7), *words)
            np.testing.assert_array_equal(filtered(array, *words, "--boundary", boundary, "--cval", "7"),
                                          wide[3:-3, 3:-3, 3:-3])

    def test_lengths_per_axis(self):
        array = made_up("uint8", (6, 14, 20), 15)
        meta = {"spacing": [2.0, 0.5, 1.0], "unit": "micrometer"}
        np.testing.assert_array_equal(
            filtered(array, "nlm", "-r", "2um", "--search", "2um", "--strength", "20", meta=meta),
            filtered(array, "nlm", "-r", "1,4,2", "--search", "1,4,2", "--strength", "20"))

    def test_nan_and_infinities_stay_and_do_not_count(self):
        array = made_up("float32", (7, 15, 33), 16)
        array[3, 7, 9], array[0, 0, 0], array[6, 14, 32] = np.nan, np.inf, -np.inf
        odd = ~np.isfinite(array)
        for patch in ("0", "1"):
            got = filtered(array, "nlm", "-r", patch, "--search", "2", "--strength", "20")
            np.testing.assert_array_equal(got[odd], array[odd])
            self.assertTrue(np.isfinite(got[~odd]).all())
            self.assertLessEqual(np.abs(got[~odd]).max(), np.abs(array[~odd]).max())
            self.assertEqual(filtered(array, "nlm", "--strength", "20", "-t", "int16")[3, 7, 9], 0)

    def test_refused(self):
        array = made_up("uint8", (2, 3, 4))
        self.assertIn("--strength", filtered(array, "nlm", status=2))
        for value in ("0", "-1", "nan", "inf"):
            self.assertIn("--strength", filtered(array, "nlm", "--strength", value, status=2))
        self.assertIn("--search", filtered(array, "nlm", "--strength", "1", "--search", "-2", status=2))


class SameBits(unittest.TestCase):
    """Through files and pipes, with any memory, threads and vector instructions."""

    COMMANDS = ["bilateral -s 1.2 --range-sigma 3000", "bilateral -r 3,1,2 --boundary wrap", "nlm --search 2 --strength 4000",
                "nlm -r 2,1,0 --search 1,2,3 --strength 4000 --boundary reflect"]

    def test_all_commands(self):
        levels = [""] + [level for level in ("baseline", "avx2", "avx512")
                         if not voxpipe.shell(f"VOXPIPE_SIMD={level} vphantom -q --shape 1 -", None).returncode]
        for dtype in ("uint16", "float32", "int32"):
            array = made_up(dtype, (24, 20, 150), 21, 30000)
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "v.raw"
                array.tofile(path)
                sidecar = {"voxpipe": 1, "shape": array.shape, "dtype": dtype, "byte_order": "little"}
                pathlib.Path(f"{path}.json").write_text(json.dumps(sidecar))
                for command in self.COMMANDS:
                    usual = filtered(array, *command.split())
                    for run in ("-j 1", "-j 3 --memory 6M", "--memory 2M"):
                        for level in levels:
                            choice = f"VOXPIPE_SIMD={level} " if level else ""
                            done = voxpipe.shell(f"{choice}vfilter {command} {run} -f -q v.raw out.npy", folder)
                            self.assertEqual(0, done.returncode, done.stderr)
                            np.testing.assert_array_equal(np.load(os.path.join(folder, "out.npy")), usual, f"{command} {run}")


if __name__ == "__main__":
    unittest.main()
