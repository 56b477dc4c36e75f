"""Every example of every tool's card works when it is pasted."""
import json
import os
import tempfile
import unittest

import voxpipe


def examples_of(card):
    yield from (example["command"] for example in card["examples"])
    for subcommand in card["subcommands"]:
        yield from examples_of(subcommand)


class Examples(unittest.TestCase):
    def test_every_example_runs(self):
        count = 0
        for tool in voxpipe.tools():
            card = json.loads(voxpipe.run(tool, "--generate", "json").stdout)
            examples = list(examples_of(card))
            self.assertTrue(examples, f"{tool} shows no example")
            for command in examples:
                with self.subTest(command), tempfile.TemporaryDirectory() as folder:
                    made = voxpipe.shell("vphantom foam --shape 16,32,32 --spacing 2um scan.tif; vconvert scan.tif scan.raw;"
                                         "vphantom checker -t uint8 --shape 16,32,32 --kind mask mask.tif", folder)
                    self.assertEqual(0, made.returncode, made.stderr)
                    result = voxpipe.shell(command, folder)
                    self.assertEqual(0, result.returncode, result.stderr.decode())
                    self.assertNotIn(b"error", result.stderr)
                    self.assertEqual([], [name for name in os.listdir(folder) if name.startswith(".")], "left behind")
                    count += 1
        self.assertGreater(count, 10)


if __name__ == "__main__":
    unittest.main()
