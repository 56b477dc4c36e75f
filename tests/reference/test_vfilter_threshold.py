"""vfilter threshold against NumPy and scikit-image."""
import unittest

import numpy as np

from arrays import DTYPES
from filter_case import filtered, made_up, vfilter


class ThresholdTest(unittest.TestCase):
    def test_every_type_and_condition(self):
        for dtype in DTYPES:
            array = made_up(dtype, (4, 20, 31), 6)
            values = np.sort(array.ravel())
            low, high = (values[len(values) // 3], values[len(values) // 3 * 2])
            texts = {v: repr(float(v)) if np.dtype(dtype).kind == "f" else str(int(v)) for v in (low, high)}
            for words, inside in ((["--above", texts[low]], array > low), (["--below", texts[low]], array < low),
                                  (["--range", f"{texts[low]},{texts[high]}"], (array >= low) & (array <= high)),
                                  (["--range", f",{texts[high]}"], array <= high), (["--range", f"{texts[low]},"], array >= low)):
                with self.subTest(dtype=dtype, words=words):
                    got, meta = vfilter(array, "threshold", *words)
                    self.assertEqual((got.dtype, meta["kind"]), (np.uint8, "mask"))
                    np.testing.assert_array_equal(got, inside)
                    np.testing.assert_array_equal(filtered(array, "threshold", "--keep", *words), np.where(inside, array, 0))

    def test_between_the_values_of_integers(self):
        array = np.arange(-8, 8, dtype=np.int8).reshape(1, 2, 8)
        for words, inside in ((["--above", "2.5"], array > 2.5), (["--below", "-2.5"], array < -2.5),
                              (["--range", "-1.5,3.5"], (array >= -1.5) & (array <= 3.5)), (["--above", "200"], array > 99),
                              (["--below", "200"], array < 99), (["--range", "2.2,2.8"], array > 99)):
            np.testing.assert_array_equal(filtered(array, "threshold", *words), inside)

    def test_limits_that_no_double_holds(self):
        for dtype, values in (("uint64", (2**53 + 1, 2**64 - 1, 2**64 - 2)), ("int64", (2**53 + 1, -(2**63), 2**63 - 1))):
            array = np.array(values, dtype).reshape(1, 1, 3)
            for limit in values:
                for words, inside in ((["--above", limit], array > limit), (["--below", limit], array < limit),
                                      ([f"--range={limit},{limit}"], array == limit)):
                    got = filtered(array, "threshold", f"{words[0]}={words[1]}" if len(words) > 1 else words[0])
                    np.testing.assert_array_equal(inside, got != 0, str(words))

        for dtype, value in (("uint64", 2**63 + 1), ("int64", -(2**53) - 1)):
            np.testing.assert_array_equal(filtered(np.zeros((1, 1, 3), dtype), "threshold", "--above", "5", "--keep", "--outside",
                                                   str(value)), np.full((1, 1, 3), value, dtype))

    def test_values_inside_and_outside(self):
        array = made_up("uint16", (3, 9, 10), 7)
        got = filtered(array, "threshold", "--above", "30000", "--inside", "255", "--outside", "7")
        np.testing.assert_array_equal(got, np.where(array > 30000, 255, 7))
        self.assertIn("--inside 256", vfilter(array, "threshold", "--above", "1", "--inside", "256", status=2))
        self.assertIn("--inside 0.5", vfilter(array, "threshold", "--above", "1", "--inside", "0.5", status=2))
        self.assertIn("exclude", vfilter(array, "threshold", "--above", "1", "--inside", "5", "--keep", status=2))
        self.assertIn("NaN", vfilter(array, "threshold", "--above", "nan", status=2))
        self.assertIn("LO <= HI", vfilter(array, "threshold", "--range", "5,1", status=2))
        self.assertIn("give one of", vfilter(array, "threshold", status=2))
        self.assertIn("needs --sigma", vfilter(array, "gradient", "--truncate", "3", status=2))

    def test_otsu(self):
        from skimage.filters import threshold_otsu
        for dtype in ("uint8", "uint16", "int16", "float32"):
            array = np.clip(made_up("float64", (9, 30, 31), 8) / 30 + 60, 0, 120).astype(dtype)
            array[:4] += np.array(100).astype(dtype)
            np.testing.assert_array_equal(filtered(array, "threshold", "--otsu"), array > threshold_otsu(array))

    def test_otsu_of_one_value_that_no_double_holds(self):
        for dtype, value in (("uint64", 2**64 - 1), ("uint64", 2**53 + 1), ("int64", 2**62 + 1), ("int64", -(2**62) - 1)):
            np.testing.assert_array_equal(filtered(np.full((2, 3, 4), value, dtype), "threshold", "--otsu"), 0)

    def test_nan_is_outside(self):
        array = np.array([[[np.nan, 1, np.inf, -np.inf]]], np.float32)
        np.testing.assert_array_equal(filtered(array, "threshold", "--above", "0"), [[[0, 1, 1, 0]]])
        np.testing.assert_array_equal(filtered(array, "threshold", "--range", ",5"), [[[0, 1, 0, 1]]])


if __name__ == "__main__":
    unittest.main()
