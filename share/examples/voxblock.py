"""Blocks of vmap in NumPy: a program of two lines for `vmap [--halo N] INPUT OUTPUT -- python3 program.py`.

    import scipy.ndimage, voxblock
    voxblock.run(lambda block: scipy.ndimage.gaussian_filter(block, 2))

The function gets the block with its halo as an array in (Z, Y, X) order and returns one of the same shape, in the type
that `vmap --dtype` names (the input's when it names none). `vmap --help` says what the environment tells of the block.
Copy this file; it needs nothing but NumPy.
"""
import io
import sys

import numpy as np


def run(function):
    """Applies a function to the block on standard input, and gives its result back."""
    write(function(read()))


def read():
    """The block. NumPy itself cannot load from a pipe."""
    return np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)


def write(block):
    content = io.BytesIO()
    np.save(content, block, allow_pickle=False)
    sys.stdout.buffer.write(content.getbuffer())
