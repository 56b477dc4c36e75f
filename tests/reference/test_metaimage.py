#!/usr/bin/env python3
"""MetaImage and compressed raw files against a small reader and writer of our own and Python's zlib and gzip, and
against SimpleITK where it is installed."""
import gzip
import shutil
import subprocess
import unittest
import zlib

import numpy as np

import voxpipe
from format_case import DTYPES, FormatCase, some_volume, volumes

try:
    import SimpleITK
except ImportError:
    SimpleITK = None

TYPES = {"uint8": "MET_UCHAR", "uint16": "MET_USHORT", "uint32": "MET_UINT", "uint64": "MET_ULONG_LONG",
         "int8": "MET_CHAR", "int16": "MET_SHORT", "int32": "MET_INT", "int64": "MET_LONG_LONG", "float32": "MET_FLOAT",
         "float64": "MET_DOUBLE"}


def read_metaimage(path):
    """The voxels and the header of a MetaImage file."""
    content = path.read_bytes()
    at = content.index(b"\n", content.index(b"ElementDataFile")) + 1
    header = dict(line.split(" = ", 1) for line in content[:at].decode().splitlines())
    assert all(len(line) < 500 for line in content[:at].splitlines()), "MetaIO reads no longer lines"
    name = header["ElementDataFile"]
    voxels = content[at:] if name == "LOCAL" else (path.parent / name).read_bytes()
    if header["CompressedData"] == "True":
        assert int(header["CompressedDataSize"]) == len(voxels)
        voxels = zlib.decompress(voxels)
    dtype = next(dtype for dtype, name in TYPES.items() if name == header["ElementType"])
    order = ">" if header["BinaryDataByteOrderMSB"] == "True" else "<"
    shape = [int(size) for size in header["DimSize"].split()][::-1]
    return np.frombuffer(voxels, np.dtype(dtype).newbyteorder(order)).reshape(shape), header


def write_metaimage(path, volume, order, compress, data_file="LOCAL", more=""):
    voxels = volume.astype(volume.dtype.newbyteorder(order)).tobytes()
    voxels = compress(voxels) if compress else voxels
    header = "ObjectType = Image\nNDims = 3\nDimSize = " + " ".join(map(str, volume.shape[::-1])) + more
    header += f"\nElementType = {TYPES[volume.dtype.name]}\nBinaryDataByteOrderMSB = {order == '>'}\n"
    header += f"CompressedData = {bool(compress)}\nElementDataFile = {data_file}\n"
    if data_file != "LOCAL":
        (path.parent / data_file).write_bytes(voxels)
        voxels = b""
    path.write_bytes(header.encode() + voxels)


class MetaImage(FormatCase):
    def test_every_kind_of_file_is_read(self):
        for dtype, shape, volume in volumes(TYPES):
            for order in "<>":
                for compress in (None, zlib.compress, gzip.compress):
                    for name, data_file in (("v.mha", "LOCAL"), ("v.mhd", "v.data")):
                        with self.subTest(dtype=dtype, shape=shape, order=order, compress=compress, name=name):
                            write_metaimage(self.path(name), volume, order, compress, data_file,
                                            "\nElementSpacing = 0.5 0.65 2\nDistanceUnits = um\nOffset = 1 2 3")
                            got, meta = self.read_with_ours(name)
                            self.assertEqual(dtype, meta["dtype"])
                            np.testing.assert_array_equal(got, volume)
                            self.assertEqual(([2, 0.65, 0.5], "micrometer", [3, 2, 1]),
                                             (meta["spacing"], meta["unit"], meta["origin"]))

    def test_ours_are_read(self):
        for dtype, shape, volume in volumes(TYPES):
            for codec in ("none", "gzip", "gzip:1"):
                for name in ("v.mha", "v.mhd"):
                    with self.subTest(dtype=dtype, shape=shape, codec=codec, name=name):
                        self.write_with_ours(volume, name, "-c", codec, spacing=[2, 0.65, 0.5], unit="micrometer",
                                             origin=[3, 2, 1], direction=[1, 0, 0, 0, 0, 1, 0, -1, 0])
                        got, header = read_metaimage(self.path(name))
                        np.testing.assert_array_equal(got, volume)
                        self.assertEqual("0.5 0.65 2", header["ElementSpacing"])
                        self.assertEqual(("um", "1 2 3"), (header["DistanceUnits"], header["Offset"]))
                        # Each row is the direction of one axis: X points along -Y, Y along X.
                        self.assertEqual("0 1 0 -1 0 0 0 0 1", header["TransformMatrix"].replace("-0", "0"))

    def test_pipes(self):
        volume = some_volume((5, 33, 47), "int16")
        for compress in (None, zlib.compress):
            write_metaimage(self.path("v.mha"), volume, ">", compress)
            np.testing.assert_array_equal(self.pipe_to_ours("v.mha"), volume)

    def test_an_input_is_not_lost_to_a_header_of_its_name(self):
        self.write_with_ours(some_volume((2, 3, 4), "uint8"), "v.npy")
        self.run_ours("vconvert", "-q", "v.npy", "v.raw")
        for name in ("v.mhd", "v.nhdr"):
            self.assertIn("v.raw: is a volume", self.run_ours("vconvert", "-f", "v.raw", name, status=2))


class CompressedRaw(FormatCase):
    def test_python_and_zstd_read_ours(self):
        large = some_volume((3, 600, 700), "uint16")
        for dtype, shape, volume in (*volumes(DTYPES), ("uint16", large.shape, large)):
            with self.subTest(dtype=dtype, shape=shape):
                self.write_with_ours(volume, "v.raw.gz")
                self.assertEqual(volume.tobytes(), gzip.decompress(self.path("v.raw.gz").read_bytes()))
                np.testing.assert_array_equal(self.read_with_ours("v.raw.gz")[0], volume)
                self.write_with_ours(volume, "v.raw.zst")
                np.testing.assert_array_equal(self.read_with_ours("v.raw.zst")[0], volume)
                if shutil.which("zstd"):
                    got = subprocess.run(["zstd", "-dqc", self.path("v.raw.zst")], check=True, capture_output=True)
                    self.assertEqual(volume.tobytes(), got.stdout)

    def test_any_input_may_be_compressed(self):
        volume = some_volume((40, 50, 60), "uint16")
        self.path("scan.gz").write_bytes(gzip.compress(volume.astype(">u2").tobytes()))
        options = ("--in-shape", "40,50,60", "--in-dtype", "uint16", "--in-byte-order", "big")
        np.testing.assert_array_equal(self.read_with_ours("scan.gz", *options)[0], volume)
        stream = voxpipe.shell("vconvert -q --in-shape 40,50,60 --in-dtype uint16 scan.gz - | gzip > stream.gz", self.folder)
        self.assertEqual(0, stream.returncode, stream.stderr)
        np.testing.assert_array_equal(self.read_with_ours("stream.gz")[0], volume.byteswap())
        self.assertEqual("gzip", self.info("stream.gz")["compression"])

    def test_two_passes_keep_what_they_read(self):
        volume = some_volume((40, 50, 60), "float32")
        self.write_with_ours(volume, "v.raw.gz")
        self.run_ours("vnormalize", "minmax", "v.raw.gz", "v.npy")
        got = np.load(self.path("v.npy"))
        self.assertEqual((got.min(), got.max()), (0, 1))

    def test_a_bomb_costs_no_memory(self):
        self.path("bomb.gz").write_bytes(gzip.compress(bytes(200 << 20), 1))
        done = voxpipe.shell("ulimit -v 400000; vstats --in-shape 9,9,9 --in-dtype uint8 --memory 32M bomb.gz", self.folder)
        if b"AddressSanitizer failed to allocate" in done.stderr:
            self.skipTest("AddressSanitizer needs more address space than the limit")
        self.assertEqual(5, done.returncode, done.stderr)
        self.assertIn(b"more bytes", done.stderr)


@unittest.skipUnless(SimpleITK, "SimpleITK is not installed")
class Itk(FormatCase):
    def test_both_ways(self):
        for dtype in TYPES:
            volume = some_volume((5, 33, 47), dtype)
            for codec in ("none", "gzip"):
                for name in ("v.mha", "v.mhd"):
                    with self.subTest(dtype=dtype, codec=codec, name=name):
                        self.write_with_ours(volume, name, "-c", codec, spacing=[2, 0.65, 0.5], origin=[1, 2, 3])
                        image = SimpleITK.ReadImage(str(self.path(name)))
                        np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(image), volume)
                        self.assertEqual(((0.5, 0.65, 2), (3, 2, 1)), (image.GetSpacing(), image.GetOrigin()))
                        SimpleITK.WriteImage(image, str(self.path("itk_" + name)), useCompression=codec == "gzip")
                        np.testing.assert_array_equal(self.read_with_ours("itk_" + name)[0], volume)


if __name__ == "__main__":
    unittest.main()
