"""A row of `scripts/bench`: one program doing one piece of work, ours or a peer."""
import os
import shutil
import statistics
import subprocess
import sys

PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
NUMPY = "import numpy as np; from numpy import fromfile as load\n"


class Row:
    """One program doing one piece of work: `stages` are the commands of a pipe, `output` what they write.

    `at_most`: how many times the fastest copy of `data` it may take. `at_least`: how many times the voxels per second
    of the fastest peer it should reach. `edge`: of the cube, where a program is too slow for the whole.
    """

    def __init__(self, work, program, stages, data="u16", at_most=None, at_least=None, edge=None, output=None, needs=(),
                 mine=False):
        self.work, self.program, self.stages, self.data, self.mine = work, program, stages, data, mine
        self.at_most, self.at_least, self.edge, self.output, self.needs = at_most, at_least, edge, output, needs
        self.seconds, self.peak = [], 0

    def speed(self, n):
        """Million voxels a second."""
        return (self.edge or n) ** 3 / statistics.median(self.seconds) / 1e6

    def missing(self):
        for need in self.needs:
            if need.startswith("python:"):
                module = need.removeprefix("python:")
                if subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True, check=False).returncode:
                    return f"Python's {module}"
            elif not shutil.which(need):
                return need
        return None


def ours(work, command, **rest):
    """A pipe of our tools, written as in a shell without quotes."""
    return Row(work, command.split()[0] if "|" not in command else "pipe of ours",
               [stage.split() for stage in command.split("|")], mine=True, **rest)


def python(work, name, code, *modules, **rest):
    needs = tuple(f"python:{module}" for module in ("numpy", *modules))
    return Row(work, name, [[PYTHON, "-c", NUMPY + code]], needs=needs, **rest)


def peer(work, program, command, **rest):
    return Row(work, program, [command.split()], needs=(command.split()[0],), **rest)


NUMPY_TYPES = {"u8": "u1", "u16": "u2", "f32": "f4"}
ITK_TYPES = {"u8": "uint8", "u16": "uint16", "f32": "float32"}
GMIC_TYPES = {"u8": "uchar", "u16": "ushort", "f32": "float"}


def part_of(data, edge):
    """The first corner of a volume, with that edge."""
    return f"{data}_{edge}.raw"


def scipy_row(work, code, data, edge):
    """`code` makes the result from the volume `v`; `f` is scipy.ndimage."""
    load = f"from scipy import ndimage as f\nv=load('{part_of(data, edge)}','{NUMPY_TYPES[data]}').reshape({edge},{edge},{edge})\n"
    return python(work, "scipy" if "f." in code else "numpy", f"{load}({code}).tofile('out.raw')", "scipy", data=data, edge=edge,
                  output="out.raw")


def skimage_row(work, code, data, edge):
    load = f"v=load('{part_of(data, edge)}','{NUMPY_TYPES[data]}').reshape({edge},{edge},{edge})\n"
    return python(work, "scikit-image", f"import numpy as np\n{load}({code}).tofile('out.raw')", "skimage", data=data, edge=edge,
                  output="out.raw")


def itk_row(work, words, data, edge):
    return peer(work, "ITK", f"itk_filter {words} {ITK_TYPES[data]} {edge} {part_of(data, edge)} out.raw", data=data, edge=edge,
                output="out.raw")


def gmic_row(work, words, data, edge):
    kind = GMIC_TYPES[data]
    return peer(work, "G'MIC", f"gmic -v -1 {part_of(data, edge)},{kind},{edge},{edge},{edge} {words} -o out.raw,{kind}", data=data,
                edge=edge, output="out.raw")
