"""vlabel distance against scipy.ndimage.distance_transform_edt: types, spacings, odd shapes, memory, threads, pipes."""
import io
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np
from scipy import ndimage

from arrays import DTYPES, stream_of
import voxpipe
import voxstream

SPACINGS = [None, [1, 1, 1], [2, 1, 1], [0.5, 0.5, 0.5], [2.0, 0.65, 0.65], [0.3, 0.1, 0.2], [1e-3, 40.0, 7.3]]


def distance(array, *words, spacing=None):
    meta = {} if spacing is None else {"spacing": spacing, "unit": "micrometer"}
    done = voxpipe.run("vlabel", "distance", "-q", *words, stdin=stream_of(array, **meta))
    if done.returncode:
        raise AssertionError(f"vlabel distance {words}: exit {done.returncode}: {done.stderr.decode()}")
    return voxstream.read(io.BytesIO(done.stdout))


def expected(array, spacing=None):
    return ndimage.distance_transform_edt(array, sampling=spacing).astype(np.float32)


def blobs(shape, share, sigma, seed):
    """A mask that holds about `share` of the voxels, with structures of some voxels."""
    noise = np.random.default_rng(seed).normal(size=shape)
    smooth = ndimage.gaussian_filter(noise, sigma)
    mask = smooth < np.quantile(smooth, share)
    mask.flat[0] = False
    return mask.astype(np.uint8)


class Distance(unittest.TestCase):
    def check(self, array, *words, spacing=None):
        with self.subTest(words=words, dtype=array.dtype, shape=array.shape, spacing=spacing):
            got, meta = distance(array, *words, spacing=spacing)
            self.assertEqual("float32", meta["dtype"])
            self.assertEqual("intensity", meta["kind"])
            self.assertEqual(spacing, meta.get("spacing"))
            want = expected(array, spacing)
            if spacing is None or all(float(s).is_integer() for s in spacing):
                np.testing.assert_array_equal(got, want)
            else:  # a double that lies between two floats may be rounded to either
                np.testing.assert_array_max_ulp(got, want, 1)

    def test_types(self):
        mask = blobs((9, 20, 33), 0.8, 2, 1)
        for dtype in DTYPES:
            array = (mask * 100).astype(dtype)
            if np.dtype(dtype).kind in "if":
                array[::2] *= -1
            if np.dtype(dtype).kind == "f":
                array[4] *= np.nan  # NaN is foreground, and 0 * NaN as well
                array[0, 0, 0] = -0.0
            self.check(array)

    def test_without_background_on_every_level_of_instructions(self):
        for level in ("baseline", "avx2"):
            done = subprocess.run(["vlabel", "distance", "-q"], input=stream_of(np.ones((2, 3, 9), np.uint8)), capture_output=True,
                                  env={**voxpipe.ENVIRONMENT, "VOXPIPE_SIMD": level}, check=True)
            self.assertTrue(np.isposinf(voxstream.read(io.BytesIO(done.stdout))[0]).all(), level)

    def test_spacings_and_densities(self):
        for seed, spacing in enumerate(SPACINGS):
            for share in (0.01, 0.5, 0.99, 0.9999):
                self.check(blobs((14, 41, 37), share, 1.5, seed), spacing=spacing)

    def test_shapes(self):
        for shape in ((1, 1, 1), (1, 1, 300), (1, 300, 1), (300, 1, 1), (1, 70, 90), (70, 1, 90), (70, 90, 1), (2, 3, 130)):
            for spacing in (None, [1.5, 0.7, 1]):
                for seed in range(3):
                    array = (np.random.default_rng(seed).random(shape) < 0.995).astype(np.uint8)
                    array.flat[seed * array.size // 3] = 0
                    self.check(array, spacing=spacing)

    def test_far_background(self):
        array = np.ones((60, 150, 170), np.uint8)
        array[40, 100, 20] = array[3, 7, 160] = 0
        for spacing in (None, [1, 3, 1], [0.9, 1.1, 1.3]):
            self.check(array, spacing=spacing)

    def test_no_background_is_infinitely_far(self):
        got, _ = distance(np.ones((4, 5, 6), np.uint8))
        self.assertTrue(np.isposinf(got).all())
        got, _ = distance(np.zeros((4, 5, 6), np.uint8))
        self.assertTrue((got == 0).all())
        done = voxpipe.run("vlabel", "distance", stdin=stream_of(np.ones((4, 5, 6), np.uint8)))
        self.assertIn(b"no background", done.stderr)

    def test_same_bits_by_memory_threads_instructions(self):
        array = blobs((150, 130, 140), 0.97, 6, 3)
        for spacing in (None, [2.0, 0.65, 0.65]):
            want, _ = distance(array, spacing=spacing)
            for words in (["-j", "1"], ["-j", "2"], ["-j", "1", "--memory", "2M"], ["-j", "3", "--memory", "4M"], ["-j", "2", "--memory", "16M"]):
                got, _ = distance(array, *words, spacing=spacing)
                np.testing.assert_array_equal(got, want)

    def test_files_and_pipes(self):
        array = blobs((40, 50, 60), 0.7, 2, 4)
        want = expected(array, [2, 1, 1])
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "in.stream").write_bytes(stream_of(array, spacing=[2, 1, 1], unit="micrometer"))
            done = voxpipe.shell("vconvert - in.tif < in.stream && vlabel distance in.tif out.npy && "
                                 "vconvert in.tif - | vlabel distance --memory 4M - - | vconvert - piped.raw && "
                                 "vlabel distance in.tif out.nrrd && vdiff out.npy piped.raw && vdiff out.npy out.nrrd", folder)
            self.assertEqual(0, done.returncode, done.stderr)
            np.testing.assert_array_equal(np.load(pathlib.Path(folder, "out.npy")), want)

    def test_crop_and_spacing_by_option(self):
        array = blobs((12, 30, 31), 0.8, 2, 5)
        got, meta = distance(array, "--roi", "2:,5:25,3:-4", "--spacing", "3,1,2", "--unit", "mm")
        self.assertEqual([3, 1, 2], meta["spacing"])
        np.testing.assert_array_equal(got, expected(array[2:, 5:25, 3:-4], [3, 1, 2]))

    def test_too_little_memory_says_what_would_do(self):
        with tempfile.TemporaryDirectory() as folder:
            np.save(pathlib.Path(folder, "in.npy"), np.ones((2, 700, 800), np.uint8))
            done = voxpipe.run("vlabel", "distance", "--memory", "2M", "in.npy", "out.npy", folder=folder)
            self.assertEqual(3, done.returncode)
            enough = done.stderr.decode().split("use --memory ")[1].split()[0]
            self.assertFalse(pathlib.Path(folder, "out.npy").exists())
            done = voxpipe.run("vlabel", "distance", "--memory", enough, "in.npy", "out.npy", folder=folder)
            self.assertEqual(0, done.returncode, done.stderr)

    def test_plan(self):
        with tempfile.TemporaryDirectory() as folder:
            np.save(pathlib.Path(folder, "in.npy"), np.ones((300, 200, 200), np.uint8))
            done = voxpipe.run("vlabel", "distance", "--explain", "--memory", "3M", "in.npy", "out.npy", folder=folder)
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertRegex(done.stdout.decode(), r"distance\n(.*\n)*  scratch +[0-9.]+ [KM]iB? in |distance\n(.*\n)*  scratch .* in ")
            self.assertFalse(pathlib.Path(folder, "out.npy").exists())


if __name__ == "__main__":
    unittest.main()
