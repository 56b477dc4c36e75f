"""Volumes as NumPy arrays, for tests that hand them to the tools."""
import io
import sys

import voxpipe

sys.path.insert(0, str(voxpipe.ROOT / "share" / "examples"))
import voxstream  # noqa: E402

DTYPES = ("uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "float32", "float64")


def run_on(array, *words, meta=None, status=0):
    """The result of a command on an array, and its meta; with another exit status what stands on stderr."""
    done = voxpipe.run(*words, stdin=stream_of(array, **(meta or {})))
    if done.returncode != status:
        raise AssertionError(f"{words}: exit {done.returncode}: {done.stderr.decode()}")
    return done.stderr.decode() if status else voxstream.read(io.BytesIO(done.stdout))


def stream_of(array, **meta):
    """The bytes of a stream; `meta` as a sidecar has it."""
    out = io.BytesIO()
    voxstream.write(out, array, {"shape": list(array.shape), **meta}, None)
    return out.getvalue()
