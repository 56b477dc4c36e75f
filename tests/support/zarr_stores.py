"""Zarr stores read without our tools: version 2 by zarr-python, version 3 as the specification says."""
import itertools
import json
import struct

import numcodecs
import numpy as np
import zarr

from format_case import FormatCase

NOWHERE = 2**64 - 1
try:
    from google_crc32c import value as crc32c
except ImportError:
    def crc32c(data):
        """Bit by bit: few bytes come here."""
        crc = 0xFFFFFFFF
        for byte in data:
            crc ^= byte
            for _ in range(8):
                crc = (crc >> 1) ^ (0x82F63B78 * (crc & 1))
        return crc ^ 0xFFFFFFFF


class Stores(FormatCase):
    """Reading what we wrote without our tools."""

    def levels(self, name):
        """All levels of a store of version 0.4 as zarr-python reads them."""
        group = zarr.open_group(str(self.path(name)), mode="r")
        return [group[dataset["path"]][:] for dataset in group.attrs["multiscales"][0]["datasets"]]

    def read_v3(self, path):
        """An array of version 3 as the specification reads it: regular grid, default keys, zstd, shards."""
        meta = json.loads((path / "zarr.json").read_text())
        outer = meta["chunk_grid"]["configuration"]["chunk_shape"]
        codecs = meta["codecs"]
        dtype = np.dtype(meta["data_type"]).newbyteorder("<")
        volume = np.full(meta["shape"], meta["fill_value"], dtype)
        sharding = codecs[0]["configuration"] if codecs[0]["name"] == "sharding_indexed" else None
        inner = sharding["chunk_shape"] if sharding else outer
        names = [codec["name"] for codec in (sharding or meta)["codecs"]]
        self.assertIn(names, (["bytes", "zstd"], ["bytes"], ["bytes", "gzip"], ["bytes", "blosc"]))
        decode = {"zstd": numcodecs.Zstd().decode, "gzip": numcodecs.GZip().decode,
                  "blosc": numcodecs.Blosc().decode}.get(names[-1], lambda data: data)
        for index in itertools.product(*(range(-(-n // c)) for n, c in zip(meta["shape"], outer))):
            data = (path / "/".join(["c", *map(str, index)])).read_bytes()
            corner = [i * c for i, c in zip(index, outer)]
            parts = [((0, 0, 0), 0, len(data))]
            if sharding:
                grid = [o // i for o, i in zip(outer, inner)]
                count = int(np.prod(grid))
                table = data[-16 * count - 4:]
                self.assertEqual(struct.unpack("<I", table[-4:])[0], crc32c(table[:-4]))
                entries = struct.iter_unpack("<QQ", table[:-4])
                parts = [(place, *entry) for place, entry in zip(itertools.product(*map(range, grid)), entries)]
            for place, at, size in parts:
                begin = [c + p * i for c, p, i in zip(corner, place, inner)]
                box = tuple(slice(b, b + i) for b, i in zip(begin, inner))
                target = volume[box]
                if at == NOWHERE:
                    self.assertEqual(0, target.size, "chunks inside of the array are all written")
                    continue
                chunk = np.frombuffer(decode(data[at:at + size]), dtype).reshape(inner)
                target[...] = chunk[tuple(slice(0, n) for n in target.shape)]
        return volume
