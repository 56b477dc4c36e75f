"""vresample against scikit-image, scipy and NumPy, and where its voxels lie."""
import json
import pathlib
import sys
import unittest

import numpy as np
from scipy import ndimage
from skimage.transform import resize

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import voxpipe  # noqa: E402
from format_case import DTYPES, FormatCase, some_volume  # noqa: E402

METHODS = ("nearest", "linear", "cubic", "bspline", "lanczos", "area", "mode")
SHAPES = ((18, 28, 34), (20, 31, 40), (9, 20, 17), (30, 14, 17), (5, 7, 9), (4, 14, 40))


def words(values):
    return ",".join(map(str, values))


def box_weights(n, size, ratio):
    faces = np.arange(n)
    low, high = np.arange(size)[:, None] * ratio, np.minimum(n, (np.arange(size)[:, None] + 1) * ratio)
    weights = np.clip(np.minimum(high, faces + 1) - np.maximum(low, faces), 0, None)
    return weights / weights.sum(axis=1, keepdims=True)


class Resample(FormatCase):
    def resampled(self, volume, *options):
        np.save(self.path("in.npy"), volume)
        self.run_ours("vresample", "-q", "-f", *options, "in.npy", "out.npy")
        return np.load(self.path("out.npy"))

    def test_order_0_and_1_are_scikit_images(self):
        for dtype in ("float32", "float64"):
            volume = some_volume((9, 14, 17), dtype)
            for shape in SHAPES:
                with self.subTest(dtype=dtype, shape=shape):
                    options = {"mode": "edge", "anti_aliasing": False, "preserve_range": True}
                    got = self.resampled(volume, "--to-shape", words(shape), "--no-antialias")
                    np.testing.assert_allclose(resize(volume.astype("f8"), shape, order=1, **options), got,
                                               rtol=0, atol=1e-3 if dtype == "float32" else 1e-10)
                    got = self.resampled(volume, "--to-shape", words(shape), "-m", "nearest")
                    np.testing.assert_array_equal(resize(volume, shape, order=0, **options), got)

    def test_bspline_is_scipys_to_single_precision(self):
        volumes = {shape: some_volume(shape, "float32").astype("f8") for shape in ((40, 14, 17), (1, 211, 12), (1, 64, 65), (12, 129, 1))}
        for old, shape in (((40, 14, 17), (80, 14, 17)), ((40, 14, 17), (61, 28, 20)), ((40, 14, 17), (30, 7, 40)),
                           ((1, 211, 12), (1, 320, 9)), ((1, 211, 12), (3, 190, 12)), ((1, 64, 65), (1, 65, 131)), ((12, 129, 1), (25, 258, 1))):
            volume = volumes[old]
            factors = [a / b for a, b in zip(shape, volume.shape)]
            wanted = ndimage.zoom(volume, factors, order=3, mode="grid-mirror", grid_mode=True)
            for dtype in ("float32", "float64"):
                got = self.resampled(volume.astype(dtype), "--to-shape", words(shape), "--no-antialias", "-m", "bspline")
                np.testing.assert_allclose(wanted, got, rtol=0, atol=1e-3)

    def test_area_is_the_mean_of_the_box(self):
        for dtype in ("uint8", "uint16", "int32", "float32"):
            volume = some_volume((11, 26, 33), "uint8").astype(dtype)
            for zoom in (0.5, 1 / 3, 0.4, 1.5):
                got = self.resampled(volume, "-z", zoom, "-m", "area")
                weights = [box_weights(n, size, 1 / zoom) for n, size in zip(volume.shape, got.shape)]
                wanted = np.einsum("az,by,cx,zyx->abc", *weights, volume.astype("f8"))
                np.testing.assert_allclose(wanted, got, rtol=0, atol=1e-3 if dtype == "float32" else 0.5 + 1e-4)

    def test_a_ramp_stays_a_ramp(self):
        z, y, x = np.meshgrid(*map(np.arange, (30, 34, 38)), indexing="ij")
        ramp = (3 * z + 2 * y + x).astype("f4")
        for method in ("linear", "cubic", "bspline", "lanczos"):
            for zoom in ((2, 2, 2), (1.5, 0.6, 1.3), (0.5, 0.4, 0.5)):
                got = self.resampled(ramp, "-z", words(zoom), "-m", method)
                at = [(np.arange(n) + 0.5) / f - 0.5 for n, f in zip(got.shape, zoom)]
                wanted = 3 * at[0][:, None, None] + 2 * at[1][:, None] + at[2]
                inner = tuple(slice(n * 3 // 8, n * 5 // 8 + 1) for n in got.shape)
                np.testing.assert_allclose(wanted[inner], got[inner], rtol=0, atol=2e-4)

    def test_a_landmark_stays_where_it_is(self):
        at, spacing, origin = (20.3, 24.6, 31.2), (2.0, 0.5, 0.5), (7, -3, 1)
        grid = np.meshgrid(*map(np.arange, (40, 50, 60)), indexing="ij")
        blob = np.exp(-sum((g - a) ** 2 for g, a in zip(grid, at)) / 50).astype("f4")
        self.write_with_ours(blob, "in.raw", spacing=spacing, origin=origin, unit="micrometer")
        truth = np.array(at) * spacing + origin
        for options in (["--isotropic"], ["-z", "0.5"], ["-s", "1um", "-m", "cubic"], ["--to-shape", "33,71,44", "-m", "bspline"],
                        ["-z", "0.5", "-m", "area"], ["-s", "1500nm,0.7um,0.7um", "-m", "lanczos"]):
            self.run_ours("vresample", "-q", "-f", *options, "in.raw", "out.raw")
            volume, meta = self.read_with_ours("out.raw")
            centre = np.array(ndimage.center_of_mass(volume)) * meta["spacing"] + meta["origin"]
            np.testing.assert_array_less(np.abs(centre - truth) / spacing, 0.01, err_msg=str(options))

    def test_every_type_and_method_from_a_pipe_in_little_memory(self):
        for number, dtype in enumerate(DTYPES):
            np.save(self.path("in.npy"), some_volume((20, 21, 22), dtype))
            for method in {METHODS[number % 7], METHODS[(number * 3 + 1) % 7]}:
                self.run_ours("vresample", "-q", "-f", "-z", "1.7,0.6,1", "-m", method, "in.npy", "file.npy")
                done = voxpipe.shell(f"vconvert -q in.npy - | vresample -q -f -z 1.7,0.6,1 -m {method} -j 1 --memory 1M - pipe.npy", self.folder)
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertEqual(self.path("file.npy").read_bytes(), self.path("pipe.npy").read_bytes())

    def test_planes_larger_than_the_memory(self):
        np.save(self.path("in.npy"), some_volume((3, 901, 1103), "uint16"))
        for method, zoom, memory in (("linear", "1.6,1.3,0.9", 1500), ("bspline", "2,1.1,1", 5000), ("mode", "1,0.7,0.6", 1500), ("nearest", "2,1,1", 1500), ("area", "1,0.7,1", 1500)):
            options = f"-q -f -z {zoom} -m {method} --no-history -j 2"
            self.run_ours("vresample", *options.split(), "in.npy", "whole.npy")
            for command in (f"vresample {options} --memory {memory}K in.npy out.npy",
                            f"vconvert -q in.npy - | vresample {options} --memory {memory + 500}K - - | vconvert -q -f - out.npy",
                            f"vresample {options} --memory {memory + 12000}K in.npy out.ome.zarr && vconvert -q -f out.ome.zarr out.npy"):
                with self.subTest(command=command):
                    done = voxpipe.shell(command, self.folder)
                    self.assertEqual(0, done.returncode, done.stderr)
                    np.testing.assert_array_equal(np.load(self.path("whole.npy")), np.load(self.path("out.npy")))

    def test_labels_are_never_mixed(self):
        self.write_with_ours(some_volume((12, 13, 14), "uint8") // 100 * 50, "in.raw", kind="labels")
        for method in ("linear", "cubic", "bspline", "lanczos", "area"):
            self.assertIn("would mix labels", self.run_ours("vresample", "-z", "2", "-m", method, "in.raw", "out.raw", status=2))
        for options in ([], ["-m", "nearest"], ["-m", "mode"]):
            for zoom in ("2", "0.4"):
                self.run_ours("vresample", "-q", "-f", "-z", zoom, *options, "in.raw", "out.raw")
                volume, meta = self.read_with_ours("out.raw")
                self.assertLessEqual(set(np.unique(volume)), {0, 50, 100})
                self.assertEqual("labels", meta["kind"])

    def test_geometry_is_as_promised(self):
        self.write_with_ours(np.zeros((86, 39, 41), "u1"), "in.raw", spacing=[1, 0.202, 0.202], unit="micrometer")
        for options, shape, spacing in ((["--isotropic=1"], [86, 8, 8], [1, 1, 1]), (["--isotropic=1", "-z", "2"], [172, 16, 17], [0.5, 0.5, 0.5]),
                                        (["--isotropic"], [426, 39, 41], [0.202] * 3), (["-s", "500nm,1,1"], [172, 8, 8], [0.5, 1, 1])):
            self.run_ours("vresample", "-q", "-f", *options, "in.raw", "out.raw")
            info = self.info("out.raw")
            self.assertEqual((shape, spacing), (info["shape"], info["spacing"]))
            np.testing.assert_allclose([(new - old) / 2 for new, old in zip(spacing, (1, 0.202, 0.202))], info["origin"], atol=1e-12)

    def test_wrong_use_is_said(self):
        np.save(self.path("in.npy"), some_volume((20, 21, 22), "uint8"))
        for options, said in (([], "nothing to do"), (["-s", "1"], "no spacing"), (["-z", "0"], "--zoom"), (["--to-shape", "0,1,1"], "--to-shape"),
                              (["-z", "2", "--to-shape", "3"], "--to-shape"), (["-m", "best", "-z", "2"], "is not one of")):
            self.assertIn(said, self.run_ours("vresample", *options, "in.npy", "no.npy", status=2))
        self.assertIn("--memory", self.run_ours("vresample", "-z", "20", "--memory", "50K", "in.npy", "no.npy", status=3))
        self.assertFalse(self.path("no.npy").exists())
        self.assertIn("resample", self.run_ours("vresample", "-z", "2", "--explain", "in.npy", "no.npy"))

    def test_explain_names_what_is_spooled(self):
        np.save(self.path("in.npy"), some_volume((60, 200, 200), "uint16"))
        in_bytes, out_bytes = 60 * 200 * 200 * 2, 120 * 200 * 200 * 2
        command = "vresample -z 2,1,1 -m bspline --explain --json"
        for piped, memory, output, spools in (
                (True, "8M", "-", [in_bytes, out_bytes]), (True, "8M", "out.raw", [in_bytes, 0]), (False, "8M", "out.raw", [0]),
                (False, "16M", "out.ome.zarr", [out_bytes]), (False, "8M", "-", [out_bytes]), (True, "12M", "out.raw", [0, 0]),
                (True, "1G", "-", [0])):
            with self.subTest(piped=piped, memory=memory, output=output):
                done = voxpipe.shell(f"{command} --memory {memory} {'-' if piped else 'in.npy'} {output} {'< <(cat in.npy)' if piped else ''}", self.folder)
                self.assertEqual(0, done.returncode, done.stderr)
                plan = json.loads(done.stdout)
                self.assertEqual(spools, [each["spool_bytes"] for each in plan["passes"]])
                self.assertLessEqual(plan["peak_memory"], plan["memory"])


if __name__ == "__main__":
    unittest.main()
