"""What the tests of vfilter share: made-up volumes and running it."""
import numpy as np

from arrays import run_on


def made_up(dtype, shape, seed=0):
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return rng.normal(10, 300, shape).astype(dtype)
    info = np.iinfo(dtype)
    values = rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    # scipy computes in double precision, which holds no more digits of 64-bit integers.
    return values >> 12 << 12 if dtype.itemsize == 8 else values


def vfilter(array, *words, meta=None, status=0):
    return run_on(array, "vfilter", words[0], "-q", *words[1:], meta=meta, status=status)


def filtered(array, *words, **more):
    return vfilter(array, *words, **more)[0]
