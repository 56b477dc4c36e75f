#!/usr/bin/env python3
"""NumPy's files against NumPy."""
import gzip
import io
import unittest

import numpy as np
from numpy.lib import format as npy

import voxpipe
from format_case import DTYPES, FormatCase, some_volume, volumes


class Npy(FormatCase):
    def test_what_numpy_writes(self):
        for dtype, shape, volume in volumes(DTYPES):
            for order in "<>":
                for layout in (np.ascontiguousarray, np.asfortranarray):
                    for version in ((1, 0), (2, 0), (3, 0)):
                        with self.subTest(dtype=dtype, shape=shape, order=order, layout=layout, version=version):
                            array = layout(volume.astype(volume.dtype.newbyteorder(order)))
                            with open(self.path("v.npy"), "wb") as file:
                                npy.write_array(file, array, version)
                            got, meta = self.read_with_ours("v.npy")
                            self.assertEqual(dtype, meta["dtype"])
                            np.testing.assert_array_equal(got, volume)

    def test_masks_planes_and_leading_ones(self):
        volume = some_volume((4, 9, 7), "uint8") > 99
        np.save(self.path("mask.npy"), volume)
        got, meta = self.read_with_ours("mask.npy")
        self.assertEqual(("uint8", "mask"), (meta["dtype"], meta["kind"]))
        np.testing.assert_array_equal(got, volume)
        np.save(self.path("plane.npy"), np.asfortranarray(volume[0]))
        np.testing.assert_array_equal(self.read_with_ours("plane.npy")[0], volume[:1])
        np.save(self.path("five.npy"), volume[None, None])
        np.testing.assert_array_equal(self.read_with_ours("five.npy")[0], volume)
        np.save(self.path("four.npy"), np.stack([volume, volume]))
        self.assertIn("4 dimensions", self.run_ours("vinfo", "four.npy", status=2))

    def test_what_is_no_volume_of_numbers(self):
        for name, array in (("complex", np.ones((2, 3, 4), "c8")), ("structured", np.ones((2, 3, 4), "u1,u2")),
                            ("objects", np.full((2, 3, 4), None)), ("text", np.full((2, 3, 4), "a")),
                            ("dates", np.zeros((2, 3, 4), "M8[s]"))):
            with self.subTest(name):
                np.save(self.path("v.npy"), array, allow_pickle=True)
                self.assertIn("v.npy: ", self.run_ours("vinfo", "v.npy", status=2))

    def test_numpy_reads_ours(self):
        for dtype, shape, volume in volumes(DTYPES):
            with self.subTest(dtype=dtype, shape=shape):
                self.write_with_ours(volume, "v.npy", spacing=[1, 2, 3])
                got = np.load(self.path("v.npy"), mmap_mode="r")
                self.assertTrue(got.flags.c_contiguous)
                self.assertEqual(got.dtype, np.dtype(dtype))
                self.assertEqual(0, got.offset % 64)
                np.testing.assert_array_equal(got, volume)
                self.assertEqual([1, 2, 3], self.info("v.npy")["spacing"])

    def test_pipes_and_compressed_files(self):
        volume = some_volume((5, 33, 47), "float32")
        np.save(self.path("v.npy"), volume.astype(">f4"))
        np.testing.assert_array_equal(self.pipe_to_ours("v.npy"), volume)
        self.path("v.npy.gz").write_bytes(gzip.compress(self.path("v.npy").read_bytes()))
        np.testing.assert_array_equal(self.pipe_to_ours("v.npy.gz"), volume)
        np.testing.assert_array_equal(self.read_with_ours("v.npy.gz", "--roi", "1:3,2:9,5:-5")[0], volume[1:3, 2:9, 5:-5])
        buffer = io.BytesIO()
        np.save(buffer, np.asfortranarray(volume))
        done = voxpipe.run("vconvert", "-", "out.raw", stdin=buffer.getvalue(), folder=self.folder)
        self.assertEqual(2, done.returncode)
        self.assertIn(b"ascontiguousarray", done.stderr)

    def test_fortran_order_beyond_the_memory(self):
        volume = some_volume((180, 170, 190), "uint32")
        np.save(self.path("v.npy"), np.asfortranarray(volume))
        got, _ = self.read_with_ours("v.npy", "--memory", "12M", "--tmpdir", self.folder)
        np.testing.assert_array_equal(got, volume)


if __name__ == "__main__":
    unittest.main()
