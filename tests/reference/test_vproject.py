"""vproject against NumPy: every method, type and axis, from files and pipes."""
import pathlib
import sys
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import voxpipe  # noqa: E402
from format_case import DTYPES, FormatCase, some_volume  # noqa: E402

METHODS = ("max", "min", "mean", "sum", "std", "median")


def expected(volume, method, axis):
    if method in ("max", "min"):
        return getattr(volume, method)(axis=axis, keepdims=True)
    if method == "sum":
        return volume.sum(axis=axis, keepdims=True, dtype={"u": "u8", "i": "i8", "f": "f8"}[volume.dtype.kind])
    return getattr(np, method)(volume.astype("f8"), axis=axis, keepdims=True).astype("f4")


class Project(FormatCase):
    def projected(self, *words, name="in.npy"):
        self.run_ours("vproject", *words, "-q", "-f", name, "out.npy")
        return np.load(self.path("out.npy"))

    def test_every_method_type_and_axis_is_numpys(self):
        for dtype in DTYPES:
            volume = some_volume((6, 40, 33), dtype)
            if dtype in ("uint64", "int64"):
                volume = volume // 64
            np.save(self.path("in.npy"), volume)
            for method in METHODS:
                for axis in range(3):
                    with self.subTest(dtype=dtype, method=method, axis=axis):
                        got, wanted = self.projected(method, "-a", "zyx"[axis]), expected(volume, method, axis)
                        self.assertEqual((wanted.dtype, wanted.shape), (got.dtype, got.shape))
                        if method in ("max", "min") or method == "sum" and volume.dtype.kind != "f":
                            np.testing.assert_array_equal(wanted, got)
                        else:
                            np.testing.assert_allclose(wanted, got, rtol=1e-6)

    def test_a_pipe_gives_the_same_and_the_history_says_it(self):
        self.write_with_ours(some_volume((20, 31, 45), "float32"), "in.raw", spacing=[2, 1, 1], unit="micrometer", origin=[1, 0, 0])
        for method in METHODS:
            for axis in "zyx":
                self.run_ours("vproject", method, "-a", axis, "-q", "-f", "in.raw", "file.npy")
                done = voxpipe.shell(f"vconvert -q in.raw - | vproject {method} -a {axis} -q -f - pipe.npy", self.folder)
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertEqual(self.path("file.npy").read_bytes(), self.path("pipe.npy").read_bytes())
        self.run_ours("vproject", "median", "-q", "in.raw", "out.raw")
        info = self.info("out.raw")
        self.assertEqual(([1, 31, 45], [40, 1, 1], [20, 0, 0]), (info["shape"], info["spacing"], info["origin"]))
        self.assertEqual(["median"], info["history"][-1]["args"][:1])

    def test_compressed_planes_and_little_memory(self):
        volume = some_volume((24, 300, 200), "uint16")
        self.write_with_ours(volume, "in.tif", "-c", "zstd")
        for method in METHODS:
            got = self.projected(method, "--memory", "3M", name="in.tif")
            np.testing.assert_allclose(expected(volume, method, 0), got, rtol=1e-6)
        self.assertIn("--memory", self.run_ours("vproject", "std", "--memory", "100K", "in.tif", "no.npy", status=3))
        self.assertFalse(self.path("no.npy").exists())

    def test_masks_stay_masks_only_as_extremes(self):
        self.write_with_ours(some_volume((5, 6, 7), "uint8") // 128, "in.raw", kind="mask")
        for method, kind in (("max", "mask"), ("sum", "intensity")):
            self.run_ours("vproject", method, "-q", "-f", "in.raw", "out.raw")
            self.assertEqual(kind, self.info("out.raw")["kind"])


if __name__ == "__main__":
    unittest.main()
