"""What the README shows is true: its pipelines run as they stand, and its table says what the tools' cards say."""
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

import voxpipe

README = (voxpipe.ROOT / "README.md").read_text()


def sh_blocks():
    return re.findall(r"```sh\n(.*?)```", README, re.DOTALL)


class Readme(unittest.TestCase):
    def make_inputs(self, folder):
        made = voxpipe.shell("vphantom foam --shape 48,64,64 --spacing 2.5um scan.tif; vconvert scan.tif slices/;"
                             "vconvert scan.tif scan.raw; mv scan.raw scan.bin; rm scan.raw.json", folder)
        self.assertEqual(0, made.returncode, made.stderr)
        for name in ("voxstream.py", "voxblock.py"):
            shutil.copy(voxpipe.ROOT / "share/examples" / name, folder)
        os.symlink(sys.executable, pathlib.Path(folder) / "python3")  # the interpreter that has NumPy

    def test_every_pipeline_runs(self):
        blocks = sh_blocks()
        self.assertGreaterEqual(len(blocks), 6)
        for block in blocks:
            with self.subTest(block), tempfile.TemporaryDirectory() as folder:
                self.make_inputs(folder)
                result = voxpipe.shell(f"export PATH={folder}:$PATH\n{block}", folder)
                self.assertEqual(0, result.returncode, result.stderr.decode())

    def test_the_first_pipeline_stretches_to_the_full_range(self):
        with tempfile.TemporaryDirectory() as folder:
            self.make_inputs(folder)
            result = voxpipe.shell(sh_blocks()[0] + "vinfo --json scan_u8.tif", folder)
            self.assertEqual(0, result.returncode, result.stderr.decode())
            facts = json.loads(result.stdout)
            self.assertEqual(("uint8", [48, 64, 64], [0, 255]), (facts["dtype"], facts["shape"], facts["range"]))
            self.assertEqual([2.5, 2.5, 2.5], facts["spacing"])

    def test_table_of_tools_is_the_cards(self):
        rows = re.findall(r"^\| `(v\w+)` \| (.*?) \| (.*?) \|$", README, re.MULTILINE)
        cards = {tool: json.loads(voxpipe.run(tool, "--generate", "json").stdout) for tool in voxpipe.tools()}
        self.assertEqual([(tool, card["summary"], card["memory"]) for tool, card in cards.items()], rows)

    def test_scripts_that_are_named_exist(self):
        for name in set(re.findall(r"scripts/[\w-]+|share/[\w/.-]+|lib/[\w.]+", README)):
            self.assertTrue((voxpipe.ROOT / name.rstrip(".")).exists(), name)


if __name__ == "__main__":
    unittest.main()
