"""Whole pipelines against NumPy: the same bits however they run, and outputs whole or not at all however they end."""
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import voxpipe

try:
    import numpy as np
except ImportError:
    np = None
    print("trust_test: NumPy is not here; comparisons with it are skipped", file=sys.stderr)

MAIN_JOB = "vconvert -q {0} | vclip -q -p 1,99 | vnormalize minmax -q -t uint8 | vconvert -q - {1}"


class Folder(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = pathlib.Path(self.temporary.name)

    def shell(self, command, status=0):
        done = voxpipe.shell(command, self.folder)
        self.assertEqual(status, done.returncode, f"{command}\n{done.stderr.decode()}")
        return done

    def write(self, name, voxels, **keys):
        """A raw volume with its sidecar."""
        voxels.tofile(self.folder / name)
        sidecar = {"voxpipe": 1, "shape": list(voxels.shape), "dtype": voxels.dtype.name, **keys}
        (self.folder / f"{name}.json").write_text(json.dumps(sidecar))

    def read(self, name):
        sidecar = json.loads((self.folder / f"{name}.json").read_text())
        return np.fromfile(self.folder / name, sidecar["dtype"]).reshape(sidecar["shape"]), sidecar

    def names(self):
        return sorted(os.listdir(self.folder))


@unittest.skipUnless(np, "needs NumPy")
class SameBits(Folder):
    def test_the_main_job_equals_numpy_and_leads_back(self):
        random = np.random.default_rng(1)
        for dtype in ("uint8", "uint16", "int16", "uint32", "float32", "float64"):
            voxels = (random.normal(100, 30, (17, 41, 53))).clip(0, 250).astype(dtype)
            self.write("in.raw", voxels, spacing=[2, 1, 1], unit="um")
            self.shell(MAIN_JOB.format("in.raw", "-f out.raw"))
            low, high = np.percentile(voxels.astype("f8"), (1, 99))
            if voxels.dtype.kind in "iu":
                low, high = np.rint(low), np.rint(high)
            low, high = np.array([low, high]).astype(dtype).astype("f8")
            clipped = voxels.astype("f8").clip(low, high)
            first, last = clipped.min(), clipped.max()
            expected = np.rint((clipped - first) / (last - first) * 255).astype("u1")
            got, sidecar = self.read("out.raw")
            np.testing.assert_array_equal(expected, got, dtype)
            if voxels.dtype.kind in "iu":  # among floats there might be NaN, which become 0
                self.assertEqual([0, 255], sidecar["range"])
            self.assertEqual(("micrometer", [2, 1, 1]), (sidecar["unit"], sidecar["spacing"]))
            slope, intercept = sidecar["value_map"]["slope"], sidecar["value_map"]["intercept"]
            self.assertLessEqual(np.abs(slope * got + intercept - clipped).max(), slope * 0.5001)
            self.assertEqual(["vconvert", "vclip", "vnormalize", "vconvert"], [entry["tool"] for entry in sidecar["history"]])

    def test_the_script_of_a_pipe_makes_its_volume_again(self):
        self.write("in.raw", np.random.default_rng(3).integers(0, 999, (5, 20, 30)).astype("u2"))
        self.shell("vconvert -q in.raw | vclip -q -p 1,99 | vnormalize minmax -q -t uint8 | vconvert -q - out.raw")
        voxels = self.read("out.raw")[0]
        self.shell("vinfo --script out.raw > again.sh; rm out.raw out.raw.json; sh again.sh")
        np.testing.assert_array_equal(voxels, self.read("out.raw")[0])

    def test_threads_memory_vector_level_file_or_pipe_change_nothing(self):
        random = np.random.default_rng(2)
        self.write("one.raw", np.zeros((1, 1, 1), "u1"))
        levels = ["baseline"] + [level for level in ("avx2", "avx512")
                                 if voxpipe.shell(f"VOXPIPE_SIMD={level} vinfo one.raw", self.folder).returncode == 0]
        for dtype in ("uint16", "float32"):
            self.write("in.raw", random.normal(3000, 900, (29, 100, 90)).clip(0, 6e4).astype(dtype))
            results = set()
            for run in ("-j 1", "-j 2", "--memory 16M", "--memory 4G", "-j 3 --memory 16M"):
                for level in levels:
                    commands = (f"vclip -f -q {run} -p 2.5,97 in.raw a.raw && vnormalize minmax -f -q {run} -t int16 a.raw b.raw",
                                f"vclip -q {run} -p 2.5,97 in.raw - | vnormalize minmax -f -q {run} -t int16 - b.raw",
                                f"cat in.raw | vclip -q {run} --in-shape 29,100,90 --in-dtype {dtype} -p 2.5,97"
                                f" | vnormalize minmax -f -q {run} -t int16 - b.raw")
                    for command in commands:
                        self.shell(f"export VOXPIPE_SIMD={level}; {command}")
                        voxels, sidecar = self.read("b.raw")
                        del sidecar["history"]  # holds the names of files, which differ
                        results.add((voxels.tobytes(), json.dumps(sidecar)))
            self.assertEqual(1, len(results), dtype)


class WholeOrNotAtAll(Folder):
    def setUp(self):
        super().setUp()
        self.shell("vphantom noise -q --shape 64,256,256 scan.raw")
        self.before = self.names()

    def start(self, command):
        return subprocess.Popen(["bash", "-c", "set -o pipefail; " + command], cwd=self.folder, env=voxpipe.ENVIRONMENT,
                                stderr=subprocess.PIPE, start_new_session=True)

    def test_signals_leave_nothing_and_their_status(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process = self.start("(cat scan.raw; sleep 60) | exec vclip -r 0,9 --in-shape 128,256,256 --in-dtype uint16 - out.raw")
            time.sleep(0.5)
            victims = subprocess.run(["pkill", f"-{number.value}", "-g", str(os.getpgid(process.pid)), "vclip"], check=False)
            self.assertEqual(0, victims.returncode)
            deadline = time.time() + 4
            while any(name.endswith(".part") for name in self.names()) and time.time() < deadline:
                time.sleep(0.05)
            self.assertEqual(self.before, self.names(), number)
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    def test_a_killed_tool_leaves_nothing_under_the_name(self):
        process = self.start("(cat scan.raw; sleep 60) | exec vclip -r 0,9 --in-shape 128,256,256 --in-dtype uint16 - out.raw")
        time.sleep(0.4)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        self.assertNotIn("out.raw", self.names())

    def test_a_full_disk_is_status_4_and_leaves_nothing(self):
        for command in ("vclip -r 0,9 scan.raw out.raw", "vconvert scan.raw out.tif", "vconvert -c zstd scan.raw out.tif",
                        "vconvert scan.raw slices/ "):
            process = subprocess.run(command.split(), cwd=self.folder, env=voxpipe.ENVIRONMENT, capture_output=True, check=False,
                                     preexec_fn=lambda: (signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
                                                         resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))))
            self.assertEqual(4, process.returncode, (command, process.stderr))
            self.assertEqual(self.before, self.names(), command)

    def test_a_stream_cut_at_any_byte_is_status_5(self):
        self.shell("vconvert -q --roi 0:2,0:16,0:16 scan.raw - > stream")
        size = (self.folder / "stream").stat().st_size
        for cut in (0, 1, 100, 4095, 4096, 4097, 5000, size - 513, size - 512, size - 1):
            self.shell(f"head -c {cut} stream | cat | vconvert -q - out.raw", status=5)
            self.assertNotIn("out.raw", self.names())

    def test_a_failed_upstream_is_status_1_and_tells_why(self):
        done = voxpipe.shell("vconvert nothing.tif | vclip -r 0,9 - out.raw", self.folder)
        self.assertEqual(1, done.returncode)
        self.assertIn(b"nothing.tif", done.stderr.splitlines()[-1])
        self.assertEqual(self.before, self.names())

    def test_a_long_pipe_tells_the_first_reason_once(self):
        done = voxpipe.shell("vconvert nothing.tif | vclip -r 0,9 | vconvert | vclip -r 0,9 - out.raw", self.folder)
        self.assertEqual(1, done.returncode)
        for line in done.stderr.splitlines():
            self.assertEqual(1, line.count(b"nothing.tif"), line)
            self.assertLessEqual(line.count(b"the tool before failed"), 1, line)

    def test_a_reader_that_has_had_enough_is_no_failure(self):
        self.shell("vconvert -q scan.raw | head -c 10000 > /dev/null")
        self.shell("vconvert -q scan.raw | vclip -q --roi 3:4,:,: - plane.raw")

    def test_an_input_is_never_written_over(self):
        self.shell("vclip -f -r 0,9 scan.raw scan.raw", status=2)
        self.shell("ln -s scan.raw link.raw; vclip -f -r 0,9 scan.raw link.raw", status=2)
        self.shell("vclip -r 0,9 scan.raw scan.raw", status=2)

    def test_too_little_memory_is_status_3_with_the_number_that_would_do(self):
        self.shell("vconvert -q -c zstd scan.raw z.tif")
        done = self.shell("vconvert --memory 30K z.tif out.raw", status=3)
        amount = done.stderr.split(b"use --memory ")[1].split()[0].decode()
        self.shell(f"vconvert -q --memory {amount} z.tif out.raw && vdiff scan.raw out.raw")

    def test_the_report_counts(self):
        self.shell("vclip -q -r 100,50000 --report r.json scan.raw out.raw")
        report = json.loads((self.folder / "r.json").read_text())
        self.assertEqual({"seconds", "bytes_in", "bytes_out", "peak_memory", "clipped_low", "clipped_high", "nan", "rounded",
                          "saturated"}, set(report))
        self.assertEqual(64 * 256 * 256 * 2, report["bytes_in"])


@unittest.skipIf(voxpipe.SANITIZED, "a sanitizer takes memory of its own")
@unittest.skipUnless(os.environ.get("VOXPIPE_SLOW_TESTS"), "slow: set VOXPIPE_SLOW_TESTS")
class BoundedMemory(Folder):
    """Peak resident size at most --memory plus 24 MB on a 2 GiB volume, from a file and from a pipe."""

    def peak_of(self, command):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.assertGreaterEqual((64 + 24) << 10, before)
        self.shell(command)
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss

    def test_a_plane_of_3_gb(self):
        with open(self.folder / "plane.raw", "wb") as file:
            file.seek(40_000 * 40_000 * 2 - 2)
            file.write(b"\x07\x00")
        (self.folder / "plane.raw.json").write_text('{"voxpipe": 1, "shape": [1, 40000, 40000], "dtype": "uint16"}')
        corner = "--roi :,39990:,39000:"
        for command in (f"vclip -q --memory 64M -r 3,5 {corner} plane.raw - | vstats --json",
                        "vconvert -q --memory 64M -c zstd:1 -t uint8 plane.raw out.tif",
                        f"vclip -q --memory 64M -r 3,5 {corner} out.tif out.raw"):
            self.assertLessEqual(self.peak_of(command), (64 + 24) << 10, command)
        voxels = np.fromfile(self.folder / "out.raw", "u1")
        self.assertEqual((10 * 1000, 5, 3), (voxels.size, voxels[-1], voxels[:-1].max()))

    def test_every_tool(self):
        run = "-q --memory 64M"
        self.shell(f"vphantom gradient {run} --shape 1024 big.raw && vconvert {run} -c zstd:1 big.raw big.tif")
        for command in ("vconvert {0} -f {1} out.tif", "vclip {0} -f -p 1,99 {1} out.raw", "vclip {0} -f -s 2 {1} out.raw",
                        "vnormalize minmax {0} -f -t uint8 {1} out.raw", "vconvert {0} -f -t float32 {1} out.raw",
                        "vstats {0} {1}", "vconvert {0} -f -c deflate:1 {1} out.tif", "vdiff {0} {1} big.raw"):
            for source in ("big.raw", "big.tif", "-"):
                feed = "vconvert -q --memory 64M big.raw | " if source == "-" else ""
                peak = self.peak_of(feed + command.format(run, source))
                self.assertLessEqual(peak, (64 + 24) << 10, f"{command} from {source}")


if __name__ == "__main__":
    unittest.main()
