"""On a real Slurm: what `vpart slurm` prints runs to the end, and what is killed, cancelled or doubled does no harm.

Calls itself by scripts/slurm-test, which ends with 77 where no Slurm can run.
"""
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import pipeline
import voxpipe

COUNTS = (1, 2, 3, 7)
COMMANDS = {  # and what they make
    "convert": ("vconvert -t uint8 in.raw", "out.ome.zarr"),
    "clip": ("vclip -p 5,90 in.raw", "out.raw"),
    "drift": ("vnormalize drift in.raw", "out.raw"),
    "median": ("vfilter median -r 2 --boundary reflect in.raw", "slices/"),
    "label": ("vlabel components --otsu -n 26 --min-size 3 in.raw", "out.raw"),  # two first passes
    "resample": ("vresample -m cubic -z 0.7,1.3,0.6 in.raw", "out.raw"),
    "pyramid": ("vpyramid -m gaussian --chunk 2,16,16 --shard none in.raw", "out.ome.zarr"),  # 12 layers, then 6, 3, 2
    "labels": ("vpyramid --kind labels --chunk 2,16,16 --shard 4,16,16 in.raw", "out.ome.zarr"),
    "shards": ("vphantom checker --shape 1100,512,512 -t uint8", "out.ome.zarr"),  # a layer of shards is 1024 planes
}
SLOW = {  # parts of a second and more: six blocks of 0.15 s, or a whole shard
    "out.raw": "vmap -j 1 --block 2,40,31 in.raw out.raw -- sh -c 'sleep 0.15; cat'",
    "slices/": "vmap -j 1 --block 2,40,31 in.raw slices/ -- sh -c 'sleep 0.15; cat'",
    "out.ome.zarr": "vphantom checker -j 1 --shape 1100,512,512 -t uint8 out.ome.zarr",
}
PARTS = 2
PATIENCE = 240  # seconds, also on a busy machine


def state_of(job):
    """Of a job or of one task, JOB_TASK."""
    shown = voxpipe.run("scontrol", "show", "job", "-o", job).stdout.decode()
    return re.search(r"JobState=(\S+)", shown).group(1), re.search(r"ExitCode=(\S+)", shown).group(1)


def wait_for(what, seen):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = seen()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited in vain for {what}:\n{voxpipe.run('squeue').stdout.decode()}")


def wait_for_jobs():
    wait_for("the jobs", lambda: not voxpipe.run("squeue", "-h").stdout)


class Case(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(os.environ.get("VOXPIPE_SEED", str(time.time())))
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="voxpipe_slurm_"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(wait_for_jobs)
        self.addCleanup(voxpipe.run, "scancel", "--quiet", "--user", str(os.getuid()))  # of a test that failed
        self.shell("vphantom noise -q --shape 23,40,31 -t uint16 --spacing 2um in.raw")

    def shell(self, command, folder=None, status=0):
        done = voxpipe.shell(command, folder or self.folder)
        self.assertEqual(status, done.returncode, (command, done.stdout.decode(), done.stderr.decode()))
        return done.stdout.decode() + done.stderr.decode()

    def place(self, name):
        """A folder of its own with the same input: names stand in the history."""
        folder = self.folder / name
        folder.mkdir()
        for file in ("in.raw", "in.raw.json"):
            os.link(self.folder / file, folder / file)
        return folder

    def script(self, count, command, folder):
        (folder / "submit.sh").write_text(self.shell(f"vpart slurm -n {count} -- {command} 2>/dev/null", folder))

    def submit(self, folder, script="submit.sh"):
        """The numbers of the first array and of the job that joins."""
        before = set(self.jobs())
        join = int(self.shell(f"bash {script}", folder).strip())
        return min(set(self.jobs()) - before), join

    @staticmethod
    def jobs():
        return [int(line) for line in voxpipe.run("squeue", "-h", "-t", "all", "-o", "%A").stdout.decode().split()]

    def said(self, folder):
        return "".join(f"{path.name}: {path.read_text()}" for path in sorted(folder.glob("slurm-*.out")))

    def check(self, folder, output, expected):
        self.assertTrue((folder / output.rstrip("/")).exists(), self.said(folder))
        self.assertEqual(expected, voxpipe.bytes_of(folder / output.rstrip("/")))
        self.assertEqual([], [name for name in os.listdir(folder) if ".parts" in name])


class Results(Case):
    def test_the_same_bytes_for_any_number_of_parts(self):
        places = []
        for name, (words, output) in COMMANDS.items():
            command = f"{words} -j 1 --memory 64M {output}"
            whole = self.place(name)
            self.shell(command, whole)
            for count in COUNTS:
                folder = self.place(f"{name}-{count}")
                self.script(count, command, folder)
                places.append((folder, output, voxpipe.bytes_of(whole / output.rstrip("/")), self.submit(folder)))
        wait_for_jobs()
        for folder, output, expected, (_, join) in places:
            with self.subTest(folder.name):
                self.check(folder, output, expected)
                self.assertEqual(("COMPLETED", "0:0"), state_of(join))

    def test_both_nodes_take_tasks(self):
        folder = self.place("nodes")
        self.script(4, "vmap in.raw out.raw -- sh -c 'hostname=$SLURMD_NODENAME; echo $hostname >&2; sleep 1; cat'", folder)
        array, _ = self.submit(folder)
        wait_for_jobs()
        used = {re.search(r" NodeList=(\S+)", voxpipe.run("scontrol", "show", "job", "-o", f"{array}_{task}").stdout.decode()).group(1)
                for task in range(1, 5)}
        known = voxpipe.run("sinfo", "-h", "-N", "-o", "%N").stdout.decode().split()
        self.assertEqual(set(known), used)


class Trouble(Case):
    def setUp(self):
        super().setUp()
        self.expected = {}
        whole = self.place("whole")
        for output, command in SLOW.items():
            self.shell(command, whole)
            self.expected[output] = voxpipe.bytes_of(whole / output.rstrip("/"))

    def start(self, name, output):
        folder = self.place(name)
        self.script(PARTS, SLOW[output], folder)
        return (folder, *self.submit(folder))

    def processes(self, folder, part):
        """The tool that makes a part here."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().decode().split("\0")
                if words[0] in ("vmap", "vphantom") and part in words and pathlib.Path(os.readlink(process / "cwd")) == folder:
                    found.append(int(process.name))
            except OSError:
                pass  # it ended
        return found

    def in_the_middle(self, folder, part):
        process = wait_for(f"part {part}", lambda: self.processes(folder, part))[0]
        time.sleep(self.random.uniform(0, 0.4))
        return process

    def again(self, folder, output):
        """What people do after all that went wrong: the same script."""
        _, join = self.submit(folder)
        wait_for_jobs()
        self.assertEqual(("COMPLETED", "0:0"), state_of(join), self.said(folder))
        self.check(folder, output, self.expected[output])

    def test_a_task_killed_and_requeued(self):
        for number, output in enumerate(SLOW):
            with self.subTest(output):
                folder, array, _ = self.start(f"killed-{number}", output)
                os.kill(self.in_the_middle(folder, "1/2"), signal.SIGKILL)
                wait_for("the end of the task", lambda: state_of(f"{array}_1")[0] == "FAILED")
                self.assertEqual("0:9", state_of(f"{array}_1")[1])
                self.shell(f"scontrol requeue {array}_1")
                wait_for_jobs()
                self.assertIn("2 of 2 parts are done" if not (folder / output.rstrip("/")).exists() else "finished",
                              self.shell(f"vpart status {output}", folder))
                self.again(folder, output)

    def test_a_task_preempted_and_requeued_needs_nobody(self):
        folder, array, join = self.start("preempted", "out.raw")
        self.in_the_middle(folder, "1/2")
        self.shell(f"scontrol requeue {array}_1")
        wait_for_jobs()
        self.assertEqual(("COMPLETED", "0:0"), state_of(join), self.said(folder))
        self.check(folder, "out.raw", self.expected["out.raw"])

    def test_a_first_pass_cancelled_takes_the_rest_with_it(self):
        command = "vlabel components --otsu -n 26 in.raw out.raw"
        self.shell(command, self.place("labels"))
        folder = self.place("cancelled-pass")
        self.script(3, command, folder)
        array, join = self.submit(folder)
        self.shell(f"scancel {array}")
        wait_for_jobs()
        self.assertIn(state_of(join)[0], ("CANCELLED", "COMPLETED"))  # it may have been too late
        _, join = self.submit(folder)
        wait_for_jobs()
        self.assertEqual(("COMPLETED", "0:0"), state_of(join), self.said(folder))
        self.check(folder, "out.raw", voxpipe.bytes_of(self.folder / "labels/out.raw"))

    def test_a_node_that_dies(self):
        folder, array, join = self.start("node", "out.ome.zarr")
        self.in_the_middle(folder, "1/2")
        node = re.search(r" NodeList=(\S+)", voxpipe.run("scontrol", "show", "job", "-o", f"{array}_1").stdout.decode()).group(1)
        self.shell(f"scontrol update NodeName={node} State=DOWN Reason=test")
        time.sleep(1)
        voxpipe.run("scontrol", "update", f"NodeName={node}", "State=RESUME")  # it may have come back by itself
        wait_for_jobs()
        self.assertEqual(("COMPLETED", "0:0"), state_of(join), self.said(folder))
        self.check(folder, "out.ome.zarr", self.expected["out.ome.zarr"])

    def test_a_warning_ends_a_task_with_143(self):
        folder, array, join = self.start("warned", "out.raw")
        self.in_the_middle(folder, "1/2")
        self.shell(f"scancel --batch --signal=TERM {array}_1")
        wait_for_jobs()
        self.assertEqual(("FAILED", "143:0"), state_of(f"{array}_1"))
        self.assertIn("stopped by SIGTERM", self.said(folder))
        self.assertEqual("CANCELLED", state_of(join)[0])
        self.assertFalse((folder / "out.raw").exists())
        self.again(folder, "out.raw")

    def test_cancelled_and_submitted_again(self):
        for number, output in enumerate(SLOW):
            with self.subTest(output):
                folder, array, _ = self.start(f"cancelled-{number}", output)
                self.in_the_middle(folder, "1/2")
                self.shell(f"scancel {array}")
                wait_for_jobs()
                self.assertFalse((folder / output.rstrip("/")).exists())
                self.again(folder, output)

    def test_every_task_twice_at_once(self):
        for number, output in enumerate(SLOW):
            with self.subTest(output):
                folder, _, first = self.start(f"twice-{number}", output)
                _, second = self.submit(folder)
                wait_for_jobs()
                for join in (first, second):
                    self.assertEqual(("COMPLETED", "0:0"), state_of(join), self.said(folder))
                self.check(folder, output, self.expected[output])

    def test_a_part_that_never_ran(self):
        folder = self.place("never")
        self.script(3, SLOW["out.raw"], folder)
        script = (folder / "submit.sh").read_text()
        (folder / "two.sh").write_text(script.replace("--array=1-3", "--array=1,3"))
        _, join = self.submit(folder, "two.sh")
        wait_for_jobs()
        self.assertEqual(("FAILED", "1:0"), state_of(join))
        self.assertIn("out.raw: of 3 parts, missing 2; run those with --part K/3", self.said(folder))
        self.assertFalse((folder / "out.raw").exists())
        self.again(folder, "out.raw")


class Launchers(Case):
    def test_srun(self):
        whole = self.place("whole")
        self.shell("vfilter median -r 2 in.raw out.raw", whole)
        expected = voxpipe.bytes_of(whole / "out.raw")
        for number, launch in enumerate(("srun -n 2", "srun -N 2 -n 2", "srun -n 3 --mem=512M")):
            with self.subTest(launch):
                folder = self.place(f"srun-{number}")
                self.shell(f"{launch} vfilter median -r 2 --part auto in.raw out.raw && vpart finish out.raw", folder)
                self.check(folder, "out.raw", expected)

    def test_an_array_by_its_environment(self):
        whole = self.place("whole")
        self.shell("vclip -p 5,90 in.raw out.raw", whole)
        folder = self.place("array")
        self.shell("sbatch --wait --array=10-18:4 --wrap 'vclip -p 5,90 --part auto in.raw out.raw' && vpart finish out.raw", folder)
        self.check(folder, "out.raw", voxpipe.bytes_of(whole / "out.raw"))


class Examples(Case):
    EXAMPLES = voxpipe.ROOT / "share/examples"

    def test_parts_by_hand(self):
        whole = self.place("whole")
        self.shell("vfilter median -r 2 in.raw out.raw", whole)
        folder = self.place("hand")
        # As the example says it, but for nodes as small as these.
        text = (self.EXAMPLES / "parts-slurm.sh").read_text()
        for asked, here in (("parts=64", "parts=5"), ("--cpus-per-task=8 --mem=3G", "--cpus-per-task=1 --mem=300M"), ("--memory 2G", "--memory 64M")):
            self.assertIn(asked, text)
            text = text.replace(asked, here)
        (folder / "parts-slurm.sh").write_text(text)
        self.shell("bash parts-slurm.sh in.raw out.raw", folder)
        wait_for_jobs()
        self.check(folder, "out.raw", voxpipe.bytes_of(whole / "out.raw"))

    def test_one_scan_per_task(self):
        pipeline.make_scans(self, self.folder)
        (self.folder / "results").mkdir()
        self.shell(f"sbatch --wait --array=0-1 --cpus-per-task=1 --mem=3500M {self.EXAMPLES}/slurm.sh scans results")
        for name in pipeline.NAMES:
            self.assertIn("[0,255]", self.shell(f"vinfo --json results/{name}_u8.tif").replace(" ", "").replace("\n", ""))

    @unittest.skipUnless(shutil.which("snakemake"), "snakemake is not installed")
    def test_snakemake_submits(self):
        pipeline.make_scans(self, self.folder)
        self.shell(f"export HOME=$PWD; snakemake -s {self.EXAMPLES}/pipeline.smk -j 4 --latency-wait 30 --max-jobs-per-second 20"
                   " --max-status-checks-per-second 20 --cluster 'sbatch -c 1 --mem={resources.mem_mb}'")
        pipeline.check(self, self.folder)


if __name__ == "__main__":
    if "VOXPIPE_SLURM" not in os.environ:
        if voxpipe.SANITIZED or not os.environ.get("VOXPIPE_SLOW_TESTS"):
            print("slurm_test: skipped: slow; set VOXPIPE_SLOW_TESTS, without a sanitizer", file=sys.stderr)
            sys.exit(77)
        os.environ["VOXPIPE_SLURM"] = "1"
        os.execv(voxpipe.ROOT / "scripts/slurm-test", ["slurm-test", sys.executable, "-B", *sys.argv])
    unittest.main(verbosity=2)
