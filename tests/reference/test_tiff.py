#!/usr/bin/env python3
"""TIFF and slices against tifffile and libtiff's own tools.

VOXPIPE_BIN: the folder of the executables. VOXPIPE_TEST_DATA: real volumes, optional.
"""
import os
import pathlib
import shutil
import subprocess
import unittest

import numpy as np
import tifffile

from arrays import DTYPES
from format_case import FormatCase

DATA = os.environ.get("VOXPIPE_TEST_DATA")


def libtiff(*args):
    subprocess.run([str(arg) for arg in args], check=True, capture_output=True)


def some_volume(shape, dtype):
    """Smooth, with noise in the lowest bits, over much of the type's range."""
    random = np.random.default_rng(7)
    z, y, x = np.indices(shape)
    values = 40 * np.sin(x / 9.0) + 30 * np.cos(y / 7.0) + 3 * z + random.integers(0, 5, shape)
    if np.dtype(dtype).kind == "u":
        values = values + 80
    return values.astype(dtype)


class Reading(FormatCase):
    def test_what_tifffile_writes(self):
        for dtype in DTYPES:
            volume = some_volume((5, 33, 47), dtype)
            for order in "<>":
                for options in ({}, {"compression": "zlib"}, {"bigtiff": True}, {"tile": (16, 32)}, {"rowsperstrip": 7},
                                {"compression": "zlib", "tile": (16, 16)}, {"compression": "zlib", "rowsperstrip": 5}):
                    with self.subTest(dtype=dtype, order=order, **options):
                        path = self.path("by_tifffile.tif")
                        tifffile.imwrite(path, volume, byteorder=order, photometric="minisblack", **options)
                        got, _ = self.read_with_ours(path)
                        np.testing.assert_array_equal(got, volume)

    def test_what_libtiff_writes(self):
        if not shutil.which("tiffcp"):
            self.skipTest("tiffcp is not installed")
        for dtype in ("uint8", "uint16", "int16", "uint32", "float32", "float64"):
            volume = some_volume((3, 50, 70), dtype)
            plain = self.path("plain.tif")
            tifffile.imwrite(plain, volume, photometric="minisblack", metadata=None)
            codecs = ["none", "packbits", "lzw", "lzw:2", "zip", "zip:2", "zstd", "zstd:2"]
            if volume.dtype.kind == "f":
                codecs += ["lzw:3", "zip:3", "zstd:3"]
            for codec in codecs:
                for layout in (["-s", "-r", "9"], ["-s", "-r", "50"], ["-t", "-w", "32", "-l", "16"]):
                    # libtiff 4.5 writes wrong voxels with a floating-point predictor and -B.
                    for order in (["-L"], ["-B"]) if not codec.endswith(":3") else (["-L"],):
                        for big in ([], ["-8"]):
                            with self.subTest(dtype=dtype, codec=codec, layout=layout, order=order, big=big):
                                path = self.path("by_libtiff.tif")
                                libtiff("tiffcp", "-c", codec, *layout, *order, *big, plain, path)
                                got, _ = self.read_with_ours(path)
                                np.testing.assert_array_equal(got, volume)

    def test_regions(self):
        volume = some_volume((6, 40, 50), "uint16")
        path = self.path("regions.tif")
        for options in ({}, {"compression": "zlib", "tile": (16, 16)}, {"compression": "zlib", "rowsperstrip": 6}):
            tifffile.imwrite(path, volume, byteorder=">", photometric="minisblack", **options)
            got, _ = self.read_with_ours(path, "--roi", "1:5,7:-3,9:44")
            np.testing.assert_array_equal(got, volume[1:5, 7:-3, 9:44])

    def test_imagej_metadata(self):
        volume = some_volume((4, 5, 6), "uint16")
        path = self.path("imagej.tif")
        tifffile.imwrite(path, volume, imagej=True, resolution=(1 / 0.65, 1 / 0.5),
                         metadata={"spacing": 2.0, "unit": "um", "axes": "ZYX"})
        got, meta = self.read_with_ours(path)
        np.testing.assert_array_equal(got, volume)
        np.testing.assert_allclose(meta["spacing"], [2.0, 0.5, 0.65], rtol=1e-6)
        self.assertEqual(meta["unit"], "micrometer")

    def test_imagej_channels_and_times(self):
        volume = some_volume((3 * 2 * 4, 5, 6), "uint16").reshape(3, 4, 2, 5, 6)
        path = self.path("hyperstack.tif")
        tifffile.imwrite(path, volume, imagej=True, metadata={"axes": "TZCYX"})
        message = self.run_ours("vconvert", "-f", path, self.path("out.raw"), status=2)
        self.assertIn("--channel", message)
        got, _ = self.read_with_ours(path, "--channel", "1", "--time", "2")
        np.testing.assert_array_equal(got, volume[2, :, 1])

    def test_colours(self):
        volume = np.arange(2 * 9 * 8 * 3, dtype="uint8").reshape(2, 9, 8, 3)
        for options in ({}, {"compression": "zlib"}):
            path = self.path("rgb.tif")
            tifffile.imwrite(path, volume, photometric="rgb", **options)
            self.assertIn("--channel", self.run_ours("vconvert", "-f", path, self.path("out.raw"), status=2))
            got, _ = self.read_with_ours(path, "--channel", "2")
            np.testing.assert_array_equal(got, volume[..., 2])

    @unittest.skipUnless(DATA, "VOXPIPE_TEST_DATA is not set")
    def test_real_volumes(self):
        for name in ("shell_225x128x128.tif", "bone_128x128x128.tif"):
            path = pathlib.Path(DATA) / name
            got, meta = self.read_with_ours(path)
            np.testing.assert_array_equal(got, tifffile.imread(path))
        self.assertEqual(meta["spacing"], [1.953125] * 3)


class Writing(FormatCase):
    def test_tifffile_reads_every_type(self):
        for dtype in DTYPES:
            volume = some_volume((4, 30, 41), dtype)
            for options in ([], ["-c", "deflate"], ["-c", "deflate:9", "--predictor"]):
                if options and options[-1] == "--predictor" and volume.dtype.kind == "f":
                    continue  # Debian's tifffile has no floating-point predictor
                with self.subTest(dtype=dtype, options=options):
                    path = self.path("ours.tif")
                    self.write_with_ours(volume, path, *options)
                    np.testing.assert_array_equal(tifffile.imread(path), volume)

    def test_libtiff_reads_every_codec(self):
        if not shutil.which("tiffcp"):
            self.skipTest("tiffcp is not installed")
        for dtype in ("uint8", "uint16", "int32", "float32", "float64"):
            volume = some_volume((3, 60, 70), dtype)
            for codec in ("deflate", "lzw", "zstd", "zstd:19"):
                for predictor in ([], ["--predictor"]):
                    with self.subTest(dtype=dtype, codec=codec, predictor=predictor):
                        ours, plain = self.path("ours.tif"), self.path("plain.tif")
                        self.write_with_ours(volume, ours, "-c", codec, *predictor)
                        libtiff("tiffcp", "-c", "none", ours, plain)
                        np.testing.assert_array_equal(tifffile.imread(plain), volume)

    def test_imagej_finds_spacing_and_unit(self):
        volume = some_volume((4, 5, 6), "uint16")
        path = self.path("ours.tif")
        self.write_with_ours(volume, path, spacing=[2, 0.65, 0.5], unit="micrometer", range=[int(volume.min()), int(volume.max())])
        with tifffile.TiffFile(path) as file:
            self.assertTrue(file.is_imagej)
            self.assertEqual(file.series[0].axes, "ZYX")
            self.assertEqual(file.series[0].shape, volume.shape)
            self.assertTrue(file.series[0].dataoffset)  # all voxels in one piece
            facts = file.imagej_metadata
            self.assertEqual((facts["spacing"], facts["unit"], facts["slices"]), (2, "um", 4))
            self.assertEqual((facts["min"], facts["max"]), (volume.min(), volume.max()))
            tags = file.pages[0].tags
            for name, spacing in (("XResolution", 0.5), ("YResolution", 0.65)):
                above, below = tags[name].value
                self.assertEqual(below / above, spacing)

    def test_metadata_survives_without_the_sidecar(self):
        volume = some_volume((4, 5, 6), "uint8")
        path = self.path("ours.tif")
        self.write_with_ours(volume, path, spacing=[2, 0.65, 0.5], unit="nanometer", origin=[4, -1.3, 0],
                             value_map={"slope": 0.5, "intercept": -3})
        pathlib.Path(str(path) + ".json").unlink()
        _, meta = self.read_with_ours(path)
        self.assertEqual(meta["spacing"], [2, 0.65, 0.5])
        self.assertEqual(meta["unit"], "nanometer")
        self.assertEqual(meta["origin"], [4, -1.3, 0])
        self.assertEqual(meta["value_map"], {"slope": 0.5, "intercept": -3})

    def test_same_bytes_for_any_number_of_threads(self):
        volume = some_volume((6, 900, 800), "uint16")
        for options in ([], ["-c", "zstd", "--predictor"], ["-c", "deflate"], ["-c", "lzw"]):
            written = []
            for run_options in (["-j", "1"], ["-j", "3"], ["-j", "2", "--memory", "24M"]):
                path = self.path("ours.tif")
                self.write_with_ours(volume, path, *options, *run_options)
                written.append(path.read_bytes())
            self.assertEqual(written[0], written[1])
            self.assertEqual(written[0], written[2])


class Slices(FormatCase):
    def test_what_tifffile_writes(self):
        volume = some_volume((12, 20, 30), "uint16")
        folder = self.path("slices")
        folder.mkdir()
        for z, plane in enumerate(volume):
            tifffile.imwrite(folder / f"recon_{z}.tif", plane, byteorder="<>"[z % 2], compression="zlib" if z % 3 else None)
        (folder / "log.txt").write_text("not a slice")
        for name in (folder, f"{folder}/", f"{folder}/recon_*.tif"):
            got, _ = self.read_with_ours(name)
            np.testing.assert_array_equal(got, volume)
        listed = self.path("list.txt")
        listed.write_text("".join(f"{folder}/recon_{z}.tif\n" for z in (9, 10, 11)))
        got, _ = self.read_with_ours(f"@{listed}")
        np.testing.assert_array_equal(got, volume[9:])
        (folder / "recon_7.tif").unlink()
        self.assertIn("recon_8.tif", self.run_ours("vconvert", "-f", folder, self.path("out.raw"), status=5))

    def test_tifffile_reads_ours(self):
        volume = some_volume((11, 20, 30), "float32")
        for options in ([], ["-c", "deflate"]):
            self.write_with_ours(volume, f"{self.path('planes')}/", *options, spacing=[2, 1, 1], unit="millimeter")
            names = sorted(path.name for path in self.path("planes").iterdir())
            self.assertEqual(names, [f"planes_{z:04}.tif" for z in range(11)])
            got = np.stack([tifffile.imread(self.path("planes") / name) for name in names])
            np.testing.assert_array_equal(got, volume)
            got, meta = self.read_with_ours(self.path("planes"))
            np.testing.assert_array_equal(got, volume)
            self.assertEqual(meta["spacing"], [2, 1, 1])


if __name__ == "__main__":
    unittest.main()
