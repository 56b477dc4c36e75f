"""What the tests of vnormalize share: made-up volumes, running it, and comparing."""
import pathlib
import tempfile
import unittest

import numpy as np

from arrays import run_on

SHAPES = [(7, 33, 50), (1, 1, 1), (1, 30, 9), (5, 1, 70)]


def made_up(dtype, shape=(6, 20, 31), seed=0):
    """Values of every size that a type holds exactly in double precision; some floats are NaN and infinite."""
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        values = rng.gamma(2, 20, shape).astype(dtype)
        if values.size > 100:
            values.flat[[3, 40, 41]] = [np.nan, np.inf, -np.inf]
        return values
    if dtype.itemsize == 8:
        return rng.integers(0, 1 << 40, shape).astype(dtype)
    info = np.iinfo(dtype)
    return np.clip(rng.gamma(2, info.max / 8, shape), 0, info.max).astype(dtype)


def vnormalize(array, *words, meta=None, status=0):
    """The result and its meta; with another exit status what stands on stderr."""
    quiet = [] if status else ["-q"]
    return run_on(array, "vnormalize", *words, *quiet, "-", "-", meta=meta, status=status)


def normalized(array, *words, **more):
    return vnormalize(array, *words, **more)[0]


def rounded(values, dtype):
    """Half to even, saturating; NaN becomes 0 in integers."""
    if np.dtype(dtype).kind == "f":
        return values.astype(dtype)
    info = np.iinfo(dtype)
    whole = np.clip(np.rint(np.nan_to_num(values, nan=0)), info.min, info.max)
    top = whole >= float(info.max)  # of 64 bits one more than the type holds
    return np.where(top, info.max, np.where(top, 0, whole).astype(dtype)).astype(dtype)


def sections_of(planes, count):
    return [(round(i * planes / count), round((i + 1) * planes / count)) for i in range(count)]


def serial_sections(dtype="float32", shape=(20, 40, 50), seed=3):
    """A specimen in agarose with known drift, jitter and background; some planes are dark."""
    rng = np.random.default_rng(seed)
    z, y, x = np.ogrid[tuple(slice(n) for n in shape)]
    specimen = ((y - shape[1] / 2) ** 2 + (x - shape[2] / 2) ** 2 < (min(shape[1:]) / 3) ** 2) & (z >= 0)
    drifting = 1 + 0.3 * np.sin(z / 5)
    jitter = rng.normal(1, 0.05, (shape[0], 1, 1))
    values = np.where(specimen, 200, 40) * drifting * jitter + rng.normal(0, 3, shape)
    values = np.clip(values, 1, None)
    dtype = np.dtype(dtype)
    if dtype.kind in "iu":
        values = np.clip(values * (0.3 if dtype.itemsize == 1 else 1), 0, np.iinfo(dtype).max)
    return values.astype(dtype), specimen


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file_of(self, name, array):
        path = self.folder / name
        np.save(path, array)
        return path

    def close(self, got, expected, tolerance=1e-5):
        """Within the tolerance of the largest finite value; NaN and infinities in their places."""
        expected = np.asarray(expected, float)
        self.assertEqual(got.shape, expected.shape)
        finite = np.isfinite(expected)
        scale = max(np.abs(expected[finite]).max(), 1) if finite.any() else 1
        np.testing.assert_allclose(got.astype(float)[finite], expected[finite], rtol=0, atol=tolerance * scale)
        np.testing.assert_array_equal(got[~finite], expected[~finite])

    def near(self, got, expected):
        """Integers within one level, 99.5 % of them equal."""
        off = np.abs(got.astype(float) - expected.astype(float))
        self.assertLessEqual(off.max(), 1)
        self.assertGreater(np.mean(off == 0), 0.995)
