#!/usr/bin/env python3
"""Where a volume lies and what its values mean, as other programs see it: NumPy, nibabel, unu, tifffile.

VOXPIPE_TEST_DATA: real volumes, optional.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ElementTree

import numpy as np

from format_case import FormatCase, some_volume

try:
    import nibabel
except ImportError:
    nibabel = None
try:
    import tifffile
except ImportError:
    tifffile = None
UNU = shutil.which("teem-unu") or shutil.which("unu")
DATA = os.environ.get("VOXPIPE_TEST_DATA")
for missing, what in ((nibabel, "nibabel"), (tifffile, "tifffile"), (UNU, "unu of teem-apps"), (DATA, "VOXPIPE_TEST_DATA")):
    if not missing:
        print(f"test_geometry: {what} is not here; its part is skipped", file=sys.stderr)

SPACING, ORIGIN = [2, 0.65, 0.5], [10, -20, 30.5]  # Z, Y, X
# Columns are the axes Z, Y, X of the volume; rows the directions back-to-front of Z, Y, X of the world.
TURNED = [0.6, 0.64, 0.48, 0.8, -0.48, -0.36, 0, 0.6, -0.8]
FULL = {"spacing": SPACING, "unit": "micrometer", "origin": ORIGIN, "direction": TURNED,
        "value_map": {"slope": 0.25, "intercept": -3}}
ENDINGS = (".tif", ".ome.tif", ".npy", ".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".mhd", ".raw.gz", ".raw.zst", "/")
VOXEL = (2, 1, 3)  # some voxel, Z, Y, X


def place_of(voxel):
    """The point of the world in which a voxel's centre lies, X, Y, Z."""
    place = np.array(ORIGIN) + np.reshape(TURNED, (3, 3)) @ (np.array(SPACING) * voxel)
    return place[::-1]


class Geometry(FormatCase):
    def make(self, name, **meta):
        volume = some_volume((4, 5, 6), "uint16")
        self.write_with_ours(volume, name, **meta)
        return volume

    def sidecar(self, name):
        return json.loads(self.path(name.rstrip("/") + ".json").read_text())


class NumPy(Geometry):
    def test_the_array_is_z_y_x_and_the_sidecar_has_the_rest(self):
        volume = self.make("v.npy", **FULL)
        np.testing.assert_array_equal(np.load(self.path("v.npy")), volume)
        self.assertEqual(FULL, {key: self.sidecar("v.npy")[key] for key in FULL})


@unittest.skipUnless(nibabel, "nibabel is not installed")
class Nibabel(Geometry):
    def test_the_affine_leads_to_the_same_point_right_anterior_superior(self):
        for name in ("v.nii", "v.nii.gz"):
            volume = self.make(name, **FULL)
            image = nibabel.load(self.path(name))
            np.testing.assert_array_equal(np.asarray(image.dataobj.get_unscaled()).T, volume)
            x, y, z = place_of(VOXEL)
            for affine in (image.affine, image.get_qform()):
                np.testing.assert_allclose((affine @ [*VOXEL[::-1], 1])[:3], [-x, -y, z], rtol=1e-5)
            np.testing.assert_allclose(image.header.get_zooms(), SPACING[::-1], rtol=1e-6)
            self.assertEqual("micron", image.header.get_xyzt_units()[0])
            np.testing.assert_allclose(image.get_fdata().T, 0.25 * volume - 3)

    def test_nothing_is_invented(self):
        self.make("v.nii")
        header = nibabel.load(self.path("v.nii")).header
        self.assertEqual(("unknown", "unknown"), header.get_xyzt_units())
        self.assertEqual((0, 0), (int(header["sform_code"]), int(header["qform_code"])))


@unittest.skipUnless(UNU, "unu of teem-apps is not installed")
class Unu(Geometry):
    def head(self, name):
        done = subprocess.run([UNU, "head", name], cwd=self.folder, capture_output=True, check=True)
        lines = [line.split(": ", 1) for line in done.stdout.decode().splitlines() if ": " in line]
        return dict(lines)

    @staticmethod
    def vectors(text):
        return np.array([[float(value) for value in vector.split(",")] for vector in text.strip("()").split(") (")])

    def test_directions_and_origin_are_x_y_z_left_posterior_superior(self):
        for name in ("v.nrrd", "v.nhdr"):
            self.make(name, **FULL)
            head = self.head(name)
            self.assertEqual("left-posterior-superior", head["space"])
            self.assertEqual("6 5 4", head["sizes"])
            self.assertEqual('"um" "um" "um"', head["space units"])
            origin, steps = self.vectors(head["space origin"])[0], self.vectors(head["space directions"])
            np.testing.assert_allclose(origin, ORIGIN[::-1])
            np.testing.assert_allclose(origin + np.array(VOXEL[::-1]) @ steps, place_of(VOXEL))

    def test_nothing_is_invented(self):
        self.make("v.nrrd")
        self.assertFalse({"space", "spacings", "units", "space units", "space origin"} & set(self.head("v.nrrd")))
        self.make("v.nrrd", spacing=SPACING)
        head = self.head("v.nrrd")
        self.assertEqual("0.5 0.65 2", head["spacings"])
        self.assertFalse({"space", "units"} & set(head))

    def test_a_units_name_cannot_begin_a_field(self):
        for unit in ('a "b\\', "um\nspace origin: (1,2,3)"):
            self.make("v.nrrd", spacing=SPACING, unit=unit)
            self.assertNotIn("space origin", self.head("v.nrrd"))
            self.assertEqual(unit, self.info("v.nrrd")["unit"])


@unittest.skipUnless(tifffile, "tifffile is not installed")
class Tifffile(Geometry):
    def test_imagej(self):
        volume = self.make("v.tif", **FULL)
        with tifffile.TiffFile(self.path("v.tif")) as tiff:
            facts, page = tiff.imagej_metadata, tiff.pages[0]
            np.testing.assert_array_equal(tiff.asarray(), volume)
            self.assertEqual((2, "um"), (facts["spacing"], facts["unit"]))
            self.assertEqual([-10 / 2, 20 / 0.65, -30.5 / 0.5], [facts[f"{axis}origin"] for axis in "zyx"])
            self.assertEqual((0.25, -3), (facts["c1"], facts["c0"]))
            for tag, spacing in (("XResolution", 0.5), ("YResolution", 0.65)):
                above, below = page.tags[tag].value
                self.assertEqual(spacing, below / above)

    def test_imagej_is_told_no_unit_and_no_spacing_that_are_not_known(self):
        self.make("v.tif", unit="micrometer")
        with tifffile.TiffFile(self.path("v.tif")) as tiff:
            self.assertFalse({"unit", "spacing"} & set(tiff.imagej_metadata))
            self.assertNotIn("XResolution", tiff.pages[0].tags)

    def test_ome(self):
        self.make("v.ome.tif", **FULL)
        with tifffile.TiffFile(self.path("v.ome.tif")) as tiff:
            root = ElementTree.fromstring(tiff.ome_metadata)
        pixels = next(element for element in root.iter() if element.tag.endswith("Pixels"))
        plane = next(element for element in root.iter() if element.tag.endswith("Plane"))
        for axis, spacing, origin in zip("ZYX", SPACING, ORIGIN):
            self.assertEqual((spacing, "\u00b5m"), (float(pixels.get(f"PhysicalSize{axis}")), pixels.get(f"PhysicalSize{axis}Unit")))
            self.assertEqual((origin, "\u00b5m"), (float(plane.get(f"Position{axis}")), plane.get(f"Position{axis}Unit")))

    def test_slices_of_ome_tiff(self):
        self.path("slices").mkdir()
        for z in range(3):
            tifffile.imwrite(self.path(f"slices/s_{z}.ome.tif"), some_volume((5, 6), "uint16"), ome=True,
                             metadata={"axes": "YX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.65, "PhysicalSizeZ": 2,
                                       "PhysicalSizeXUnit": "mm", "PhysicalSizeYUnit": "mm", "PhysicalSizeZUnit": "mm"})
        _, meta = self.read_with_ours("slices/")
        self.assertEqual((SPACING, "millimeter"), (meta["spacing"], meta["unit"]))


class Messages(Geometry):
    def test_what_a_format_cannot_hold_is_said_once(self):
        self.make("v.nrrd", **FULL)
        said = {".npy": "NumPy files hold no spacing, unit, origin, direction, value map; they stand in o.npy.json",
                ".tif": "TIFF files hold no direction; it stands in o.tif.json",
                ".ome.tif": "OME-TIFF files hold no direction, value map; they stand in o.ome.tif.json",
                "/": "TIFF files hold no direction; it stands in o.json", ".raw": None, ".nii": None}
        for ending, line in said.items():
            for quiet in ([], ["-q"]):
                done = subprocess.run(["vconvert", "-f", *quiet, "v.nrrd", f"o{ending}"], cwd=self.folder, check=True,
                                      capture_output=True, env={**os.environ, "PATH": f"{os.environ['VOXPIPE_BIN']}:/usr/bin:/bin"})
                lines = [text for text in done.stderr.decode().splitlines() if " hold no " in text]
                self.assertEqual([f"vconvert: o{ending}: {line}"] if line and not quiet else [], lines)
                if line:
                    self.assertEqual(FULL["direction"], self.sidecar(f"o{ending}")["direction"])

    def test_types_that_a_format_has_not(self):
        np.save(self.path("half.npy"), some_volume((2, 3, 4), "float16"))
        for name in ("h.nrrd", "h.nii", "h.nii.gz", "h.mha", "h.ome.tif"):
            self.assertRegex(self.run_ours("vconvert", "half.npy", name, status=2), rf"error: {name}: .*float16.*-t float32")


@unittest.skipUnless(DATA, "VOXPIPE_TEST_DATA is not set")
class RealVolumes(Geometry):
    def test_through_every_format_and_back(self):
        for source in sorted(pathlib.Path(DATA).glob("*.tif")):
            expected, known = self.read_with_ours(source)
            extra = {} if "spacing" in known else {"spacing": SPACING, "unit": "micrometer"}
            options = ["--spacing", "2,0.65,0.5", "--unit", "um"] if extra else []
            for ending in ENDINGS:
                with self.subTest(source=source.name, ending=ending):
                    self.run_ours("vconvert", "-q", "-f", "--no-history", *options, source, f"real{ending}")
                    got, meta = self.read_with_ours(f"real{ending}")
                    np.testing.assert_array_equal(got, expected)
                    self.assertEqual({**known, **extra}, meta)


if __name__ == "__main__":
    unittest.main()
