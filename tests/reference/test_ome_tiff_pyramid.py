"""Pyramids in OME-TIFF: tifffile reads ours, and we read tifffile's."""
import json
import pathlib
import re
import sys
import unittest

import numpy as np
import tifffile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import voxpipe  # noqa: E402
from format_case import FormatCase, some_volume  # noqa: E402


def halved(volume):
    """Means of 2 x 2 in each plane, half to even; the last voxel reduces what is there."""
    shape = (volume.shape[0], -(-volume.shape[1] // 2), -(-volume.shape[2] // 2))
    out = np.empty(shape, volume.dtype)
    for y in range(shape[1]):
        for x in range(shape[2]):
            mean = volume[:, 2 * y:2 * y + 2, 2 * x:2 * x + 2].mean(axis=(1, 2), dtype="f8")
            out[:, y, x] = mean if volume.dtype.kind == "f" else np.rint(mean)
    return out


class OmeTiffPyramid(FormatCase):
    def test_tifffile_reads_every_level(self):
        for dtype in ("uint8", "int16", "float32"):
            volume = some_volume((3, 70, 101), dtype)
            self.write_with_ours(volume, "in.raw", spacing=[3, 0.5, 0.5], unit="micrometer")
            for options in ([], ["-c", "deflate"], ["-c", "deflate", "--predictor"]):
                with self.subTest(dtype=dtype, options=options):
                    self.run_ours("vpyramid", "-q", "-f", "--chunk", "16,32,48", *options, "--levels", "3", "in.raw", "out.ome.tif")
                    if options != ["-c", "deflate", "--predictor"] or dtype != "float32":
                        with tifffile.TiffFile(self.path("out.ome.tif")) as file:
                            self.assertTrue(file.is_ome)
                            levels = [level.asarray() for level in file.series[0].levels]
                            page = file.pages[0].pages[0]
                            self.assertEqual((32, 48, 1), (page.tilelength, page.tilewidth, page.subfiletype))
                        expected = volume
                        for level in levels:
                            np.testing.assert_array_equal(expected, level)
                            expected = halved(expected)
                        self.assertEqual(3, len(levels))
                    expected = volume
                    for level in range(3):
                        self.run_ours("vconvert", "-q", "-f", "--level", level, "out.ome.tif", "level.npy")
                        np.testing.assert_array_equal(expected, np.load(self.path("level.npy")))
                        expected = halved(expected)

    def test_planes_larger_than_the_memory(self):
        np.save(self.path("in.npy"), some_volume((3, 1601, 1503), "uint16"))
        for method, factor, codec, chunk in (("mean", "auto", "none", "64"), ("gaussian", "auto", "zstd", "1,48,80"),
                                             ("nearest", "1,3,2", "deflate", "1,64,128"), ("max", "1,1,2", "none", "1,2048,64")):
            options = f"-q -f --no-history -m {method} --factor {factor} -c {codec} --chunk {chunk} --levels 4"
            self.run_ours("vpyramid", *options.split(), "in.npy", "whole.ome.tif")
            wanted = self.path("whole.ome.tif").read_bytes()
            for command in (f"vpyramid {options} --memory 48M -j 3 in.npy out.ome.tif",
                            f"vpyramid {options} --memory MIN in.npy out.ome.tif",
                            f"vconvert -q in.npy - | vpyramid {options} -j 1 --memory MIN - out.ome.tif"):
                refused = self.run_ours("vpyramid", *options.split(), "--memory", "1M", "in.npy", "out.ome.tif", status=3)
                command = command.replace("MIN", re.search(r"use --memory (\w+)", refused)[1])
                with self.subTest(command=command):
                    done = voxpipe.shell(command, self.folder)
                    self.assertEqual(0, done.returncode, done.stderr)
                    self.assertTrue(wanted == self.path("out.ome.tif").read_bytes())

    def test_planes_stay_and_levels_lie_where_their_voxels_are(self):
        self.write_with_ours(some_volume((5, 200, 130), "uint16"), "in.raw", spacing=[1, 1, 1], unit="micrometer")
        self.run_ours("vpyramid", "-q", "in.raw", "out.ome.tif")
        info = json.loads(self.run_ours("vinfo", "--json", "--level", "2", "out.ome.tif"))
        self.assertEqual(([5, 50, 33], [1, 4, 4], [0, 1.5, 1.5], 3),
                         (info["shape"], info["spacing"], info["origin"], info["levels"]))
        self.run_ours("vpyramid", "-q", "--chunk", "16", "--factor", "1,2,2", "in.raw", "deep.ome.tif")
        info = json.loads(self.run_ours("vinfo", "--json", "--level", "4", "deep.ome.tif"))
        self.assertEqual(([5, 13, 9], [1, 16, 16], [0, 7.5, 7.5]), (info["shape"], info["spacing"], info["origin"]))
        self.assertIn("levels 0 to 2", self.run_ours("vinfo", "--level", "3", "out.ome.tif", status=2))

    def test_we_read_what_tifffile_wrote(self):
        volume = some_volume((4, 101, 140), "uint16")
        levels = [volume, volume[:, ::2, ::2], volume[:, ::4, ::4]]
        with tifffile.TiffWriter(self.path("other.ome.tif")) as file:
            metadata = {"axes": "ZYX"}
            for axis, size in zip("ZYX", (2, 0.5, 0.5)):
                metadata |= {f"PhysicalSize{axis}": size, f"PhysicalSize{axis}Unit": "µm"}
            file.write(volume, subifds=2, tile=(32, 32), metadata=metadata)
            for level in levels[1:]:
                file.write(level, subfiletype=1, tile=(32, 32))
        for number, level in enumerate(levels):
            self.run_ours("vconvert", "-q", "-f", "--level", number, "other.ome.tif", "level.npy")
            np.testing.assert_array_equal(level, np.load(self.path("level.npy")))

    def test_what_tiff_has_not_is_refused(self):
        self.write_with_ours(some_volume((4, 40, 40), "uint16"), "in.raw")
        for options, words in ((["--chunk", "20"], "multiples of 16"), (["--factor", "2,2,2"], "all planes"),
                               (["--ome", "0.4"], "OME-Zarr"), (["-c", "blosc"], "blosc")):
            with self.subTest(options=options):
                self.assertIn(words, self.run_ours("vpyramid", *options, "in.raw", "out.ome.tif", status=2))
                self.assertFalse(self.path("out.ome.tif").exists())


if __name__ == "__main__":
    unittest.main()
