"""vmap: any program per block gives what it gives for the whole volume, and what goes wrong is told and leaves nothing."""
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import numpy as np
from scipy import ndimage

from arrays import DTYPES
import voxpipe

EXAMPLES = voxpipe.ROOT / "share" / "examples"
sys.path.insert(0, str(EXAMPLES))
import voxstream  # noqa: E402

BOUNDARIES = ["nearest", "reflect", "mirror", "constant", "wrap"]
SHAPE = (23, 50, 61)
# A local filter that starts quickly: one of ours on raw bytes, without the stream's header and trailer.
ERODE = ["--format", "raw", "--", "sh", "-c", "vfilter erode -q -j 1 -r 2 --no-history --in-shape $VOXPIPE_BLOCK_SHAPE "
         "--in-dtype $VOXPIPE_DTYPE - - | tail -c +4097 | head -c -512"]


def made_up(dtype="uint16", shape=SHAPE):
    random = np.random.default_rng(5)
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return random.normal(0, 100, shape).astype(dtype)
    return np.frombuffer(random.bytes(int(np.prod(shape)) * dtype.itemsize), dtype).reshape(shape)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="voxpipe_vmap_"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.write("in.raw", made_up())

    def write(self, name, volume, **meta):
        voxstream.write_raw(str(self.folder / name), volume, meta)

    def read(self, name="out.raw"):
        volume, _ = voxstream.read_raw(str(self.folder / name))
        return np.array(volume)

    def vmap(self, *words, status=0, stdin=b""):
        done = voxpipe.run("vmap", *words, stdin=stdin, folder=self.folder)
        self.assertEqual(status, done.returncode, done.stderr.decode())
        return done

    def fails(self, *words, status=1, inputs=("in.raw", "in.raw.json")):
        """The one line of a run that fails; nothing is left of it."""
        done = self.vmap(*words, status=status)
        text = done.stderr.decode()
        self.assertRegex(text, r"\Avmap: error: [^\n]+\n\Z")
        self.assertEqual(sorted(inputs), sorted(os.listdir(self.folder)))
        return text

    def script(self, name, *lines):
        (self.folder / name).write_text("\n".join(lines) + "\n")
        shutil.copy(EXAMPLES / "voxblock.py", self.folder)
        return ["--", "python3", name]

    def assert_same(self, expected, got):
        np.testing.assert_array_equal(expected, got)
        self.assertEqual(expected.dtype, got.dtype)


class Results(Case):
    def test_a_filter_of_scipy_in_python(self):
        command = self.script("smooth.py", "import scipy.ndimage, voxblock",
                              "voxblock.run(lambda block: scipy.ndimage.gaussian_filter(block.astype('f8'), 1, truncate=3))")
        expected = ndimage.gaussian_filter(made_up().astype("f8"), 1, truncate=3, mode="mirror")
        for block in ("30,30,40", "8,100,31"):
            self.vmap("-f", "--halo", 3, "--boundary", "mirror", "--block", block, "-t", "float64", "in.raw", "out.raw", *command)
            self.assert_same(expected, self.read())

    def test_blocks_threads_memory_boundaries(self):
        for boundary in BOUNDARIES:
            scipy_mode = {"mode": "grid-wrap" if boundary == "wrap" else boundary, "cval": 77}
            expected = ndimage.grey_erosion(made_up(), 5, **scipy_mode)
            for options in ("--block 23,50,61", "--block 6,17,61 -j 1", "--block 10,20,30 -j 5", "-j 2", "--block 8,18,21 --memory 3M"):
                with self.subTest(boundary=boundary, options=options):
                    self.vmap("-f", "--halo", 2, "--boundary", boundary, "--cval", 77, *options.split(), "in.raw", "out.raw", *ERODE)
                    self.assert_same(expected, self.read())

    def test_pipes_on_both_sides_and_a_pipe_that_is_kept_for_wrap(self):
        stream = io.BytesIO()
        voxstream.write(stream, made_up())
        for boundary in ("nearest", "wrap"):
            expected = ndimage.grey_erosion(made_up(), 5, mode="grid-wrap" if boundary == "wrap" else boundary)
            done = self.vmap("--halo", 2, "--block", "7,20,40", "--boundary", boundary, *ERODE, stdin=stream.getvalue())
            volume, meta = voxstream.read(io.BytesIO(done.stdout))
            self.assert_same(expected, volume)
            self.assertEqual(["-", "-", "--"], [word for word in meta["history"][-1]["args"] if word in ("-", "--")][:3])

    def test_every_type_there_and_back(self):
        for dtype in DTYPES:
            volume = made_up(dtype, (5, 9, 14))
            self.write("typed.raw", volume)
            for form in ("npy", "raw", "nrrd"):
                with self.subTest(dtype=dtype, form=form):
                    words = ("--halo", "1,0,2", "--block", "2,9,5", "--format", form, "typed.raw", "out.raw", "--", "cat")
                    if (dtype, form) == ("float16", "nrrd"):
                        self.assertIn(b"NRRD has no float16", self.vmap("-f", *words, status=2).stderr)
                        continue
                    self.vmap("-f", *words)
                    self.assertEqual(volume.tobytes(), self.read().tobytes())

    def test_numpy_gives_any_order_and_byte_order_and_bool(self):
        volume = made_up()
        for change, dtype, expected in (("np.asfortranarray(block)", "uint16", volume), ("block.astype('>u2')", "uint16", volume),
                                        ("block > 9999", "uint8", (volume > 9999).astype("u1")),
                                        ("np.asfortranarray(block.astype('>f8'))", "float64", volume.astype("f8"))):
            with self.subTest(change):
                command = self.script("change.py", "import numpy as np, voxblock", f"voxblock.run(lambda block: {change})")
                self.vmap("-f", "--halo", "2,1,3", "-t", dtype, "in.raw", "out.raw", *command)
                self.assert_same(expected, self.read())

    def test_many_tiny_blocks(self):
        volume = made_up(shape=(4, 9, 11))
        self.write("small.raw", volume)
        self.vmap("--block", 1, "--halo", 1, "--format", "raw", "small.raw", "out.raw", "--", "cat")
        self.assert_same(volume, self.read())

    def test_a_compressed_output_and_a_region(self):
        self.vmap("--roi", "3:20,5:41,:", "--block", "5,10,15", "-c", "zstd:1", "in.raw", "out.tif", "--", "cat")
        self.assertEqual(0, voxpipe.run("vconvert", "out.tif", "back.raw", folder=self.folder).returncode)
        self.assert_same(made_up()[3:20, 5:41], self.read("back.raw"))

    def test_the_halo_is_a_length(self):
        self.write("physical.raw", made_up(), spacing=[2, 1, 0.5], unit="micrometer")
        self.vmap("--halo", "2.5um", "--block", 99, "--format", "raw", "physical.raw", "out.raw", "--", "sh", "-c",
                  f"echo $VOXPIPE_HALO $VOXPIPE_SPACING $VOXPIPE_UNIT >{self.folder}/said; cat")
        self.assertEqual("2,3,5 2,1,0.5 micrometer\n", (self.folder / "said").read_text())
        self.assertIn("needs a volume with spacing", self.fails("--halo", "1um", "in.raw", "no.raw", "--", "cat", status=2, inputs=os.listdir(self.folder)))

    def test_nrrd_says_where_the_block_is(self):
        self.write("placed.raw", made_up(), spacing=[2, 1, 0.5], unit="micrometer", origin=[100, 0, 0])
        self.vmap("--halo", 1, "--block", "20,50,61", "--format", "nrrd", "placed.raw", "out.raw", "--", "sh", "-c",
                  f"tee {self.folder}/$VOXPIPE_BLOCK_INDEX.nrrd")
        facts = json.loads(voxpipe.run("vinfo", "--json", "1.nrrd", folder=self.folder).stdout)
        self.assertEqual(([5, 52, 63], [138, -1, -0.5], "micrometer"), (facts["shape"], facts["origin"], facts["unit"]))

    def test_nrrd_comes_back_compressed(self):
        gzip = ("import gzip, sys; header, voxels = sys.stdin.buffer.read().split(b'\\n\\n', 1); header = header.replace(b'raw', b'gzip');"
                "sys.stdout.buffer.write(header + b'\\n\\n' + gzip.compress(voxels))")
        self.vmap("--halo", 1, "--format", "nrrd", "--block", 31, "in.raw", "out.raw", "--", "python3", "-c", gzip)
        self.assert_same(made_up(), self.read())

    def test_a_halo_larger_than_the_volume(self):
        volume = made_up(shape=(3, 4, 2))
        self.write("small.raw", volume)
        for boundary in BOUNDARIES:
            expected = ndimage.grey_erosion(volume, 5, mode="grid-wrap" if boundary == "wrap" else boundary)
            self.vmap("-f", "--halo", "9,2,30", "--block", 2, "--boundary", boundary, "small.raw", "out.raw", *ERODE)
            self.assert_same(expected, self.read())

    def test_default_blocks_are_the_same_from_a_file_and_from_a_pipe(self):
        """Also where a pipe is kept, which takes memory; the blocks stand in the history."""
        voxpipe.run("vphantom", "noise", "-q", "--shape", "70,300,300", "-t", "uint16", "big.raw", folder=self.folder)
        for boundary in ("nearest", "wrap"):
            args = set()
            for start, threads in (("vmap big.raw", 1), ("vmap big.raw", 5), ("vconvert -q big.raw - | vmap -", 2)):
                done = voxpipe.shell(f"{start} -f -q -j {threads} --memory 64M --halo 1 --boundary {boundary} - -- cat | vinfo --json -", self.folder)
                self.assertEqual(0, done.returncode, done.stderr.decode())
                args.add(tuple(json.loads(done.stdout)["history"][-1]["args"][:2]))
            self.assertEqual(1, len(args), args)

    def test_the_history_makes_the_volume_again(self):
        self.vmap("-j", 1, "in.raw", "out.raw", *ERODE)
        script = voxpipe.run("vinfo", "--script", "out.raw", folder=self.folder).stdout.decode()
        self.assertIn("--block 23,25,31", script)
        os.rename(self.folder / "out.raw", self.folder / "first.raw")
        os.unlink(self.folder / "out.raw.json")
        again = voxpipe.shell(script, self.folder)
        self.assertEqual(0, again.returncode, again.stderr.decode())
        self.assertEqual((self.folder / "first.raw").read_bytes(), (self.folder / "out.raw").read_bytes())

    def test_verbose_shows_what_commands_say_that_do_well(self):
        talk = ("--block", "23,50,31", "in.raw", "out.raw", "--", "sh", "-c", "echo at $VOXPIPE_BLOCK_INDEX >&2; cat")
        self.assertEqual(b"", self.vmap(*talk).stderr)
        said = self.vmap("-v", "-f", *talk).stderr.decode()
        self.assertIn("vmap: block 0:23,0:50,31:61: at 1\n", said)

    def test_explain_says_the_blocks_and_runs_nothing(self):
        done = self.vmap("--explain", "--json", "--halo", 2, "in.raw", "out.raw", "--", "touch", "ran")
        plan = json.loads(done.stdout)["passes"][0]
        self.assertEqual(([23, 25, 31], [2, 2, 2]), (plan["tile"], plan["halo"]))
        self.assertEqual(["in.raw", "in.raw.json"], sorted(os.listdir(self.folder)))

    def test_memory_stays_within_what_is_allowed(self):
        voxpipe.run("vphantom", "noise", "-q", "--shape", "200,400,400", "-t", "uint16", "big.raw", folder=self.folder)
        for words in (("big.raw", "out.raw"), ("-", "out.raw")):
            with open(self.folder / "big.raw", "rb") as file:
                raw = ["--in-shape", "200,400,400", "--in-dtype", "uint16"] if words[0] == "-" else []
                done = subprocess.run(["vmap", "-f", "-q", *raw, "--memory", "24M", "--halo", "2", "--report", "r.json", *words, "--", "cat"],
                                      stdin=file, cwd=self.folder, env=voxpipe.ENVIRONMENT, capture_output=True, check=False)
            self.assertEqual(0, done.returncode, done.stderr.decode())
            peak = json.loads((self.folder / "r.json").read_text())["peak_memory"]
            if not voxpipe.SANITIZED:
                self.assertLess(peak, (24 + 24) << 20)
            self.assertEqual(0, subprocess.run(["cmp", "big.raw", "out.raw"], cwd=self.folder, check=False).returncode)


class Failures(Case):
    def sh(self, script, *options):
        return self.fails(*options, "in.raw", "out.raw", "--", "sh", "-c", script)

    def test_a_command_that_fails(self):
        text = self.sh("cat; echo oh >&2; echo no >&2; [ $VOXPIPE_BLOCK_INDEX != 3 ] || exit 7", "--block", "12,20,61")
        self.assertEqual("vmap: error: block 12:23,0:20,0:61: command 'sh': exit status 7; standard error: oh | no\n", text)
        self.assertIn("ValueError: hm", self.fails("in.raw", "out.raw", "--", "python3", "-c", "raise ValueError('hm')"))
        self.assertIn("killed by SIGSEGV", self.sh("kill -SEGV $$"))

    def test_a_block_of_another_shape_type_or_length(self):
        one = ("--block", "99")
        expected = "23 x 50 x 61 voxels of uint16 as npy were expected"
        numpy = "import io, sys, numpy as np; b = np.load(io.BytesIO(sys.stdin.buffer.read())); o = io.BytesIO(); "
        for change, came in (("b[1:]", "has 22 x 50 x 61 voxels of uint16"), ("b.T", "has 61 x 50 x 23 voxels of uint16"),
                             ("b * 1.0", "has 23 x 50 x 61 voxels of float64, which --dtype float64 would take"),
                             ("b.ravel()", "the array has 1 dimensions"), ("b + 1j", "complex")):
            text = self.fails(*one, "in.raw", "out.raw", "--", "python3", "-c",
                              f"{numpy}np.save(o, {change}); sys.stdout.buffer.write(o.getvalue())")
            self.assertIn(came, text)
            self.assertIn(expected, text)
        for script, came in (("head -c 1000", "of 140,300 bytes"), ("cat; echo", "more bytes than the 140,300"),
                             ("cat; exec cat /dev/zero", "more bytes"), ("true", "there is none"), ("echo hello", "is not in format npy")):
            text = self.sh(script, *one)
            self.assertIn(came, text)
            self.assertIn(expected, text)
        self.assertIn("140,299 of 140,300 bytes", self.sh("head -c 140299", "--format", "raw", *one))

    def test_a_command_that_is_not_found_is_wrong_usage_before_anything_is_written(self):
        for name in ("no-such-command", "./no-such", "/etc/passwd", "/tmp", ""):
            self.fails("in.raw", "out.raw", "--", name, status=2)
        self.assertIn("the command is missing", self.fails("in.raw", "out.raw", status=2))
        self.assertIn("the command is missing", self.fails("in.raw", "out.raw", "--", status=2))
        self.assertIn("unexpected argument", self.fails("in.raw", "out.raw", "cat", status=2))

    def test_options_that_make_no_sense(self):
        for words in (["--block", "0"], ["--block", "-1,2,3"], ["--halo", "-1"], ["--halo", "200000"], ["--format", "tiff"], ["-t", "uint12"],
                      ["--boundary", "constant", "--cval", "70000"]):
            self.fails(*words, "in.raw", "out.raw", "--", "cat", status=2)

    def test_too_little_memory_says_what_would_do(self):
        text = self.fails("--memory", "300K", "--block", "23,50,61", "in.raw", "out.raw", "--", "cat", status=3)
        self.assertIn("blocks of fewer planes", text)

    def test_a_command_that_ignores_its_input(self):
        self.write("zero.raw", np.zeros(SHAPE, "u2"))
        for script in (f"head -c {2 * 23 * 50 * 61} /dev/zero", f"exec <&-; head -c {2 * 23 * 50 * 61} /dev/zero"):
            self.vmap("-f", "--format", "raw", "--block", 99, "in.raw", "out.raw", "--", "sh", "-c", script)
            self.assert_same(np.zeros(SHAPE, "u2"), self.read())

    def test_a_command_that_writes_a_lot_to_standard_error(self):
        self.vmap("in.raw", "out.raw", "--", "sh", "-c", "yes noise | head -c 3000000 >&2; cat; yes noise | head -c 3000000 >&2")
        self.assert_same(made_up(), self.read())

    def test_what_a_command_says_cannot_command_a_terminal(self):
        text = self.sh("printf '\\033[31mred\\007\\302\\233x' >&2; exit 1")
        self.assertIn("\\x1b[31mred\\x07\\x9bx", text)

    def test_an_input_that_is_cut_short_ends_the_commands(self):
        stream = io.BytesIO()
        voxstream.write(stream, made_up())
        done = self.vmap("--block", "5,50,61", "-", "out.raw", "--", "cat", stdin=stream.getvalue()[:100_000], status=5)
        self.assertIn(b"cut short", done.stderr)
        self.assertNotIn("out.raw", os.listdir(self.folder))


class Ends(Case):
    """Ends from outside: nothing stays, neither files nor processes."""

    def start(self, *words, **more):
        return subprocess.Popen(["vmap", *words], cwd=self.folder, env=voxpipe.ENVIRONMENT, stderr=subprocess.PIPE, **more)

    def ids(self, count):
        """The commands' process ids, which each writes into a file."""
        for _ in range(2000):
            found = [path for path in (self.folder / "ids").iterdir() if path.stat().st_size]
            if len(found) >= count:
                return [int(path.name) for path in found]
            time.sleep(0.01)
        raise AssertionError("the commands did not start")

    def assert_gone(self, ids):
        for number in ids:
            state = pathlib.Path(f"/proc/{number}/stat")
            self.assertTrue(not state.exists() or state.read_text().rsplit(") ")[1][0] == "Z", number)

    def waiting(self, script="exec sleep 100"):
        (self.folder / "ids").mkdir()
        return ["--block", "23,50,31", "-j", "2", "in.raw", "out.raw", "--", "sh", "-c", f"echo x > ids/$$; {script}"]

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                process = self.start(*self.waiting())
                ids = self.ids(2)
                process.send_signal(number)
                process.communicate(timeout=10)
                self.assertEqual(-number, process.returncode)
                self.assert_gone(ids)
                shutil.rmtree(self.folder / "ids")
                self.assertEqual(["in.raw", "in.raw.json"], sorted(os.listdir(self.folder)))

    def test_commands_that_do_not_hear_a_signal_are_killed(self):
        process = self.start(*self.waiting("trap '' TERM; while :; do sleep 0.1; done"))
        ids = self.ids(2)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
        self.assertEqual(-signal.SIGINT, process.returncode)
        self.assert_gone(ids)

    def test_a_failure_ends_the_other_commands(self):
        begin = time.monotonic()
        process = self.start(*self.waiting("[ $VOXPIPE_BLOCK_INDEX = 0 ] || exec sleep 100; sleep 0.5; exit 4"))
        _, error = process.communicate(timeout=20)
        self.assertEqual(1, process.returncode)
        self.assertIn(b"exit status 4", error)
        self.assertLess(time.monotonic() - begin, 10)
        self.assert_gone(self.ids(2))

    def test_a_reader_that_has_had_enough_ends_the_commands(self):
        """The first layer of blocks is written while commands of the second wait."""
        (self.folder / "ids").mkdir()
        self.write("wide.raw", made_up("uint8", (8, 1200, 1200)))
        process = self.start("--block", "4,600,1200", "--format", "raw", "-j", "2", "wide.raw", "-", "--", "sh", "-c",
                             "[ $VOXPIPE_BLOCK_INDEX -lt 2 ] && exec cat; echo x > ids/$$; exec sleep 100", stdout=subprocess.PIPE)
        process.stdout.read(5000)
        ids = self.ids(2)
        process.stdout.close()
        _, error = process.communicate(timeout=20)
        self.assertEqual((0, b""), (process.returncode, error))
        self.assert_gone(ids)

    def test_an_input_that_fails_ends_the_commands(self):
        """It fails while commands work on what came before."""
        (self.folder / "ids").mkdir()
        stream = io.BytesIO()
        voxstream.write(stream, made_up("uint8", (12, 1200, 1200)))
        process = self.start("--block", "2,600,1200", "--format", "raw", "-j", "2", "-", "out.raw", "--", "sh", "-c",
                             "echo x > ids/$$; exec sleep 100", stdin=subprocess.PIPE)
        process.stdin.write(stream.getvalue()[:3 * 1200 * 1200])
        process.stdin.flush()
        ids = self.ids(2)
        process.stdin.close()
        error = process.stderr.read()
        self.assertEqual(5, process.wait(timeout=20), error)
        process.stderr.close()
        self.assertIn(b"cut short", error)
        self.assert_gone(ids)


if __name__ == "__main__":
    unittest.main()
