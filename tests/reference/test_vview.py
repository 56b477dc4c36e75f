"""vview's pictures against NumPy."""
import pathlib
import sys
import tempfile
import unittest

import numpy as np
from skimage.io import imread

import voxpipe

sys.path.insert(0, str(voxpipe.ROOT / "share" / "examples"))
import voxstream  # noqa: E402

NAN = (255, 0, 255)


def shades(plane, low, high, gamma=1.0):
    """What the manual page says a voxel's shade is; NaN is anything."""
    share = np.clip((np.nan_to_num(plane.astype("f8"), nan=low) - low) / (high - low), 0, 1)
    return np.rint(share**gamma * 255).astype("u1")


def gray(shade):
    return np.repeat(shade[..., None], 3, axis=-1)


class Vview(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, volume, name="a.raw", **meta):
        voxstream.write_raw(str(self.folder / name), volume, meta)

    def view(self, subcommand, *words, output="out.png", status=0):
        result = voxpipe.run("vview", subcommand, *words, output, *(["-f"] if output != "-" else []),
                             folder=self.folder)
        self.assertEqual(status, result.returncode, result.stderr.decode())
        if status:
            self.assertEqual(1, result.stderr.count(b"\n"), result.stderr)
            return result.stderr.decode()
        return imread(self.folder / output) if output.endswith(".png") else result.stdout

    def assert_same(self, expected, picture):
        self.assertEqual(expected.shape, picture.shape)
        np.testing.assert_array_equal(expected, picture)


class Slice(Vview):
    def test_every_type_and_axis(self):
        random = np.random.default_rng(1)
        for dtype in ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"):
            volume = random.normal(40, 20, (7, 9, 11)).astype(dtype)
            self.write(volume)
            for axis, name in enumerate("zyx"):
                plane = np.take(volume, 3, axis)
                low, high = np.percentile(plane.astype("f8"), (0.5, 99.5))
                self.assert_same(gray(shades(plane, low, high)), self.view("slice", "-a", name, "-i", "3", "a.raw"))
                low, high = float(plane.min()), float(plane.max())
                self.assert_same(gray(shades(plane, low, high)),
                                 self.view("slice", "-a", name, "-i", "3", "--full", "a.raw"))
            self.assert_same(gray(shades(volume[3], 10, 70.5, 0.6)),
                             self.view("slice", "-r", "10,70.5", "--gamma", "0.6", "a.raw"))

    def test_nan_infinities_constant_and_small(self):
        volume = np.arange(24, dtype="f4").reshape(1, 4, 6)
        volume[0, 1, 1], volume[0, 0, 0], volume[0, 3, 5] = np.nan, -np.inf, np.inf
        self.write(volume)
        expected = gray(shades(volume[0], 2, 20))
        expected[1, 1] = NAN
        self.assert_same(expected, self.view("slice", "-r", "2,20", "a.raw"))
        expected[1, 1] = (0, 128, 255)
        self.assert_same(expected, self.view("slice", "-r", "2,20", "--nan", "#0080ff", "a.raw"))
        finite = volume[np.isfinite(volume)].astype("f8")
        expected = gray(shades(volume[0], *np.percentile(finite, (10, 80))))
        expected[1, 1] = NAN
        self.assert_same(expected, self.view("slice", "-p", "10,80", "a.raw"))
        self.write(np.full((2, 3, 4), 7, "u2"))
        self.assert_same(np.zeros((3, 4, 3), "u1"), self.view("slice", "a.raw"))
        self.write(np.full((1, 1, 1), np.nan))
        self.assert_same(np.full((1, 1, 3), NAN, "u1"), self.view("slice", "a.raw"))
        self.write(np.array([[[-1.7e308, 1.7e308, 0]]]))
        self.assert_same(gray(np.array([[0, 255, 128]], "u1")), self.view("slice", "--full", "a.raw"))

    def test_aspect_and_size(self):
        volume = np.random.default_rng(2).integers(0, 256, (10, 12, 14), "u1")
        self.write(volume, spacing=[2, 0.5, 0.5], unit="millimeter")
        expected = gray(np.repeat(volume[:, 6], 4, axis=0))
        self.assert_same(expected, self.view("slice", "-a", "y", "-r", "0,255", "a.raw"))
        self.assert_same(gray(np.repeat(volume[:, :, 7], 4, axis=0)), self.view("slice", "-a", "x", "-r", "0,255", "a.raw"))
        self.assert_same(gray(volume[5]), self.view("slice", "-r", "0,255", "a.raw"))
        for size in (1, 5, 20, 33, 80):
            pixel = max(20, 7) / size
            height, width = max(1, round(20 / pixel)), max(1, round(7 / pixel))
            rows = ((np.arange(height) + 0.5) * 10 / height).astype(int)
            columns = ((np.arange(width) + 0.5) * 14 / width).astype(int)
            self.assert_same(gray(volume[:, 6][np.ix_(rows, columns)]),
                             self.view("slice", "-a", "y", "-r", "0,255", "--size", str(size), "a.raw"))

    def test_where(self):
        volume = np.arange(5, dtype="u1")[:, None, None] * np.ones((5, 2, 2), "u1")
        self.write(volume, spacing=[0.1, 1, 1], unit="millimeter")
        for text, index in (("0", 0), ("-1", 4), ("50%", 2), ("100%", 4), ("0%", 0), ("0.3mm", 3), ("310um", 3), ("39.9%", 1)):
            self.assertEqual(index, self.view("slice", f"-i={text}", "-r", "0,255", "a.raw")[0, 0, 0], text)
        self.assertEqual(2, self.view("slice", "-r", "0,255", "a.raw")[0, 0, 0])
        for text in ("5", "-6", "0.5mm", "-1um", "101%", "middle", "1.5"):
            self.view("slice", f"-i={text}", "a.raw", status=2)

    def test_pipe_memory_and_threads(self):
        volume = np.random.default_rng(3).normal(0, 1, (40, 50, 60)).astype("f4")
        self.write(volume, spacing=[3, 1, 1.5], unit="micrometer")
        for words in (["-a", "z"], ["-a", "y"], ["-a", "x", "--size", "37"], ["--roi", "3:30,4:,:50", "-a", "y"]):
            usual = self.view("slice", *words, "a.raw")
            for more in (["-j", "1"], ["-j", "4", "--memory", "8M"]):
                self.assert_same(usual, self.view("slice", *words, *more, "a.raw"))
            result = voxpipe.shell(f"vconvert a.raw | vview slice {' '.join(words)} > piped.png", self.folder)
            self.assertEqual(0, result.returncode, result.stderr)
            self.assert_same(usual, imread(self.folder / "piped.png"))
        for extension in ("tif", "ome.zarr", "nrrd"):
            self.assertEqual(0, voxpipe.run("vconvert", "a.raw", f"b.{extension}", folder=self.folder).returncode)
            for axis in "zyx":
                self.assert_same(self.view("slice", "-a", axis, "a.raw"), self.view("slice", "-a", axis, f"b.{extension}"))

    def test_errors(self):
        self.write(np.zeros((3, 4, 5), "u1"))
        self.assertIn("--memory", self.view("slice", "--memory", "100K", "--size", "3000", "a.raw", status=3))
        self.assertIn("--size", self.view("slice", "--spacing", "1,1,100000", "a.raw", status=2))
        for words in (["-r", "5,1"], ["-r", "0,inf"], ["-p", "60,40"], ["-p", "0,101"], ["--gamma", "0"], ["--size", "0"],
                      ["--nan", "red"], ["--opacity", "2"], ["--full", "-r", "0,1"], ["--colormap", "jet"]):
            self.view("slice", *words, "a.raw", status=2)
        self.view("slice", "a.raw", output="out.jpg", status=2)
        (self.folder / "there.png").write_bytes(b"")
        refused = voxpipe.run("vview", "slice", "a.raw", "there.png", folder=self.folder)
        self.assertEqual(2, refused.returncode)
        self.assertIn(b"--force", refused.stderr)
        self.assertEqual(["a.raw", "a.raw.json", "there.png"], sorted(path.name for path in self.folder.iterdir()))


if __name__ == "__main__":
    unittest.main()
