"""OME-Zarr in one zip archive: Python's zipfile reads ours, and we read what zipfile and zip wrote."""
import json
import pathlib
import sys
import unittest
import zipfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from format_case import some_volume  # noqa: E402
from zarr_stores import Stores  # noqa: E402


class Ozx(Stores):
    def unpacked(self, name):
        """The folder that an archive holds, checked by zipfile."""
        folder = self.path("unpacked")
        with zipfile.ZipFile(self.path(name)) as archive:
            self.assertIsNone(archive.testzip())
            self.assertEqual({zipfile.ZIP_STORED}, {entry.compress_type for entry in archive.infolist()})
            archive.extractall(folder)
        return folder

    def pack(self, folder, name, compression=zipfile.ZIP_STORED, top="", comment=b""):
        with zipfile.ZipFile(self.path(name), "w", compression) as archive:
            for path in sorted(self.path(folder).rglob("*")):
                if path.is_file():
                    archive.write(path, top + str(path.relative_to(self.path(folder))))
            archive.comment = comment

    def test_a_pyramid_in_one_file(self):
        volume = some_volume((20, 150, 90), "uint16")
        self.write_with_ours(volume, "in.raw", spacing=[2, 1, 1], unit="micrometer")
        self.run_ours("vpyramid", "-q", "--levels", "3", "in.raw", "out.ozx")
        self.assertEqual(["out.ozx"], [path.name for path in self.folder.iterdir() if "out" in path.name])
        folder = self.unpacked("out.ozx")
        np.testing.assert_array_equal(volume, self.read_v3(folder / "0"))
        with zipfile.ZipFile(self.path("out.ozx")) as archive:
            names = archive.namelist()
            self.assertEqual(["zarr.json", "0/zarr.json", "1/zarr.json", "2/zarr.json"], names[:4])
            self.assertEqual({"version": "0.5", "zipFile": {"centralDirectory": {"jsonFirst": True}}}, json.loads(archive.comment)["ome"])
        for level in range(3):
            self.run_ours("vconvert", "-q", "-f", "--level", level, "out.ozx", "level.npy")
            np.testing.assert_array_equal(self.read_v3(folder / str(level)), np.load(self.path("level.npy")))
        self.run_ours("vconvert", "-q", "-f", "--roi", "3:7,100:,:9", "out.ozx", "part.npy")
        np.testing.assert_array_equal(volume[3:7, 100:, :9], np.load(self.path("part.npy")))
        info = json.loads(self.run_ours("vinfo", "--json", "out.ozx"))
        self.assertEqual(([2, 1, 1], "micrometer", 3), (info["spacing"], info["unit"], info["levels"]))

    def test_one_level_replaces_only_with_force(self):
        volume = some_volume((4, 5, 6), "float32")
        self.write_with_ours(volume, "out.ozx")
        np.testing.assert_array_equal(volume, self.read_v3(self.unpacked("out.ozx") / "0"))
        self.run_ours("vconvert", "out.ozx", "copy.npy")
        self.assertIn("--force", self.run_ours("vconvert", "copy.npy", "out.ozx", status=2))
        self.run_ours("vconvert", "-f", "copy.npy", "out.ozx")
        self.assertIn("0.5", self.run_ours("vpyramid", "--ome", "0.4", "copy.npy", "other.ozx", status=2))

    def test_archives_of_others(self):
        volume = some_volume((7, 40, 50), "uint8")
        self.write_with_ours(volume, "in.raw")
        self.run_ours("vpyramid", "-q", "--chunk", "16", "--shard", "none", "in.raw", "store.zarr")
        self.pack("store.zarr", "stored.ozx", comment=b"x" * 300)
        self.run_ours("vconvert", "-q", "stored.ozx", "back.npy")
        np.testing.assert_array_equal(volume, np.load(self.path("back.npy")))
        self.pack("store.zarr", "deflated.ozx", zipfile.ZIP_DEFLATED)
        self.assertIn("compressed", self.run_ours("vinfo", "deflated.ozx", status=2))
        self.pack("store.zarr", "deeper.ozx", top="store.zarr/")
        self.assertIn("no Zarr store", self.run_ours("vinfo", "deeper.ozx", status=2))

    def test_damaged_archives_say_so(self):
        self.write_with_ours(some_volume((7, 40, 50), "uint8"), "whole.ozx")
        whole = self.path("whole.ozx").read_bytes()
        for size in range(4, len(whole), 37):
            self.path("cut.ozx").write_bytes(whole[:size])
            self.assertIn("cut.ozx", self.run_ours("vinfo", "cut.ozx", status=5))
        at = whole.rindex(b"PK\x01\x02")
        self.path("bad.ozx").write_bytes(whole[:at] + b"XX" + whole[at + 2:])
        self.assertIn("directory is damaged", self.run_ours("vinfo", "bad.ozx", status=5))


if __name__ == "__main__":
    unittest.main()
