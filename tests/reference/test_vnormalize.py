"""vnormalize against NumPy, scipy and scikit-image evaluations of its definitions."""
import csv
import io
import json
import pathlib
import sys
import tempfile
import unittest

import numpy as np
from scipy import ndimage
from skimage import exposure

import voxpipe

sys.path.insert(0, str(voxpipe.ROOT / "share" / "examples"))
import voxstream  # noqa: E402

DTYPES = ["uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
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


def stream_of(array, **meta):
    out = io.BytesIO()
    voxstream.write(out, array, {"shape": list(array.shape), **meta}, None)
    return out.getvalue()


def vnormalize(array, *words, meta=None, status=0):
    """The result and its meta; with another exit status what stands on stderr."""
    quiet = [] if status else ["-q"]
    done = voxpipe.run("vnormalize", *words, *quiet, "-", "-", stdin=stream_of(array, **(meta or {})))
    if done.returncode != status:
        raise AssertionError(f"vnormalize {words}: exit {done.returncode}: {done.stderr.decode()}")
    if status:
        return done.stderr.decode()
    return voxstream.read(io.BytesIO(done.stdout))


def normalized(array, *words, **more):
    return vnormalize(array, *words, **more)[0]


def rounded(values, dtype):
    """Half to even, saturating; NaN becomes 0 in integers."""
    if np.dtype(dtype).kind == "f":
        return values.astype(dtype)
    info = np.iinfo(dtype)
    return np.clip(np.rint(np.nan_to_num(values, nan=0)), info.min, info.max).astype(dtype)


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

    def test_value_map_with_exponent_1_only(self):
        array = made_up("uint16")
        self.assertIsNone(vnormalize(array, "gamma", 2, meta={"value_map": {"slope": 2, "intercept": 0}})[1].get("value_map"))
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
        np.testing.assert_array_equal(normalized(np.full((2, 3, 4), np.nan), "equalize"), np.full((2, 3, 4), np.nan))

    def test_shapes(self):
        for shape in SHAPES:
            array = made_up("uint16", shape)
            self.close(normalized(array, "equalize"), exposure.equalize_hist(array))


def sections_of(planes, count):
    return [(round(i * planes / count), round((i + 1) * planes / count)) for i in range(count)]


def drift(array, count=None, sigma=2.0, percentile=80, least=0.5, most=2.0):
    """The definition, section by section; also what --factors holds."""
    array = array.astype(float)
    sections = sections_of(len(array), count or len(array))
    raw = []
    for begin, end in sections:
        part = array[begin:end]
        part = part[np.isfinite(part) & (part > 0)]
        raw.append(np.percentile(part, percentile) if part.size >= 500 else np.nan)
    raw = np.array(raw)
    valid = np.isfinite(raw).astype(float)
    smooth = (lambda v: ndimage.gaussian_filter1d(v, sigma, mode="reflect")) if sigma > 0 else (lambda v: v)
    weight = smooth(valid)
    smoothed = np.where(weight > 0, smooth(np.nan_to_num(raw)) / np.where(weight > 0, weight, 1), 0)
    gain = np.ones_like(raw)
    if (smoothed > 0).any():
        median = np.median(smoothed[smoothed > 0])
        gain = np.where(smoothed > 0, np.clip(median / np.where(smoothed > 0, smoothed, 1), least, most), 1)
    result = array.copy()
    for (begin, end), factor in zip(sections, gain):
        result[begin:end] *= factor
    return result, np.array([raw, smoothed, gain]).T


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


class Drift(Case):
    def check(self, array, *words, **settings):
        table = self.folder / "factors.csv"
        got, meta = vnormalize(array, "drift", "-f", "--factors", table, *words, meta={"value_map": {"slope": 2, "intercept": 0}})
        expected, factors = drift(array, **settings)
        self.assertEqual(got.dtype, np.float32)
        self.close(got, expected)
        self.assertEqual("section,raw,smoothed,gain", table.read_text().splitlines()[0])
        rows = np.genfromtxt(table, delimiter=",", skip_header=1, ndmin=2)
        np.testing.assert_array_equal(rows[:, 0], np.arange(len(factors)))
        np.testing.assert_allclose(rows[:, 1:], factors, rtol=1e-9)
        return meta

    def test_every_type(self):
        for dtype in DTYPES:
            with self.subTest(dtype):
                meta = self.check(serial_sections(dtype)[0])
                self.assertIsNone(meta.get("value_map"))

    def test_sections_and_settings(self):
        array = serial_sections()[0]
        for count in (1, 3, 7, 20, 33):
            for dtype in ("float32", "uint16", "int64"):
                with self.subTest(count=count, dtype=dtype):
                    self.check(array.astype(dtype), "--sections", count, "--percentile", 37.5, count=count, percentile=37.5)
        self.check(array, "--sigma", 0, sigma=0)
        self.check(array, "--sigma", 9, sigma=9)
        self.check(array, "--min", 0.9, "--max", 1.1, least=0.9, most=1.1)

    def test_missing_sections(self):
        array = serial_sections()[0]
        array[4:7] = 0
        array[12] = -1
        array[13].flat[:1510] = np.nan
        array[14].flat[:3] = [np.inf, -np.inf, np.nan]
        self.check(array)
        self.check(array, "--sigma", 0, sigma=0)
        array[4:] = 0
        self.check(array, "--sigma", 0.5, sigma=0.5)
        self.check(np.zeros_like(array))
        self.check(np.ones((3, 4, 5), "u1"))

    def test_one_plane_is_one_linear_step(self):
        array = serial_sections(shape=(1, 40, 50))[0]
        meta = self.check(array)
        self.assertEqual({"slope": 2, "intercept": 0}, meta["value_map"])

    def test_planted_drift_is_removed(self):
        """A smooth drift goes away; what changes from plane to plane is none."""
        array, specimen = serial_sections(shape=(60, 40, 50))
        got = normalized(array, "drift", "--sigma", 1)
        before, after = (np.array([v[z][specimen[z]].mean() for z in range(60)]) for v in (array, got))
        self.assertLess(after.std() / after.mean(), 0.4 * before.std() / before.mean())

    def test_wrong_use(self):
        for words in (("--sections", 0), ("--sigma", -1), ("--percentile", 101), ("--min", 3), ("--min", 0)):
            vnormalize(serial_sections()[0], "drift", *words, status=2)

    def test_report_holds_the_factors(self):
        array = serial_sections()[0]
        array[3] = 0
        vnormalize(array, "drift", "--report", self.folder / "r.json")
        report = json.loads((self.folder / "r.json").read_text())
        np.testing.assert_allclose(report["gain"], drift(array)[1][:, 2])
        self.assertIsNone(report["raw"][3])


def zprofile(array, inside, sigma=2.0, least=100, by_distance=False):
    array = array.astype(float)
    inside = np.broadcast_to(inside, array.shape)
    counted = inside & np.isfinite(array)
    valid = np.array([c.sum() >= least for c in counted])
    result = array.copy()
    if sigma == 0 or valid.sum() < 3:
        return result
    means = np.array([a[c].mean() if c.any() else np.nan for a, c in zip(array, counted)])
    if by_distance:
        smooth = ndimage.gaussian_filter1d(np.where(valid, means, 0), sigma) / ndimage.gaussian_filter1d(valid * 1.0, sigma)
        target = smooth[valid]
    else:
        target = ndimage.gaussian_filter1d(means[valid], sigma)
    for z, wanted in zip(np.flatnonzero(valid), target):
        result[z][inside[z]] *= wanted / max(means[z], 1e-6)
    return result


class ZProfile(Case):
    def test_every_type(self):
        for dtype in DTYPES:
            with self.subTest(dtype):
                array, inside = serial_sections(dtype)
                got, meta = vnormalize(array, "zprofile", "--mask", self.file_of(dtype + ".npy", inside.astype("f2")),
                                       meta={"value_map": {"slope": 2, "intercept": 0}})
                self.assertEqual(got.dtype, np.float32)
                self.close(got, zprofile(array, inside))
                self.assertIsNone(meta.get("value_map"))

    def test_masks_and_settings(self):
        array, inside = serial_sections()
        inside = inside.copy()
        inside[5] = False
        inside[9:12].reshape(3, -1)[:, 40:] = False
        array[2, 20, 20:23] = [np.nan, np.inf, -np.inf]
        mask = self.file_of("m.npy", inside.astype("u1"))
        self.close(normalized(array, "zprofile", "--mask", mask), zprofile(array, inside))
        self.close(normalized(array, "zprofile", "--mask", mask, "--by-distance"), zprofile(array, inside, by_distance=True))
        self.close(normalized(array, "zprofile", "--mask", mask, "--sigma", 5, "--min-voxels", 400),
                   zprofile(array, inside, 5, 400))
        one = self.file_of("o.npy", inside[:1].astype("i4"))
        self.close(normalized(array, "zprofile", "--mask", one), zprofile(array, inside[:1]))
        self.close(normalized(array, "zprofile"), zprofile(array, np.ones_like(inside)))

    def test_what_changes_nothing(self):
        array, inside = serial_sections()
        self.close(normalized(array, "zprofile", "--sigma", 0), array, 0)
        self.close(normalized(array[:2], "zprofile"), array[:2], 0)
        self.close(normalized(array, "zprofile", "--mask", self.file_of("e.npy", np.zeros(inside.shape, "u1"))), array, 0)
        self.close(normalized(-np.abs(array), "zprofile"), zprofile(-np.abs(array), np.ones_like(inside)))
        self.close(normalized(np.zeros_like(array), "zprofile"), np.zeros_like(array))

    def test_planted_jitter_is_removed(self):
        """Which vstats shows before and after."""
        array, inside = serial_sections(shape=(60, 40, 50))
        mask = self.file_of("m.npy", inside.astype("u1"))
        before, after = self.file_of("a.npy", array), self.folder / "b.npy"
        voxpipe.run("vnormalize", "zprofile", "-q", "--mask", mask, "--factors", self.folder / "f.csv", before, after)
        roughness = []
        for path in (before, after):
            done = voxpipe.run("vstats", "--json", "--profile", "z", "--mask", mask, "--plot", path.with_suffix(".svg"), path)
            means = np.array([plane["mean"] for plane in json.loads(done.stdout)["profile"]])
            roughness.append(np.abs(np.diff(means, 2)).mean())
            self.assertTrue(path.with_suffix(".svg").exists())
        self.assertLess(roughness[1], roughness[0] / 5)
        rows = list(csv.DictReader((self.folder / "f.csv").open()))
        self.assertEqual(["plane", "voxels", "mean", "target", "gain"], list(rows[0]))
        self.assertAlmostEqual(float(rows[7]["mean"]), array[7][inside[7]].astype(float).mean(), places=9)


def background_mask(array, sigma=1.0):
    from skimage.filters import threshold_otsu

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
                self.assertIsNone(meta.get("value_map"))
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


class Clahe(Case):
    def check(self, array, *words, limit=0.005, **settings):
        """Mean difference from scikit-image on [0, 1]; where its levels are cut, a single one may differ more."""
        got = normalized(array, "clahe", *words)
        expected = exposure.equalize_adapthist(array, **settings)
        self.assertEqual(got.dtype, np.float32)
        off = np.abs(got - expected)
        self.assertLess(off.mean(), limit)
        return off

    def test_every_integer_type(self):
        for dtype in DTYPES:
            array = made_up(dtype, (9, 30, 41))
            if array.dtype.kind == "f":
                array = np.nan_to_num(array, nan=0, posinf=1, neginf=0)
                array = (array.astype("f8") / array.max()).astype(dtype)
            elif array.dtype.itemsize > 4:
                continue
            with self.subTest(dtype):
                off = self.check(array if dtype != "float16" else array.astype("f4"), limit=0.001)
                # It goes through 16 bits first, which takes a voxel in a hundred over the edge of a bin.
                self.assertLess(np.mean(off > 0.01), 1e-9 if dtype in ("uint8", "uint16") else 0.01)

    def test_kernels_limits_and_bins(self):
        array = made_up("uint16", (13, 30, 41))
        for kernel in ((4, 8, 8), (5, 7, 9), (13, 30, 41), (1, 1, 41), (20, 64, 100), (3, 100, 2)):
            with self.subTest(kernel=kernel):
                self.check(array, "--kernel", ",".join(map(str, kernel)), kernel_size=kernel, limit=0.001)
        for limit in (0, 0.002, 0.3, 1):
            self.check(array, "--kernel", 8, "--clip-limit", limit, kernel_size=8, clip_limit=limit, limit=0.001)
        for bins in (2, 16, 255, 1000, 16384):
            self.check(array, "--kernel", 8, "-b", bins, kernel_size=8, nbins=bins, limit=0.001)

    def test_shapes(self):
        for shape in ((1, 30, 41), (16, 1, 50), (16, 50, 1), (2, 3, 40)):
            self.check(made_up("uint16", shape), limit=0.001)

    def test_to_integers(self):
        array = made_up("uint16", (9, 30, 41))
        unit = normalized(array, "clahe").astype(float)
        for dtype in ("uint8", "int16", "uint32"):
            info = np.iinfo(dtype)
            got = normalized(array, "clahe", "-t", dtype)
            self.near(got // (1 << 16 if dtype == "uint32" else 1),
                      rounded(unit * (float(info.max) - info.min) + info.min, dtype) // (1 << 16 if dtype == "uint32" else 1))

    def test_nan_infinities_and_constants(self):
        array = made_up("float32", (9, 30, 41))
        clean = np.nan_to_num(array, nan=5, posinf=np.nanmax(array[np.isfinite(array)]), neginf=np.nanmin(array[np.isfinite(array)]))
        got = normalized(array, "clahe")
        np.testing.assert_array_equal(np.isnan(got), np.isnan(array))
        self.assertLess(np.nanmean(np.abs(got - normalized(clean, "clahe"))), 1e-3)
        self.assertEqual(0, normalized(array, "clahe", "-t", "uint8").flat[3])
        for constant in (np.full((4, 5, 6), 9, "u1"), np.full((1, 1, 1), -3.5, "f8")):
            np.testing.assert_array_equal(normalized(constant, "clahe"), np.zeros(constant.shape))
        self.assertTrue(np.isnan(normalized(np.full((4, 5, 6), np.nan), "clahe")).all())
        # Negative values and any range: only the place within the range counts.
        self.close(normalized(clean * 8 - 1000, "clahe"), normalized(clean.astype("f8"), "clahe"), 1e-3)

    def test_wrong_use(self):
        array = made_up("uint8")
        for words in (("-b", 1), ("--clip-limit", 1.5), ("--kernel", 0)):
            vnormalize(array, "clahe", *words, status=2)
        self.assertIn("larger --kernel", vnormalize(np.zeros((64, 64, 64), "u1"), "clahe", "--kernel", 1, "--memory", "64M", status=3))


class SameBits(Case):
    """Whatever the threads, the memory, file or pipe, and the processor."""

    COMMANDS = (
        ("zscore",), ("gamma", "1.7"), ("equalize",), ("match",), ("match", "--sections", "3"), ("background",), ("drift",),
        ("drift", "--sections", "5"), ("zprofile",), ("background-mask",), ("clahe", "--kernel", "7,16,20"),
    )

    def test_every_subcommand(self):
        for dtype in ("uint8", "uint16", "float32", "float64"):
            array = serial_sections(dtype, (23, 70, 90))[0]
            path = self.file_of(f"{dtype}.npy", array)
            for words in self.COMMANDS:
                with self.subTest(dtype=dtype, words=words):
                    out = self.folder / "out.npy"
                    wanted = normalized(array, *words, "-j", 1)
                    for more, simd in ((("-j", 2), None), (("-j", 3, "--memory", "6M"), None), (("-j", 1), "baseline")):
                        environment = {**voxpipe.ENVIRONMENT, **({"VOXPIPE_SIMD": simd} if simd else {})}
                        done = voxpipe.subprocess.run(
                            [str(word) for word in ("vnormalize", *words, "-f", "-q", *more, path, out)], env=environment, capture_output=True)
                        self.assertEqual(0, done.returncode, done.stderr)
                        np.testing.assert_array_equal(np.load(out), wanted)
                    np.testing.assert_array_equal(normalized(array, *words, "-j", 2, "--memory", "6M"), wanted)

    def test_explain_names_the_passes(self):
        path = self.file_of("v.npy", serial_sections()[0])
        for words in self.COMMANDS:
            done = voxpipe.run("vnormalize", *words, "--explain", "--json", path, self.folder / "none.npy")
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertGreaterEqual(len(json.loads(done.stdout)["passes"]), 1 if words[0] == "gamma" else 2)
        self.assertFalse((self.folder / "none.npy").exists())


if __name__ == "__main__":
    unittest.main()
