"""Parts: N independent processes make what one makes, bit for bit; what is torn, doubled or missing is told."""
import filecmp
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import voxpipe
from voxpipe import bytes_of as files

COUNTS = (1, 2, 3, 7)
OUTPUTS = ("raw", "slices/", "ome.zarr")
SHAPE = (23, 40, 31)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="voxpipe_parts_"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "whole").mkdir()
        self.run_tool("vphantom", "noise", "-q", "--shape", ",".join(map(str, SHAPE)), "-t", "uint16", "--spacing", "2um", "in.raw")

    def run_tool(self, *words, status=0, folder=None):
        done = voxpipe.run(*words, folder=folder or self.folder)
        self.assertEqual(status, done.returncode, (words, done.stderr.decode()))
        return done.stderr.decode()

    def parts(self, command, count, output, extra=()):
        """Runs them last first, so that nothing depends on the order."""
        for part in range(count, 0, -1):
            head, tail = command
            self.run_tool(*head, "-q", "--part", f"{part}/{count}", *extra, "in.raw", output, *tail)

    def whole(self, command, output):
        """Under the same name, in a folder of its own: names stand in the history."""
        head, tail = command
        for name in ("in.raw", "in.raw.json"):
            if not (self.folder / "whole" / name).exists():
                os.link(self.folder / name, self.folder / "whole" / name)
        self.run_tool(*head, "-q", "-f", "in.raw", output, *tail, folder=self.folder / "whole")
        return files(self.folder / "whole" / output.rstrip("/"))

    def remove(self, output):
        path = self.folder / output.rstrip("/")
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        pathlib.Path(f"{path}.json").unlink(missing_ok=True)

    def status(self, output, status=0):
        done = voxpipe.run("vpart", "status", "--json", output, folder=self.folder)
        self.assertEqual(status, done.returncode, done.stderr.decode())
        return json.loads(done.stdout)

    def fails(self, *words, status, says):
        text = self.run_tool(*words, status=status)
        self.assertRegex(text.splitlines()[-1], r"\A\w+: error: [^\n]+\Z")
        for word in says:
            self.assertIn(word, text)
        return text


class Results(Case):
    def check(self, *head, tail=(), outputs=OUTPUTS, extra=()):
        for ending in outputs:
            output = f"out.{ending}" if ending != "slices/" else ending
            expected = self.whole((head, tail), output)
            for count in COUNTS:
                with self.subTest(output=output, count=count):
                    self.parts((head, tail), count, output, extra)
                    self.assertFalse((self.folder / output.rstrip("/")).exists())
                    self.assertTrue(not self.status(output)["finished"])
                    self.run_tool("vpart", "finish", "-q", output)
                    self.assertEqual(expected, files(self.folder / output.rstrip("/")))
                    self.assertFalse(any(".parts" in name for name in os.listdir(self.folder)), os.listdir(self.folder))
                    self.remove(output)

    def test_a_conversion(self):
        self.check("vconvert", "-t", "uint8")

    def test_percentiles_of_the_whole_volume(self):
        self.check("vclip", "-p", "5,90")

    def test_neighbours_beyond_a_part(self):
        self.check("vfilter", "median", "-r", "2", "--boundary", "reflect")
        self.check("vfilter", "gaussian", "-s", "1.5", "--boundary", "wrap", outputs=("raw",))

    def test_the_range_of_the_whole_volume(self):
        self.check("vnormalize", "minmax", "-t", "uint8")

    def test_blocks_of_a_program(self):
        erode = ["--", "sh", "-c", "vfilter erode -q -j 1 -r 2 --no-history --in-shape $VOXPIPE_BLOCK_SHAPE --in-dtype $VOXPIPE_DTYPE - - | "
                 "tail -c +4097 | head -c -512"]
        self.check("vmap", "--format", "raw", "--halo", "2", "--block", "4,40,31", tail=erode, outputs=("raw", "slices/"))

    def test_compressed_slices(self):
        self.check("vconvert", "-c", "deflate", outputs=("slices/",))

    def test_shards_that_a_volume_has_several_of(self):
        """Larger than one shard; made up in parts, so that there is an input to none."""
        make = ("vphantom", "checker", "-q", "--shape", "1100,512,512", "-t", "uint8")
        self.run_tool(*make, "out.ome.zarr", folder=self.folder / "whole")
        for part in ("1/2", "2/2"):
            self.run_tool(*make, "--part", part, "out.ome.zarr")
        self.run_tool("vpart", "finish", "out.ome.zarr")
        self.assertEqual(files(self.folder / "whole/out.ome.zarr"), files(self.folder / "out.ome.zarr"))
        self.assertGreater(len(list((self.folder / "out.ome.zarr/0/c").iterdir())), 1)

    def test_the_range_that_a_store_records(self):
        self.check("vfilter", "mean", "-r", "1", "-t", "float32", outputs=("ome.zarr",))

    def test_labels_and_distances(self):
        self.check("vlabel", "components", "--above", "40000", outputs=("raw",))
        self.check("vlabel", "distance", outputs=("raw",))

    def test_a_region(self):
        self.check("vclip", "--roi", "3:20,1:,:30", "-r", "100,50000", outputs=("raw", "slices/"))

    def test_run_make_and_auto(self):
        expected = self.whole((("vfilter", "median", "-r", "1"), ()), "out.raw")
        self.run_tool("vpart", "run", "-n", "5", "-P", "2", "--", "vfilter", "median", "-r", "1", "in.raw", "out.raw")
        self.assertEqual(expected, files(self.folder / "out.raw"))
        self.assertIn("finished already", self.run_tool("vpart", "finish", "out.raw"))
        self.run_tool("vpart", "run", "-n", "5", "--", "vfilter", "median", "-r", "1", "in.raw", "out.raw")
        self.remove("out.raw")
        made = voxpipe.shell("vpart make -n 3 -- vfilter median -r 1 in.raw out.raw > parts.mk; make -s -f parts.mk -j2; make -f parts.mk", self.folder)
        self.assertEqual(0, made.returncode, made.stderr.decode())
        self.assertIn(b"up to date", made.stdout)
        self.assertEqual(expected, files(self.folder / "out.raw"))
        os.utime(self.folder / "in.raw")
        made = voxpipe.shell("make -s -f parts.mk -j2", self.folder)
        self.assertEqual(0, made.returncode, made.stderr.decode())
        self.assertEqual(expected, files(self.folder / "out.raw"))
        self.remove("out.raw")
        for names in (("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", 7), ("SLURM_PROCID", "SLURM_NTASKS", 0),
                      ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", 0), ("PMI_RANK", "PMI_SIZE", 0)):
            index, count, first = names
            for part in range(3):
                environment = {**voxpipe.ENVIRONMENT, index: str(first + part), count: "3", "SLURM_ARRAY_TASK_MIN": "7"}
                done = subprocess.run(["vfilter", "median", "-q", "-r", "1", "--part", "auto", "in.raw", "out.raw"], cwd=self.folder,
                                      env=environment, capture_output=True, check=False)
                self.assertEqual(0, done.returncode, done.stderr.decode())
            self.run_tool("vpart", "finish", "out.raw")
            self.assertEqual(expected, files(self.folder / "out.raw"))
            self.remove("out.raw")

    def test_a_slurm_script(self):
        done = voxpipe.run("vpart", "slurm", "-n", "4", "--sbatch=--partition=x", "--", "vclip", "-j", "2", "--memory", "64M", "-r", "1,9",
                           "in.raw", "out.raw", folder=self.folder)
        script = done.stdout.decode()
        for words in ("--array=1-4", "--cpus-per-task=2", "--mem=192M", "--partition=x", "afterok", "vpart finish out.raw",
                      'exec vclip -j 2 --memory 64M -r 1,9 in.raw out.raw --part "$SLURM_ARRAY_TASK_ID/4"'):
            self.assertIn(words, script)
        self.sbatch_at_once()
        (self.folder / "submit.sh").write_text(script)
        ran = voxpipe.shell("PATH=$PWD/bin:$PATH bash submit.sh", self.folder)
        self.assertEqual(0, ran.returncode, ran.stderr.decode())
        self.assertEqual(self.whole((("vclip", "-r", "1,9"), ()), "out.raw"), files(self.folder / "out.raw"))

    def sbatch_at_once(self):
        """An sbatch that runs its jobs at once."""
        (self.folder / "bin").mkdir()
        (self.folder / "bin/sbatch").write_text(
            "#!/bin/bash\ncat > job$$; n=1; for w in \"$@\"; do case $w in --array=1-*) n=${w#--array=1-};; esac; done\n"
            "for i in $(seq $n); do SLURM_ARRAY_TASK_ID=$i bash job$$ >&2 || exit 1; done; echo 17\n")
        (self.folder / "bin/sbatch").chmod(0o755)

    def test_the_examples(self):
        examples = voxpipe.ROOT / "share/examples"
        self.sbatch_at_once()
        expected = self.whole((("vfilter", "median", "-r", "2"), ()), "out.raw")
        commands = [f"PATH=$PWD/bin:$PATH {examples}/parts-slurm.sh in.raw out.raw", f"make -s -j2 -f {examples}/parts.mk IN=in.raw OUT=out.raw"]
        for command in commands:
            ran = voxpipe.shell(command, self.folder)
            self.assertEqual(0, ran.returncode, ran.stderr.decode())
            self.assertEqual(expected, files(self.folder / "out.raw"))
            self.remove("out.raw")


class Trouble(Case):
    MEDIAN = ("vfilter", "median", "-q", "-r", "1")

    def part(self, which, *more, status=0, output="out.raw"):
        return self.run_tool(*self.MEDIAN, "--part", which, *more, "in.raw", output, status=status)

    def expected(self, output="out.raw"):
        return self.whole((self.MEDIAN, ()), output)

    def test_what_cannot_be_shared(self):
        for output in ("-", "out.tif", "out.nrrd", "out.npy", "out.raw.gz", "out.ozx", "out.mha"):
            self.fails(*self.MEDIAN, "--part", "1/2", "in.raw", output, status=2, says=["slices", ".ome.zarr", "raw"])
        for part in ("0/2", "3/2", "1", "a/b", "1/0", "-1/2", "1/2/3"):
            self.fails(*self.MEDIAN, f"--part={part}", "in.raw", "out.raw", status=2, says=["part"])
        self.fails(*self.MEDIAN, "--part", "auto", "in.raw", "out.raw", status=2, says=["K/N"])
        self.fails("vlabel", "distance", "--part", "1/2", "--pass", "map", "in.raw", "out.raw", status=2, says=["leave --pass out"])
        self.assertEqual(["in.raw", "in.raw.json", "whole"], sorted(os.listdir(self.folder)))

    def test_a_missing_part_is_named_and_finishing_twice_is_safe(self):
        self.fails("vpart", "finish", "out.raw", status=1, says=["no part is there"])
        for which in ("1/5", "3/5"):
            self.part(which)
        self.assertEqual([2, 4, 5], self.status("out.raw", status=1)["missing"])
        self.fails("vpart", "finish", "out.raw", status=1, says=["missing 2,4-5"])
        for which in ("2/5", "4/5", "5/5"):
            self.part(which)
        self.assertEqual([1, 2, 3, 4, 5], self.status("out.raw")["done"])
        self.run_tool("vpart", "finish", "out.raw")
        self.assertIn("finished already", self.run_tool("vpart", "finish", "out.raw"))
        self.assertEqual(self.expected(), files(self.folder / "out.raw"))
        self.assertTrue(self.status("out.raw")["finished"])
        said = self.run_tool("vfilter", "median", "-r", "1", "--part", "2/5", "in.raw", "out.raw")
        self.assertIn("finished already", said)

    def test_a_join_that_was_stopped_goes_on(self):
        for which in ("1/2", "2/2"):
            self.part(which)
        shutil.copytree(self.folder / "out.raw.parts", self.folder / "kept")
        self.run_tool("vpart", "finish", "out.raw")
        (self.folder / "kept/data").unlink()
        os.rename(self.folder / "kept", self.folder / "out.raw.parts")
        self.run_tool("vpart", "finish", "out.raw")
        self.assertEqual(self.expected(), files(self.folder / "out.raw"))
        self.assertFalse((self.folder / "out.raw.parts").exists())

    def test_a_join_that_was_killed_when_all_but_the_folder_was_gone(self):
        self.run_tool("vclip", "-r", "1,9", "in.raw", "out.raw")
        (self.folder / "out.raw.parts").mkdir()
        self.assertTrue(self.status("out.raw")["finished"])
        self.assertIn("finished already", self.run_tool("vpart", "finish", "out.raw"))
        self.assertFalse((self.folder / "out.raw.parts").exists())

    def test_a_part_that_is_done_is_not_made_again(self):
        self.run_tool("vclip", "-r", "1,9", "--part", "1/2", "in.raw", "out.raw")
        record = self.folder / "out.raw.parts/part-0001-of-0002.json"
        before = record.stat().st_ctime_ns
        self.assertIn("done already", self.run_tool("vclip", "-r", "1,9", "--part", "1/2", "in.raw", "out.raw"))
        self.assertEqual(before, record.stat().st_ctime_ns)
        self.run_tool("vclip", "-r", "1,9", "--part", "1/2", "--redo", "in.raw", "out.raw")
        self.assertNotEqual(before, record.stat().st_ctime_ns)
        self.run_tool("vclip", "-r", "1,9", "--part", "2/2", "in.raw", "out.raw")
        self.run_tool("vpart", "finish", "out.raw")
        self.assertIn("finished already", self.run_tool("vclip", "-r", "1,9", "--part", "2/2", "in.raw", "out.raw"))
        self.assertFalse((self.folder / "out.raw.parts").exists())

    def test_an_output_that_is_older_than_its_input_is_not_done(self):
        self.run_tool("vclip", "-q", "-r", "1,9", "in.raw", "out.raw")
        os.utime(self.folder / "in.raw", ns=(2**62, 2**62))
        run = ("vpart", "run", "-n", "2", "--", "vclip", "-r", "1,9", "in.raw", "out.raw")
        self.assertIn("exists; use --force", self.run_tool(*run, status=2))
        self.assertNotIn("already", self.run_tool(*run, "-f"))

    def test_what_is_written_beside_the_parts(self):
        drift = ("vnormalize", "drift", "--factors", "factors.csv", "--plot", "plot.svg")
        for part in ("1/2", "2/2"):
            self.assertNotIn("by others", self.run_tool(*drift, "--part", part, "in.raw", "out.raw"))
        self.run_tool("vpart", "finish", "-q", "out.raw")
        beside = [(self.folder / name).read_bytes() for name in ("factors.csv", "plot.svg")]
        self.run_tool(*drift, "-q", "-f", "in.raw", "one.raw")
        self.assertEqual(beside, [(self.folder / name).read_bytes() for name in ("factors.csv", "plot.svg")])
        self.fails("vnormalize", "drift", "--plot", "no/plot.svg", "--part", "1/2", "in.raw", "other.raw", status=1, says=["no"])

    def test_parts_of_another_command_are_refused(self):
        self.part("1/2")
        self.fails("vfilter", "median", "-r", "2", "--part", "2/2", "in.raw", "out.raw", status=2, says=["the arguments", "--redo"])
        self.fails(*self.MEDIAN, "--part", "2/3", "in.raw", "out.raw", status=2, says=["the number of parts (2, now 3)"])
        self.fails("vclip", "-r", "1,2", "--part", "2/2", "in.raw", "out.raw", status=2, says=["the tool (vfilter, now vclip)"])
        os.utime(self.folder / "in.raw")
        self.fails(*self.MEDIAN, "--part", "1/2", "in.raw", "out.raw", status=2, says=["changed since"])
        self.fails(*self.MEDIAN, "--part", "2/2", "in.raw", "out.raw", status=2, says=["the input"])
        self.assertEqual([1], self.status("out.raw", status=1)["stale"])
        self.fails("vpart", "finish", "out.raw", status=1, says=["stale 1", "changed since"])
        self.part("2/2", "--redo")
        self.part("1/2")
        self.run_tool("vpart", "finish", "out.raw")
        self.assertEqual(self.expected(), files(self.folder / "out.raw"))

    def test_an_output_that_exists_needs_force(self):
        self.run_tool("vconvert", "-q", "in.raw", "out.raw")
        self.fails(*self.MEDIAN, "--part", "1/1", "in.raw", "out.raw", status=2, says=["exists", "--force"])
        self.part("1/1", "-f")
        self.run_tool("vpart", "finish", "out.raw")
        self.assertEqual(self.expected(), files(self.folder / "out.raw"))

    def test_damage_is_found_and_mended(self):
        for output in ("out.raw", "slices/", "out.ome.zarr"):
            with self.subTest(output):
                parts = pathlib.Path(str(self.folder / output.rstrip("/")) + ".parts")
                for which in ("1/3", "2/3", "3/3"):
                    self.part(which, output=output)
                record = json.loads((parts / "part-0003-of-0003.json").read_text())
                piece = record["pieces"][-1]
                with open(parts / piece["file"], "r+b") as file:
                    file.seek(piece["offset"] + piece["bytes"] - 1)
                    byte = file.read(1)
                    file.seek(-1, os.SEEK_CUR)
                    file.write(bytes([byte[0] ^ 1]))
                self.assertEqual([3], self.status(output, status=1)["damaged"])
                self.fails("vpart", "finish", output, status=1, says=["damaged 3", piece["file"]])
                for which in ("1/3", "2/3", "3/3"):
                    self.part(which, output=output)
                self.run_tool("vpart", "finish", output)
                self.assertEqual(self.expected(output), files(self.folder / output.rstrip("/")))

    def start(self, which, output, *more):
        return subprocess.Popen(["vmap", "-q", "-j", "1", "--block", "2,40,31", "--part", which, *more, "in.raw", output, "--", "sh", "-c", "sleep 0.05; cat"],
                                cwd=self.folder, env=voxpipe.ENVIRONMENT, stderr=subprocess.PIPE)

    def ends(self, process, status=0):
        _, said = process.communicate(timeout=60)
        self.assertEqual(status, process.returncode, said)
        return said.decode()

    def test_killed_and_run_again_and_two_at_once(self):
        for output in ("out.raw", "slices/", "out.ome.zarr"):
            with self.subTest(output):
                for delay in (0.05, 0.15, 0.3):
                    process = self.start("2/2", output)
                    time.sleep(delay)
                    process.kill()
                    process.communicate()
                self.assertIn(2, self.status(output, status=1)["missing"] or [2])
                twins = [self.start("2/2", output), self.start("2/2", output), self.start("1/2", output)]
                for twin in twins:
                    self.ends(twin)
                self.run_tool("vpart", "finish", output)
                with_cat = self.whole((("vmap", "--block", "2,40,31"), ("--", "sh", "-c", "sleep 0.05; cat")), output)
                self.assertEqual(with_cat, files(self.folder / output.rstrip("/")))

    def test_a_copy_that_is_slower_than_the_join(self):
        for output in ("out.raw", "slices/", "out.ome.zarr"):
            with self.subTest(output):
                slow = self.start("1/1", output)
                time.sleep(0.2)
                self.ends(self.start("1/1", output))
                self.run_tool("vpart", "finish", output)
                expected = files(self.folder / output.rstrip("/"))
                self.ends(slow)
                self.assertEqual(expected, files(self.folder / output.rstrip("/")))
                self.assertFalse(any(".parts" in name for name in os.listdir(self.folder)), os.listdir(self.folder))

    def test_what_a_late_copy_left_is_of_no_use(self):
        self.part("1/2")
        shutil.copytree(self.folder / "out.raw.parts", self.folder / "kept")
        self.part("2/2")
        self.run_tool("vpart", "finish", "out.raw")
        os.rename(self.folder / "kept", self.folder / "out.raw.parts")
        self.assertTrue(self.status("out.raw")["finished"])
        self.assertIn("finished already", self.run_tool("vpart", "finish", "out.raw"))
        self.assertFalse((self.folder / "out.raw.parts").exists())
        self.assertEqual(self.expected(), files(self.folder / "out.raw"))

    def test_a_scheduler_takes_the_time_away(self):
        for number, more, status in ((signal.SIGTERM, (), 143), (signal.SIGUSR1, (), 143), (signal.SIGUSR1, ("--requeue-exit", "75"), 75)):
            process = self.start("1/2", "out.raw", *more)
            time.sleep(0.3)
            begin = time.monotonic()
            process.send_signal(number)
            self.assertIn("stopped by " + number.name, self.ends(process, status))
            self.assertLess(time.monotonic() - begin, 10)
            self.assertEqual([], list((self.folder / "out.raw.parts").glob("part-*")))
        for which in ("1/2", "2/2"):
            self.ends(self.start(which, "out.raw"))
        self.run_tool("vpart", "finish", "out.raw")
        self.assertTrue(filecmp.cmp(self.folder / "in.raw", self.folder / "out.raw", shallow=False))

    def test_what_vpart_cannot_spread(self):
        self.fails("vpart", "run", "-n", "2", "--", "vfilter", "median", "in.raw", "out.tif", status=2, says=["TIFF"])
        self.fails("vpart", "run", "-n", "2", "--", "vstats", "in.raw", status=2, says=["--part"])
        self.fails("vpart", "run", "--", "vclip", "-r", "1,2", "in.raw", "out.raw", status=2, says=["--parts"])
        self.fails("vpart", "run", "-n", "2", "--", "vclip", "--part", "1/2", "-r", "1,2", "in.raw", "out.raw", status=2, says=["leave it out"])
        self.fails("vpart", "run", "-n", "2", "--", "vclip", "-r", "1,2", "none.raw", "out.raw", status=1, says=["none.raw"])
        self.fails("vpart", "run", "-n", "2", "--", "no-such-tool", status=2, says=["no-such-tool"])


if __name__ == "__main__":
    unittest.main()
