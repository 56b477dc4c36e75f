"""What every tool promises, whichever it is: run by ctest over the table of tools.

    tools_test.py FOLDER TOOL...      the executables FOLDER/TOOL; further options go to unittest

A new tool is covered by standing in the table. What can be asked for is taken from `--generate json`.
"""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    import numpy
    import tifffile
except ImportError:  # The examples need volumes to work on.
    numpy = tifffile = None

FOLDER = pathlib.Path()
TOOLS = []
SECONDS = 60


def run(command, folder=None, **more):
    """Runs a list of words, or a string in bash, without a terminal and with nothing on standard input."""
    words = ["bash", "-o", "pipefail", "-c", command] if isinstance(command, str) else [str(w) for w in command]
    environment = dict(os.environ, PATH=f"{FOLDER}:{os.path.dirname(sys.executable)}:{os.environ['PATH']}", LC_ALL="C.UTF-8")
    more.setdefault("stdout", subprocess.PIPE)
    return subprocess.run(words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          timeout=SECONDS, **more)


def card_of(tool):
    return json.loads(run([FOLDER / tool, "--generate", "json"]).stdout)


def commands():
    """Every tool and subcommand: the tool's card, the words that name it, its own card."""
    for tool in TOOLS:
        card = card_of(tool)
        yield card, [tool], card
        for subcommand in card["subcommands"]:
            yield card, [tool, subcommand["name"]], subcommand


def runnable():
    """Those that do something: not tools that only have subcommands."""
    return ((card, words, own) for card, words, own in commands() if not own["subcommands"])


def failure_status(card):
    return 1 if card["exit_status"]["1"].startswith("failed") else 2


def tools_in(command):
    """The words that stand where a shell looks for programs."""
    return [shlex.split(part)[0] for part in re.split(r"\||&&|;", command) if part.strip()]


def make_volumes(folder):
    """scan.tif, scan.raw with its sidecar, and mask.tif: what the examples on the cards work on."""
    random = numpy.random.default_rng(1)
    scan = random.integers(0, 50_000, (16, 32, 32), numpy.uint16)
    tifffile.imwrite(folder / "scan.tif", scan, imagej=True, resolution=(1, 1),
                     metadata={"axes": "ZYX", "spacing": 2, "unit": "um"})
    scan.tofile(folder / "scan.raw")
    sidecar = {"voxpipe": 1, "shape": scan.shape, "dtype": "uint16", "byte_order": "little", "spacing": [2, 1, 1],
               "unit": "micrometer"}
    (folder / "scan.raw.json").write_text(json.dumps(sidecar))
    tifffile.imwrite(folder / "mask.tif", (scan > 30_000).astype(numpy.uint8))


def meta_beside(path):
    """The sidecar but for the history, which names files."""
    meta = json.loads(pathlib.Path(f"{path}.json").read_text())
    meta.pop("history", None)
    return meta


class Contract(unittest.TestCase):
    def assert_one_line(self, text, tool):
        self.assertRegex(text.decode(), rf"\A{tool}: error: [^\n]+\n\Z")

    def test_there_are_tools(self):
        self.assertTrue(TOOLS)
        for tool in TOOLS:
            self.assertTrue(os.access(FOLDER / tool, os.X_OK), tool)

    def test_help(self):
        for _, words, own in commands():
            for flag in ("--help", "-h"):
                with self.subTest(command=words, flag=flag):
                    done = run([FOLDER / words[0], *words[1:], flag])
                    self.assertEqual(done.returncode, 0)
                    self.assertEqual(done.stderr, b"")
                    text = done.stdout.decode()
                    self.assertTrue(text.startswith(f"Usage: {' '.join(words)} "), text[:80])
                    for option in own["options"]:
                        self.assertIn(option["name"], text)
                    for example in own["examples"]:
                        self.assertIn(example["command"], text)

    def test_version(self):
        for tool in TOOLS:
            with self.subTest(tool=tool):
                done = run([FOLDER / tool, "--version"])
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertRegex(done.stdout.decode(), rf"\A{tool} \(voxpipe\) \d+\.\d+\.\d+\n\Z")

    def test_help_on_a_full_disk(self):
        for tool in TOOLS:
            with self.subTest(tool=tool), open("/dev/full", "w") as full:
                done = run([FOLDER / tool, "--help"], stdout=full)
                self.assertEqual(done.returncode, 4)
                self.assert_one_line(done.stderr, tool)

    def test_wrong_options(self):
        for _, words, _ in commands():
            for flag, remedy in (("--hepl", "did you mean '--help'?"), ("--no-such-thing", "see '"), ("-?", "see '")):
                with self.subTest(command=words, flag=flag):
                    done = run([FOLDER / words[0], *words[1:], flag])
                    self.assertEqual(done.returncode, 2)
                    self.assertEqual(done.stdout, b"")
                    self.assert_one_line(done.stderr, words[0])
                    self.assertIn(f"unknown option '{flag}'", done.stderr.decode())
                    self.assertIn(remedy, done.stderr.decode())

    def test_too_many_arguments(self):
        for _, words, own in runnable():
            with self.subTest(command=words), tempfile.TemporaryDirectory() as folder:
                arguments = ["x"] * (len(own["positionals"]) + 1)
                done = run([FOLDER / words[0], *words[1:], *arguments], folder)
                self.assertEqual((done.returncode, done.stdout), (2, b""))
                self.assert_one_line(done.stderr, words[0])
                self.assertEqual(os.listdir(folder), [])

    def test_inputs_that_cannot_be_read(self):
        """In an empty folder every example with an input fails, says so, and leaves nothing."""
        for card, words, own in runnable():
            if {p["name"] for p in own["positionals"]} <= {"OUTPUT"}:
                continue
            for example in own["examples"]:
                if "|" in example["command"] or "scan" not in example["command"]:
                    continue
                with self.subTest(example=example["command"]), tempfile.TemporaryDirectory() as folder:
                    done = run(example["command"], folder)
                    self.assertEqual(done.returncode, failure_status(card), done.stderr)
                    self.assert_one_line(done.stderr, words[0])
                    self.assertRegex(done.stderr.decode(), r"scan|mask")
                    self.assertEqual(os.listdir(folder), [])

    def test_files_pipes_threads_and_memory_give_the_same_voxels(self):
        if tifffile is None or "vconvert" not in TOOLS:
            self.skipTest("needs numpy, tifffile and vconvert")
        for _, words, own in runnable():
            if "OUTPUT" not in [p["name"] for p in own["positionals"]]:
                continue
            for example in own["examples"]:
                parts = shlex.split(example["command"])
                if {"|", "-c"} & set(parts) or parts[-2:-1] != ["scan.tif"] or parts[0] != words[0]:
                    continue  # other shapes of command; streams and raw files are not compressed
                start = shlex.join(parts[:-2])
                with self.subTest(example=example["command"]), tempfile.TemporaryDirectory() as name:
                    folder = pathlib.Path(name)
                    make_volumes(folder)
                    for command in (f"{start} scan.tif file.raw", f"{start} -j 1 --memory 16M scan.tif one.raw",
                                    f"vconvert -q scan.tif - | {start} - - | vconvert -q - pipe.raw"):
                        done = run(command, folder)
                        self.assertEqual(done.returncode, 0, done.stderr)
                    for other in ("one.raw", "pipe.raw"):
                        self.assertEqual((folder / "file.raw").read_bytes(), (folder / other).read_bytes(), other)
                        self.assertEqual(meta_beside(folder / "file.raw"), meta_beside(folder / other), other)

    def test_manual_page(self):
        if shutil.which("man") is None:
            self.skipTest("man is not installed")
        for tool in TOOLS:
            with self.subTest(tool=tool), tempfile.TemporaryDirectory() as folder:
                done = run([FOLDER / tool, "--generate", "man"])
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                page = pathlib.Path(folder, f"{tool}.1")
                page.write_bytes(done.stdout)
                shown = run(f"MANWIDTH=80 man -l --warnings {shlex.quote(str(page))} | col -b")
                self.assertEqual((shown.returncode, shown.stderr), (0, b""))
                for heading in ("NAME", "SYNOPSIS", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "EXAMPLES"):
                    self.assertRegex(shown.stdout.decode(), rf"(?m)^{heading}$")

    def test_completion(self):
        for tool in TOOLS:
            with self.subTest(tool=tool):
                done = run([FOLDER / tool, "--generate", "bash"])
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertEqual(run(["bash", "-n", "-c", done.stdout.decode()]).stderr, b"")
                words = f"COMP_WORDS=({tool} --hel); COMP_CWORD=1; _voxpipe_{tool}; echo \"${{COMPREPLY[@]}}\""
                self.assertEqual(run(done.stdout.decode() + words).stdout, b"--help\n")

    def test_subcommands(self):
        for card, words, own in commands():
            if not own["subcommands"]:
                continue
            first = own["subcommands"][0]["name"]
            with self.subTest(tool=words[0]):
                none = run([FOLDER / words[0]])
                self.assertEqual((none.returncode, none.stdout), (2, b""))
                self.assertIn(first, none.stderr.decode())
                mistyped = run([FOLDER / words[0], first + "x"])
                self.assertEqual((mistyped.returncode, mistyped.stdout), (2, b""))
                self.assertIn(f"did you mean '{first}'", mistyped.stderr.decode())

    def test_cards(self):
        """What people read on every card: complete, and written alike."""
        for card, words, own in commands():
            with self.subTest(command=words):
                self.assertRegex(own["summary"], r"\A[A-Z].*[^.]\Z")
                if not own["subcommands"]:
                    self.assertTrue(own["memory"], "says nothing about memory")
                    self.assertTrue(own["examples"], "has no example")
                letters = [o["short"] for o in own["options"] if o["short"]]
                names = [o["name"] for o in own["options"]]
                self.assertEqual(len(set(letters)), len(letters), letters)
                self.assertEqual(len(set(names)), len(names), names)
                for option in own["options"]:
                    self.assertRegex(option["name"], r"\A--[a-z][a-z0-9-]+\Z")
                    self.assertRegex(option["help"], r"\A.+[^.]\Z", option["name"])
                    self.assertLessEqual({"--" + name for name in option["excludes"]}, set(names), option["name"])
                for example in own["examples"]:
                    self.assertIn(words[0], tools_in(example["command"]))


if __name__ == "__main__":
    FOLDER = pathlib.Path(sys.argv[1]).resolve()
    TOOLS = [word for word in sys.argv[2:] if not word.startswith("-")]
    unittest.main(argv=[sys.argv[0], *(word for word in sys.argv[2:] if word.startswith("-"))])
