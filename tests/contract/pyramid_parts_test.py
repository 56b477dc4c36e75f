"""vpyramid in parts: the store is, file for file, the one that one process writes."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import unittest

import voxpipe
from parts_test import COUNTS, Case, files

OUTPUT = "out.ome.zarr"


class PyramidCase(Case):
    def make(self, *words):
        """Another input, in place of in.raw."""
        for name in ("in.raw", "in.raw.json"):
            (self.folder / "whole" / name).unlink(missing_ok=True)
        self.run_tool("vphantom", words[0], "-q", "-f", *words[1:], "in.raw")

    def compare(self, expected):
        got = files(self.folder / OUTPUT)
        self.assertEqual(sorted(map(str, expected)), sorted(map(str, got)))
        for name, data in expected.items():
            self.assertEqual(data, got[name], name)
        self.assertFalse(any(".parts" in name for name in os.listdir(self.folder)), os.listdir(self.folder))

    def check(self, *words, counts=COUNTS, levels=None, finish=()):
        command = (("vpyramid", *words), ())
        expected = self.whole(command, OUTPUT)
        if levels:
            self.assertEqual(levels, len({str(name).split("/", 1)[0] for name in expected if "/" in str(name)}))
        for count in counts:
            with self.subTest(words=words, count=count):
                self.parts(command, count, OUTPUT)
                self.assertFalse((self.folder / OUTPUT).exists())
                self.run_tool("vpart", "finish", "-q", *finish, OUTPUT)
                self.compare(expected)
                self.remove(OUTPUT)


class Results(PyramidCase):
    SMALL = ("--chunk", "4,16,16", "--shard", "4,32,32")  # many layers of files

    def test_every_method_with_odd_sizes(self):
        self.make("noise", "--shape", "61,45,37", "-t", "uint16", "--spacing", "2um")
        for method in ("mean", "gaussian", "nearest", "mode", "max", "min"):
            self.check("-m", method, *self.SMALL, levels=5)

    def test_factors(self):
        self.make("noise", "--shape", "61,45,37", "-t", "int16", "--spacing", "5,1,1")
        self.check(*self.SMALL)  # auto: z waits
        for factor in ("1,2,2", "3,2,2", "2,1,1", "5,3,2"):
            self.check("--factor", factor, "-m", "gaussian", "--levels", "3", *self.SMALL, counts=(2, 7))

    def test_labels(self):
        self.make("checker", "--shape", "61,45,37", "-t", "uint32", "--kind", "labels")
        self.check(*self.SMALL)
        self.check("--kind", "mask", *self.SMALL, counts=(3,))

    def test_versions_shards_and_codecs(self):
        self.make("noise", "--shape", "40,45,37", "-t", "uint8")
        self.check("--ome", "0.4", "--chunk", "4,16,16")
        self.check("--ome", "0.4", "--chunk", "3,16,16", "-c", "blosc:zstd:5", counts=(3,))
        self.check("--shard", "none", "--chunk", "4,16,16", "-c", "none")
        self.check("--chunk", "4,16,16", "--shard", "8,16,32", "-c", "gzip:1", "--levels", "3", counts=(2, 3))
        self.check(counts=(1, 2))  # auto: a single layer of files
        self.check("--levels", "1", "--chunk", "4,16,16", counts=(3,))

    def test_floats_and_their_window(self):
        self.run_tool("vphantom", "noise", "-q", "-f", "--shape", "41,33,20", "-t", "float32", "in.raw")
        self.check(*self.SMALL)
        window = json.loads(self.whole((("vpyramid", *self.SMALL), ()), OUTPUT)[pathlib.Path("zarr.json")])
        window = window["attributes"]["ome"]["omero"]["channels"][0]["window"]
        self.assertNotEqual((window["min"], window["max"]), (0, 1))

    def test_chunks_that_depend_on_the_memory(self):
        """One layer of the auto layout is deeper than the parts; small memory makes layers thin."""
        self.make("foam", "--shape", "130,300,290", "-t", "uint16")
        self.check("--memory", "12M", "-j", "2", counts=(2, 5), finish=("--memory", "12M"))

    def test_planes_larger_than_the_memory(self):
        self.make("noise", "--shape", "9,900,801", "-t", "uint16")
        words = ("--chunk", "1,64,64", "--shard", "none", "--levels", "4", "--memory", "8M", "-j", "1")
        self.check(*words, "-m", "gaussian", counts=(2, 3), finish=("--memory", "8M", "-j", "1"))
        self.check(*words, "--factor", "2", counts=(7,), finish=("--memory", "8M", "-j", "1"))

    def test_from_a_pipe_and_a_region(self):
        expected = self.whole((("vpyramid", "--roi", "3:,1:,:30", *self.SMALL), ()), OUTPUT)
        for part in ("1/2", "2/2"):
            self.run_tool("vpyramid", "-q", "--part", part, "--roi", "3:,1:,:30", *self.SMALL, "in.raw", OUTPUT)
        self.run_tool("vpart", "finish", OUTPUT)
        self.compare(expected)
        self.remove(OUTPUT)
        command = "vpyramid -q --no-history --chunk 4,16,16 --shard none"
        made = voxpipe.shell(f"{command} -f in.raw whole/out.ome.zarr;"
                             f"for k in 1 2 3; do vconvert -q --no-history in.raw - | {command} --part $k/3 - out.ome.zarr; done;"
                             "vpart finish out.ome.zarr", self.folder)
        self.assertEqual(0, made.returncode, made.stderr.decode())
        levels = lambda store: {name: data for name, data in files(store).items() if str(name)[0].isdigit()}
        self.assertEqual(levels(self.folder / "whole" / OUTPUT), levels(self.folder / OUTPUT))

    def test_run_make_slurm_and_auto(self):
        self.make("noise", "--shape", "61,45,37", "-t", "uint16")
        words = ["vpyramid", *self.SMALL, "in.raw", OUTPUT]
        expected = self.whole((("vpyramid", *self.SMALL), ()), OUTPUT)
        self.run_tool("vpart", "run", "-n", "5", "-P", "2", "--", *words)
        self.compare(expected)
        self.run_tool("vpart", "run", "-n", "5", "--", *words)
        self.remove(OUTPUT)
        line = " ".join(words)
        made = voxpipe.shell(f"vpart make -n 7 -- {line} > parts.mk; make -s -f parts.mk -j2", self.folder)
        self.assertEqual(0, made.returncode, made.stderr.decode())
        self.compare(expected)
        self.remove(OUTPUT)
        for part in range(3):
            environment = {**voxpipe.ENVIRONMENT, "SLURM_PROCID": str(part), "SLURM_NTASKS": "3"}
            done = subprocess.run([*words, "--part", "auto", "-q"], cwd=self.folder, env=environment, capture_output=True, check=False)
            self.assertEqual(0, done.returncode, done.stderr.decode())
        self.run_tool("vpart", "finish", OUTPUT)
        self.compare(expected)
        script = voxpipe.run("vpart", "slurm", "-n", "7", "--", "vpyramid", "--memory", "64M", *words[1:], folder=self.folder).stdout.decode()
        self.assertIn("--mem=192M --cpus-per-task", script.split("afterok")[1])
        self.assertIn("exec vpart finish --memory 67108864 out.ome.zarr", script)


class Labels(PyramidCase):
    """Over an image, whose list they are entered in."""
    LABELS = "i.ome.zarr/labels/cells"

    def setUp(self):
        super().setUp()
        for folder in (self.folder, self.folder / "whole"):
            self.run_tool("vphantom", "noise", "-q", "--shape", "61,45,37", "-t", "uint8", "image.raw", folder=folder)
            self.run_tool("vpyramid", "-q", "--chunk", "8,16,16", "--shard", "none", "image.raw", "i.ome.zarr", folder=folder)
        self.make("checker", "--shape", "61,45,37", "-t", "uint16", "--kind", "labels")
        for name in ("in.raw", "in.raw.json"):
            os.link(self.folder / name, self.folder / "whole" / name)

    def words(self, *more):
        return ("vpyramid", "-q", *more, "--chunk", "4,16,16", "--label-of", "i.ome.zarr", "--name", "cells", "in.raw")

    def test_the_image_is_the_same_file_for_file(self):
        self.run_tool(*self.words(), folder=self.folder / "whole")
        for count in (1, 3, 7):
            for part in range(count, 0, -1):
                self.run_tool(*self.words("--part", f"{part}/{count}"))
            self.assertEqual(list(range(1, count + 1)), self.status(self.LABELS)["done"])
            self.assertFalse((self.folder / "i.ome.zarr/labels/zarr.json").exists())
            kept = self.folder / "kept"
            shutil.copytree(self.folder / (self.LABELS + ".parts"), kept)
            self.run_tool("vpart", "finish", "-q", self.LABELS)
            self.assertEqual(files(self.folder / "whole/i.ome.zarr"), files(self.folder / "i.ome.zarr"))
            # Stopped when the labels had their name and before they were entered.
            (self.folder / "i.ome.zarr/labels/zarr.json").unlink()
            for store in [path for path in kept.iterdir() if path.is_dir()]:
                shutil.rmtree(store)
            os.rename(kept, self.folder / (self.LABELS + ".parts"))
            self.run_tool("vpart", "finish", "-q", self.LABELS)
            self.assertEqual(files(self.folder / "whole/i.ome.zarr"), files(self.folder / "i.ome.zarr"))
            shutil.rmtree(self.folder / "i.ome.zarr/labels")
        self.run_tool("vpart", "run", "-n", "4", "--", *self.words())
        self.assertEqual(files(self.folder / "whole/i.ome.zarr"), files(self.folder / "i.ome.zarr"))

    def test_what_does_not_go_together(self):
        self.fails("vpyramid", "--part", "1/2", "--label-of", "i.ome.zarr", "in.raw", status=2, says=["--name"])
        self.fails("vpyramid", "--part", "1/2", "--label-of", "none.ome.zarr", "--name", "a", "in.raw", status=2, says=["none.ome.zarr"])
        self.run_tool(*self.words())
        self.fails(*self.words("--part", "1/2", "-m", "max"), status=2, says=["exists", "--force"])


class Plans(PyramidCase):
    def plan(self, part, *words):
        done = voxpipe.run("vpyramid", "--part", part, "--explain", "--json", *words, "in.raw", OUTPUT, folder=self.folder)
        self.assertEqual(0, done.returncode, done.stderr.decode())
        return json.loads(done.stdout)

    def test_parts_read_little_twice_and_leave_little(self):
        self.make("checker", "--shape", "512,20,20", "-t", "uint8")
        words = ("--chunk", "8,8,8", "--shard", "none", "--factor", "2")
        plans = [self.plan(f"{part}/8", *words) for part in range(1, 9)]
        self.assertEqual([[k * 64, k * 64 + 64] for k in range(8)], [plan["part"]["planes"] for plan in plans])
        self.assertEqual(64, plans[0]["part"]["units"])
        self.assertEqual([64 * 400] * 8, [plan["passes"][0]["bytes_in"] for plan in plans])  # 64 planes: no neighbours
        self.assertTrue(all(plan["part"]["finish_computes"] for plan in plans))
        read = [self.plan(f"{part}/8", *words, "-m", "gaussian")["passes"][0]["bytes_in"] for part in range(1, 9)]
        self.assertLess(max(read), 64 * 400 * 1.5)
        self.assertFalse(self.plan("1/1", *words)["part"]["finish_computes"])

    def test_finish_explains_what_it_makes(self):
        self.make("noise", "--shape", "64,20,20", "-t", "uint8")
        for part in range(1, 5):
            self.run_tool("vpyramid", "-q", "--chunk", "8,8,8", "--shard", "none", "--part", f"{part}/4", "in.raw", OUTPUT)
        done = voxpipe.run("vpart", "finish", "--explain", "--json", OUTPUT, folder=self.folder)
        self.assertEqual(0, done.returncode, done.stderr.decode())
        self.assertEqual(["pyramid"], [made["pass"] for made in json.loads(done.stdout)["passes"]])
        self.assertFalse((self.folder / OUTPUT).exists())
        self.fails("vpart", "finish", "--memory", "1k", OUTPUT, status=3, says=["--memory"])
        self.run_tool("vpart", "finish", OUTPUT)


class Trouble(PyramidCase):
    WORDS = ("vpyramid", "-q", "--chunk", "2,16,16", "--shard", "none")

    def part(self, which, *more, status=0):
        return self.run_tool(*self.WORDS, "--part", which, *more, "in.raw", OUTPUT, status=status)

    def expected(self):
        return self.whole((self.WORDS, ()), OUTPUT)

    def test_what_cannot_be_shared(self):
        for output in ("out.ozx", "out.ome.tif", "-"):
            self.fails("vpyramid", "--part", "1/2", "in.raw", output, status=2, says=["parts cannot share", ".ome.zarr"])
        self.fails("vpyramid", "--part", "1/2", "in.raw", "out.raw", status=2, says=["out.raw", ".ome.zarr"])
        self.assertEqual(["in.raw", "in.raw.json", "whole"], sorted(os.listdir(self.folder)))

    def test_missing_stale_and_done_parts(self):
        self.part("2/3")
        self.part("3/3")
        self.assertEqual([1], self.status(OUTPUT, status=1)["missing"])
        self.fails("vpart", "finish", OUTPUT, status=1, says=["missing 1"])
        self.fails(*self.WORDS, "-m", "max", "--part", "1/3", "in.raw", OUTPUT, status=2, says=["the arguments", "--redo"])
        self.fails(*self.WORDS, "--part", "1/2", "in.raw", OUTPUT, status=2, says=["the number of parts"])
        self.part("1/3")
        self.assertIn("done already", self.run_tool(*self.WORDS[:1], *self.WORDS[2:], "--part", "1/3", "in.raw", OUTPUT))
        self.part("2/3", "--redo")
        self.run_tool("vpart", "finish", OUTPUT)
        self.compare(self.expected())
        self.assertTrue(self.status(OUTPUT)["finished"])
        self.assertIn("finished already", self.run_tool(*self.WORDS[:1], *self.WORDS[2:], "--part", "2/3", "in.raw", OUTPUT))

    def test_damage_in_any_level_is_found_and_mended(self):
        for which in ("1/3", "2/3", "3/3"):
            self.part(which)
        parts = self.folder / (OUTPUT + ".parts")
        record = json.loads((parts / "part-0002-of-0003.json").read_text())
        levels = {piece["file"].split("/")[1] for piece in record["pieces"]}
        self.assertIn("1", levels)
        piece = next(piece for piece in record["pieces"] if piece["file"].split("/")[1] == "1")
        path = parts / piece["file"]
        path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
        self.assertEqual([2], self.status(OUTPUT, status=1)["damaged"])
        self.fails("vpart", "finish", OUTPUT, status=1, says=["damaged 2", piece["file"]])
        self.part("2/3")
        self.run_tool("vpart", "finish", OUTPUT)
        self.compare(self.expected())

    def test_a_finish_that_was_stopped_goes_on(self):
        for which in ("1/2", "2/2"):
            self.part(which)
        shutil.copytree(self.folder / (OUTPUT + ".parts"), self.folder / "kept")
        self.run_tool("vpart", "finish", OUTPUT)
        for store in (self.folder / "kept").iterdir():
            if store.is_dir():
                shutil.rmtree(store)
        os.rename(self.folder / "kept", self.folder / (OUTPUT + ".parts"))
        self.run_tool("vpart", "finish", OUTPUT)
        self.compare(self.expected())

    def start(self, *words):
        return subprocess.Popen([str(word) for word in words], cwd=self.folder, env=voxpipe.ENVIRONMENT, stderr=subprocess.PIPE)

    def test_killed_stopped_and_two_at_once(self):
        self.make("foam", "--shape", "200,100,90", "-t", "uint16")
        words = [*self.WORDS, "-j", "1", "in.raw", OUTPUT]
        for delay in (0.02, 0.1, 0.3):
            process = self.start(*words, "--part", "2/2")
            time.sleep(delay)
            process.kill()
            process.communicate()
        process = self.start(*words, "--part", "1/2")
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=10)
        self.assertIn(process.returncode, (0, 143), said)
        if process.returncode:
            self.assertIn(b"stopped by SIGTERM", said)
        twins = [self.start(*words, "--part", part) for part in ("2/2", "2/2", "1/2")]
        for twin in twins:
            _, said = twin.communicate(timeout=60)
            self.assertEqual(0, twin.returncode, said)
        finishers = [self.start("vpart", "finish", OUTPUT)]
        time.sleep(0.05)
        finishers[0].kill()
        finishers[0].communicate()
        self.run_tool("vpart", "finish", OUTPUT)
        self.compare(self.whole((self.WORDS, ()), OUTPUT))


if __name__ == "__main__":
    unittest.main()
