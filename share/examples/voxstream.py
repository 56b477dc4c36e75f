"""Volumes of voxpipe in NumPy: the stream of a pipe, and raw files with their sidecar.

    import sys, voxstream
    volume, meta = voxstream.read(sys.stdin.buffer)
    voxstream.write(sys.stdout.buffer, 65535 - volume, meta)

`volume` is an array in (Z, Y, X) order, `meta` the header as a dictionary (share/doc/stream.md says what is in it).
Copy this file; it needs nothing but NumPy.
"""
import json

import numpy as np

HEADER_MULTIPLE = 4096
TRAILER_BYTES = 512


def read(file):
    """The volume and the header of a stream, e.g. from sys.stdin.buffer."""
    line = file.readline()
    if line.startswith(b'{"voxpipe_end":'):
        raise OSError("upstream failed: " + json.loads(line)["reason"])
    if not line.startswith(b'{"voxpipe":') or not line.endswith(b"\n") or len(line) % HEADER_MULTIPLE:
        raise OSError("not a voxpipe stream")
    meta = json.loads(line)
    dtype = np.dtype(meta["dtype"]).newbyteorder("<")
    size = int(np.prod(meta["shape"], dtype=object)) * dtype.itemsize
    content = file.read(size + TRAILER_BYTES)
    try:
        trailer = json.loads(content[-TRAILER_BYTES:])
    except ValueError:
        trailer = {}
    if trailer.get("status") == "failed":
        raise OSError("upstream failed: " + trailer["reason"])
    if len(content) != size + TRAILER_BYTES or trailer.get("status") != "done":
        raise OSError("the stream is cut short")
    if trailer["crc32c"] != "%08x" % crc32c(content[:size]):
        raise OSError("the stream is damaged")
    return np.frombuffer(content, dtype, size // dtype.itemsize).reshape(meta["shape"]), meta


def write(file, volume, meta=None, command=None):
    """Writes a stream, e.g. to sys.stdout.buffer. `command`, a list of words, is added to the history."""
    volume = little_endian(volume)
    line = json.dumps({"voxpipe": 1, "stream": 1, **header_of(volume, meta, command)}, separators=(",", ":"))
    file.write(padded(line, HEADER_MULTIPLE))
    file.write(memoryview(volume).cast("B"))
    trailer = {"voxpipe_end": 1, "status": "done", "crc32c": "%08x" % crc32c(volume)}
    file.write(padded(json.dumps(trailer, separators=(",", ":")), TRAILER_BYTES))
    file.flush()


def read_raw(path):
    """A raw file as a memory map, described by its sidecar PATH.json, and the sidecar."""
    with open(path + ".json", encoding="utf-8") as file:
        meta = json.load(file)
    order = {"little": "<", "big": ">"}[meta.get("byte_order", "little")]
    return np.memmap(path, np.dtype(meta["dtype"]).newbyteorder(order), "r", shape=tuple(meta["shape"])), meta


def write_raw(path, volume, meta=None, command=None):
    """A raw file and its sidecar."""
    volume = little_endian(volume)
    with open(path + ".json", "w", encoding="utf-8") as file:
        json.dump({"voxpipe": 1, **header_of(volume, meta, command)}, file)
    volume.tofile(path)


def header_of(volume, meta, command):
    header = dict(meta or {})
    for key in ("voxpipe", "stream", "range"):  # the range of other voxels would be a lie
        header.pop(key, None)
    header.update(shape=list(volume.shape), dtype=volume.dtype.name, byte_order="little")
    if command:
        entry = {"tool": command[0], "version": "", "args": list(command[1:])}
        header["history"] = header.get("history", []) + [entry]
    return header


def little_endian(volume):
    if volume.ndim != 3:
        raise ValueError("a volume has three axes (Z, Y, X)")
    return np.ascontiguousarray(volume, volume.dtype.newbyteorder("<"))


def padded(text, multiple):
    line = text.encode() + b"\n"
    return line[:-1] + b" " * (-len(line) % multiple) + b"\n"


def crc32c(data):
    """CRC-32C (Castagnoli). Many pieces side by side, then joined pair by pair: some 50 MB/s with NumPy alone."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = table >> 1 ^ np.where(table & 1, np.uint32(0x82F63B78), np.uint32(0))
    data = np.frombuffer(memoryview(data).cast("B"), np.uint8)
    pieces = 1 << min(16, (data.size // 64).bit_length())
    length = -(-(data.size + 4) // pieces)
    columns = np.zeros(pieces * length, np.uint8)  # leading zeros leave a CRC that starts from 0 as it is,
    columns[columns.size - data.size - 4 :][:4] = np.frombuffer(PREFIX, np.uint8)  # and these make it all ones
    columns[columns.size - data.size :] = data
    state = np.zeros(pieces, np.uint32)
    for column in np.ascontiguousarray(columns.reshape(pieces, length).T):
        state = table[(state ^ column) & 255] ^ state >> 8
    shift = np.uint32(1) << np.arange(32, dtype=np.uint32)  # what becomes of each bit of the left piece behind the right one
    for _ in range(length):
        shift = table[shift & 255] ^ shift >> 8
    while state.size > 1:
        state = linear(shift, state[0::2]) ^ state[1::2]
        shift = linear(shift, shift)
    return int(state[0]) ^ 0xFFFFFFFF


def linear(images, values):
    """XOR of the images of the bits that are set in each value."""
    result = np.zeros_like(values)
    for bit in range(32):
        result ^= np.where(values >> np.uint32(bit) & np.uint32(1), images[bit], np.uint32(0))
    return result


PREFIX = bytes.fromhex("54641f64")
