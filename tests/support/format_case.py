"""What tests of file formats share: volumes in and out through our tools, and a folder for each test."""
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

import numpy as np

import voxpipe

sys.path.insert(0, str(voxpipe.ROOT / "share" / "examples"))
import voxstream  # noqa: E402

INTEGERS = ("uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64")
DTYPES = (*INTEGERS, "float16", "float32", "float64")
SHAPES = ((1, 1, 1), (1, 5, 7), (3, 1, 1), (5, 33, 47))


def volumes(dtypes):
    """A volume of every type, and of some types in every shape."""
    for dtype in dtypes:
        for shape in SHAPES if dtype in ("uint8", "int16", "float64") else SHAPES[-1:]:
            yield dtype, shape, some_volume(shape, dtype)


def some_volume(shape, dtype):
    """Random bits of integers, normal numbers of floats."""
    random = np.random.default_rng(7)
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return random.normal(10, 300, shape).astype(dtype)
    return np.frombuffer(random.bytes(int(np.prod(shape)) * dtype.itemsize), dtype).reshape(shape)


class FormatCase(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="voxpipe_format_"))
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return self.folder / name

    def run_ours(self, *words, status=0, stdin=b""):
        """Runs a tool of ours; what it printed, or the error that was expected."""
        done = voxpipe.run(*words, stdin=stdin, folder=self.folder)
        self.assertEqual(status, done.returncode, done.stderr.decode())
        return (done.stdout if status == 0 else done.stderr).decode()

    def read_with_ours(self, name, *options):
        """The voxels and the meta of a file as our tools see them."""
        self.run_ours("vconvert", "-q", "-f", "--no-history", *options, name, "read.raw")
        volume, meta = voxstream.read_raw(str(self.path("read.raw")))
        return np.array(volume), meta

    def pipe_to_ours(self, name):
        self.run_ours("vconvert", "-q", "-f", "-", "piped.raw", stdin=self.path(name).read_bytes())
        return np.array(voxstream.read_raw(str(self.path("piped.raw")))[0])

    def write_with_ours(self, volume, name, *options, status=0, **meta):
        """Writes a file of ours; what the tool printed, or the error that was expected."""
        voxstream.write_raw(str(self.path("written.raw")), volume)
        sidecar = self.path("written.raw.json")
        sidecar.write_text(json.dumps({**json.loads(sidecar.read_text()), **meta}))
        return self.run_ours("vconvert", "-q", "-f", *options, "written.raw", name, status=status)

    def info(self, name):
        return json.loads(self.run_ours("vinfo", "--json", name))
