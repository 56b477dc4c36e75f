"""vnormalize minmax against its formula in NumPy, from every type to every type, and its value map."""
import unittest

import numpy as np

from arrays import DTYPES
from normalize_case import Case, made_up, normalized, rounded, SHAPES, vnormalize


def stretched(array, dtype, data=None, to=None):
    values = array.astype("f8")
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if data is None else data
    info = None if np.dtype(dtype).kind == "f" else np.iinfo(dtype)
    a, b = to or ((0, 1) if info is None else (info.min, info.max))
    if low == high:
        return np.zeros(array.shape, dtype)
    return rounded(np.clip((values - low) / (high - low) * (b - a) + a, a, b), dtype)


class Minmax(Case):
    def same(self, expected, got):
        """The formula in double precision rounds half to even; of 64 bits doubles hold 53."""
        self.assertEqual(expected.dtype, got.dtype)
        if got.dtype.kind == "f" or got.dtype.itemsize == 8:
            np.testing.assert_allclose(got.astype("f8"), expected.astype("f8"), rtol=1e-15, atol=0)
        else:
            np.testing.assert_array_equal(expected, got)

    def test_every_type_to_every_type(self):
        for source in DTYPES:
            array = made_up(source)
            for target in DTYPES:
                with self.subTest(source=source, target=target):
                    self.same(stretched(array, target), normalized(array, "minmax", "-t", target))

    def test_ranges_given_and_made(self):
        for dtype in ("uint8", "int16", "float32"):
            array = made_up(dtype)
            for data, to in (((10, 60), None), (None, (3, 9)), ((10, 60), (-5.5, 99.25)), ((-1e6, 1e6), (0, 200))):
                with self.subTest(dtype=dtype, data=data, to=to):
                    if to == (-5.5, 99.25) and dtype == "uint8":
                        continue  # does not fit: the next test
                    options = [word for name, pair in (("--from", data), ("--to", to)) if pair
                               for word in (name, f"{pair[0]},{pair[1]}")]
                    self.same(stretched(array, dtype, data, to), normalized(array, "minmax", *options))

    def test_the_range_is_said_where_it_is_exact(self):
        array = made_up("uint8")
        for target, known in (("uint16", [0, 65535]), ("int32", [-2**31, 2**31 - 1]), ("uint64", None), ("int64", None)):
            with self.subTest(target=target):
                self.assertEqual(known, vnormalize(array, "minmax", "-t", target)[1].get("range"))

    def test_what_does_not_fit_the_type_is_told(self):
        self.assertIn("--to", vnormalize(made_up("uint8"), "minmax", "--to", "-5,300", status=2))

    def test_between_percentiles(self):
        for dtype in ("uint8", "uint16", "int32", "float16", "float32", "float64"):
            array = made_up(dtype)
            values = array.astype("f8")
            data = np.percentile(values[np.isfinite(values)], (2, 97.5))
            for target in ("uint8", "uint16", "float32"):
                with self.subTest(dtype=dtype, target=target):
                    agrees = self.close if target == "float32" else self.near
                    agrees(normalized(array, "minmax", "-p", "2,97.5", "-t", target), stretched(array, target, data))

    def test_odd_shapes_and_constants(self):
        for shape in SHAPES:
            array = made_up("uint16", shape)
            self.same(stretched(array, "uint8"), normalized(array, "minmax", "-t", "uint8"))
        self.same(np.zeros((2, 3, 4), "u1"), normalized(np.full((2, 3, 4), 7, "u2"), "minmax", "-t", "uint8"))

    def test_the_value_map_leads_back(self):
        array = made_up("int16")
        got, meta = vnormalize(array, "minmax", "-t", "uint16", meta={"value_map": {"slope": 2, "intercept": -5}})
        back = got * meta["value_map"]["slope"] + meta["value_map"]["intercept"]
        np.testing.assert_allclose(back, array * 2.0 - 5, atol=meta["value_map"]["slope"] * 0.51)


if __name__ == "__main__":
    unittest.main()
