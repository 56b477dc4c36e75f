"""`cmake --install` puts everything in place under any prefix, without root."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import voxpipe

BUILD = os.environ.get("VOXPIPE_BUILD", str(voxpipe.ROOT / "build"))


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.prefix = pathlib.Path(cls.folder.name) / "x"
        subprocess.run(["cmake", "--install", BUILD, "--prefix", str(cls.prefix)], check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_every_tool_runs_from_there(self):
        for tool in voxpipe.tools():
            result = subprocess.run([str(self.prefix / "bin" / tool), "--version"], capture_output=True, check=True)
            self.assertIn(b"0.", result.stdout)

    def test_manual_pages_render(self):
        for tool in voxpipe.tools():
            page = self.prefix / "share/man/man1" / f"{tool}.1"
            result = subprocess.run(["man", "--warnings", "-l", str(page)], capture_output=True, check=True,
                                    env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8"})
            self.assertIn(b"NAME", result.stdout)
            self.assertEqual(b"", result.stderr)

    def test_completions_are_shell(self):
        for tool in voxpipe.tools():
            script = self.prefix / "share/bash-completion/completions" / tool
            subprocess.run(["bash", "-n", str(script)], check=True)
            self.assertIn(tool, script.read_text())
            function = self.prefix / "share/zsh/site-functions" / f"_{tool}"
            self.assertEqual(f"#compdef {tool}", function.read_text().splitlines()[0])
            if shutil.which("zsh"):
                subprocess.run(["zsh", "-n", str(function)], check=True)

    def test_schema_documents_and_examples_are_there(self):
        for name in ("share/voxpipe/schema/sidecar.schema.json", "share/voxpipe/examples/voxstream.py",
                     "share/voxpipe/examples/slurm.sh", "share/doc/voxpipe/stream.md", "share/doc/voxpipe/cluster.md", "share/doc/voxpipe/README.md",
                     "share/doc/voxpipe/LICENSE", "share/doc/voxpipe/CHANGELOG.md"):
            self.assertTrue((self.prefix / name).is_file(), name)
        self.assertTrue(os.access(self.prefix / "share/voxpipe/examples/slurm.sh", os.X_OK))


if __name__ == "__main__":
    unittest.main()
