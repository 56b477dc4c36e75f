"""First passes that parts share, and statistics of parts: the same digits as of one process, whatever is torn or stale."""
import array
import json
import os
import random
import unittest

import voxpipe
from parts_test import COUNTS, SHAPE, Case, files

VOXELS = SHAPE[0] * SHAPE[1] * SHAPE[2]


class Shared(Case):
    def make_input(self, dtype):
        """In place of in.raw; floating types with NaN and infinities."""
        for name in ("in.raw", "in.raw.json"):
            (self.folder / "whole" / name).unlink(missing_ok=True)
        if not dtype.startswith("float"):
            return self.run_tool("vphantom", "noise", "-q", "-f", "--shape", ",".join(map(str, SHAPE)), "-t", dtype, "in.raw")
        choice = random.Random(1)
        values = array.array("f" if dtype == "float32" else "d", (choice.gauss(0, 1) * 10 ** choice.randint(-3, 3) for _ in range(VOXELS)))
        for at, value in ((5, "nan"), (77, "inf"), (VOXELS - 1, "-inf"), (VOXELS // 2, "nan")):
            values[at] = float(value)
        (self.folder / "data").write_bytes(values.tobytes())
        return self.run_tool("vconvert", "-q", "-f", "--in-shape", ",".join(map(str, SHAPE)), "--in-dtype", dtype, "data", "in.raw")

    def check(self, *head, rounds=0, outputs=("raw",), counts=COUNTS):
        """In parts, by hand; without rounds each part runs first passes itself."""
        for ending in outputs:
            output = f"out.{ending}" if ending != "slices/" else ending
            expected = self.whole((head, ()), output)
            for count in counts:
                with self.subTest(head=head, output=output, count=count):
                    for _ in range(rounds):
                        self.parts((head, ()), count, output, ("--pass", "reduce"))
                    self.parts((head, ()), count, output, ("--pass", "map") if rounds else ())
                    self.run_tool("vpart", "finish", "-q", output)
                    self.assertEqual(expected, files(self.folder / output.rstrip("/")))
                    self.assertFalse((self.folder / (output.rstrip("/") + ".parts")).exists())
                    self.remove(output)

    def check_run(self, *head, passes, counts=(3,)):
        """As vpart spreads it; `passes`: first passes that are shared."""
        expected = self.whole((head, ()), "out.raw")
        plan = json.loads(self.output(*head, "--part", "1/3", "--explain", "--json", "in.raw", "out.raw"))
        self.assertEqual(passes, plan["part"]["first_passes"], head)
        for count in counts:
            with self.subTest(head=head, count=count):
                self.run_tool("vpart", "run", "-n", count, "--", *head, "in.raw", "out.raw")
                self.assertEqual(expected, files(self.folder / "out.raw"))
                self.remove("out.raw")

    def output(self, *words):
        done = voxpipe.run(*words, folder=self.folder)
        self.assertEqual(0, done.returncode, (words, done.stderr.decode()))
        return done.stdout.decode()


class Resampled(Shared):
    def test_every_method(self):
        for method in ("nearest", "linear", "cubic", "bspline", "lanczos", "area", "mode"):
            for zoom in ("1.7", "0.4,0.6,1"):
                self.check("vresample", "-m", method, "-z", zoom, counts=(3,))

    def test_every_output(self):
        self.check("vresample", "-z", "1.3", outputs=("raw", "slices/", "ome.zarr"), counts=(1, 7))
        self.check("vresample", "-m", "bspline", "-z", "6,1,1", counts=(3,))

    def test_projections_from_the_side(self):
        for method in ("max", "mean", "std", "median"):
            self.check("vproject", method, "-a", "y", counts=(3,))
        self.check("vproject", "sum", "-a", "x", outputs=("raw", "slices/", "ome.zarr"), counts=(2, 7))

    def test_projections_along_z(self):
        for dtype in ("uint8", "int16", "uint32", "int64", "float32", "float64"):
            self.make_input(dtype)
            for method in ("max", "min", *(("mean",) if "int" in dtype else ()), *(("sum", "std") if dtype in ("uint8", "int16") else ())):
                self.check("vproject", method, rounds=1, counts=(7,))
        for method in ("mean", "sum", "std", "median"):
            self.fails("vproject", method, "--part", "1/2", "in.raw", "out.raw", status=2, says=["along z", "leave --part out"])
        self.make_input("uint16")
        self.check("vproject", "mean", rounds=1, outputs=("raw", "slices/", "ome.zarr"), counts=(1, 2, 30))
        self.check("vproject", "max", "--roi", "2:9,:,5:", rounds=1, counts=(3,))
        self.check("vproject", "std", counts=(2,))
        self.check_run("vproject", "std", passes=1)
        self.fails("vproject", "max", "--part", "1/2", "--pass", "reduce", "--memory", "5K", "in.raw", "out.raw", status=3, says=["--memory"])


class Passes(Shared):
    def test_percentiles(self):
        self.check("vclip", "-p", "5,90", rounds=1, outputs=("raw", "ome.zarr"))
        for dtype, rounds in (("float32", 2), ("float64", 4), ("uint8", 1)):
            self.make_input(dtype)
            self.check("vclip", "-p", "5,90", rounds=rounds, counts=(3,))

    def test_a_region_and_a_mask(self):
        self.check("vclip", "--roi", "3:20,1:,:30", "-p", "5,90", rounds=1, counts=(3,))
        self.run_tool("vfilter", "threshold", "-q", "--above", "30000", "in.raw", "mask.raw")
        os.link(self.folder / "mask.raw", self.folder / "whole/mask.raw")
        os.link(self.folder / "mask.raw.json", self.folder / "whole/mask.raw.json")
        self.check("vclip", "-p", "5,90", "--mask", "mask.raw", rounds=1, counts=(3,))

    def test_every_tool_whose_first_pass_can_be_added_up(self):
        for dtype, more in (("uint16", 0), ("float32", 1)):
            self.make_input(dtype)
            for head in (("vclip", "-s", "1.5"), ("vnormalize", "zscore"), ("vfilter", "threshold", "--otsu")):
                self.check_run(*head, passes=1 + more)
            for head in (("vnormalize", "minmax", "-t", "uint8"), ("vclip", "--approx", "-p", "1,99")):
                self.check_run(*head, passes=1)
            self.check_run("vnormalize", "minmax", "-t", "uint8", "-p", "2,98", passes=1 + more)
            self.check_run("vnormalize", "zprofile", passes=1)
            self.check_run("vnormalize", "equalize", passes=1 + more)
            self.check_run("vnormalize", "drift", "--min", "0.9", passes=1)
            self.check_run("vnormalize", "drift", "--sections", "4", passes=1)
            self.check_run("vnormalize", "match", passes=2, counts=(2, 30))
            self.check_run("vnormalize", "match", "--sections", "3", passes=2)
            self.check_run("vnormalize", "match", "--reference", "in.raw", passes=4)
            self.check_run("vnormalize", "background", "--percentile", "90", passes=2 + more)
            self.check_run("vnormalize", "clahe", passes=3, counts=(2, 30))
            self.check_run("vnormalize", "clahe", "--kernel", "9,7,8", "-t", "uint8", passes=3)

    def test_first_passes_that_cannot(self):
        head = ("vlabel", "distance")
        self.fails(*head, "--part", "1/2", "--pass", "reduce", "in.raw", "out.raw", status=2, says=["--pass", "leave --pass out"])
        self.check_run(*head, passes=None, counts=(2,))
        self.fails("vclip", "-p", "1,2", "--pass", "reduce", "in.raw", "out.raw", status=2, says=["--part"])

    def test_without_a_first_pass_there_is_nothing_to_do(self):
        said = self.run_tool("vclip", "-r", "1,9", "--part", "1/2", "--pass", "reduce", "in.raw", "out.raw")
        self.assertIn("needs no first pass", said)
        self.check("vclip", "-r", "1,9", rounds=1, counts=(2,))

    def test_factors_that_every_part_writes(self):
        self.check("vnormalize", "zprofile", "--factors", "factors.csv", rounds=1, counts=(2, 3))
        self.assertEqual((self.folder / "whole/factors.csv").read_bytes(), (self.folder / "factors.csv").read_bytes())

    def test_makefile(self):
        expected = self.whole((("vclip", "-p", "5,90"), ()), "out.raw")
        script = "vpart make -n 3 -- vclip -p 5,90 in.raw out.raw > parts.mk; grep -q 'pass map' parts.mk; make -s -f parts.mk -j2; make -f parts.mk"
        for _ in range(2):
            made = voxpipe.shell(script, self.folder)
            self.assertEqual(0, made.returncode, made.stderr.decode())
            self.assertIn(b"up to date", made.stdout)
            self.assertEqual(expected, files(self.folder / "out.raw"))
            os.utime(self.folder / "in.raw")

    def test_targets_of_a_makefile(self):
        script = "vpart make -n 2 -- vlabel components --above 50000 in.raw out.raw > parts.mk; make -s -f parts.mk "
        for target, endings in (("reduce", [".state"] * 2), ("map", [".json"] * 2 + [".state"] * 2)):
            made = voxpipe.shell(script + target, self.folder)
            self.assertEqual(0, made.returncode, made.stderr.decode())
            self.assertEqual(endings, sorted(path.suffix for path in (self.folder / "out.raw.parts").iterdir() if path.suffix))
            self.assertFalse((self.folder / "out.raw").exists())
        made = voxpipe.shell(script, self.folder)
        self.assertEqual(0, made.returncode, made.stderr.decode())
        self.assertEqual(self.whole((("vlabel", "components", "--above", "50000"), ()), "out.raw"), files(self.folder / "out.raw"))


class Slurm(Shared):
    """By an sbatch that runs its jobs at once, and refuses those that do not wait for the one before."""
    SBATCH = """#!/bin/bash
cat > job
n=1
for word in "$@"; do case $word in --array=1-*) n=${word#--array=1-};; --dependency=*) after=${word#--dependency=};; esac; done
last=$(wc -l < jobs)
[ "$after" = "${last/#0}" ] || [ "$after" = "afterok:$last" ] || { echo "job $((last + 1)) waits for '$after'" >&2; exit 1; }
for i in $(seq $n); do SLURM_ARRAY_TASK_ID=$i bash job >&2 || exit 1; done
tail -n 1 job >> jobs
wc -l < jobs
"""

    def test_an_array_for_each_pass(self):
        (self.folder / "bin").mkdir()
        (self.folder / "bin/sbatch").write_text(self.SBATCH)
        (self.folder / "bin/sbatch").chmod(0o755)
        self.make_input("float32")
        for head, rounds in ((("vclip", "-r", "0,9"), 0), (("vclip", "-p", "5,90"), 2), (("vlabel", "components", "--otsu"), 3)):
            expected = self.whole((head, ()), "out.raw")
            (self.folder / "submit.sh").write_text(self.output("vpart", "slurm", "-n", "3", "--", *head, "in.raw", "out.raw"))
            for again in range(2):  # all is there already
                (self.folder / "jobs").write_text("")
                ran = voxpipe.shell("PATH=$PWD/bin:$PATH bash submit.sh", self.folder)
                self.assertEqual(0, ran.returncode, ran.stderr.decode())
                jobs = (self.folder / "jobs").read_text().splitlines()
                self.assertEqual(rounds + 2, len(jobs))
                self.assertEqual(rounds, sum("--pass reduce" in job for job in jobs))
                self.assertEqual(1 if rounds else 0, sum("--pass map" in job for job in jobs))
                self.assertEqual(f"{rounds + 2}", ran.stdout.decode().strip())
                self.assertEqual(expected, files(self.folder / "out.raw"))
            self.remove("out.raw")

    def test_what_was_done_before_it_was_stopped_stays(self):
        (self.folder / "bin").mkdir()
        (self.folder / "bin/sbatch").write_text(self.SBATCH)
        (self.folder / "bin/sbatch").chmod(0o755)
        head = ("vlabel", "components", "--above", "50000")
        self.run_tool(*head, "--part", "2/3", "--memory", "1G", "--pass", "reduce", "in.raw", "out.raw")
        state = self.folder / "out.raw.parts/pass-1-part-0002-of-0003.state"
        before = state.stat().st_ctime_ns
        (self.folder / "jobs").write_text("")
        (self.folder / "submit.sh").write_text(self.output("vpart", "slurm", "-n", "3", "--", *head, "in.raw", "out.raw").replace("exec vpart finish", "#"))
        ran = voxpipe.shell("PATH=$PWD/bin:$PATH bash submit.sh", self.folder)
        self.assertEqual(0, ran.returncode, ran.stderr.decode())
        self.assertEqual(before, state.stat().st_ctime_ns)
        self.run_tool("vpart", "finish", "-q", "out.raw")
        self.assertEqual(self.whole((head, ()), "out.raw"), files(self.folder / "out.raw"))


class Trouble(Shared):
    CLIP = ("vclip", "-p", "5,90")

    def reduce(self, part, *more, head=CLIP):
        return self.run_tool(*head, "--part", part, "--pass", "reduce", *more, "in.raw", "out.raw")

    def finish(self, count):
        for part in range(1, count + 1):
            self.run_tool(*self.CLIP, "-q", "--part", f"{part}/{count}", "--pass", "map", "in.raw", "out.raw")
        self.run_tool("vpart", "finish", "-q", "out.raw")
        self.assertEqual(self.whole((self.CLIP, ()), "out.raw"), files(self.folder / "out.raw"))

    def test_a_missing_or_damaged_share_is_named(self):
        self.fails(*self.CLIP, "--part", "1/3", "--pass", "map", "in.raw", "out.raw", status=1, says=["pass 1 of part 1-3 of 3", "--pass reduce"])
        self.assertEqual("", self.reduce("2/3"))
        self.assertIn("has done pass 1 already; pass 1 of part 1,3 of 3 is missing", self.reduce("2/3"))
        self.reduce("1/3")
        self.fails(*self.CLIP, "--part", "1/3", "--pass", "map", "in.raw", "out.raw", status=1, says=["part 3 of 3"])
        self.reduce("3/3")
        self.assertIn("all first passes are done", self.reduce("1/3"))
        state = self.folder / "out.raw.parts/pass-1-part-0002-of-0003.state"
        whole = state.read_bytes()
        header = whole.replace(b'"part": 2', b'"part": 3', 1)
        self.assertTrue(whole != header)
        for torn in (whole[:-1], whole[:100], b"", whole[:-1] + bytes([whole[-1] ^ 1]), header):
            state.write_bytes(torn)
            self.fails(*self.CLIP, "--part", "1/3", "--pass", "map", "in.raw", "out.raw", status=1, says=["part 2 of 3"])
        self.reduce("2/3")
        self.assertEqual(whole, state.read_bytes())
        self.finish(3)

    def test_a_share_of_another_input_or_command_is_refused(self):
        self.reduce("1/2")
        self.fails("vclip", "-p", "5,91", "--part", "2/2", "--pass", "reduce", "in.raw", "out.raw", status=2, says=["the arguments", "--redo"])
        self.fails(*self.CLIP, "--part", "2/3", "--pass", "reduce", "in.raw", "out.raw", status=2, says=["the number of parts"])
        os.utime(self.folder / "in.raw")
        self.fails(*self.CLIP, "--part", "2/2", "--pass", "reduce", "in.raw", "out.raw", status=2, says=["the input"])
        self.fails(*self.CLIP, "--part", "1/2", "--pass", "map", "in.raw", "out.raw", status=2, says=["the input"])
        self.reduce("2/2", "--redo")
        self.assertIn("part 1 of 2 is missing", self.reduce("2/2"))
        self.reduce("1/2", "--redo")
        self.finish(2)

    def test_one_that_looks_again_gives_the_same_bytes(self):
        self.reduce("1/2")
        state = self.folder / "out.raw.parts/pass-1-part-0001-of-0002.state"
        before = state.read_bytes(), state.stat().st_ctime_ns
        self.reduce("1/2", "--redo")
        self.assertEqual(before[0], state.read_bytes())
        self.assertNotEqual(before[1], state.stat().st_ctime_ns)


class Statistics(Shared):
    def check_statistics(self, *options, rounds=1, counts=COUNTS):
        for form in ("--json", "--csv", None):
            expected = self.output("vstats", *options, *([form] if form else []), "in.raw")
            for count in counts if form == "--json" else (3,):
                with self.subTest(options=options, form=form, count=count):
                    for _ in range(rounds):
                        for part in range(count, 0, -1):
                            self.run_tool("vstats", *options, "--part", f"{part}/{count}", "-o", "result", "in.raw")
                    self.run_tool("vstats", *options, *([form] if form else []), "--merge", "-o", "result", "in.raw")
                    self.assertEqual(expected, (self.folder / "result").read_text())
                    self.assertFalse((self.folder / "result.parts").exists())

    def test_types(self):
        self.check_statistics()
        for dtype, rounds in (("float32", 2), ("int64", 4), ("float64", 4)):
            self.make_input(dtype)
            self.check_statistics(rounds=rounds, counts=(5,))

    def test_planes_masks_and_labels(self):
        self.check_statistics("--profile", "z", rounds=2, counts=(5,))
        self.check_statistics("--profile", "x", rounds=2, counts=(5,))
        self.run_tool("vlabel", "components", "-q", "--above", "60000", "in.raw", "labels.raw")
        for options in (("--labels", "labels.raw"), ("--mask", "labels.raw", "--profile", "y")):
            self.check_statistics(*options, rounds=2, counts=(5,))

    def test_what_is_missing_stale_or_wrong(self):
        self.fails("vstats", "--part", "1/2", "in.raw", status=2, says=["--output"])
        self.fails("vstats", "--merge", "-o", "result", "in.raw", status=1, says=["no part is there"])
        self.run_tool("vstats", "--part", "1/2", "-o", "result", "in.raw")
        self.fails("vstats", "--merge", "-o", "result", "in.raw", status=1, says=["part 2 of 2"])
        self.assertFalse((self.folder / "result").exists())
        self.fails("vstats", "-b", "9", "--part", "2/2", "-o", "result", "in.raw", status=2, says=["the arguments"])
        os.utime(self.folder / "in.raw")
        self.fails("vstats", "--part", "2/2", "-o", "result", "in.raw", status=2, says=["the input"])
        for part in ("1/2", "2/2"):
            self.run_tool("vstats", "--part", part, "--redo", "-o", "result", "in.raw")
        self.run_tool("vstats", "--merge", "--json", "-o", "result", "in.raw")
        self.assertEqual(self.output("vstats", "--json", "in.raw"), (self.folder / "result").read_text())


if __name__ == "__main__":
    unittest.main()
