"""Objects that parts find together: numbers, tables and bytes of one process, for every option and number of parts."""
import array
import json
import os
import random
import unittest

import voxpipe
from part_passes_test import Shared
from parts_test import COUNTS, SHAPE, files

OPTIONS = (
    ("--min-size", "20"),
    ("--min-size", "100um3", "--sort", "size"),
    ("--keep-largest", "3"),
    ("--drop-border", "--keep-largest", "9", "--sort", "size"),
    ("-t", "uint64", "--drop-border"),
)


class Components(Shared):
    def check_table(self, *head, name="objects.csv", counts=(3,)):
        """Written once, by the part that has the first plane, with the digits of one process."""
        head = (*head, "--table", name)
        expected = self.whole((head, ()), "out.raw")
        table = (self.folder / "whole" / name).read_bytes()
        self.assertGreater(table.count(b"\n" if name.endswith("csv") else b"{"), 2)
        for count in counts:
            with self.subTest(head=head, count=count):
                self.parts((head, ()), count, "out.raw", ("--pass", "reduce"))
                for part in range(count, 1, -1):
                    self.run_tool(*head, "-q", "--part", f"{part}/{count}", "--pass", "map", "in.raw", "out.raw")
                    self.assertFalse((self.folder / name).exists())
                self.assertEqual(self.output(*head, "-f", "in.raw", "whole/again.raw").splitlines()[-1],
                                 self.output(*head, "-q", "--part", f"1/{count}", "--pass", "map", "in.raw", "out.raw").strip())
                self.assertEqual(table, (self.folder / name).read_bytes())
                self.run_tool("vpart", "finish", "-q", "out.raw")
                self.assertEqual(expected, files(self.folder / "out.raw"))
                self.remove("out.raw")
                (self.folder / name).unlink()

    def test_connectivities(self):
        for n in ("6", "18", "26"):
            for above in ("64000", "52000", "30000"):
                self.check("vlabel", "components", "-n", n, "--above", above, rounds=1, counts=(2, 7))

    def test_every_output_and_number_of_parts(self):
        self.check("vlabel", "components", "--above", "52000", rounds=1, outputs=("raw", "slices/", "ome.zarr"), counts=(*COUNTS, 30))

    def test_equal_neighbours(self):
        self.run_tool("vfilter", "threshold", "-q", "--otsu", "in.raw", "mask.raw")
        for name in ("in.raw", "in.raw.json"):
            (self.folder / name).unlink()
        self.run_tool("vfilter", "percentile", "-q", "-r", "1", "-p", "30", "mask.raw", "in.raw")
        for n in ("6", "26"):
            self.check("vlabel", "components", "--multi", "-n", n, rounds=1, counts=(3, 23))
        self.check("vlabel", "components", "--multi", "--range", "0,255", rounds=1, counts=(3,))

    def test_every_type(self):
        for dtype in ("uint8", "int16", "uint32", "int64", "float32", "float64"):
            self.make_input(dtype)
            self.check("vlabel", "components", "-n", "18", "--above", {"uint8": "200", "float32": "5", "float64": "5"}.get(dtype, "9"),
                       rounds=1, counts=(5,))

    def test_options(self):
        for options in OPTIONS:
            self.check("vlabel", "components", "--above", "50000", *options, rounds=1, counts=(3, 7))

    def test_nothing_and_everything(self):
        self.check("vlabel", "components", "--above", "70000", rounds=1, counts=(3,))
        self.check("vlabel", "components", "--above", "-1", rounds=1, counts=(3,))
        self.check("vlabel", "components", "--above", "50000", "--roi", "5:6,:,:", rounds=1, counts=(3,))
        self.check("vlabel", "components", "--above", "50000", "--roi", "4:17,3:,:20", rounds=1, counts=(3,))

    def test_tables(self):
        self.check_table("vlabel", "components", "--above", "50000", counts=COUNTS)
        self.check_table("vlabel", "components", "--above", "50000", "--sort", "size", "--min-size", "2", name="objects.json", counts=(7,))

    def test_otsu_and_vpart(self):
        for dtype, passes in (("uint16", 2), ("float32", 3)):
            self.make_input(dtype)
            self.check_run("vlabel", "components", "--otsu", "--min-size", "3", passes=passes, counts=(1, 4))

    def test_one_object_through_all_parts(self):
        """Long thin ones wind through the cuts: they meet again far from where they parted."""
        voxels = array.array("H", [0]) * (SHAPE[0] * SHAPE[1] * SHAPE[2])
        for z in range(SHAPE[0]):
            for y in range(0, SHAPE[1], 2):
                for x in range(0, SHAPE[2], 4):
                    end = z == (SHAPE[0] - 1 if (x // 4) % 2 == 0 else 0)
                    for step in range(4 if end else 1):
                        if x + step < SHAPE[2]:
                            voxels[(z * SHAPE[1] + y) * SHAPE[2] + x + step] = 9
        for name in ("in.raw", "in.raw.json"):
            (self.folder / name).unlink()
        (self.folder / "data").write_bytes(voxels.tobytes())
        self.run_tool("vconvert", "-q", "--in-shape", ",".join(map(str, SHAPE)), "--in-dtype", "uint16", "data", "in.raw")
        self.check("vlabel", "components", rounds=1)
        self.check_table("vlabel", "components", counts=(7,))

    def test_little_memory(self):
        self.check("vlabel", "components", "--above", "45000", "-j", "1", "--memory", "500K", rounds=1, counts=(3,))
        self.run_tool("vphantom", "noise", "-q", "-f", "--shape", "12,200,200", "-t", "uint16", "in.raw")
        os.unlink(self.folder / "whole/in.raw"), os.unlink(self.folder / "whole/in.raw.json")
        self.check("vlabel", "components", "--above", "50000", "-j", "1", "--memory", "3M", rounds=1, counts=(2,))
        self.fails("vlabel", "components", "--above", "40000", "--part", "1/2", "--pass", "reduce", "--memory", "100K", "in.raw", "out.raw",
                   status=3, says=["--memory"])


class Holes(Shared):
    def test_fill_holes(self):
        for above in ("30000", "15000"):
            self.run_tool("vphantom", "noise", "-q", "-f", "--shape", ",".join(map(str, SHAPE)), "-t", "uint16", "noise.raw")
            self.run_tool("vfilter", "threshold", "-q", "-f", "--above", above, "noise.raw", "in.raw")
            for name in ("in.raw", "in.raw.json"):
                (self.folder / "whole" / name).unlink(missing_ok=True)
            for n in ("6", "26"):
                self.check("vlabel", "fill-holes", "-n", n, rounds=1, counts=(2, 7))
            self.check_run("vlabel", "fill-holes", passes=1)
        self.check("vlabel", "fill-holes", rounds=1, outputs=("ome.zarr",), counts=(3,))


class Labels(Shared):
    """Commands that read labels."""

    def make_labels(self, *more):
        self.run_tool("vphantom", "noise", "-q", "-f", "--shape", ",".join(map(str, SHAPE)), "-t", "uint16", "--spacing", "2um", "noise.raw")
        self.run_tool("vlabel", "components", "-q", "-f", "--above", "52000", *more, "noise.raw", "in.raw")
        for name in ("in.raw", "in.raw.json"):
            (self.folder / "whole" / name).unlink(missing_ok=True)

    def test_select(self):
        self.make_labels()
        for options in (("--min-size", "3", "--relabel"), ("--drop-border", "--keep-largest", "4"), ("--max-size", "70um3")):
            self.check("vlabel", "select", *options, rounds=1, counts=(2, 7))
        self.check_run("vlabel", "select", "--min-size", "2", passes=1)
        self.check_run("vlabel", "select", "--ids", "1,4,7", passes=0)
        self.check("vlabel", "select", "--ids", "1,4,7", outputs=("raw", "ome.zarr"))

    def check_table(self, *options, name="objects.csv", counts=COUNTS):
        self.run_tool("vlabel", "measure", *options, "-f", "-o", f"whole/{name}", "in.raw")
        expected = (self.folder / "whole" / name).read_text()
        for count in counts:
            with self.subTest(options=options, count=count):
                for part in range(count, 0, -1):
                    self.run_tool("vlabel", "measure", *options, "--part", f"{part}/{count}", "-o", name, "in.raw")
                    self.assertFalse((self.folder / name).exists())
                self.run_tool("vlabel", "measure", *options, "--merge", "-o", name, "in.raw")
                self.assertEqual(expected, (self.folder / name).read_text())
                self.assertFalse((self.folder / f"{name}.parts").exists())
                (self.folder / name).unlink()

    def test_measure(self):
        self.make_labels()
        self.check_table(counts=(*COUNTS, 30))
        self.check_table(name="objects.json", counts=(3,))
        for dtype in ("uint8", "int32", "uint64", "float32", "float64"):
            self.make_input(dtype)
            for name in ("in.raw", "in.raw.json"):
                os.replace(self.folder / name, self.folder / name.replace("in", "values"))
            self.make_labels()
            self.check_table("--intensity", "values.raw", counts=(3,))
        self.run_tool("vlabel", "select", "-q", "-f", "--ids", "999999", "in.raw", "none.raw")
        for name in ("raw", "raw.json"):
            os.replace(self.folder / f"none.{name}", self.folder / f"in.{name}")
        self.check_table(counts=(2,))

    def test_what_is_missing_stale_or_wrong(self):
        self.make_labels()
        measure = ("vlabel", "measure")
        self.fails(*measure, "--part", "1/2", "in.raw", status=2, says=["--output"])
        self.fails(*measure, "--redo", "-o", "t.csv", "in.raw", status=2, says=["--part"])
        self.fails(*measure, "--merge", "-o", "t.csv", "in.raw", status=1, says=["no part is there"])
        self.run_tool(*measure, "--part", "1/2", "-o", "t.csv", "in.raw")
        state = self.folder / "t.csv.parts/pass-1-part-0001-of-0002.state"
        before = state.read_bytes()
        self.fails(*measure, "--merge", "-o", "t.csv", "in.raw", status=1, says=["part 2 of 2"])
        self.assertFalse((self.folder / "t.csv").exists())
        self.fails(*measure, "--intensity", "noise.raw", "--part", "2/2", "-o", "t.csv", "in.raw", status=2, says=["the arguments"])
        self.run_tool(*measure, "-j", "1", "--memory", "9M", "--redo", "--part", "1/2", "-o", "t.csv", "in.raw")
        self.assertEqual(before, state.read_bytes())
        state.write_bytes(before[:-1])
        self.run_tool(*measure, "--part", "2/2", "-o", "t.csv", "in.raw")
        self.fails(*measure, "--merge", "-o", "t.csv", "in.raw", status=1, says=["part 1 of 2"])


class Trouble(Shared):
    HEAD = ("vlabel", "components", "--above", "50000", "--keep-largest", "4")

    def step(self, name, part, *more, head=HEAD):
        return self.run_tool(*head, "--part", part, "--pass", name, *more, "in.raw", "out.raw")

    def output_of_status(self):
        done = voxpipe.run("vpart", "status", "out.raw", folder=self.folder)
        self.assertEqual(1, done.returncode)
        return done.stdout.decode()

    def test_a_missing_or_damaged_state_is_named(self):
        self.assertIn("no part is there", self.output_of_status())
        self.step("reduce", "1/2")
        self.assertIn("first pass 1: 1 of 2 parts have done it; missing 2", self.output_of_status())
        self.assertEqual([{"pass": 1, "done": [1], "missing": [2]}], self.status("out.raw", status=1)["first_passes"])
        self.fails(*self.HEAD, "--part", "1/2", "--pass", "map", "in.raw", "out.raw", status=1, says=["pass 1 of part 2 of 2 is missing", "--pass reduce"])
        self.step("reduce", "2/2")
        state = self.folder / "out.raw.parts/pass-1-part-0001-of-0002.state"
        whole = state.read_bytes()
        choice = random.Random(2)
        header = whole.index(b"\n") + 1
        for _ in range(5):
            torn = bytearray(whole)
            torn[choice.randrange(header, len(torn))] ^= 1 << choice.randrange(8)
            for bytes_left in (torn, whole[:choice.randrange(len(whole))]):
                state.write_bytes(bytes_left)
                done = self.run_tool(*self.HEAD, "--part", "2/2", "--pass", "map", "in.raw", "out.raw", status=1)
                self.assertIn("part 1 of 2 is missing", done)
        self.step("reduce", "1/2")
        self.assertEqual(whole, state.read_bytes())
        self.assertIn("all first passes are done", self.step("reduce", "2/2"))
        for part in ("1/2", "2/2"):
            self.step("map", part)
        self.assertIn("done already", self.step("map", "2/2"))
        self.run_tool("vpart", "finish", "-q", "out.raw")
        self.assertEqual(self.whole((self.HEAD, ()), "out.raw"), files(self.folder / "out.raw"))

    def test_a_table_that_the_first_pass_did_not_know_of(self):
        head = ("vlabel", "components", "--above", "50000")
        for part in ("1/2", "2/2"):
            self.step("reduce", part, head=head)
        self.fails(*head, "--table", "t.csv", "--part", "1/2", "--pass", "map", "in.raw", "out.raw", status=2, says=["with measurements", "--redo"])
        for part in ("1/2", "2/2"):
            self.step("reduce", part, "--redo", "--table", "t.csv", head=head)
        for part in ("1/2", "2/2"):
            self.step("map", part, "--table", "t.csv", head=head)
        self.assertTrue((self.folder / "t.csv").exists())

    def test_labels_that_do_not_fit(self):
        head = ("vlabel", "components", "--above", "50000", "-t", "uint8")
        for part in ("1/2", "2/2"):
            self.step("reduce", part, head=head)
        self.fails(*head, "--part", "1/2", "--pass", "map", "in.raw", "out.raw", status=1, says=["labels do not fit uint8"])
        self.assertEqual([], list((self.folder / "out.raw.parts").glob("part-*")))

    def test_the_plan_of_a_pass(self):
        plan = json.loads(self.output(*self.HEAD, "--part", "2/3", "--pass", "reduce", "--explain", "--json", "in.raw", "out.raw"))
        self.assertEqual(["find components of a part"], [one["pass"] for one in plan["passes"]])
        self.assertLess(plan["passes"][0]["bytes_in"], SHAPE[0] * SHAPE[1] * SHAPE[2] * 2)


if __name__ == "__main__":
    unittest.main()
