"""The stream as the specification says it: its NumPy recipe reads what tools write, and tools read what it writes."""
import io
import json
import pathlib
import re
import sys
import tempfile
import unittest

import numpy as np

from arrays import DTYPES
import voxpipe

EXAMPLES = voxpipe.ROOT / "share" / "examples"
sys.path.insert(0, str(EXAMPLES))
import voxstream  # noqa: E402



def made_up(dtype, shape=(3, 5, 7)):
    random = np.random.default_rng(1)
    if np.dtype(dtype).kind == "f":
        return random.normal(0, 100, shape).astype(dtype)
    ends = np.iinfo(dtype)
    return random.integers(ends.min, ends.max, shape, dtype, endpoint=True)


class Recipe(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_tools_and_recipe_understand_each_other(self):
        for dtype in DTYPES:
            volume = made_up(dtype)
            meta = {"spacing": [2.0, 0.5, 0.25], "unit": "micrometer", "origin": [1.0, 2.0, 3.0], "kind": "labels",
                    "value_map": {"slope": 0.5, "intercept": -3.0}, "sample": {"name": "of another program"}}
            stream = io.BytesIO()
            voxstream.write(stream, volume, meta, ["made_up.py", "-x"])
            result = voxpipe.run("vconvert", "--no-history", "-", "-", stdin=stream.getvalue())
            self.assertEqual(0, result.returncode, result.stderr)
            back, back_meta = voxstream.read(io.BytesIO(result.stdout))
            np.testing.assert_array_equal(volume, back)
            for key, value in meta.items():
                self.assertEqual(value, back_meta[key], key)

    def test_raw_files_and_sidecars(self):
        for dtype in DTYPES:
            volume = made_up(dtype)
            path = str(self.folder / f"{dtype}.raw")
            voxstream.write_raw(path, volume, {"unit": "micrometer", "spacing": [1, 2, 3]}, ["made_up.py"])
            result = voxpipe.run("vconvert", path, path + "2.raw")
            self.assertEqual(0, result.returncode, result.stderr)
            back, meta = voxstream.read_raw(path + "2.raw")
            np.testing.assert_array_equal(volume, back)
            self.assertEqual(["made_up.py", "vconvert"], [entry["tool"] for entry in meta["history"]])

    def test_recipe_notices_damage(self):
        stream = io.BytesIO()
        voxstream.write(stream, made_up("uint16"))
        whole = stream.getvalue()
        for cut in (0, 100, 4096, 4200, len(whole) - 512, len(whole) - 1):
            with self.assertRaises(OSError):
                voxstream.read(io.BytesIO(whole[:cut]))
        flipped = bytearray(whole)
        flipped[4100] ^= 1
        with self.assertRaisesRegex(OSError, "damaged"):
            voxstream.read(io.BytesIO(bytes(flipped)))

    def test_recipe_hears_of_failures_upstream(self):
        missing = voxpipe.run("vconvert", "missing.raw", "-", folder=self.folder)
        self.assertNotEqual(0, missing.returncode)
        with self.assertRaisesRegex(OSError, "upstream failed: .*missing.raw"):
            voxstream.read(io.BytesIO(missing.stdout))
        volume = made_up("uint8", (40, 64, 64))
        voxstream.write_raw(str(self.folder / "cut.raw"), volume)
        with open(self.folder / "cut.raw", "r+b") as file:
            file.truncate(100000)
        cut = voxpipe.run("vconvert", "cut.raw", "-", folder=self.folder)
        self.assertNotEqual(0, cut.returncode)
        with self.assertRaises(OSError):
            voxstream.read(io.BytesIO(cut.stdout))

    def test_documented_programs_run(self):
        text = (voxpipe.ROOT / "share/doc/stream.md").read_text()
        programs = re.findall(r"```python\n(# (\w+\.py): +(.*?)\n.*?)```", text, re.DOTALL)
        self.assertEqual(2, len(programs))
        (self.folder / "voxstream.py").write_text((EXAMPLES / "voxstream.py").read_text())
        self.assertEqual(0, voxpipe.run("vphantom", "foam", "--shape", "8,16,16", "scan.tif", folder=self.folder).returncode)
        for program, name, command in programs:
            (self.folder / name).write_text(program)
            result = voxpipe.shell(command.replace("python3", sys.executable), self.folder)
            self.assertEqual(0, result.returncode, result.stderr)

    def test_header_is_one_readable_line(self):
        result = voxpipe.run("vphantom", "checker", "--shape", "4", "-t", "uint8", "-")
        line = result.stdout.split(b"\n")[0]
        self.assertEqual(4095, len(line))
        self.assertEqual([4, 4, 4], json.loads(line)["shape"])
        self.assertEqual(4096 + 64 + 512, len(result.stdout))


if __name__ == "__main__":
    unittest.main()
