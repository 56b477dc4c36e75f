"""vnormalize zscore, gamma and equalize against NumPy and scikit-image."""
import unittest

import numpy as np
from skimage import exposure

from arrays import DTYPES
from normalize_case import Case, SHAPES, made_up, normalized, rounded, vnormalize


class Zscore(Case):
    def test_every_type(self):
        for dtype in DTYPES:
            with self.subTest(dtype):
                array = made_up(dtype)
                values = array.astype(float)
                finite = values[np.isfinite(values)]
                got = normalized(array, "zscore")
                self.assertEqual(got.dtype, np.float32)
                self.close(got, (values - finite.mean()) / finite.std())

    def test_mask_of_the_volume_and_of_one_plane(self):
        array = made_up("uint16")
        for shape in (array.shape, (1, *array.shape[1:])):
            inside = np.random.default_rng(1).random(shape) < 0.3
            chosen = array[np.broadcast_to(inside, array.shape)].astype(float)
            got = normalized(array, "zscore", "--mask", self.file_of(f"m{shape[0]}.npy", inside.astype("u1")))
            self.close(got, (array - chosen.mean()) / chosen.std())

    def test_a_mask_of_one_plane_follows_the_region(self):
        array = made_up("uint16")
        inside = np.random.default_rng(1).random((1, *array.shape[1:])) < 0.3
        got = normalized(array, "zscore", "--roi", "2:5,3:15,:", "--mask", self.file_of("m.npy", inside.astype("u1")))
        part = array[2:5, 3:15].astype(float)
        chosen = part[np.broadcast_to(inside[:, 3:15], part.shape)]
        self.close(got, (part - chosen.mean()) / chosen.std())

    def test_masks_of_other_shapes_are_told(self):
        array = made_up("uint16")
        planes, rows, columns = array.shape
        for shape in ((1, rows + 1, columns), (1, rows, columns + 1), (1, rows - 1, columns), (planes + 1, rows, columns)):
            mask = self.file_of(f"{shape}.npy", np.ones(shape, "u1"))
            for words in ((), ("--roi", "1:3,2:9,:")):
                with self.subTest(shape=shape, words=words):
                    self.assertIn("they must agree", vnormalize(array, "zscore", *words, "--mask", mask, status=2))

    def test_constant_one_voxel_and_nothing_finite(self):
        for array in (np.full((2, 3, 4), -7.5), np.full((1, 1, 1), 9, "u2")):
            np.testing.assert_array_equal(normalized(array, "zscore"), np.zeros(array.shape))
        np.testing.assert_array_equal(normalized(np.full((2, 3, 4), np.nan), "zscore"), np.full((2, 3, 4), np.nan))

    def test_wrong_and_empty_masks_are_told(self):
        array = made_up("uint8")
        self.assertIn("they must agree", vnormalize(array, "zscore", "--mask", self.file_of("w.npy", array[:, 1:]), status=2))
        self.assertIn("they must agree", vnormalize(array, "zscore", "--mask", self.file_of("v.npy", array[:1, 1:]), status=2))
        empty = self.file_of("e.npy", np.zeros_like(array))
        self.assertIn("no finite voxel lies inside", vnormalize(array, "zscore", "--mask", empty, status=1))

    def test_the_value_map_leads_back(self):
        array = made_up("uint16")
        got, meta = vnormalize(array, "zscore", meta={"value_map": {"slope": 2, "intercept": -5}})
        back = got.astype(float) * meta["value_map"]["slope"] + meta["value_map"]["intercept"]
        np.testing.assert_allclose(back, array * 2.0 - 5, rtol=1e-5, atol=0.1)
        self.assertEqual(["zscore", "-", "-"], meta["history"][-1]["args"])


class Gamma(Case):
    def test_every_type(self):
        for dtype in DTYPES:
            for exponent, gain in ((0.5, 1), (2.2, 0.8), (1, 1), (0, 1)):
                with self.subTest(dtype=dtype, exponent=exponent):
                    array = made_up(dtype)
                    values = array.astype(float)
                    finite = values[np.isfinite(values)]
                    low, high = (0, float(np.iinfo(dtype).max)) if array.dtype.kind != "f" else (finite.min(), finite.max())
                    expected = gain * (np.maximum(values - low, 0) / (high - low)) ** exponent * (high - low) + low
                    expected[np.isnan(values)] = np.nan
                    got = normalized(array, "gamma", exponent, "--gain", gain)
                    self.assertEqual(got.dtype, array.dtype)
                    if array.dtype.kind == "f":
                        self.close(got, expected, 1e-3 if dtype == "float16" else 1e-5)
                    elif array.dtype.itemsize < 8:
                        self.near(got, rounded(expected, dtype))
                    else:
                        np.testing.assert_allclose(got.astype(float), expected, rtol=1e-12, atol=1)

    def test_as_scikit_image(self):
        """Which cuts off where we round."""
        for dtype in ("uint8", "uint16", "int16"):
            array = made_up(dtype)
            off = normalized(array, "gamma", 0.7).astype(float) - exposure.adjust_gamma(array, 0.7)
            self.assertTrue(np.all((off == 0) | (off == 1)))

    def test_range_given(self):
        array = np.array([[[-3, 0, 1, 5, 20]]], "f4")
        got = normalized(array, "gamma", 2, "--from", "0,10")
        np.testing.assert_allclose(got, [[[0, 0, 0.1, 2.5, 40]]], rtol=1e-6)
        got = normalized(array.astype("i2"), "gamma", 2, "--from", "-5,5")
        np.testing.assert_array_equal(got, rounded(((array + 5) / 10.0) ** 2 * 10 - 5, "i2"))

    def test_one_finite_value_stays(self):
        array = np.array([[[7, 7, np.inf, -np.inf, np.nan]]], "f4")
        np.testing.assert_array_equal(normalized(array, "gamma", 2), [[[7, 7, np.inf, 7, np.nan]]])

    def test_value_map_with_exponent_1_only(self):
        array = made_up("uint16")
        meta = vnormalize(array, "gamma", 2, meta={"value_map": {"slope": 2, "intercept": 0}})[1]
        self.assertIsNone(meta["value_map"])
        meta = vnormalize(array, "gamma", 1, "--gain", 0.5, meta={"value_map": {"slope": 2, "intercept": 3}})[1]
        self.assertEqual({"slope": 4, "intercept": 3}, meta["value_map"])

    def test_wrong_use(self):
        for words in (("gamma", "-1"), ("gamma", "x"), ("gamma", "2", "--gain", "0"), ("gamma", "2", "--from", "3,3")):
            vnormalize(made_up("uint8"), *words, status=2)


class Equalize(Case):
    def test_every_type_as_scikit_image(self):
        for dtype in DTYPES:
            for kind in ("plain", "mask"):
                with self.subTest(dtype=dtype, kind=kind):
                    array = np.nan_to_num(made_up(dtype), nan=7, posinf=9, neginf=3)
                    if array.dtype.itemsize > 2 and array.dtype.kind != "f":
                        reference = array.astype(float)  # scikit-image would count every value of 32 bits
                    else:
                        reference = array
                    inside = np.random.default_rng(2).random(array.shape) < 0.4
                    words, mask = (), None
                    if kind == "mask":
                        words, mask = ("--mask", self.file_of(dtype + ".npy", inside.astype("i2"))), inside
                    expected = exposure.equalize_hist(reference.astype(float) if dtype == "float16" else reference, mask=mask)
                    got = normalized(array, "equalize", *words)
                    self.assertEqual(got.dtype, np.float32)
                    # NumPy's edges of float16 are rounded to it.
                    self.close(got, expected, 5e-3 if dtype == "float16" else 1e-5)

    def test_to_integers(self):
        array = made_up("uint16")
        expected = exposure.equalize_hist(array)
        for dtype in ("uint8", "uint16", "int16"):
            info = np.iinfo(dtype)
            self.near(normalized(array, "equalize", "-t", dtype), np.rint(expected * (info.max - info.min) + info.min))

    def test_nan_and_infinities(self):
        array = np.array([[[np.nan, -np.inf, 1, 2, 3, np.inf]]], "f4")
        np.testing.assert_allclose(normalized(array, "equalize", "-b", 3), [[[np.nan, 1 / 3, 1 / 3, 2 / 3, 1, 1]]], rtol=1e-6)
        np.testing.assert_array_equal(normalized(array, "equalize", "-b", 3, "-t", "uint8"), [[[0, 85, 85, 170, 255, 255]]])

    def test_constant(self):
        np.testing.assert_array_equal(normalized(np.full((2, 3, 4), 5, "u2"), "equalize"), np.ones((2, 3, 4)))
        np.testing.assert_array_equal(normalized(np.full((2, 3, 4), 5, "f4"), "equalize"), np.full((2, 3, 4), 0.5))
        for dtype, value in (("f2", 1000), ("f4", 1e6), ("f4", -3e38), ("f8", 1e300), ("i4", -5), ("u8", 2**64 - 1)):
            with self.subTest(dtype=dtype, value=value):
                array = np.full((2, 3, 4), value, dtype)
                np.testing.assert_array_equal(normalized(array, "equalize"), np.full((2, 3, 4), 0.5))
        np.testing.assert_array_equal(normalized(np.full((2, 3, 4), np.nan), "equalize"), np.full((2, 3, 4), np.nan))

    def test_shapes(self):
        for shape in SHAPES:
            array = made_up("uint16", shape)
            self.close(normalized(array, "equalize"), exposure.equalize_hist(array))


if __name__ == "__main__":
    unittest.main()
