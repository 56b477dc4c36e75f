"""Sidecars and stream headers keep to the schema, and the schema refuses what tools refuse."""
import json
import pathlib
import tempfile
import unittest

import jsonschema

import voxpipe

SCHEMA = json.loads((voxpipe.ROOT / "share/schema/sidecar.schema.json").read_text())


class Schema(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.validator = jsonschema.Draft202012Validator(SCHEMA)

    def shell(self, command):
        result = voxpipe.shell(command, self.folder)
        self.assertEqual(0, result.returncode, result.stderr)
        return result.stdout

    def test_the_schema_is_one(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_everything_written_keeps_to_it(self):
        self.shell("vphantom foam --shape 8,16,24 --spacing 3um,2um,1um --origin -1,0,2.5 a.tif;"
                   "vphantom noise -t float32 --shape 4 --kind labels b.raw;"
                   "vclip -p 1,99 a.tif | vnormalize minmax -t uint8 | vconvert - c.raw")
        texts = [self.shell(f"vinfo --sidecar {name}") for name in ("a.tif", "b.raw", "c.raw")]
        texts += [path.read_bytes() for path in self.folder.glob("*.json")]
        texts.append(self.shell("vclip -r 0,100 a.tif | head -n1"))
        self.assertGreaterEqual(len(texts), 6)
        for text in texts:
            self.validator.validate(json.loads(text))
        chain = json.loads(self.shell("vinfo --sidecar c.raw"))
        self.assertEqual(["vphantom", "vclip", "vnormalize", "vconvert"], [entry["tool"] for entry in chain["history"]])
        self.assertEqual([0, 255], chain["range"])

    def test_schema_and_tools_refuse_alike(self):
        self.shell("vphantom checker --shape 4 a.raw")
        good = json.loads((self.folder / "a.raw.json").read_text())
        self.validator.validate(good)
        for key, value in (("shape", [4, 4]), ("shape", [4, 4, 0]), ("dtype", "uint12"), ("spacing", [1, 1, 0]),
                           ("spacing", "1"), ("kind", "picture"), ("byte_order", "middle"), ("range", [1]),
                           ("value_map", {"slope": 1}), ("history", [1]), ("voxpipe", 2)):
            bad = {**good, key: value}
            with self.subTest(key=key, value=value):
                self.assertFalse(self.validator.is_valid(bad))
                (self.folder / "a.raw.json").write_text(json.dumps(bad))
                self.assertEqual(5, voxpipe.run("vinfo", "a.raw", folder=self.folder).returncode)


if __name__ == "__main__":
    unittest.main()
