"""vlabel watershed against scikit-image's watershed, and against its rules in plain Python."""
import heapq
import io
import itertools
import pathlib
import tempfile
import unittest
import unittest.mock

import numpy as np
from scipy import ndimage
from skimage import morphology, segmentation

from arrays import DTYPES
import voxpipe
import voxstream

CONNECTIVITY = {6: 1, 18: 2, 26: 3}
ARGSORT = np.argsort


def made_up(dtype, shape, seed, levels=None):
    """Random values, or few different ones."""
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if levels:
        return rng.integers(0, levels, shape).astype(dtype)
    if dtype.kind == "f":
        return rng.normal(0, 100, shape).astype(dtype)
    info = np.iinfo(dtype)
    values = rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    # scikit-image computes in double precision, which holds no more digits of 64-bit integers.
    return values >> 12 << 12 if dtype.itemsize == 8 else values


def seeds(shape, count, seed, dtype="uint16"):
    """`count` voxels with labels in no particular order."""
    rng = np.random.default_rng(seed)
    markers = np.zeros(shape, dtype)
    places = rng.choice(markers.size, min(count, markers.size), replace=False)
    markers.flat[places] = rng.permutation(len(places)) + 1
    return markers


def scikit(image, markers, n, mask=None):
    """scikit-image's result with neighbours in the order of newer releases, which sort them stably."""
    stable = unittest.mock.patch("numpy.argsort", lambda values: ARGSORT(values, kind="stable"))
    with stable:
        return segmentation.watershed(image, markers, connectivity=CONNECTIVITY[n], mask=mask)


def plain(image, markers, n, mask=None):
    """The rules, one by one; markers of equal value come in scan order."""
    steps = [step for step in itertools.product((-1, 0, 1), repeat=3) if 0 < sum(map(abs, step)) <= CONNECTIVITY[n]]
    steps.sort(key=lambda step: sum(map(abs, step)))
    mask = np.ones(image.shape, bool) if mask is None else mask != 0
    labels = np.where(mask, markers, 0)
    age = itertools.count()
    queue = [(image[place], next(age), place) for place in map(tuple, np.argwhere(labels))]
    heapq.heapify(queue)
    while queue:
        _, _, place = heapq.heappop(queue)
        for step in steps:
            there = tuple(a + b for a, b in zip(place, step))
            if any(a < 0 or a >= size for a, size in zip(there, image.shape)) or not mask[there] or labels[there]:
                continue
            labels[there] = labels[place]
            heapq.heappush(queue, (image[there], next(age), there))
    return labels


def basins(image, depth, n, mask=None):
    """Extended minima, by scikit-image's reconstruction, and their numbers by scipy."""
    footprint = ndimage.generate_binary_structure(3, CONNECTIVITY[n])
    mask = np.ones(image.shape, bool) if mask is None else mask != 0
    wide = np.where(mask, image.astype("f8"), np.inf)
    sums = image.astype("f8") + (np.float32(depth) if image.dtype == np.float32 else depth)
    if image.dtype.kind == "f":
        sums = sums.astype(image.dtype).astype("f8")
    raised = np.where(mask, sums, np.inf)
    filled = morphology.reconstruction(raised, wide, method="erosion", footprint=footprint)
    padded = np.pad(filled, 1, constant_values=np.inf)
    minima = morphology.local_minima(padded, footprint=footprint)[1:-1, 1:-1, 1:-1] & mask
    return ndimage.label(minima, footprint)[0]


class Watershed(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def watershed(self, image, *words, markers=None, mask=None, meta=None):
        words = list(words)
        for name, volume in (("markers", markers), ("mask", mask)):
            if volume is not None:
                np.save(self.folder / f"{name}.npy", volume)
                words += [f"--{name}", self.folder / f"{name}.npy"]
        out = io.BytesIO()
        voxstream.write(out, image, {"shape": list(image.shape), **(meta or {})}, None)
        done = voxpipe.run("vlabel", "watershed", "-q", *words, stdin=out.getvalue())
        if done.returncode:
            raise AssertionError(f"vlabel watershed {words}: exit {done.returncode}: {done.stderr.decode()}")
        labels, got = voxstream.read(io.BytesIO(done.stdout))
        self.assertEqual("labels", got["kind"])
        return labels

    def test_types(self):
        for seed, dtype in enumerate(DTYPES):
            for n in CONNECTIVITY:
                with self.subTest(dtype=dtype, n=n):
                    image = made_up(dtype, (8, 15, 21), seed)
                    markers = seeds(image.shape, 12, seed)
                    # Values that occur once: no ties among markers, whose order scikit-image leaves to its heap.
                    places = np.nonzero(markers)
                    low = np.iinfo(dtype).min if np.dtype(dtype).kind in "iu" else -1000
                    step = 4096 if image.dtype.itemsize == 8 else 1
                    image[places] = low + (np.arange(len(places[0])) * step).astype(dtype)
                    want = scikit(image.astype("f8"), markers, n)
                    np.testing.assert_array_equal(self.watershed(image, "-n", n, markers=markers), want)
                    if dtype == "uint8":
                        np.testing.assert_array_equal(plain(image, markers, n), want)

    def test_plateaus_and_masks(self):
        for seed in range(3):
            for n in CONNECTIVITY:
                for dtype in ("uint8", "int32", "float32", "float64"):
                    image = made_up(dtype, (7, 9, 12), seed, levels=4)
                    markers = seeds(image.shape, 9, seed)
                    mask = (np.random.default_rng(seed).random(image.shape) < 0.7).astype("f4")
                    want = plain(image, markers, n, mask)
                    np.testing.assert_array_equal(self.watershed(image, "-n", n, markers=markers, mask=mask), want)

    def test_wide_spread_of_values(self):
        """Queues of wide types: values that share one, and values far apart."""
        rng = np.random.default_rng(9)
        for dtype in ("uint32", "int64", "float32", "float64"):
            for spread in (20, 36):
                exponents = rng.uniform(0, spread if dtype != "uint32" else 31, (12, 14, 16))
                image = np.exp2(exponents).astype(dtype)
                image[::3] = image[::3] // 16 * 16
                markers = seeds(image.shape, 10, 9)
                np.testing.assert_array_equal(self.watershed(image, markers=markers), plain(image, markers, 6))

    def test_shapes(self):
        for shape in ((1, 1, 1), (1, 1, 40), (1, 40, 1), (40, 1, 1), (1, 12, 13), (12, 1, 13), (12, 13, 1), (2, 2, 2)):
            for n in CONNECTIVITY:
                image = made_up("uint8", shape, 3, levels=9)
                markers = seeds(shape, 3, 3)
                np.testing.assert_array_equal(self.watershed(image, "-n", n, markers=markers), plain(image, markers, n))

    def test_labels_are_kept(self):
        image = made_up("uint16", (5, 9, 11), 4)
        for dtype in DTYPES[:8]:
            markers = np.zeros(image.shape, dtype)
            markers[0, 0, 0], markers[4, 8, 10], markers[2, 4, 5] = np.iinfo(dtype).max, np.iinfo(dtype).min or 7, 1
            got = self.watershed(image, markers=markers)
            self.assertEqual(got.dtype, markers.dtype)
            np.testing.assert_array_equal(got, plain(image, markers, 6))
        self.assertFalse(self.watershed(image, markers=np.zeros(image.shape, "u1")).any())

    def test_distances_of_masks(self):
        for seed, spacing in enumerate(([1, 1, 1], [1.5, 0.65, 0.65])):
            noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(11, 14, 20)), 2)
            mask = (noise > 0).astype(np.uint8)
            image = -ndimage.distance_transform_edt(mask, sampling=spacing).astype("f4")
            meta = {"spacing": spacing, "unit": "micrometer"}
            for kind in ("mask", "labels"):
                for n in CONNECTIVITY:
                    found = basins(image, min(spacing), n, mask)
                    want = plain(image, found, n, mask)
                    got = self.watershed(mask, "-n", n, meta={**meta, "kind": kind})
                    self.assertEqual(got.dtype, np.uint8)
                    np.testing.assert_array_equal(got, want)
                    self.assertTrue(((got > 0) == (mask > 0)).all())
            markers = seeds(mask.shape, 30, seed)
            half = (np.indices(mask.shape)[2] < 12).astype(np.uint8)
            got = self.watershed(mask, markers=markers, mask=half, meta={**meta, "kind": "mask"})
            np.testing.assert_array_equal(got, plain(image, markers, 6, mask & half))

    def test_basins_of_intensities(self):
        for seed, dtype in enumerate(DTYPES):
            smooth = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(7, 9, 11)), 1.2)
            smooth = (smooth - smooth.min()) / np.ptp(smooth) * 100
            image = smooth.astype(dtype)
            mask = (np.random.default_rng(seed + 1).random(image.shape) < 0.9).astype(np.uint8)
            integer = np.dtype(dtype).kind in "iu"
            for n in (6, 26):
                for depth in (None, 3, 40):
                    for inside in (None, mask):
                        if depth is None:
                            values = image[mask != 0] if inside is not None else image
                            step = 0.05 * (float(values.max()) - float(values.min()))
                            step = np.floor(step) if integer else step
                        else:
                            step = depth
                        with self.subTest(dtype=dtype, n=n, depth=depth, inside=inside is not None):
                            words = [] if depth is None else ["--depth", depth]
                            want = plain(image, basins(image, step, n, inside), n, inside)
                            np.testing.assert_array_equal(self.watershed(image, "-n", n, *words, mask=inside), want)

    def test_flat_and_special_values(self):
        flat = np.full((4, 5, 6), 7, np.uint16)
        self.assertTrue((self.watershed(flat) == 1).all())
        image = made_up("float32", (6, 7, 8), 5)
        image[2:4, 2:5] = np.nan
        image[0, 0] = np.inf
        image[5, 5] = -np.inf
        image[1, 1, :4] = -0.0
        image[1, 1, 4:] = 0.0
        markers = seeds(image.shape, 5, 5)
        ordered = np.where(np.isnan(image), np.float32(2**126), np.where(np.isinf(image), np.sign(image) * np.float32(2**125), image))
        np.testing.assert_array_equal(self.watershed(image, markers=markers), plain(ordered, markers, 6))
        everything = np.ones((3, 4, 5), np.uint8)
        self.assertTrue((self.watershed(everything, meta={"kind": "mask"}) == 1).all())
        self.assertFalse(self.watershed(everything * 0, meta={"kind": "mask"}).any())

    def test_many_basins_take_a_wider_type(self):
        image = np.zeros((10, 20, 30), np.uint8)
        image[::2, ::2, ::2] = 1
        got = self.watershed(1 - image, "-n", "26", "--depth", "1")
        self.assertEqual(1, got.max())
        dots = np.zeros((9, 21, 31), np.uint8)
        dots[1::2, 1::2, 1::2] = 1
        got = self.watershed(dots, meta={"kind": "mask"})
        self.assertEqual((np.uint16, dots.sum()), (got.dtype, got.max()))

    def test_same_bits_by_threads_and_files(self):
        mask = (ndimage.gaussian_filter(np.random.default_rng(1).normal(size=(60, 70, 80)), 3) > 0).astype(np.uint8)
        np.save(self.folder / "in.npy", mask)
        done = voxpipe.shell("vlabel watershed -j 1 --kind mask in.npy a.npy; vlabel watershed -j 2 --kind mask in.npy b.tif;"
                             "vconvert in.npy - | vlabel watershed -j 3 --kind mask --memory 60M - - | vconvert - c.nrrd;"
                             "vdiff a.npy b.tif; vdiff a.npy c.nrrd", self.folder)
        self.assertEqual(0, done.returncode, done.stderr)

    def test_a_depth_between_whole_numbers(self):
        image = np.array([3, 2, 3, 1, 3, 0, 3]).reshape(1, 1, 7)
        for depth, count in (("0.5", 3), ("1", 2), ("1.5", 2), ("2", 1)):
            for dtype in ("uint8", "int64", "float32"):
                self.assertEqual(count, self.watershed(image.astype(dtype), "--depth", depth).max(), (depth, dtype))

    def test_memory_is_said_before_it_starts(self):
        np.save(self.folder / "in.npy", np.zeros((90, 100, 110), np.uint16))
        done = voxpipe.run("vlabel", "watershed", "--memory", "10M", "in.npy", "out.npy", folder=self.folder)
        self.assertEqual(3, done.returncode)
        enough = done.stderr.decode().split("use --memory ")[1].split()[0]
        for words in (["--explain"], []):
            done = voxpipe.run("vlabel", "watershed", "--memory", enough, *words, "in.npy", "out.npy", folder=self.folder)
            self.assertEqual(0, done.returncode, done.stderr)
            if words:
                self.assertRegex(done.stdout.decode(), r"watershed\n  block +90 x 100 x 110")

    def test_that_memory_is_enough_with_markers_that_are_larger_than_voxels(self):
        levels = np.random.default_rng(3).integers(0, 9, (190, 190, 190), dtype=np.uint8)
        markers = np.zeros(levels.shape, np.uint64)
        markers[::60, ::60, ::60] = 7
        np.save(self.folder / "in.npy", levels)
        np.save(self.folder / "markers.npy", markers)
        words = ["vlabel", "watershed", "-q", "--markers", "markers.npy", "in.npy", "out.npy"]
        done = voxpipe.run(*words, "--memory", "10M", folder=self.folder)
        self.assertEqual(3, done.returncode)
        enough = done.stderr.decode().split("use --memory ")[1].split()[0]
        done = voxpipe.run(*words, "--memory", enough, folder=self.folder)
        self.assertEqual(0, done.returncode, done.stderr)

    def test_refusals(self):
        np.save(self.folder / "in.npy", np.zeros((3, 4, 5), np.uint16))
        np.save(self.folder / "real.npy", np.zeros((3, 4, 5), np.float32))
        np.save(self.folder / "small.npy", np.zeros((3, 4, 4), np.uint16))
        for words, message in ((["--markers", "real.npy"], "integers"), (["--markers", "small.npy"], "they must agree"),
                               (["--mask", "small.npy"], "they must agree"), (["--depth", "0"], "--depth"),
                               (["--depth", "nan"], "--depth"), (["-n", "8"], "-n"),
                               (["--depth", "2", "--markers", "in.npy"], "--depth")):
            done = voxpipe.run("vlabel", "watershed", *words, "in.npy", "out.npy", folder=self.folder)
            self.assertEqual(2, done.returncode, (words, done.stderr))
            self.assertIn(message, done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
