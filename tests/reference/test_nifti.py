#!/usr/bin/env python3
"""NIfTI against nibabel.

VOXPIPE_BIN: the folder of the executables. VOXPIPE_TEST_DATA: real volumes, optional.
"""
import gzip
import os
import pathlib
import unittest

import numpy as np

from format_case import FormatCase
from voxpipe import shell

try:
    import nibabel
except ImportError:
    nibabel = None

DATA = os.environ.get("VOXPIPE_TEST_DATA")
DTYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64")
SHAPES = ((5, 9, 14), (1, 7, 3), (4, 1, 1), (1, 1, 1))  # Z, Y, X
ENDINGS = (".nii", ".nii.gz")


def some_volume(shape, dtype):
    return np.random.default_rng(3).integers(0, 100, shape).astype(dtype)


def to_lps(affine):
    """nibabel's matrix in our terms: spacing, origin and direction in (Z, Y, X) order, left and back positive."""
    lps = np.diag([-1, -1, 1, 1]) @ affine
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    direction = (lps[:3, :3] / spacing)[::-1, ::-1]
    return spacing[::-1], lps[2::-1, 3], direction


@unittest.skipUnless(nibabel, "nibabel is not installed")
class Reading(FormatCase):
    def test_what_nibabel_writes(self):
        for image in (nibabel.Nifti1Image, nibabel.Nifti2Image):
            for dtype in DTYPES:
                for order in "<>":
                    for shape in SHAPES:
                        for ending in ENDINGS if dtype == "int16" else ENDINGS[:1]:
                            with self.subTest(image=image, dtype=dtype, order=order, shape=shape, ending=ending):
                                volume = some_volume(shape, dtype)
                                affine = np.diag([0.5, 0.65, 2, 1])
                                header = image.header_class(endianness=order)
                                header.set_data_dtype(dtype)
                                theirs = image(volume.T, affine, header)
                                theirs.header.set_xyzt_units("mm")
                                path = self.folder / f"theirs{ending}"
                                nibabel.save(theirs, path)
                                got, meta = self.read_with_ours(path)
                                np.testing.assert_array_equal(got, volume)
                                self.assertEqual(meta["dtype"], dtype)
                                self.assertEqual(meta["spacing"], [2, 0.65, 0.5])
                                self.assertEqual(meta["unit"], "millimeter")
                                self.assertEqual(meta["direction"], [1, 0, 0, 0, -1, 0, 0, 0, -1])

    def test_space(self):
        turn = nibabel.eulerangles.euler2mat(0.3, -0.4, 1.2)
        for mirror in (1, -1):
            affine = np.eye(4)
            affine[:3, :3] = turn @ np.diag([0.5, 0.65, 2 * mirror])
            affine[:3, 3] = [10, -20, 30]
            for codes in ((1, 1), (0, 1), (1, 0)):
                with self.subTest(mirror=mirror, codes=codes):
                    theirs = nibabel.Nifti1Image(some_volume((3, 4, 5), "uint8").T, None)
                    theirs.set_sform(affine if codes[0] else None, codes[0])
                    theirs.set_qform(affine if codes[1] else None, codes[1])
                    path = self.folder / "theirs.nii"
                    nibabel.save(theirs, path)
                    _, meta = self.read_with_ours(path)
                    spacing, origin, direction = to_lps(affine)
                    np.testing.assert_allclose(meta["spacing"], spacing, rtol=1e-6)
                    np.testing.assert_allclose(meta["origin"], origin, rtol=1e-6)
                    np.testing.assert_allclose(np.reshape(meta["direction"], (3, 3)), direction, atol=1e-6)

    def test_scaling_is_the_value_map(self):
        theirs = nibabel.Nifti1Image(some_volume((3, 4, 5), "int16").T, np.eye(4))
        theirs.header.set_slope_inter(0.1, -5)
        path = self.folder / "theirs.nii"
        theirs.to_filename(path)
        got, meta = self.read_with_ours(path)
        stored = np.asarray(nibabel.load(path).dataobj.get_unscaled()).T
        np.testing.assert_array_equal(got, stored)
        if "value_map" in meta:
            scale = meta["value_map"]
            np.testing.assert_allclose(got * scale["slope"] + scale["intercept"], nibabel.load(path).get_fdata().T, atol=1e-6)

    def test_time_points_and_channels(self):
        stack = some_volume((2, 3, 4, 5, 6), "uint16")
        path = self.folder / "theirs.nii"
        nibabel.save(nibabel.Nifti1Image(stack.T, np.eye(4)), path)
        self.assertIn("--time", self.run_ours("vinfo", path, status=2))
        got, _ = self.read_with_ours(path, "--time", "2", "--channel", "1")
        np.testing.assert_array_equal(got, stack[1, 2])

    def test_pairs_and_colours_are_refused(self):
        pair = self.folder / "pair.hdr"
        nibabel.save(nibabel.Nifti1Pair(some_volume((3, 4, 5), "uint8").T, np.eye(4)), pair)
        self.assertIn(".img", self.run_ours("vinfo", pair, status=2))
        colours = np.zeros((3, 4, 5), [("R", "u1"), ("G", "u1"), ("B", "u1")])
        path = self.folder / "colours.nii"
        nibabel.save(nibabel.Nifti1Image(colours, np.eye(4)), path)
        self.assertIn("RGB", self.run_ours("vinfo", path, status=2))

    def test_from_a_pipe(self):
        volume = some_volume((3, 4, 5), "float32")
        nibabel.save(nibabel.Nifti1Image(volume.T, np.eye(4)), self.folder / "theirs.nii")
        for command in ("cat theirs.nii", "gzip -c theirs.nii"):
            done = shell(f"{command} | vconvert -f - read.raw", self.folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            np.testing.assert_array_equal(np.fromfile(self.folder / "read.raw", "f4").reshape(3, 4, 5), volume)


@unittest.skipUnless(nibabel, "nibabel is not installed")
class Writing(FormatCase):
    def test_nibabel_reads_voxels_and_space(self):
        for dtype in DTYPES:
            for shape in SHAPES:
                for ending in ENDINGS:
                    with self.subTest(dtype=dtype, shape=shape, ending=ending):
                        volume = some_volume(shape, dtype)
                        path = self.folder / f"ours{ending}"
                        self.write_with_ours(volume, path, spacing=[2, 0.65, 0.5], unit="millimeter", origin=[1, 2, 3])
                        theirs = nibabel.load(path)
                        self.assertEqual(theirs.get_data_dtype(), np.dtype(dtype))
                        np.testing.assert_array_equal(np.asarray(theirs.dataobj).T, volume)
                        affine = np.array([[-0.5, 0, 0, -3], [0, -0.65, 0, -2], [0, 0, 2, 1], [0, 0, 0, 1]])
                        for matrix, code in (theirs.get_sform(coded=True), theirs.get_qform(coded=True)):
                            np.testing.assert_allclose(matrix, affine, atol=1e-6)
                            self.assertGreater(code, 0)
                        self.assertEqual(theirs.header.get_xyzt_units()[0], "mm")
                        np.testing.assert_allclose(theirs.header.get_zooms(), [0.5, 0.65, 2], rtol=1e-6)

    def test_directions(self):
        turn = nibabel.eulerangles.euler2mat(0.3, -0.4, 1.2)
        for mirror in (1, -1):
            direction = (turn @ np.diag([1, 1, mirror]))
            path = self.folder / "ours.nii"
            self.write_with_ours(some_volume((3, 4, 5), "uint8"), path, spacing=[2, 0.65, 0.5], origin=[1, 2, 3],
                                 direction=[float(value) for value in direction.ravel()])
            theirs = nibabel.load(path)
            for matrix in (theirs.get_sform(), theirs.get_qform()):
                spacing, origin, got = to_lps(matrix)
                np.testing.assert_allclose(spacing, [2, 0.65, 0.5], rtol=1e-6)
                np.testing.assert_allclose(origin, [1, 2, 3], rtol=1e-6)
                np.testing.assert_allclose(got, direction, atol=1e-5)

    def test_scaling_units_and_intent(self):
        path = self.folder / "ours.nii"
        for unit, written, factor in (("nanometer", "micron", 1e-3), ("micrometer", "micron", 1),
                                      ("centimeter", "mm", 10), ("meter", "meter", 1)):
            volume = some_volume((3, 4, 5), "int16")
            self.write_with_ours(volume, path, spacing=[2, 3, 4], unit=unit, kind="labels",
                                 value_map={"slope": 0.25, "intercept": -5})
            theirs = nibabel.load(path)
            self.assertEqual(theirs.header.get_xyzt_units()[0], written)
            np.testing.assert_allclose(theirs.header.get_zooms(), np.array([4, 3, 2]) * factor, rtol=1e-6)
            np.testing.assert_allclose(theirs.get_fdata().T, volume * 0.25 - 5)
            self.assertEqual(theirs.header.get_intent()[0], "label")

    def test_long_sides_need_the_second_version(self):
        path = self.folder / "ours.nii"
        for side, second in ((32767, False), (32768, True)):
            volume = some_volume((1, 2, side), "uint8")
            self.write_with_ours(volume, path, spacing=[2, 0.65, 0.5], unit="micrometer")
            theirs = nibabel.load(path)
            self.assertEqual(isinstance(theirs, nibabel.Nifti2Image), second)
            self.assertEqual(theirs.header["vox_offset"] % 16, 0)
            np.testing.assert_array_equal(np.asarray(theirs.dataobj).T, volume)
            np.testing.assert_allclose(theirs.header.get_zooms(), [0.5, 0.65, 2], rtol=1e-6)

    def test_the_extension_survives_nibabel_and_the_loss_of_the_sidecar(self):
        path = self.folder / "ours.nii"
        self.write_with_ours(some_volume((3, 4, 5), "uint8"), path, spacing=[2, 0.65, 0.5], unit="nanometer",
                             kind="mask", operator="me")
        pathlib.Path(f"{path}.json").unlink()
        theirs = nibabel.load(path)
        self.assertEqual([extension.get_code() for extension in theirs.header.extensions], [6])
        copy = self.folder / "copy.nii"
        nibabel.save(theirs, copy)
        for read in (path, copy):
            _, meta = self.read_with_ours(read)
            self.assertEqual((meta["kind"], meta["operator"], meta["unit"]), ("mask", "me", "nanometer"))
            self.assertEqual(meta["spacing"], [2, 0.65, 0.5])
            self.assertEqual([entry["tool"] for entry in self.info(path)["history"]], ["vconvert"])

    def test_float16_and_wrong_compressions_are_refused(self):
        message = self.write_with_ours(some_volume((2, 3, 4), "float16"), self.folder / "ours.nii", status=2)
        self.assertIn("float16", message)
        volume = some_volume((2, 3, 4), "uint8")
        self.assertIn(".nii.gz", self.write_with_ours(volume, self.folder / "ours.nii", "-c", "gzip", status=2))
        self.assertIn("zstd", self.write_with_ours(volume, self.folder / "ours.nii.gz", "-c", "zstd", status=2))

    def test_compressed_files_hold_the_same_bytes(self):
        volume = some_volume((6, 90, 80), "uint16")
        self.write_with_ours(volume, self.folder / "ours.nii", "--no-history")
        for options in ([], ["-c", "gzip:1"], ["-j", "1"]):
            self.write_with_ours(volume, self.folder / "ours.nii.gz", "--no-history", *options)
            self.assertEqual(gzip.decompress((self.folder / "ours.nii.gz").read_bytes()),
                             (self.folder / "ours.nii").read_bytes())

    @unittest.skipUnless(DATA, "VOXPIPE_TEST_DATA is not set")
    def test_real_volumes(self):
        for name in ("shell_225x128x128.tif", "bone_128x128x128.tif"):
            for ending in ENDINGS:
                path = self.folder / f"real{ending}"
                self.run_ours("vconvert", "-f", pathlib.Path(DATA) / name, path)
                expected, _ = self.read_with_ours(pathlib.Path(DATA) / name)
                np.testing.assert_array_equal(np.asarray(nibabel.load(path).dataobj).T, expected)
                got, _ = self.read_with_ours(path)
                np.testing.assert_array_equal(got, expected)


if __name__ == "__main__":
    unittest.main()
