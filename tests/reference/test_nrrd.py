#!/usr/bin/env python3
"""NRRD against teem's unu, and against SimpleITK where it is installed."""
import gzip
import shutil
import subprocess
import unittest

import numpy as np

from format_case import DTYPES, INTEGERS, FormatCase, some_volume, volumes

try:
    import SimpleITK
except ImportError:
    SimpleITK = None

UNU = shutil.which("teem-unu") or shutil.which("unu")
TYPES = {"uint8": "uchar", "uint16": "ushort", "uint32": "uint", "uint64": "ulonglong", "int8": "signed char", "int16": "short",
         "int32": "int", "int64": "longlong", "float32": "float", "float64": "double"}


@unittest.skipUnless(UNU, "unu of teem-apps is not installed")
class Unu(FormatCase):
    def unu(self, *words):
        done = subprocess.run([UNU, *map(str, words)], cwd=self.folder, capture_output=True, check=False)
        self.assertEqual(0, done.returncode, done.stderr.decode())
        return done.stdout

    def make(self, volume):
        """A file of unu's, which `save` writes in other ways."""
        volume.tofile(self.path("unu.raw"))
        self.unu("make", "-i", "unu.raw", "-t", TYPES[volume.dtype.name], "-s", *volume.shape[::-1], "-e", "raw", "-en",
                 "little", "-spc", "RAS", "-orig", "(1,2,3)", "-dirs", "(-0.5,0,0) (0,-0.65,0) (0,0,2)",
                 "-spu", "um", "um", "um", "-o", "made.nrrd")

    def save(self, name, *options):
        self.unu("save", "-i", "made.nrrd", "-f", "nrrd", "-o", name, *options)

    def test_what_unu_writes(self):
        for dtype, shape, volume in volumes(TYPES):
            self.make(volume)
            for options in (["-e", "raw", "-en", "little"], ["-e", "raw", "-en", "big"], ["-e", "gzip", "-en", "big"]):
                for name in ("v.nrrd", "v.nhdr"):
                    with self.subTest(dtype=dtype, shape=shape, options=options, name=name):
                        self.save(name, *options)
                        got, meta = self.read_with_ours(name)
                        self.assertEqual(dtype, meta["dtype"])
                        np.testing.assert_array_equal(got, volume)
                        self.assertEqual(([2, 0.65, 0.5], "micrometer", [3, -2, -1]),
                                         (meta["spacing"], meta["unit"], meta["origin"]))

    def test_pipes_and_compressed_files(self):
        volume = some_volume((5, 33, 47), "int16")
        self.make(volume)
        for encoding in ("raw", "gzip"):
            self.save("v.nrrd", "-e", encoding, "-en", "big")
            np.testing.assert_array_equal(self.pipe_to_ours("v.nrrd"), volume)
            self.path("v.nrrd.gz").write_bytes(gzip.compress(self.path("v.nrrd").read_bytes()))
            np.testing.assert_array_equal(self.read_with_ours("v.nrrd.gz")[0], volume)

    def test_other_encodings_are_refused(self):
        self.make(some_volume((3, 4, 5), "uint8"))
        self.save("v.nrrd", "-e", "ascii")
        self.assertIn("unu save", self.run_ours("vinfo", "v.nrrd", status=2))

    def test_unu_reads_ours(self):
        for dtype, shape, volume in volumes(TYPES):
            for codec in ("none", "gzip", "gzip:9"):
                for name in ("v.nrrd", "v.nhdr"):
                    with self.subTest(dtype=dtype, shape=shape, codec=codec, name=name):
                        self.write_with_ours(volume, name, "-c", codec)
                        raw = self.unu("save", "-i", name, "-f", "nrrd", "-e", "raw", "-en", "little")
                        head, _, voxels = raw.partition(b"\n\n")
                        self.assertIn(b"\ntype: ", head)
                        got = np.frombuffer(voxels, volume.dtype).reshape(shape)
                        np.testing.assert_array_equal(got, volume)

    def test_unu_finds_the_geometry_and_keeps_our_history(self):
        volume = some_volume((6, 7, 8), "int16")
        for meta in ({"spacing": [2, 0.65, 0.5], "unit": "nanometer"},
                     {"spacing": [2, 0.65, 0.5], "unit": "nanometer", "origin": [1, 2, 3],
                      "direction": [0, 0, 1, 0, 1, 0, -1, 0, 0]}):
            meta = {**meta, "kind": "labels", "range": [-5, 7], "sample": {"text": 'a "b" \\n c'}}
            self.write_with_ours(volume, "v.nrrd", **meta)
            self.assertEqual({**self.info("v.nrrd"), **meta}, {**self.info("v.nrrd"), "sample": meta["sample"]})
            self.unu("crop", "-i", "v.nrrd", "-min", 1, 2, 3, "-max", 5, 5, 5, "-o", "cropped.nrrd")
            got, cropped = self.read_with_ours("cropped.nrrd")
            np.testing.assert_array_equal(got, volume[3:6, 2:6, 1:6])
            for key in ("spacing", "unit", "kind", "sample", "direction"):
                self.assertEqual(meta.get(key), cropped.get(key), key)
            self.assertNotIn("range", cropped)
            if "origin" in meta:
                # Its axes X, Y and Z point along -Z, Y and X of the space, by 1, 2 and 3 voxels.
                steps = np.array([3 * 2, 2 * 0.65, 1 * 0.5])
                expected = np.array(meta["origin"]) + np.array(meta["direction"]).reshape(3, 3) @ steps
                np.testing.assert_allclose(cropped["origin"], expected, rtol=1e-6)

    def test_half_precision_is_not_in_the_format(self):
        np.save(self.path("half.npy"), some_volume((2, 3, 4), "float16"))
        self.assertIn("float32", self.run_ours("vconvert", "half.npy", "half.nrrd", status=2))


@unittest.skipUnless(SimpleITK, "SimpleITK is not installed")
class Itk(FormatCase):
    def test_both_ways(self):
        for dtype in (*INTEGERS, "float32", "float64"):
            volume = some_volume((5, 33, 47), dtype)
            for codec in ("none", "gzip"):
                with self.subTest(dtype=dtype, codec=codec):
                    self.write_with_ours(volume, "v.nrrd", "-c", codec, spacing=[2, 0.65, 0.5], origin=[1, 2, 3])
                    image = SimpleITK.ReadImage(str(self.path("v.nrrd")))
                    np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(image), volume)
                    self.assertEqual((0.5, 0.65, 2), image.GetSpacing())
                    self.assertEqual((3, 2, 1), image.GetOrigin())
                    SimpleITK.WriteImage(image, str(self.path("itk.nrrd")), useCompression=codec == "gzip")
                    got, meta = self.read_with_ours("itk.nrrd")
                    np.testing.assert_array_equal(got, volume)
                    self.assertEqual(([2, 0.65, 0.5], [1, 2, 3]), (meta["spacing"], meta["origin"]))


if __name__ == "__main__":
    assert set(TYPES) == set(DTYPES) - {"float16"}
    unittest.main()
