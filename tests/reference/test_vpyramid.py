"""vpyramid's levels are NumPy's means and modes, from files and pipes, and lie where the metadata say."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest
import warnings

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import voxpipe  # noqa: E402
from format_case import some_volume  # noqa: E402
from zarr_stores import Stores  # noqa: E402


def half_even(total, count):
    return np.rint(total.astype("f8") / count)


def shrunk(volume, factor, method):
    """A level by NumPy: the last voxel reduces what is there."""
    shape = tuple(-(-n // f) for n, f in zip(volume.shape, factor))
    out = np.empty(shape, volume.dtype)
    for index in np.ndindex(*shape):
        box = volume[tuple(slice(i * f, (i + 1) * f) for i, f in zip(index, factor))]
        if method == "mean":
            out[index] = box.mean(dtype="f8") if volume.dtype.kind == "f" else half_even(box.sum(dtype="i8"), box.size)
        elif method == "mode":
            values, counts = np.unique(box, return_counts=True)
            out[index] = values[counts.argmax()]
        else:
            out[index] = getattr(box, method)()
    return out


class Pyramid(Stores):
    def test_planes_larger_than_the_memory(self):
        np.save(self.path("in.npy"), some_volume((3, 1601, 1503), "uint16"))
        for method, factor in (("mean", "auto"), ("gaussian", "auto"), ("nearest", "2"), ("mode", "1,3,2"), ("max", "3")):
            options = f"-q -f --no-history -m {method} --factor {factor} --chunk 1,64,64 --levels 4"
            self.run_ours("vpyramid", *options.split(), "in.npy", "whole.ome.zarr")
            for command in (f"vpyramid {options} --memory 12M in.npy out.ome.zarr",
                            f"vconvert -q in.npy - | vpyramid {options} --memory 12M - out.ome.zarr"):
                with self.subTest(command=command):
                    done = voxpipe.shell(command, self.folder)
                    self.assertEqual(0, done.returncode, done.stderr)
                    for wanted in self.path("whole.ome.zarr").rglob("*"):
                        if wanted.is_file() and wanted.parent != self.path("whole.ome.zarr"):  # which has its name
                            got = self.path("out.ome.zarr") / wanted.relative_to(self.path("whole.ome.zarr"))
                            self.assertEqual(wanted.read_bytes(), got.read_bytes(), wanted)

    def test_levels_are_numpys_of_odd_sizes_too(self):
        for dtype in ("uint8", "int16", "float32"):
            volume = some_volume((13, 21, 35), dtype) if dtype != "uint8" else some_volume((13, 21, 35), dtype) % 4
            for method, factor in (("mean", (2, 2, 2)), ("mode", (1, 2, 2)), ("max", (2, 2, 2)), ("min", (3, 2, 1))):
                with self.subTest(dtype=dtype, method=method):
                    self.write_with_ours(volume, "in.raw")
                    self.run_ours("vpyramid", "-q", "-f", "--ome", "0.4", "-m", method, "--levels", "3",
                                  "--factor", ",".join(map(str, factor)), "in.raw", "out.zarr")
                    levels = self.levels("out.zarr")
                    self.assertEqual(3, len(levels))
                    np.testing.assert_array_equal(volume, levels[0])
                    for before, after in zip(levels, levels[1:]):
                        np.testing.assert_array_equal(shrunk(before, factor, method), after)

    def test_from_a_pipe_in_any_memory_and_threads_it_is_the_same(self):
        volume = some_volume((30, 100, 140), "uint16")
        self.write_with_ours(volume, "in.raw", spacing=[2, 1, 1], unit="micrometer")
        for method in ("mean", "gaussian", "nearest", "mode"):
            expected = None
            for options in (["-j", "1"], ["-j", "4"], ["-j", "2", "--memory", "16M"]):
                done = voxpipe.shell(f"vconvert -q in.raw | vpyramid -q -f -m {method} --levels 3 {' '.join(options)} - out.zarr", self.folder)
                self.assertEqual(0, done.returncode, done.stderr)
                levels = [self.read_v3(self.path(f"out.zarr/{level}")) for level in range(3)]
                for got, wanted in zip(levels, expected or levels):
                    np.testing.assert_array_equal(wanted, got)
                expected = expected or levels
            np.testing.assert_array_equal(volume, expected[0])

    def test_metadata_follow_the_half_voxel_rule(self):
        self.write_with_ours(some_volume((40, 200, 200), "uint16"), "in.raw", spacing=[2, 0.5, 0.5], unit="micrometer", origin=[1, 0, 0])
        self.run_ours("vpyramid", "-q", "in.raw", "out.ome.zarr")
        image = json.loads(self.path("out.ome.zarr/zarr.json").read_text())["attributes"]["ome"]["multiscales"][0]
        steps = [[part[part["type"]] for part in dataset["coordinateTransformations"]] for dataset in image["datasets"]]
        self.assertEqual([[[2, 0.5, 0.5], [1, 0, 0]], [[2, 1, 1], [1, 0.25, 0.25]], [[2, 2, 2], [1, 0.75, 0.75]]], steps)
        self.assertEqual("mean", image["type"])
        info = json.loads(self.run_ours("vinfo", "--json", "--level", "2", "out.ome.zarr"))
        self.assertEqual(([40, 50, 50], [2, 2, 2], [1, 0.75, 0.75], 3), (info["shape"], info["spacing"], info["origin"], info["levels"]))
        self.assertEqual(["vconvert", "vpyramid"], [entry["tool"] for entry in info["history"]])

    def test_labels_are_never_averaged(self):
        self.write_with_ours(some_volume((70, 70, 70), "uint8") // 100 * 50, "in.raw", kind="labels")
        self.assertIn("must not be averaged", self.run_ours("vpyramid", "-m", "mean", "in.raw", "out.zarr", status=2))
        self.run_ours("vpyramid", "-q", "in.raw", "out.zarr")
        self.assertLessEqual(set(np.unique(self.read_v3(self.path("out.zarr/1")))), {0, 50, 100})

    def test_labels_go_into_the_image_with_its_levels(self):
        self.write_with_ours(some_volume((20, 150, 90), "uint16"), "in.raw", spacing=[2, 1, 1], unit="micrometer")
        labels = some_volume((20, 150, 90), "uint8") // 100
        self.write_with_ours(labels, "labels.raw")
        for version, listing in (("0.4", ".zattrs"), ("0.5", "zarr.json")):
            with self.subTest(version=version):
                self.run_ours("vpyramid", "-q", "-f", "--ome", version, "--levels", "3", "in.raw", "out.zarr")
                for name in ("cells", "others"):
                    self.run_ours("vpyramid", "-q", "--label-of", "out.zarr", "--name", name, "labels.raw")
                group = json.loads(self.path(f"out.zarr/labels/{listing}").read_text())
                group = group["attributes"]["ome"] if version == "0.5" else group
                self.assertEqual(["cells", "others"], group["labels"])
                own = json.loads(self.path(f"out.zarr/labels/cells/{listing}").read_text())
                own = own["attributes"]["ome"] if version == "0.5" else own
                self.assertEqual({"image": "../../"}, own["image-label"]["source"])
                self.assertEqual("mode", own["multiscales"][0]["type"])
                for level in range(3):
                    image = json.loads(self.run_ours("vinfo", "--json", "--level", level, "out.zarr"))
                    mine = json.loads(self.run_ours("vinfo", "--json", "--level", level, "out.zarr/labels/cells"))
                    self.assertEqual((image["shape"], image["spacing"], "labels", 3),
                                     (mine["shape"], mine["spacing"], mine["kind"], mine["levels"]))
                self.run_ours("vconvert", "-q", "-f", "out.zarr/labels/cells", "back.npy")
                np.testing.assert_array_equal(labels, np.load(self.path("back.npy")))

    def test_labels_that_come_at_once_are_all_listed(self):
        self.write_with_ours(some_volume((4, 30, 40), "uint16"), "in.raw")
        self.write_with_ours(some_volume((4, 30, 40), "uint8"), "labels.raw")
        self.run_ours("vpyramid", "-q", "in.raw", "out.zarr")
        names = [f"n{i}" for i in range(8)]
        done = voxpipe.shell("for n in %s; do vpyramid -q --label-of out.zarr --name $n labels.raw & done; wait"
                             % " ".join(names), self.path("."))
        self.assertEqual(0, done.returncode, done.stderr)
        group = json.loads(self.path("out.zarr/labels/zarr.json").read_text())
        self.assertEqual(names, sorted(group["attributes"]["ome"]["labels"]))

    def test_labels_that_do_not_belong_leave_nothing(self):
        self.write_with_ours(some_volume((20, 70, 90), "uint16"), "in.raw")
        self.run_ours("vpyramid", "-q", "in.raw", "out.zarr")
        self.write_with_ours(some_volume((20, 70, 91), "uint8"), "other.raw")
        self.write_with_ours(some_volume((20, 70, 90), "float32"), "float.raw")
        for words, said in ((["--name", "a", "other.raw"], "20 x 70 x 91"), (["--name", "a", "float.raw"], "whole numbers"),
                            (["in.raw"], "--name"), (["--name", "a/b", "in.raw"], "one folder"),
                            (["--name", "zarr.json", "in.raw"], "Zarr keeps"), (["--name", "__a", "in.raw"], "Zarr keeps"),
                            (["--name", "a", "--levels", "2", "in.raw"], "the image's")):
            self.assertIn(said, self.run_ours("vpyramid", "--label-of", "out.zarr", *words, status=2))
        self.assertIn("no OME-Zarr image", self.run_ours("vpyramid", "--label-of", "in.raw", "--name", "a", "in.raw", status=2))
        self.assertFalse(self.path("out.zarr/labels").exists())

    def test_shards_and_chunks_are_those_asked_for(self):
        self.write_with_ours(some_volume((40, 50, 60), "uint8"), "in.raw")
        self.run_ours("vpyramid", "-q", "--chunk", "8,16,16", "--shard", "16,32,64", "in.raw", "out.zarr")
        array = json.loads(self.path("out.zarr/0/zarr.json").read_text())
        self.assertEqual([16, 32, 64], array["chunk_grid"]["configuration"]["chunk_shape"])
        self.assertEqual([8, 16, 16], array["codecs"][0]["configuration"]["chunk_shape"])
        self.run_ours("vpyramid", "-q", "-f", "--chunk", "8,16,16", "--shard", "none", "in.raw", "out.zarr")
        self.assertEqual("bytes", json.loads(self.path("out.zarr/0/zarr.json").read_text())["codecs"][0]["name"])
        for words, said in ((["--shard", "16"], "needs --chunk"), (["--chunk", "8", "--shard", "12"], "whole number of chunks"),
                            (["--chunk", "0"], "--chunk"), (["--ome", "0.4", "--chunk", "8", "--shard", "16"], "no shards"),
                            (["--levels", "0"], "--levels"), (["--factor", "0"], "--factor")):
            self.assertIn(said, self.run_ours("vpyramid", "-f", *words, "in.raw", "out.zarr", status=2))
        self.assertIn(".ome.zarr", self.run_ours("vpyramid", "in.raw", "out.tif", status=2))
        refused = ["vpyramid", "-q", "-f", "--chunk", "64"]
        said = self.run_ours(*refused, "--memory", "64K", "in.raw", "out.zarr", status=3)
        enough = re.search(r"--memory (\d+[KM]) or more", said)[1]
        self.run_ours(*refused, "--memory", enough, "in.raw", "out.zarr")

    def test_a_killed_run_leaves_no_store(self):
        self.run_ours("vphantom", "-q", "noise", "--shape", "64,512,512", "-t", "uint16", "in.raw")
        before = sorted(os.listdir(self.folder))
        for sent in (signal.SIGTERM, signal.SIGINT):
            for delay in (0.02, 0.1, 0.2):
                process = subprocess.Popen(["vpyramid", "-q", "-c", "zstd:15", "in.raw", "out.zarr"], cwd=self.folder,
                                           env=voxpipe.ENVIRONMENT, stderr=subprocess.PIPE)
                time.sleep(delay)
                process.send_signal(sent)
                process.communicate()
                self.assertEqual(128 + sent, process.returncode if process.returncode > 0 else 128 - process.returncode)
                self.assertEqual(before, sorted(os.listdir(self.folder)))
        process = subprocess.Popen(["vpyramid", "-q", "-c", "zstd:15", "in.raw", "out.zarr"], cwd=self.folder, env=voxpipe.ENVIRONMENT)
        time.sleep(0.2)
        process.kill()
        process.wait()
        self.assertNotIn("out.zarr", os.listdir(self.folder))

    def test_what_a_killed_run_left_in_an_image_goes_with_the_next(self):
        self.write_with_ours(some_volume((20, 150, 90), "uint8") // 100, "labels.raw")
        stream = voxpipe.run("vconvert", "labels.raw", "-", folder=self.folder).stdout
        for version, listing in (("0.4", ".zattrs"), ("0.5", "zarr.json")):
            with self.subTest(version=version):
                self.run_ours("vpyramid", "-q", "-f", "--ome", version, "--levels", "3", "labels.raw", "out.zarr")
                words = ["vpyramid", "--chunk", "4,64,64", "--label-of", "out.zarr", "--name", "cells", "-"]
                process = subprocess.Popen(words, cwd=self.folder, env=voxpipe.ENVIRONMENT, stdin=subprocess.PIPE)
                process.stdin.write(stream[: len(stream) // 2])
                process.stdin.flush()
                deadline = time.monotonic() + 60
                while not list(self.path("out.zarr").glob("labels/.cells.*/0")) and time.monotonic() < deadline:
                    time.sleep(0.01)
                process.kill()
                process.communicate()
                left = os.listdir(self.path("out.zarr/labels"))
                self.assertEqual(1, len(left), left)
                # One that died while it entered the name in the list.
                torn = left[0].replace(".cells.", f".{listing}.", 1)
                self.path(f"out.zarr/labels/{torn}").write_text("{")
                done = voxpipe.run(*words, stdin=stream, folder=self.folder)
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertIn(f"vpyramid: {left[0]}: removed; a run that was killed had left it", done.stderr.decode())
                others = {"0.4": [".zattrs", ".zgroup"], "0.5": ["zarr.json"]}[version]
                self.assertEqual({*others, "cells"}, set(os.listdir(self.path("out.zarr/labels"))))
                self.run_ours("vdiff", "labels.raw", "out.zarr/labels/cells")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    unittest.main()
