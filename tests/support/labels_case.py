"""What tests of vlabel share: running it on arrays, and plain references."""
import csv
import io

import numpy as np
from scipy import ndimage

from arrays import stream_of
import voxpipe
import voxstream

STRUCTURES = {n: ndimage.generate_binary_structure(3, i + 1) for i, n in enumerate((6, 18, 26))}


def run(*words, array=None, folder=None, status=0, **meta):
    """Runs vlabel with an array on standard input; the whole process, or what it says when it must fail."""
    done = voxpipe.run("vlabel", *words, stdin=b"" if array is None else stream_of(array, **meta), folder=folder)
    if done.returncode != status:
        raise AssertionError(f"vlabel {words}: exit {done.returncode}: {done.stderr.decode()}")
    return done.stderr.decode() if status else done


def labels(array, *words, subcommand="components", **more):
    return voxstream.read(io.BytesIO(run(subcommand, "-q", *words, array=array, **more).stdout))[0]


def rows(text):
    """A CSV table as a list of columns by name, as floats."""
    return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(io.StringIO(text))]


def by_value(array, structure):
    """Objects of equal voxels, numbered by their first voxel: every value labelled for itself."""
    result = np.zeros(array.shape, np.int64)
    top = 0
    for value in np.unique(array[array != 0]):
        found, count = ndimage.label(array == value, structure)
        result = np.where(found > 0, found + top, result)
        top += count
    seen, first = np.unique(result, return_index=True)
    order = np.argsort(first[seen > 0])
    numbers = np.zeros(top + 1, np.int64)
    numbers[seen[seen > 0][order]] = np.arange(1, top + 1)
    return numbers[result]


def spiral(size):
    """One object that winds through all planes: a flat spiral, and every second plane turned."""
    plane = np.zeros((size, size), np.uint8)
    low, high = 0, size - 1
    while low <= high:
        plane[low, low:high + 1] = plane[low:high + 1, high] = plane[high, low:high + 1] = 1
        plane[low + 2:high + 1, low] = 1
        if low + 2 <= high:
            plane[low + 2, low:low + 2] = 1
        low, high = low + 2, high - 2
    volume = np.zeros((2 * size, size, size), np.uint8)
    for z in range(0, 2 * size, 2):
        volume[z] = np.rot90(plane, z // 2)
        volume[z + 1, 0 if z % 4 else size - 1, size // 2] = 1
    return volume
