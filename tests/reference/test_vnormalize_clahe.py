"""vnormalize clahe against scikit-image; the same bits of every subcommand."""
import json
import subprocess
import unittest

import numpy as np
from skimage import exposure

import voxpipe
from arrays import DTYPES
from normalize_case import Case, made_up, normalized, rounded, serial_sections, vnormalize


class Clahe(Case):
    def check(self, array, *words, limit=0.005, **settings):
        """Mean difference from scikit-image on [0, 1]; where its levels are cut, a single one may differ more."""
        got = normalized(array, "clahe", *words)
        expected = exposure.equalize_adapthist(array, **settings)
        self.assertEqual(got.dtype, np.float32)
        off = np.abs(got - expected)
        self.assertLess(off.mean(), limit)
        return off

    def test_every_integer_type(self):
        for dtype in DTYPES:
            array = made_up(dtype, (9, 30, 41))
            if array.dtype.kind == "f":
                array = np.nan_to_num(array, nan=0, posinf=1, neginf=0)
                array = (array.astype("f8") / array.max()).astype(dtype)
            elif array.dtype.itemsize > 4:
                continue
            with self.subTest(dtype):
                off = self.check(array if dtype != "float16" else array.astype("f4"), limit=0.001)
                # It goes through 16 bits first, which takes a voxel in a hundred over the edge of a bin.
                self.assertLess(np.mean(off > 0.01), 1e-9 if dtype in ("uint8", "uint16") else 0.01)

    def test_kernels_limits_and_bins(self):
        array = made_up("uint16", (13, 30, 41))
        for kernel in ((4, 8, 8), (5, 7, 9), (13, 30, 41), (1, 1, 41), (20, 64, 100), (3, 100, 2)):
            with self.subTest(kernel=kernel):
                self.check(array, "--kernel", ",".join(map(str, kernel)), kernel_size=kernel, limit=0.001)
        for limit in (0, 0.002, 0.3, 1):
            self.check(array, "--kernel", 8, "--clip-limit", limit, kernel_size=8, clip_limit=limit, limit=0.001)
        for bins in (2, 16, 255, 1000, 16384):
            self.check(array, "--kernel", 8, "-b", bins, kernel_size=8, nbins=bins, limit=0.001)

    def test_shapes(self):
        for shape in ((1, 30, 41), (16, 1, 50), (16, 50, 1), (2, 3, 40)):
            self.check(made_up("uint16", shape), limit=0.001)

    def test_to_integers(self):
        array = made_up("uint16", (9, 30, 41))
        unit = normalized(array, "clahe").astype(float)
        for dtype in ("uint8", "int16", "uint32"):
            info = np.iinfo(dtype)
            got = normalized(array, "clahe", "-t", dtype)
            self.near(got // (1 << 16 if dtype == "uint32" else 1),
                      rounded(unit * (float(info.max) - info.min) + info.min, dtype) // (1 << 16 if dtype == "uint32" else 1))

    def test_nan_infinities_and_constants(self):
        array = made_up("float32", (9, 30, 41))
        clean = np.nan_to_num(array, nan=5, posinf=np.nanmax(array[np.isfinite(array)]), neginf=np.nanmin(array[np.isfinite(array)]))
        got = normalized(array, "clahe")
        np.testing.assert_array_equal(np.isnan(got), np.isnan(array))
        self.assertLess(np.nanmean(np.abs(got - normalized(clean, "clahe"))), 1e-3)
        self.assertEqual(0, normalized(array, "clahe", "-t", "uint8").flat[3])
        for constant in (np.full((4, 5, 6), 9, "u1"), np.full((1, 1, 1), -3.5, "f8")):
            np.testing.assert_array_equal(normalized(constant, "clahe"), np.zeros(constant.shape))
        self.assertTrue(np.isnan(normalized(np.full((4, 5, 6), np.nan), "clahe")).all())
        # Negative values and any range: only the place within the range counts.
        self.close(normalized(clean * 8 - 1000, "clahe"), normalized(clean.astype("f8"), "clahe"), 1e-3)

    def test_wrong_use(self):
        array = made_up("uint8")
        for words in (("-b", 1), ("--clip-limit", 1.5), ("--kernel", 0)):
            vnormalize(array, "clahe", *words, status=2)
        self.assertIn("larger --kernel", vnormalize(np.zeros((64, 64, 64), "u1"), "clahe", "--kernel", 1, "--memory", "64M", status=3))


class SameBits(Case):
    """Whatever the threads, the memory, file or pipe, and the processor."""

    COMMANDS = (
        ("zscore",), ("gamma", "1.7"), ("equalize",), ("match",), ("match", "--sections", "3"), ("background",), ("drift",),
        ("drift", "--sections", "5"), ("zprofile",), ("background-mask",), ("clahe", "--kernel", "7,16,20"),
    )

    def test_every_subcommand(self):
        for dtype in ("uint16", "float32"):
            array = serial_sections(dtype, (23, 70, 90))[0]
            path = self.file_of(f"{dtype}.npy", array)
            for words in self.COMMANDS:
                with self.subTest(dtype=dtype, words=words):
                    out = self.folder / "out.npy"
                    wanted = normalized(array, *words, "-j", 1)
                    for more, simd in ((("-j", 2), None), (("-j", 3, "--memory", "6M"), None), (("-j", 1), "baseline")):
                        environment = {**voxpipe.ENVIRONMENT, **({"VOXPIPE_SIMD": simd} if simd else {})}
                        done = subprocess.run(
                            [str(word) for word in ("vnormalize", *words, "-f", "-q", *more, path, out)], env=environment, capture_output=True)
                        self.assertEqual(0, done.returncode, done.stderr)
                        np.testing.assert_array_equal(np.load(out), wanted)
                    np.testing.assert_array_equal(normalized(array, *words, "-j", 2, "--memory", "6M"), wanted)

    def test_explain_names_the_passes(self):
        path = self.file_of("v.npy", serial_sections()[0])
        for words in self.COMMANDS:
            done = voxpipe.run("vnormalize", *words, "--explain", "--json", path, self.folder / "none.npy")
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertGreaterEqual(len(json.loads(done.stdout)["passes"]), 1 if words[0] == "gamma" else 2)
        self.assertFalse((self.folder / "none.npy").exists())


if __name__ == "__main__":
    unittest.main()
