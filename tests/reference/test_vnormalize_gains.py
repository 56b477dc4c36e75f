"""vnormalize drift and zprofile against NumPy and scipy."""
import csv
import json
import unittest

import numpy as np
from scipy import ndimage

import voxpipe
from arrays import DTYPES
from normalize_case import Case, normalized, sections_of, serial_sections, vnormalize


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
                self.assertIsNone(meta["value_map"])

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

    def test_plots(self):
        before, after, plot = (self.folder / name for name in ("plot_in.raw", "plot_out.raw", "curves.svg"))
        voxpipe.run("vphantom", "-q", "beads", "--shape", "6,40,40", before)
        for number, name in enumerate(("drift", "zprofile", "background")):
            run = lambda *words: voxpipe.run("vnormalize", name, "-q", *words, before, after)  # noqa: B023, E731
            done = run("-f", "--plot", plot)
            self.assertEqual(0, done.returncode, done.stderr)
            words = plot.read_text()
            self.assertIn(f">vnormalize {name}<", words)
            self.assertIn(f">{('smoothed', 'target', 'cap')[number]}<", words)
            self.assertIn(b"--force", run("--plot", plot).stderr)
            wrong = run("-f", "--plot", self.folder / "curves.jpg")
            self.assertEqual((2, 1), (wrong.returncode, wrong.stderr.count(b"\n")), wrong.stderr)
            for other in ("curves.png", "curves.pdf"):
                self.assertEqual(0, run("-f", "--plot", self.folder / other).returncode)
            history = json.loads((self.folder / "plot_out.raw.json").read_text())["history"]
            self.assertNotIn("--plot", history[-1]["args"])

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
                self.assertIsNone(meta["value_map"])

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


if __name__ == "__main__":
    unittest.main()
