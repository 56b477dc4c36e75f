"""vnormalize background, background-mask and match against NumPy, scipy and scikit-image."""
import unittest

import numpy as np
from scipy import ndimage
from skimage.filters import threshold_otsu

from arrays import DTYPES
from normalize_case import Case, normalized, rounded, sections_of, serial_sections, vnormalize


def background_mask(array, sigma=1.0):
    array = np.where(np.isfinite(array), array, np.nan).astype(float)
    mean = np.nan_to_num(np.nanmean(array, axis=0))
    smooth = ndimage.gaussian_filter(mean, sigma) if sigma > 0 else mean
    if not (mean > 0).any():
        return np.zeros(mean.shape, bool)
    return (smooth < threshold_otsu(smooth[mean > 0])) & (mean > 0)


def background(array, mask, percentile=99.9):
    array = array.astype(float)
    mask = np.broadcast_to(mask, array.shape)
    finite = np.isfinite(array)
    floors = np.array([np.median(a[m & f]) if (m & f).any() else np.nan for a, m, f in zip(array, mask, finite)])
    known = np.flatnonzero(np.isfinite(floors))
    floors = np.interp(np.arange(len(array)), known, floors[known])
    caps = np.array([np.percentile(a[f], percentile) if f.any() else np.nan for a, f in zip(array, finite)])
    scale = np.nanmax(caps - floors)
    planes = [np.clip(a, low, max(high, low) if high == high else low) - low for a, low, high in zip(array, floors, caps)]
    return np.array(planes) / scale if scale > 0 else np.array(planes) * 0, floors


class Background(Case):
    def test_found_mask_of_every_type(self):
        for dtype in DTYPES:
            with self.subTest(dtype):
                array = serial_sections(dtype)[0]
                mask, meta = vnormalize(array, "background-mask", meta={"spacing": [3, 2, 2]})
                self.assertEqual(((1, 40, 50), "uint8", "mask", [3, 2, 2]), (mask.shape, mask.dtype.name, meta["kind"], meta["spacing"]))
                np.testing.assert_array_equal(mask[0] != 0, background_mask(array))
                got = normalized(array, "background")
                self.assertEqual(got.dtype, np.float32)
                self.close(got, background(array, background_mask(array))[0])

    def test_settings_and_tables(self):
        array = serial_sections()[0]
        for sigma in (0, 2.5, 30):
            expected = background_mask(array, sigma)
            np.testing.assert_array_equal(normalized(array, "background-mask", "--sigma", sigma)[0] != 0, expected)
            out, table = self.folder / f"m{sigma}.npy", self.folder / f"t{sigma}.csv"
            got = normalized(array, "background", "--sigma", sigma, "--percentile", 95, "--mask-out", out, "--thresholds", table)
            wanted, floors = background(array, expected, 95)
            self.close(got, wanted)
            np.testing.assert_array_equal(np.load(out)[0] != 0, expected)
            rows = np.genfromtxt(table, delimiter=",", names=True)
            self.assertEqual(("plane", "floor", "cap"), rows.dtype.names)
            np.testing.assert_allclose(rows["floor"], floors, rtol=1e-12)

    def test_masks_given(self):
        array, inside = serial_sections("uint16")
        for mask in (~inside, ~inside[:1]):
            got = normalized(array, "background", "--mask", self.file_of(f"m{len(mask)}.npy", mask.astype("u1")))
            self.close(got, background(array, mask)[0])
            self.assertTrue((got[np.broadcast_to(mask, array.shape)] == 0).mean() > 0.3)

    def test_nan_infinities_and_planes_without_background(self):
        array, inside = serial_sections()
        array[3] = np.nan
        array[7, 10, 10:13] = [np.nan, np.inf, -np.inf]
        mask = ~inside
        mask[[0, 5, 6, 19]] = False
        array[8][mask[8]] = np.nan
        got = normalized(array, "background", "--mask", self.file_of("m.npy", mask.astype("u1")))
        self.close(got, background(array, mask)[0])
        np.testing.assert_array_equal(normalized(array, "background-mask")[0] != 0, background_mask(array))

    def test_no_background_at_all(self):
        array = serial_sections()[0]
        empty = self.file_of("e.npy", np.zeros((1, *array.shape[1:]), "u1"))
        self.assertIn("no finite voxel lies inside", vnormalize(array, "background", "--mask", empty, status=1))
        for constant in (np.full((3, 4, 5), 7, "u2"), np.full((1, 1, 1), -2.5, "f4"), np.full((3, 4, 5), np.nan, "f4")):
            self.assertIn("no background was found", vnormalize(constant, "background", status=1))
            self.assertEqual(0, normalized(constant, "background-mask").sum())
        full = self.file_of("f.npy", np.ones((1, 4, 5), "u1"))
        np.testing.assert_array_equal(normalized(np.full((3, 4, 5), 7, "u2"), "background", "--mask", full), np.zeros((3, 4, 5)))

    def test_negative_values_and_one_plane(self):
        array = serial_sections(shape=(1, 40, 50))[0] - 60
        mask = background_mask(array)
        np.testing.assert_array_equal(normalized(array, "background-mask")[0] != 0, mask)
        self.close(normalized(array, "background"), background(array, mask)[0])


def match_bins(array, threshold, bins):
    finite = array[np.isfinite(array)]
    if finite.min() >= 0 and finite.max() <= 1:
        return np.linspace(threshold + max(1e-6, 1e-6 * threshold), 1, bins + 1)
    above = finite[finite > threshold]
    low, high = above.min(), above.max()
    return np.linspace(low, high, bins + 1) if low < high else np.linspace(low - 0.5, low + 0.5, bins + 1)


def distribution(array, edges, threshold):
    chosen = array[np.isfinite(array) & (array > threshold)]
    if chosen.size < 500:
        return None
    counts = np.histogram(chosen, edges)[0]
    return np.cumsum(counts) / counts.sum()


def matched(array, count=None, reference=None, bins=512, threshold=0.0):
    array = array.astype(float)
    if not (array > threshold).any():
        return array
    edges = match_bins(array, threshold, bins)
    centres = (edges[1:] + edges[:-1]) / 2
    if reference is None:
        wanted, wanted_centres = distribution(array, edges, threshold), centres
        sections = sections_of(len(array), count or len(array))
    else:
        reference = reference.astype(float)
        other = match_bins(reference, threshold, bins)
        wanted, wanted_centres = distribution(reference, other, threshold), (other[1:] + other[:-1]) / 2
        sections = [(0, len(array))]
    result = array.copy()
    for begin, end in sections:
        part = array[begin:end]
        own = distribution(part, edges, threshold)
        if own is None or wanted is None:
            continue
        values = np.interp(own, wanted, wanted_centres)
        result[begin:end] = np.where(part > threshold, np.interp(part, centres, values), part)
    return result


class Match(Case):
    def test_every_type_to_the_whole(self):
        for dtype in DTYPES:
            with self.subTest(dtype):
                array = serial_sections(dtype)[0]
                array[3, :30] = 0
                got, meta = vnormalize(array, "match", meta={"value_map": {"slope": 2, "intercept": 0}})
                expected = matched(array)
                self.assertEqual(got.dtype, array.dtype)
                self.assertIsNone(meta["value_map"])
                if array.dtype.kind == "f":
                    self.close(got, expected, 1e-3 if dtype == "float16" else 1e-5)
                else:
                    self.near(got, rounded(expected, dtype))
                    self.assertTrue((got[array == 0] == 0).all())

    def test_sections_bins_and_background(self):
        array = serial_sections()[0]
        for words, settings in (
            (("--sections", 1), {"count": 1}),
            (("--sections", 3, "-b", 64), {"count": 3, "bins": 64}),
            (("--sections", 33), {"count": 33}),
            (("--background", 60), {"threshold": 60}),
            (("-b", 1), {"bins": 1}),
        ):
            with self.subTest(words):
                self.close(normalized(array, "match", *words), matched(array, **settings))
                self.close(normalized(array / array.max(), "match", *words[:2]),
                           matched(array / array.max(), **{k: v for k, v in list(settings.items())[:1]}))

    def test_reference(self):
        array = serial_sections("uint16")[0]
        for other in (array[:7, 5:] * 3 + 10, (array[:9] / array.max()).astype("f4")):
            path = self.file_of(f"r{other.dtype}.npy", other)
            got = normalized(array, "match", "--reference", path, "-t", "float32")
            self.close(got, matched(array, reference=other))
            self.close(normalized(array.astype("f8"), "match", "--reference", path), matched(array, reference=other))
        got = normalized(array, "match", "--reference", self.file_of("u.npy", array[:7] // 2))
        self.near(got, rounded(matched(array, reference=array[:7] // 2), "u2"))

    def test_left_alone(self):
        array = serial_sections()[0]
        array[5].flat[499:] = 0
        array[6].flat[500:] = 0
        array[7] = np.nan
        array[8, 0, :3] = [np.nan, np.inf, -np.inf]
        got = normalized(array, "match")
        np.testing.assert_array_equal(got[5], array[5])
        self.assertTrue((got[6] != array[6]).any())
        self.close(got, matched(array))
        for small in (array[:1, :5, :50], np.zeros((2, 3, 4), "u2"), np.full((1, 1, 1), 7, "i2"), -np.abs(array[:3])):
            np.testing.assert_array_equal(normalized(small, "match"), small)
        few = self.file_of("few.npy", np.ones((2, 3, 4), "u1"))
        np.testing.assert_array_equal(normalized(array[:3], "match", "--reference", few), array[:3])

    def test_constant(self):
        array = np.full((3, 30, 40), 9, "u2")
        np.testing.assert_array_equal(normalized(array, "match"), array)
        self.close(normalized(array.astype("f4"), "match"), matched(array))

    def test_wrong_use(self):
        for words in (("-b", 0), ("--sections", 0), ("--background", "nan"), ("--reference", "x", "--sections", 2)):
            vnormalize(serial_sections()[0], "match", *words, status=2)


if __name__ == "__main__":
    unittest.main()
