#!/usr/bin/env python3
"""OME-TIFF against tifffile.

VOXPIPE_BIN: the folder of the executables. VOXPIPE_TEST_DATA: real volumes, optional.
"""
import json
import os
import pathlib
import unittest
import xml.etree.ElementTree as ElementTree

import numpy as np
import tifffile

from format_case import FormatCase

DATA = os.environ.get("VOXPIPE_TEST_DATA")
DTYPES = ("uint8", "uint16", "uint32", "int8", "int16", "int32", "float32", "float64")
NAMESPACE = "{http://www.openmicroscopy.org/Schemas/OME/2016-06}"
ORDERS = ("XYZCT", "XYZTC", "XYCTZ", "XYCZT", "XYTCZ", "XYTZC")


def some_volume(shape, dtype):
    return np.random.default_rng(3).integers(0, 100, shape).astype(dtype)


class Writing(FormatCase):
    def test_tifffile_reads_voxels_axes_and_sizes(self):
        for dtype in DTYPES:
            for shape in ((5, 9, 14), (1, 7, 3), (4, 1, 1), (1, 1, 1)):
                for options in ([], ["-c", "deflate"]):
                    with self.subTest(dtype=dtype, shape=shape, options=options):
                        volume = some_volume(shape, dtype)
                        path = self.folder / "ours.ome.tif"
                        self.write_with_ours(volume, path, *options, spacing=[2, 0.65, 0.5], unit="micrometer")
                        with tifffile.TiffFile(path) as file:
                            self.assertTrue(file.is_ome)
                            self.assertEqual(len(file.series), 1)
                            series = file.series[0]
                            self.assertEqual(series.kind, "ome")
                            self.assertEqual(series.axes, "ZYX" if shape[0] > 1 else "YX")
                            self.assertEqual(series.shape, shape if shape[0] > 1 else shape[1:])
                            self.assertEqual(series.dtype, np.dtype(dtype))
                            np.testing.assert_array_equal(series.asarray().reshape(shape), volume)

    def test_the_description_is_as_the_schema_has_it(self):
        path = self.folder / "ours.ome.tiff"
        self.write_with_ours(some_volume((3, 4, 5), "uint16"), path, spacing=[2, 0.65, 0.5], unit="micrometer",
                             origin=[1, -2, 3.5], kind="labels", value_map={"slope": 0.5, "intercept": -3})
        with tifffile.TiffFile(path) as file:
            root = ElementTree.fromstring(file.ome_metadata)
            self.assertEqual(file.byteorder, "<")
        self.assertEqual(root.tag, NAMESPACE + "OME")
        self.assertEqual([child.tag for child in root], [NAMESPACE + "Image", NAMESPACE + "StructuredAnnotations"])
        pixels = root.find(f"{NAMESPACE}Image/{NAMESPACE}Pixels")
        facts = dict(pixels.attrib)
        self.assertEqual({key: facts[key] for key in ("SizeX", "SizeY", "SizeZ", "SizeC", "SizeT")},
                         {"SizeX": "5", "SizeY": "4", "SizeZ": "3", "SizeC": "1", "SizeT": "1"})
        self.assertEqual((facts["DimensionOrder"], facts["Type"], facts["BigEndian"]), ("XYZCT", "uint16", "false"))
        self.assertEqual([float(facts[f"PhysicalSize{axis}"]) for axis in "XYZ"], [0.5, 0.65, 2])
        self.assertEqual({facts[f"PhysicalSize{axis}Unit"] for axis in "XYZ"}, {"µm"})
        self.assertEqual([child.tag[len(NAMESPACE):] for child in pixels], ["Channel", "TiffData", "Plane"])
        self.assertEqual(pixels[1].get("PlaneCount"), "3")
        self.assertEqual([float(pixels[2].get(f"Position{axis}")) for axis in "XYZ"], [3.5, -2, 1])
        annotation = root.find(f"{NAMESPACE}StructuredAnnotations/{NAMESPACE}CommentAnnotation")
        meta = json.loads(annotation.find(NAMESPACE + "Value").text)
        self.assertEqual((meta["kind"], meta["value_map"]["slope"]), ("labels", 0.5))
        reference = root.find(f"{NAMESPACE}Image/{NAMESPACE}AnnotationRef")
        self.assertEqual(reference.get("ID"), annotation.get("ID"))

    def test_everything_survives_without_the_sidecar(self):
        path = self.folder / "ours.ome.tif"
        facts = {"spacing": [2, 0.65, 0.5], "unit": "nanometer", "origin": [4, -1.3, 0], "kind": "mask",
                 "value_map": {"slope": 0.5, "intercept": -3}, "operator": "<me> & \"you\""}
        self.write_with_ours(some_volume((3, 4, 5), "uint8"), path, **facts)
        pathlib.Path(f"{path}.json").unlink()
        _, meta = self.read_with_ours(path)
        for key, value in facts.items():
            self.assertEqual(meta[key], value)
        self.assertEqual([entry["tool"] for entry in self.info(path)["history"]], ["vconvert"])

    def test_types_that_ome_has_not_are_refused(self):
        for dtype in ("int64", "uint64", "float16"):
            message = self.write_with_ours(some_volume((2, 3, 4), dtype), self.folder / "ours.ome.tif", status=2)
            self.assertIn(dtype, message)
            self.assertIn("-t ", message)
        self.assertEqual(list(self.folder.glob("*.tif")), [])


class Reading(FormatCase):
    def test_what_tifffile_writes(self):
        for dtype in DTYPES:
            for order in "<>":
                with self.subTest(dtype=dtype, order=order):
                    volume = some_volume((4, 9, 14), dtype)
                    path = self.folder / "theirs.ome.tif"
                    tifffile.imwrite(path, volume, byteorder=order, photometric="minisblack",
                                     metadata={"axes": "ZYX", "PhysicalSizeX": 0.5, "PhysicalSizeXUnit": "µm",
                                               "PhysicalSizeY": 650, "PhysicalSizeYUnit": "nm", "PhysicalSizeZ": 2,
                                               "PhysicalSizeZUnit": "µm"})
                    got, meta = self.read_with_ours(path)
                    np.testing.assert_array_equal(got, volume)
                    np.testing.assert_allclose(meta["spacing"], [2, 0.65, 0.5])
                    self.assertEqual(meta["unit"], "micrometer")

    def test_every_order_of_dimensions(self):
        for order in ORDERS:
            axes = order[:1:-1]  # slowest first
            sizes = {"Z": 4, "C": 2, "T": 3}
            stack = some_volume([sizes[axis] for axis in axes] + [5, 6], "uint16")
            path = self.folder / "theirs.ome.tif"
            tifffile.imwrite(path, stack, photometric="minisblack", metadata={"axes": axes + "YX"})
            self.assertIn("--channel", self.run_ours("vinfo", path, status=2))
            for channel, time in ((0, 0), (1, 2), (0, 1)):
                with self.subTest(order=order, channel=channel, time=time):
                    got, _ = self.read_with_ours(path, "--channel", channel, "--time", time)
                    chosen = stack[tuple({"Z": slice(None), "C": channel, "T": time}[axis] for axis in axes)]
                    np.testing.assert_array_equal(got, chosen)

    def test_colours(self):
        for planar in ("contig", "separate"):
            volume = some_volume((3, 5, 6, 3) if planar == "contig" else (3, 3, 5, 6), "uint8")
            path = self.folder / "theirs.ome.tif"
            tifffile.imwrite(path, volume, photometric="rgb", planarconfig=planar,
                             metadata={"axes": "ZYXS" if planar == "contig" else "ZSYX"})
            got, _ = self.read_with_ours(path, "--channel", "1")
            np.testing.assert_array_equal(got, volume[..., 1] if planar == "contig" else volume[:, 1])

    def test_levels_in_sub_directories_are_no_planes(self):
        volume = some_volume((3, 32, 48), "uint16")
        path = self.folder / "levels.ome.tif"
        with tifffile.TiffWriter(path, bigtiff=True) as file:
            file.write(volume, subifds=1, tile=(16, 16), photometric="minisblack", metadata={"axes": "ZYX"})
            file.write(volume[:, ::2, ::2], subfiletype=1, tile=(16, 16), photometric="minisblack")
        got, _ = self.read_with_ours(path)
        np.testing.assert_array_equal(got, volume)

    def test_several_images_are_refused(self):
        path = self.folder / "images.ome.tif"
        with tifffile.TiffWriter(path) as file:
            for _ in range(2):
                file.write(some_volume((3, 4, 5), "uint8"), photometric="minisblack")
        self.assertIn("holds 2 images", self.run_ours("vinfo", path, status=2))

    @unittest.skipUnless(DATA, "VOXPIPE_TEST_DATA is not set")
    def test_real_volumes(self):
        for name in ("shell_225x128x128.tif", "bone_128x128x128.tif"):
            path = self.folder / "real.ome.tif"
            self.run_ours("vconvert", "-f", "-c", "deflate", pathlib.Path(DATA) / name, path)
            volume = tifffile.imread(pathlib.Path(DATA) / name)
            with tifffile.TiffFile(path) as file:
                self.assertEqual(file.series[0].axes, "ZYX")
                np.testing.assert_array_equal(file.series[0].asarray(), volume)
            got, _ = self.read_with_ours(path)
            np.testing.assert_array_equal(got, volume)


if __name__ == "__main__":
    unittest.main()
