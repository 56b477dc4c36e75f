"""vclip against NumPy: limits given, by percentiles and by deviations, of every type, under masks."""
import pathlib
import tempfile
import unittest

import numpy as np

from arrays import DTYPES, run_on


def random_array(dtype, shape=(5, 11, 23), seed=4):
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        array = rng.normal(0, 100, shape).astype(dtype)
        array[1, 2, 3], array[4, 5, 6], array[0, 0, 0] = np.nan, np.inf, -np.inf
        return array
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)


def clipped(array, low, high):
    """NumPy's, in the type of the array: limits of integers round half to even."""
    if array.dtype.kind != "f":
        low, high = (round(limit) if isinstance(limit, (int, float)) else int(np.rint(limit)) for limit in (low, high))
    low, high = np.array(low).astype(array.dtype), np.array(high).astype(array.dtype)
    return np.where(array < low, low, np.where(array > high, high, array))


class Vclip(unittest.TestCase):
    def check(self, array, low, high, *options):
        got, _ = run_on(array, "vclip", "-q", *options)
        self.assertEqual(array.dtype, got.dtype)
        np.testing.assert_array_equal(clipped(array, low, high), got)

    def test_limits_of_every_type_with_all_digits(self):
        for dtype in DTYPES:
            with self.subTest(dtype=dtype):
                array = random_array(dtype)
                low, high = sorted(array[2, 2, 2:4].tolist())
                self.check(array, low, high, "-r", f"{low},{high}")
        self.check(random_array("uint8"), 2, 4, "-r", "2.5,3.5")

    def test_percentiles_of_finite_voxels(self):
        for dtype in DTYPES:
            array = random_array(dtype)
            finite = array[np.isfinite(array)]
            for percentiles in ((0, 100), (1, 99), (33.3, 50)):
                with self.subTest(dtype=dtype, percentiles=percentiles):
                    if percentiles == (0, 100):
                        limits = finite.min().item(), finite.max().item()
                    else:
                        limits = np.percentile(finite.astype("f8"), percentiles).tolist()
                    self.check(array, *limits, "-p", ",".join(map(str, percentiles)))

    def test_deviations(self):
        for dtype in ("uint8", "int16", "float32"):
            array = random_array(dtype)
            finite = array[np.isfinite(array)].astype("f8")
            low, high = finite.mean() - 1.5 * finite.std(), finite.mean() + 1.5 * finite.std()
            got, _ = run_on(array, "vclip", "-q", "-s", "1.5")
            np.testing.assert_allclose(got.astype("f8"), clipped(array, low, high).astype("f8"), rtol=1e-6)

    def test_a_mask_chooses_where_percentiles_are_taken(self):
        array = random_array("uint16")
        mask = (np.random.default_rng(5).random(array.shape) < 0.3).astype("u1")
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "mask.npy")
            np.save(path, mask)
            self.check(array, *np.percentile(array[mask != 0], (5, 90)).tolist(), "-p", "5,90", "--mask", str(path))
            np.save(path, np.zeros_like(mask))
            said = run_on(array, "vclip", "-q", "-p", "5,90", "--mask", str(path), status=1)
            self.assertIn("no finite voxel lies inside", said)

    def test_nothing_finite_leaves_all_as_it_is(self):
        array = np.full((2, 3, 4), np.nan, "f4")
        got, _ = run_on(array, "vclip", "-q", "-p", "1,99")
        np.testing.assert_array_equal(array, got)


if __name__ == "__main__":
    unittest.main()
