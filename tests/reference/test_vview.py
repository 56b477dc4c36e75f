"""vview's pictures against NumPy."""
import json
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

    @unittest.skipIf(voxpipe.SANITIZED, "a sanitizer takes memory of its own")
    def test_a_plane_of_a_terabyte(self):
        shape = (1 << 19, 1024, 1024)
        plane = np.random.default_rng(4).integers(0, 60000, shape[1:], "u2")
        with open(self.folder / "large.raw", "wb") as file:
            file.truncate(2 * int(np.prod(shape)))
            file.seek(2 * 300_000 * shape[1] * shape[2])
            plane.tofile(file)
        (self.folder / "large.raw.json").write_text(json.dumps({"voxpipe": 1, "shape": shape, "dtype": "uint16", "byte_order": "little"}))
        self.assert_same(gray(shades(plane, 0, 60000)), self.view("slice", "-r", "0,60000", "-i", "300000", "large.raw"))
        # A child begins with the peak of its parent, so the parent is a small one.
        measure = ("import resource, subprocess; subprocess.run(['vview', 'slice', '-f', '-i', '300000', 'large.raw', 'out.png'], check=True); "
                   "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
        peak = int(voxpipe.shell(f'python3 -S -c "{measure}"', self.folder).stdout)
        self.assertLess(peak, 40_000)

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


def label_colour(label):
    """As the manual page has it."""
    if label == 0:
        return (0, 0, 0)
    turn = (label * 0x9E3779B97F4A7C15 % 2**64 >> 32) * 6
    sector, within, value = turn >> 32, (turn & 0xFFFFFFFF) / 2**32, (0.7, 1, 0.85)[label % 3]
    most, least = round(value * 255), round(value * 0.25 * 255)
    falling, rising = round(value * (1 - 0.75 * within) * 255), round(value * (1 - 0.75 * (1 - within)) * 255)
    return ((most, rising, least), (falling, most, least), (least, most, rising), (least, falling, most),
            (rising, least, most), (most, least, falling))[sector]


class Several(Vview):
    def test_ortho(self):
        volume = np.random.default_rng(4).integers(0, 256, (6, 8, 10), "u1")
        self.write(volume)
        expected = np.full((8 + 3 + 6, 10 + 3 + 6), 255, "u1")
        expected[:8, :10], expected[:8, 13:], expected[11:, :10] = volume[2], volume[:, :, 9].T, volume[:, 4]
        words = ("-i", "2,50%,-1", "--gap", "3", "-r", "0,255", "a.raw")
        self.assert_same(gray(expected), self.view("ortho", *words))
        piped = voxpipe.shell("vconvert a.raw | vview ortho -i 2,50%,-1 --gap 3 -r 0,255 > piped.png", self.folder)
        self.assertEqual(0, piped.returncode, piped.stderr)
        self.assert_same(gray(expected), imread(self.folder / "piped.png"))
        low, high = np.percentile(np.concatenate([volume[3].ravel(), volume[:, 4].ravel(), volume[:, :, 5].ravel()]), (0.5, 99.5))
        self.assert_same(gray(shades(volume[3], low, high)), self.view("ortho", "a.raw")[:8, :10])

    def test_montage(self):
        volume = np.random.default_rng(5).integers(0, 256, (11, 4, 6), "u1")
        self.write(volume)
        rows = [np.concatenate(volume[[int((k + 0.5) * 11 / 6) for k in range(3 * row, 3 * row + 3)]], axis=1) for row in range(2)]
        self.assert_same(gray(np.concatenate(rows)),
                         self.view("montage", "-n", "6", "--grid", "2x3", "--gap", "0", "-r", "0,255", "a.raw"))
        stepped = self.view("montage", "--step", "3", "-i", "1", "--grid", "1x4", "--gap", "2", "-r", "0,255", "a.raw")
        for k in range(4):
            self.assert_same(gray(volume[1 + 3 * k]), stepped[:, 8 * k:8 * k + 6])
        self.assertTrue((stepped[:, 6:8] == 255).all())
        usual = self.view("montage", "-r", "0,255", "--gap", "0", "a.raw")
        self.assert_same(gray(volume[10]), usual[8:12, 12:18])
        self.assertLessEqual(max(self.view("montage", "-a", "y", "--size", "100", "a.raw").shape), 100)
        for words in (["--grid", "2x2", "-n", "5"], ["--grid", "0x2"], ["--grid", "5"], ["-n", "0"], ["--step", "0"], ["-i", "2"],
                      ["--size", "5"]):
            self.view("montage", *words, "a.raw", status=2)

    def test_projections(self):
        random = np.random.default_rng(6)
        for dtype in ("u1", "u2", "i4", "u8", "f2", "f4", "f8"):
            volume = random.normal(60, 20, (9, 30, 40)).astype(dtype)
            if dtype[0] == "f":
                volume[random.random(volume.shape) < 0.3] = np.nan
            self.write(volume)
            for axis, name in enumerate("zyx"):
                for method, reference in (("max", np.nanmax), ("min", np.nanmin), ("mean", np.nanmean)):
                    plane = reference(volume.astype("f8"), axis=axis)
                    found = self.view("mip", "-a", name, "--method", method, "-r", "10,110", "a.raw")
                    self.assertLessEqual(np.abs(found[..., 0].astype(int) - shades(plane, 10, 110)).max(),
                                         method == "mean")
        usual = self.view("mip", "--method", "mean", "a.raw")
        self.assert_same(usual, self.view("mip", "--method", "mean", "-j", "3", "--memory", "4M", "a.raw"))
        piped = voxpipe.shell("vconvert a.raw | vview mip --method mean > piped.png", self.folder)
        self.assertEqual(0, piped.returncode, piped.stderr)
        self.assert_same(usual, imread(self.folder / "piped.png"))

    def test_a_projection_of_planes_that_do_not_fit(self):
        self.write(np.random.default_rng(9).integers(0, 60000, (5, 1500, 1500), "u2"))
        for axis in "zyx":
            usual = self.view("mip", "-a", axis, "--size", "200", "a.raw")
            small = self.view("mip", "-a", axis, "--size", "200", "--memory", "6M", "a.raw")
            piped = voxpipe.shell(f"cat a.raw | vview mip -a {axis} --size 200 --memory 6M --in-shape 5,1500,1500"
                                  " --in-dtype uint16 - > piped.png", self.folder)
            self.assertEqual(0, piped.returncode, piped.stderr)
            self.assert_same(usual, small)
            self.assert_same(usual, imread(self.folder / "piped.png"))

    def test_levels_of_a_pyramid(self):
        volume = np.random.default_rng(7).integers(0, 60000, (64, 64, 64), "u2")
        self.write(volume)
        made = voxpipe.run("vpyramid", "--chunk", "16", "a.raw", "p.ome.zarr", folder=self.folder)
        self.assertEqual(0, made.returncode, made.stderr)
        for words, smaller in ((["mip", "--size", "32"], ["--level", "1"]), (["mip", "--size", "33"], ["--level", "0"]),
                               (["ortho", "--gap", "0", "--size", "32"], ["--level", "2"]), (["mip"], ["--level", "0"])):
            self.assert_same(self.view(*words, *smaller, "p.ome.zarr"), self.view(*words, "p.ome.zarr"))
        self.assert_same(self.view("ortho", "--gap", "0", "--size", "32", "-i", "5", "--level", "2", "p.ome.zarr"),
                         self.view("ortho", "--gap", "0", "--size", "32", "-i", "20", "p.ome.zarr"))

    def test_compare(self):
        random = np.random.default_rng(8)
        a, b = random.integers(0, 200, (2, 5, 6), "u1"), random.normal(100, 50, (2, 5, 6)).astype("f4")
        self.write(a)
        self.write(b, "b.raw")
        low, high = np.percentile(np.concatenate([a[1].ravel(), b[1].ravel()]), (0.5, 99.5))
        left, right = gray(shades(a[1], low, high)), gray(shades(b[1], low, high))
        self.assert_same(np.concatenate([left, right], axis=1), self.view("compare", "--gap", "0", "a.raw", "b.raw"))
        own = gray(shades(b[1], b[1].min(), b[1].max()))
        self.assert_same(own, self.view("compare", "--separate", "--full", "--gap", "2", "a.raw", "b.raw")[:, 8:])
        odd = (np.add.outer(np.arange(5) // 2, np.arange(6) // 2) % 2 == 1)[..., None]
        self.assert_same(np.where(odd, right, left), self.view("compare", "--mode", "checkerboard", "--tile", "2", "a.raw", "b.raw"))
        change = b[1].astype("f8") - a[1]
        most = np.abs(change).max()
        self.assert_same(gray(shades(change, -most, most)),
                         self.view("compare", "--mode", "difference", "--full", "--colormap", "gray", "a.raw", "b.raw"))
        same = self.view("compare", "--mode", "difference", "a.raw", "a.raw")
        self.assertEqual(1, len(np.unique(same.reshape(-1, 3), axis=0)))
        self.write(a[:1], "c.raw")
        self.view("compare", "a.raw", "c.raw", status=2)

    def test_labels_and_overlay(self):
        random = np.random.default_rng(9)
        volume, labels = random.integers(0, 256, (3, 7, 8), "u1"), random.integers(0, 4, (3, 7, 8)).astype("u4") * 70000
        self.write(volume)
        self.check_large_labels(volume, random)
        self.write(labels, "l.raw", kind="labels")
        colours = np.array([[label_colour(int(label)) for label in row] for row in labels[1]], "u1")
        self.assert_same(colours, self.view("slice", "l.raw"))
        self.assert_same(gray(shades(labels[1], 0, 210000)), self.view("slice", "--colormap", "gray", "--full", "l.raw"))
        plain = gray(volume[1]).astype("f8")
        mixed = np.where(labels[1][..., None] > 0, np.rint(plain * 0.7 + colours * 0.3), plain).astype("u1")
        words = ["-r", "0,255", "--overlay", "l.raw"]
        self.assert_same(mixed, self.view("slice", *words, "--opacity", "0.3", "a.raw"))
        padded = np.pad(labels[1].astype("i8"), 1, mode="edge")
        centre = padded[1:-1, 1:-1]
        edge = np.any([padded[:-2, 1:-1] != centre, padded[2:, 1:-1] != centre, padded[1:-1, :-2] != centre,
                       padded[1:-1, 2:] != centre], axis=0) & (centre > 0)
        self.assert_same(np.where(edge[..., None], colours, gray(volume[1])),
                         self.view("slice", *words, "--opacity", "0", "--outlines", "a.raw"))
        self.write((labels > 0).astype("u1"), "m.raw", kind="mask")
        self.assert_same(gray((labels[1] > 0) * np.uint8(255)), self.view("slice", "m.raw"))

    def check_large_labels(self, volume, random):
        """Numbers that differ in their lowest bit alone, where doubles have none for it."""
        for dtype, base in (("u8", 2**63), ("i8", 2**62), ("i8", -(2**63))):
            labels = np.array([0, base, base + 1, base + 2], dtype)[random.integers(0, 4, volume.shape)]
            self.write(labels, "l.raw", kind="labels")
            colours = np.array([[label_colour(int(label) % 2**64) for label in row] for row in labels[1]], "u1")
            self.assert_same(colours, self.view("slice", "l.raw"))
            plain = gray(volume[1])
            self.assert_same(np.where(labels[1][..., None] != 0, colours, plain),
                             self.view("slice", "-r", "0,255", "--overlay", "l.raw", "--opacity", "1", "a.raw"))

    def test_decorations_leave_the_picture_alone(self):
        volume = np.random.default_rng(10).integers(0, 256, (2, 60, 90), "u1")
        self.write(volume, spacing=[1, 2, 2], unit="micrometer")
        plain = self.view("slice", "a.raw")
        whole = self.view("slice", "--caption", "some words", "--colorbar", "a.raw")
        self.assert_same(plain, whole[:60, :90])
        self.assertGreater(whole.shape[0], 60)
        self.assertGreater(whole.shape[1], 90)
        bar = self.view("slice", "--scale-bar", "a.raw")
        self.assertEqual(plain.shape, bar.shape)
        white = np.flatnonzero((bar[55] == 255).all(axis=-1) & (bar[54] == 255).all(axis=-1))
        self.assertEqual((25, 24), (len(white), white[-1] - white[0]))  # 50 um are 25 pixels
        self.assertIn(b"some words", (self.view("slice", "--caption", "some words", "a.raw", output="a.svg"),
                                      (self.folder / "a.svg").read_bytes())[1])
        self.view("slice", "a.raw", output="a.pdf")
        self.assertTrue((self.folder / "a.pdf").read_bytes().startswith(b"%PDF"))
        self.view("slice", "--colorbar", "--colormap", "labels", "a.raw", status=2)


if __name__ == "__main__":
    unittest.main()
