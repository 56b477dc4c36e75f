"""What is not a plain file: links, pipes, devices, sockets and folders in the place of inputs and outputs; and text that
tries to command the terminal."""
import gzip
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import voxpipe

OUTPUTS = ("out.raw", "out.tif", "out.ome.tif", "out.npy", "out.nrrd", "out.nhdr", "out.mhd", "out.nii", "out.nii.gz", "out.raw.zst")
CONTROLS = [*range(32), 127]


def machine_number():
    """What temporary names say of where numbers of processes mean the same: FNV-1a of the kernel's start and namespace."""
    number = 2166136261
    realm = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip() + os.readlink("/proc/self/ns/pid")
    for letter in realm.encode():
        number = (number ^ letter) * 16777619 % 2**32
    return f"{number:08x}"


class Folder(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = pathlib.Path(self.temporary.name)
        self.run_tool("vphantom", "noise", "-q", "--shape", "4,8,8", "scan.raw")

    def path(self, name):
        return self.folder / name

    def run_tool(self, *words, status=0):
        """Ends soon, whatever it is given."""
        done = subprocess.run([str(word) for word in words], cwd=self.folder, env=voxpipe.ENVIRONMENT, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=20, check=False)
        self.assertEqual(status, done.returncode, (words, done.stderr))
        return done.stderr.decode() if status else done.stdout.decode()

    def names(self):
        return sorted(os.listdir(self.folder))


class Outputs(Folder):
    def test_pipes_devices_sockets_and_folders_are_never_replaced(self):
        def make_socket(path):
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(str(path))

        for name in OUTPUTS:
            for make, remove, reason in ((os.mkfifo, os.unlink, "is not a regular file"), (os.mkdir, os.rmdir, "is a folder"),
                                         (make_socket, os.unlink, "is not a regular file")):
                make(self.path(name))
                kind = os.lstat(self.path(name)).st_mode
                for options in ([], ["-f"]):
                    self.assertIn(f"{name}: {reason}", self.run_tool("vconvert", *options, "scan.raw", name, status=2))
                self.assertEqual(kind, os.lstat(self.path(name)).st_mode)
                remove(self.path(name))
        self.assertEqual(["scan.raw", "scan.raw.json"], self.names())

    def test_what_is_written_has_a_name_of_its_own(self):
        before = (self.path("scan.raw").read_bytes(), self.path("scan.raw.json").read_bytes())
        self.run_tool("vconvert", "scan.raw", "same.raw")
        for words in (["vfilter", "median", "scan.raw", "out.raw", "--report", "scan.raw"],
                      ["vfilter", "median", "scan.raw", "out.raw", "--report", "./out.raw"],
                      ["vlabel", "components", "scan.raw", "out.raw", "--table", "out.raw.json"],
                      ["vlabel", "components", "scan.raw", "out.raw", "--table", "t.csv", "--report", "t.csv"],
                      ["vlabel", "measure", "-f", "-o", "scan.raw.json", "scan.raw"],
                      ["vstats", "-o", "scan.raw", "scan.raw"], ["vdiff", "same.raw", "scan.raw", "--report", "scan.raw"],
                      ["vnormalize", "drift", "--factors", "scan.raw", "-f", "scan.raw", "out.raw"]):
            self.assertRegex(self.run_tool(*words, status=2), "of its own|choose another")
            self.assertEqual(before, (self.path("scan.raw").read_bytes(), self.path("scan.raw.json").read_bytes()))
            self.assertFalse(self.path("out.raw").exists())
        self.run_tool("vconvert", "scan.raw", "head.mhd")
        self.assertIn("voxels of an input", self.run_tool("vclip", "-f", "-r", "0,9", "head.mhd", "head.nhdr", status=2))

    def test_a_name_that_is_taken_is_said_before_any_work(self):
        for tool in (["vclip", "-p", "1,99"], ["vnormalize", "zscore"], ["vfilter", "threshold", "--otsu"], ["vpyramid"]):
            for name in ("out.ome.zarr", *(["slices/", "out.raw"] if tool[0] != "vpyramid" else [])):
                self.run_tool("vconvert", "scan.raw", name)
                before = self.names()
                # The input is not looked at: there is none.
                self.assertIn(f"{name}: exists; use --force", self.run_tool(*tool, "none.raw", name, status=2))
                self.assertEqual(before, self.names())
                self.run_tool(*tool, "-f", "scan.raw", name)
                for path in (self.path(name), self.path(name.rstrip("/") + ".json")):
                    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def test_a_link_needs_force_and_is_replaced_itself(self):
        for name in OUTPUTS:
            for target in ("precious", "nowhere"):
                self.path("precious").write_text("kept")
                os.symlink(target, self.path(name))
                self.assertIn("exists", self.run_tool("vconvert", "scan.raw", name, status=2))
                self.run_tool("vconvert", "-q", "-f", "scan.raw", name)
                self.assertEqual("kept", self.path("precious").read_text())
                self.assertFalse(self.path(name).is_symlink())
                self.assertFalse(self.path("nowhere").exists())
                self.run_tool("vdiff", "scan.raw", name)
                for made in self.names():
                    if made.startswith("out"):
                        os.unlink(self.path(made))

    def test_a_link_in_the_place_of_the_voxels_or_the_sidecar_is_not_followed(self):
        self.path("precious").write_text("kept")
        for name, taken in (("out.nhdr", "out.raw"), ("out.mhd", "out.raw"), ("out.npy", "out.npy.json"), ("out.raw", "out.raw.json")):
            os.symlink("precious", self.path(taken))
            self.assertIn(f"{taken}: exists", self.run_tool("vconvert", "scan.raw", name, status=2))
            self.run_tool("vconvert", "-q", "-f", "scan.raw", name)
            self.assertEqual("kept", self.path("precious").read_text())
            for made in self.names():
                if made.startswith("out"):
                    os.unlink(self.path(made))

    def test_what_has_the_sidecars_name_and_is_none_is_kept(self):
        for name in (*OUTPUTS, "out/"):
            sidecar = self.path(name.rstrip("/") + ".json")
            sidecar.write_text('{"mine": 1}')
            self.assertIn("is no sidecar", self.run_tool("vconvert", "scan.raw", name, status=2))
            self.assertEqual('{"mine": 1}', sidecar.read_text())
            sidecar.unlink()
            sidecar.mkdir()
            self.assertIn("sidecar needs that name", self.run_tool("vconvert", "-f", "scan.raw", name, status=2))
            sidecar.rmdir()
            self.assertEqual(["scan.raw", "scan.raw.json"], self.names())
        # One that a killed run left does not stand in the way of the next.
        self.path("out.npy.json").write_bytes(self.path("scan.raw.json").read_bytes())
        self.run_tool("vconvert", "-q", "scan.raw", "out.npy")

    def test_links_planted_under_temporary_names_are_not_followed(self):
        """The tool's number is known before it starts: the shell that plants the links becomes the tool."""
        self.path("precious").write_text("kept")
        for name in ("out.tif", "out.npy", "out.nhdr", "slices/"):
            plant = "; ".join(f"for i in 0 1 2 3; do ln -s precious .{stem}.{machine_number()}.$$.$i.part; done"
                              for stem in (name.rstrip("/"), f"{name.rstrip('/')}.json", "out.raw"))
            self.run_tool("sh", "-c", f"{plant}; exec vconvert -q scan.raw {name}")
            self.assertEqual("kept", self.path("precious").read_text())
            self.run_tool("vdiff", "scan.raw", name)
            for planted in self.folder.glob(".*.part"):
                self.assertTrue(planted.is_symlink())
                planted.unlink()
            if name == "out.nhdr":
                self.assertFalse(self.path("out.raw").is_symlink())

    def test_a_link_to_a_folder_is_no_folder_of_slices(self):
        self.path("real").mkdir()
        os.symlink("real", self.path("slices"))
        for options in ([], ["-f"]):
            self.run_tool("vconvert", *options, "scan.raw", "slices/", status=2)
        self.assertEqual([], os.listdir(self.path("real")))


class Inputs(Folder):
    def test_endless_devices_are_errors_at_once(self):
        for name in ("zero.tif", "zero.raw", "zero.nrrd", "zero.nii", "zero.raw.gz"):
            os.symlink("/dev/zero", self.path(name))
            self.assertIn("--in-shape", self.run_tool("vconvert", name, "out.raw", status=2))
        self.run_tool("vconvert", "--in-shape", "4,8,8", "--in-dtype", "uint8", "zero.raw", "out.raw", status=5)
        os.symlink("/dev/zero", self.path("list"))
        self.assertIn("not a regular file", self.run_tool("vconvert", "@list", "out.raw", status=2))
        self.path("names").write_text("zero.tif\n")
        self.assertIn("not a regular file", self.run_tool("vconvert", "@names", "out.raw", status=2))
        self.run_tool("vconvert", "/dev/null", "out.raw", status=5)
        self.assertNotIn("out.raw", self.names())

    def test_an_endless_sidecar_is_not_read(self):
        self.run_tool("vconvert", "-q", "scan.raw", "scan.tif")
        os.unlink(self.path("scan.tif.json"))
        for make in (lambda path: os.symlink("/dev/zero", path), os.mkfifo):
            make(self.path("scan.tif.json"))
            self.run_tool("vinfo", "scan.tif")
            os.unlink(self.path("scan.tif.json"))

    def test_a_pipe_with_a_name_is_read_in_order(self):
        os.mkfifo(self.path("pipe.nrrd"))
        self.run_tool("vconvert", "-q", "scan.raw", "scan.nrrd")
        feeder = threading.Thread(target=lambda: self.path("pipe.nrrd").write_bytes(self.path("scan.nrrd").read_bytes()))
        feeder.start()
        self.run_tool("vconvert", "-q", "pipe.nrrd", "out.raw")
        feeder.join()
        self.run_tool("vdiff", "scan.raw", "out.raw")

    def test_a_pipe_among_slices_is_an_error(self):
        self.run_tool("vconvert", "-q", "scan.raw", "slices/")
        os.unlink(self.path("slices/slices_0003.tif"))
        os.mkfifo(self.path("slices/slices_0003.tif"))
        for name in ("slices/", "slices/*.tif"):
            self.assertIn("slices_0003.tif: is not a regular file", self.run_tool("vinfo", name, status=2))

    def test_voxels_of_a_header_stay_in_its_folder(self):
        self.path("secret").mkdir()
        self.path("secret/voxels.raw").write_bytes(self.path("scan.raw").read_bytes())
        self.path("inner").mkdir()
        os.symlink("../secret/voxels.raw", self.path("inner/link.raw"))
        os.symlink("/dev/zero", self.path("inner/zero.raw"))
        os.mkfifo(self.path("inner/pipe.raw"))
        self.run_tool("vconvert", "-q", "scan.raw", "inner/v.nhdr")
        self.run_tool("vconvert", "-q", "scan.raw", "inner/v.mhd", "-f")
        for header in ("v.nhdr", "v.mhd"):
            text = self.path(f"inner/{header}").read_bytes()
            for voxels in ("link.raw", "zero.raw", "pipe.raw", "../secret/voxels.raw", f"{self.folder}/secret/voxels.raw", "..", ".",
                           "secret/../../scan.raw", "none.raw"):
                self.path(f"inner/{header}").write_bytes(text.replace(b"v.raw", voxels.encode()))
                self.run_tool("vconvert", f"inner/{header}", "out.raw", status=2)
                self.assertNotIn("out.raw", self.names())


class Terminal(Folder):
    """No byte that a terminal obeys leaves a tool, wherever it came from."""

    NASTY = "\x1b]0;owned\x07\x1b[31mred\x9b2J\x7f"

    def assert_harmless(self, *words):
        done = subprocess.run([str(word) for word in words], cwd=self.folder, env=voxpipe.ENVIRONMENT, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=20, check=False)
        for text in (done.stdout, done.stderr):
            for code in CONTROLS:
                if code not in (9, 10):
                    self.assertNotIn(code, text, (words, text))
            self.assertFalse(any(0x80 <= ord(c) < 0xa0 for c in text.decode("utf-8", "replace")), (words, text))
            for line in text.decode("utf-8", "replace").splitlines():
                self.assertFalse(line.startswith("owned"), words)
        return done

    def look(self, name, status=0):
        for options in ([], ["--json"], ["--sidecar"], ["--history"], ["--script"]):
            self.assertEqual(status, self.assert_harmless("vinfo", *options, name).returncode, (name, options))
        for command in ("vstats", "vdiff scan.raw", "vconvert -v -f", "vclip -f -r 0,1 --report r.json"):
            output = ["out.raw"] if " -f" in command else []
            self.assert_harmless(*command.split(), name, *output)

    def test_sidecars(self):
        sidecar = json.loads(self.path("scan.raw.json").read_text())
        entry = {"tool": self.NASTY, "version": self.NASTY, "args": [self.NASTY], "inputs": [{"path": self.NASTY, "history": []}]}
        entry["inputs"][0]["history"] = [dict(entry, inputs=[])]
        sidecar.update(unit=self.NASTY, spacing=[1, 2, 3], history=[entry], **{self.NASTY: self.NASTY})
        self.path("scan.raw.json").write_text(json.dumps(sidecar))
        self.look("scan.raw")
        for ending in (".tif", ".ome.tif", ".nrrd", ".nii", ".mha", ".npy"):
            self.run_tool("vconvert", "-q", "scan.raw", f"copy{ending}")
            self.look(f"copy{ending}")
            back = json.loads(self.run_tool("vinfo", "--json", f"copy{ending}"))
            self.assertEqual((self.NASTY, self.NASTY), (back["unit"], back["history"][0]["args"][0]))
        for key in ("dtype", "kind", "byte_order"):
            self.path("scan.raw.json").write_text(json.dumps({**sidecar, key: self.NASTY}))
            self.look("scan.raw", status=5)

    def test_a_script_of_the_history_gives_the_arguments_back_and_nothing_else_runs(self):
        sidecar = json.loads(self.path("scan.raw.json").read_text())
        arguments = [self.NASTY, "it's", "a\nb", "\x01\x7f", "$(touch owned)", "`touch owned`", "\u0085\u20ac"]
        entry = {"tool": "printf", "version": "1", "args": ["%s|", *arguments],
                 "inputs": [{"path": "a\ntouch owned #", "history": [{"tool": "true; touch owned", "version": "1", "args": []}]}]}
        self.path("scan.raw.json").write_text(json.dumps({**sidecar, "history": [entry]}))
        script = self.run_tool("vinfo", "--script", "scan.raw")
        done = subprocess.run(["sh"], input=script.replace("set -e\n", "").encode(), cwd=self.folder, capture_output=True, check=False)
        self.assertEqual("|".join(arguments) + "|", done.stdout.decode())
        self.assertNotIn("owned", self.names())

    def test_names_of_files(self):
        name = "scan\x1b[31m\x9b\r.raw"
        os.rename(self.path("scan.raw"), self.path(name))
        os.rename(self.path("scan.raw.json"), self.path(name + ".json"))
        self.path("scan.raw").write_bytes(b"")
        self.look(name)
        for words in (("vinfo", "no" + name), ("vconvert", name, "out.\x1b[31m"), ("vconvert", name, name), ("vconvert", name, f"{name}/x.tif"),
                      ("vinfo", f"@{name}"), ("vinfo", f"{name}*?"), ("vinfo", "\x1b[31m"), ("vinfo", "--\x1b[31m"), ("vclip", "-r", "\x1b[31m")):
            self.assertNotEqual(0, self.assert_harmless(*words).returncode)

    def test_headers_of_others(self):
        nasty = self.NASTY.encode()
        nrrd = (b"NRRD0005\ntype: %s\ndimension: 3\nsizes: 8 8 4\nencoding: raw\nendian: little\n\n", b"type: uint16",
                b"NRRD0005\ntype: uint16\ndimension: 3\nsizes: %s 8 4\nencoding: raw\nendian: little\n\n",
                b"NRRD0005\ntype: uint16\ndimension: 3\nsizes: 8 8 4\nencoding: %s\nendian: little\n\n",
                b"NRRD0005\ntype: uint16\ndimension: 3\nsizes: 8 8 4\nencoding: raw\nendian: %s\n\n",
                b"NRRD0005\n%s\n", b"NRRD0005\ntype: uint16\ndimension: 3\nsizes: 8 8 4\nencoding: raw\nendian: little\ndata file: %s\n\n",
                b"NRRD0005\ntype: uint16\ndimension: 3\nsizes: 8 8 4\nencoding: raw\nendian: little\nvoxpipe:=%s\n\n")
        mha = (b"NDims = 3\nDimSize = %s\nElementDataFile = LOCAL\n", b"ObjectType = %s\nElementDataFile = LOCAL\n",
               b"NDims = 3\nDimSize = 8 8 4\nElementType = %s\nElementDataFile = LOCAL\n",
               b"NDims = 3\nDimSize = 8 8 4\nElementType = MET_USHORT\nElementDataFile = %s\n")
        npy = (b"{'descr': '%s', 'fortran_order': False, 'shape': (4, 8, 8), }", b"{'%s': 1}")
        for name, headers in (("v.nrrd", nrrd), ("v.mha", mha), ("v.npy", npy)):
            for header in headers:
                text = header.replace(b"%s", nasty)
                if name == "v.npy":
                    text = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text
                self.path(name).write_bytes(text + bytes(4 * 8 * 8 * 2))
                self.assertNotEqual(0, self.assert_harmless("vinfo", name).returncode)
                self.path(f"{name}.gz").write_bytes(gzip.compress(text + bytes(4 * 8 * 8 * 2)))
                self.assert_harmless("vinfo", f"{name}.gz")
        fine = b"NDims = 3\nDimSize = 8 8 4\nElementType = MET_USHORT\nDistanceUnits = %s\nElementSpacing = 1 2 3\nElementDataFile = LOCAL\n"
        self.path("v.mha").write_bytes(fine.replace(b"%s", nasty) + bytes(4 * 8 * 8 * 2))
        self.look("v.mha")

    def test_descriptions_of_tiff(self):
        self.run_tool("vconvert", "-q", "--spacing", "1,2,3", "--unit", "um", "scan.raw", "scan.tif")
        self.run_tool("vconvert", "-q", "scan.raw", "scan.ome.tif")
        os.unlink(self.path("scan.tif.json"))
        os.unlink(self.path("scan.ome.tif.json"))
        imagej, ome = self.path("scan.tif").read_bytes(), self.path("scan.ome.tif").read_bytes()
        self.path("v.tif").write_bytes(imagej.replace(b"unit=um\nspacing=1\n", b"unit=\x1b[31m\xc2\x9b[m\r\n\n\n"))
        self.look("v.tif")
        for old, new in ((b'DimensionOrder="XYZCT"', b'DimensionOrder="\x1b[31m"'), (b'SizeZ="4"', b'SizeZ="\x1b"'),
                         (b"voxpipe&quot;", b"voxpip\x1b&quot;"), (b"<Pixels", b"<P\x1b[31m"), (b"&quot;kind", b"&quot;\xc2\x9bnd")):
            self.assertIn(old, ome)
            self.path("v.ome.tif").write_bytes(ome.replace(old, new))
            self.assert_harmless("vinfo", "v.ome.tif")


if __name__ == "__main__":
    unittest.main()
