"""OME-Zarr and plain Zarr: stores of zarr-python are read, what we write it reads; stores of version 3 are built here from
the specification, byte by byte."""
import itertools
import json
import pathlib
import struct
import sys
import unittest
import warnings

import numcodecs
import numpy as np
import zarr

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from format_case import DTYPES, FormatCase, some_volume, volumes  # noqa: E402
from zarr_stores import NOWHERE, Stores, crc32c  # noqa: E402


def v3_type(dtype):
    return {"|b1": "bool"}.get(np.dtype(dtype).str, np.dtype(dtype).name)


class V3:
    """A writer of version 3 that follows the specification and nothing else."""

    def __init__(self, endian="little", order=None, coder=None, checksum=False):
        self.endian, self.order, self.coder, self.checksum = endian, order, coder, checksum

    def codecs(self):
        if self.order:
            yield {"name": "transpose", "configuration": {"order": list(self.order)}}
        yield {"name": "bytes", "configuration": {"endian": self.endian}}
        if self.coder:
            yield self.coder[0]
        if self.checksum:
            yield {"name": "crc32c"}

    def encode(self, chunk):
        if self.order:
            chunk = chunk.transpose(self.order)
        data = np.ascontiguousarray(chunk).astype(chunk.dtype.newbyteorder("<" if self.endian == "little" else ">")).tobytes()
        if self.coder:
            data = bytes(self.coder[1](data))
        if self.checksum:
            data += struct.pack("<I", crc32c(data))
        return data


def pieces(volume, size, fill):
    """Index and padded voxels of every chunk."""
    grid = [range(-(-n // c)) for n, c in zip(volume.shape, size)]
    for index in itertools.product(*grid):
        part = volume[tuple(slice(i * c, (i + 1) * c) for i, c in zip(index, size))]
        chunk = np.full(size, fill, volume.dtype)
        chunk[tuple(slice(0, n) for n in part.shape)] = part
        yield index, chunk


def shard_bytes(shard, size, writer, at_end=True, checksum=True, leave_out=(), reverse=False):
    """Chunks of a shard and their index; `leave_out` are not there, `reverse`: in the other order, with gaps."""
    chunks = list(pieces(shard, size, 0))
    count = len(chunks)
    length = 16 * count + (4 if checksum else 0)
    index = [(NOWHERE, NOWHERE)] * count
    data, at = b"", 0 if at_end else length
    for number in reversed(range(count)) if reverse else range(count):
        if number in leave_out:
            continue
        if reverse:
            data += b"gap"
        coded = writer.encode(chunks[number][1])
        index[number] = (at + len(data), len(coded))
        data += coded
    table = b"".join(struct.pack("<QQ", *entry) for entry in index)
    if checksum:
        table += struct.pack("<I", crc32c(table))
    return data + table if at_end else table + data


def write_v3(path, volume, size, writer, keys="default", separator="/", inner=None, fill=0, outer=None, **shard):
    """`outer`: the order of axes in which shards are, and `inner` counts."""
    path.mkdir(parents=True)
    codecs = list(writer.codecs())
    if inner:
        index_codecs = [{"name": "bytes", "configuration": {"endian": "little"}}]
        if shard.get("checksum", True):
            index_codecs.append({"name": "crc32c"})
        codecs = [{"name": "sharding_indexed", "configuration": {
            "chunk_shape": list(inner), "codecs": codecs, "index_codecs": index_codecs,
            "index_location": "end" if shard.get("at_end", True) else "start"}}]
    if outer:
        codecs.insert(0, {"name": "transpose", "configuration": {"order": list(outer)}})
    (path / "zarr.json").write_text(json.dumps({
        "zarr_format": 3, "node_type": "array", "shape": list(volume.shape), "data_type": v3_type(volume.dtype),
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(size)}},
        "chunk_key_encoding": {"name": keys, "configuration": {"separator": separator}},
        "fill_value": fill, "codecs": codecs, "attributes": {}}))
    for index, chunk in pieces(volume, size, 0):
        name = separator.join((["c"] if keys == "default" else []) + [str(i) for i in index])
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        chunk = chunk.transpose(outer) if outer else chunk
        (path / name).write_bytes(shard_bytes(chunk, inner, writer, **shard) if inner else writer.encode(chunk))


ZSTD = ({"name": "zstd", "configuration": {"level": 3, "checksum": False}}, numcodecs.Zstd(3).encode)
GZIP = ({"name": "gzip", "configuration": {"level": 5}}, numcodecs.GZip(5).encode)
BLOSC = ({"name": "blosc", "configuration": {"cname": "lz4", "clevel": 5, "shuffle": "bitshuffle", "typesize": 2, "blocksize": 0}},
         numcodecs.Blosc("lz4", 5, numcodecs.Blosc.BITSHUFFLE).encode)


class Read(FormatCase):
    def expect(self, volume, name, *options):
        got, meta = self.read_with_ours(name, *options)
        self.assertEqual(volume.dtype.newbyteorder("="), got.dtype)
        np.testing.assert_array_equal(volume, got)
        return meta

    def test_version_2_of_every_type_order_separator_and_codec(self):
        compressors = (None, numcodecs.Zstd(3), numcodecs.Zlib(4), numcodecs.GZip(4), numcodecs.Blosc("zstd", 3, 1),
                       numcodecs.Blosc("lz4", 5, 2), numcodecs.Blosc("blosclz", 5, 0), numcodecs.Blosc("lz4hc", 5, 1),
                       numcodecs.Blosc("zlib", 5, 1))
        number = 0
        for dtype, shape, volume in volumes(DTYPES):
            for order, separator, byte_order in (("C", "/", "<"), ("F", ".", ">"), ("C", ".", ">"), ("F", "/", "<")):
                compressor = compressors[number % len(compressors)]
                number += 1
                with self.subTest(dtype=dtype, shape=shape, order=order, separator=separator, compressor=compressor):
                    name = f"v2_{number}.zarr"
                    zarr.array(volume.astype(np.dtype(dtype).newbyteorder(byte_order)), store=str(self.path(name)), chunks=(2, 16, 17),
                               order=order, dimension_separator=separator, compressor=compressor)
                    self.expect(volume, name)
        for compressor in compressors:
            with self.subTest(compressor=compressor):
                volume = some_volume((5, 33, 47), "uint16")
                zarr.array(volume, store=str(self.path("each.zarr")), chunks=(4, 8, 16), compressor=compressor, overwrite=True)
                self.expect(volume, "each.zarr")

    def test_version_2_fill_values_of_missing_chunks_and_masks(self):
        for dtype, fill in (("int16", -7), ("float32", float("nan")), ("float64", float("-inf")), ("uint64", 2**64 - 1)):
            store = zarr.open(str(self.path(f"{dtype}.zarr")), mode="w", shape=(4, 6, 8), chunks=(2, 3, 4), dtype=dtype, fill_value=fill)
            store[0:2, 0:3, 0:4] = 1
            self.expect(store[:], f"{dtype}.zarr")
        mask = some_volume((4, 5, 6), "uint8") > 100
        zarr.array(mask, store=str(self.path("mask.zarr")), chunks=(3, 3, 3))
        self.assertEqual("mask", self.expect(mask.astype("uint8"), "mask.zarr")["kind"])

    def test_version_3_of_every_codec_order_and_key(self):
        volume = some_volume((9, 10, 13), "uint16")
        number = 0
        for coder in (None, ZSTD, GZIP, BLOSC):
            for endian, order in (("little", None), ("big", (2, 1, 0)), ("little", (1, 2, 0)), ("big", (0, 2, 1))):
                for keys, separator in (("default", "/"), ("default", "."), ("v2", "."), ("v2", "/")):
                    number += 1
                    with self.subTest(coder=coder and coder[0]["name"], endian=endian, order=order, keys=keys, separator=separator):
                        writer = V3(endian, order, coder, checksum=number % 2 == 0)
                        write_v3(self.path(f"{number}.zarr"), volume, (4, 5, 6), writer, keys, separator)
                        self.expect(volume, f"{number}.zarr")

    def test_version_3_of_every_type(self):
        for dtype, shape, volume in volumes(DTYPES):
            with self.subTest(dtype=dtype, shape=shape):
                name = f"{dtype}_{shape[0]}_{shape[1]}.zarr"
                write_v3(self.path(name), volume, (2, 16, 17), V3("big", (2, 0, 1), ZSTD))
                self.expect(volume, name)

    def test_shards_with_their_index_at_either_end(self):
        volume = some_volume((9, 10, 13), "int32")
        number = 0
        for at_end, checksum, reverse, writer in itertools.product(
                (True, False), (True, False), (True, False), (V3(coder=ZSTD), V3("big", (2, 1, 0), GZIP, True))):
            number += 1
            with self.subTest(at_end=at_end, checksum=checksum, reverse=reverse):
                write_v3(self.path(f"{number}.zarr"), volume, (4, 6, 8), writer, inner=(2, 3, 4), at_end=at_end,
                         checksum=checksum, reverse=reverse)
                self.expect(volume, f"{number}.zarr")
                got, _ = self.read_with_ours(f"{number}.zarr", "--roi", "1:5,3:4,:")
                np.testing.assert_array_equal(volume[1:5, 3:4], got)
        for outer, order in itertools.product(((2, 0, 1), (1, 0, 2)), (None, (1, 2, 0))):
            with self.subTest(outer=outer, order=order):
                number += 1
                inner = [(2, 3, 4)[axis] for axis in outer]
                write_v3(self.path(f"{number}.zarr"), volume, (4, 6, 8), V3(order=order, coder=ZSTD), inner=inner, outer=outer)
                self.expect(volume, f"{number}.zarr")
        expected = volume.copy()
        write_v3(self.path("holes.zarr"), volume, (4, 6, 8), V3(coder=ZSTD), inner=(2, 3, 4), fill=-3, leave_out=(1,))
        for z, y, x in itertools.product(range(3), range(2), range(2)):
            part = expected[z * 4:z * 4 + 2, y * 6:y * 6 + 3, x * 8 + 4:x * 8 + 8]
            part[...] = -3
        self.expect(expected, "holes.zarr")

    def ome(self, name, volume, axes, version="0.4", levels=1, transforms=None, **more):
        group = zarr.open_group(str(self.path(name)), mode="w")
        datasets = []
        for level in range(levels):
            step = tuple(slice(None, None, 2**level if axis in "yx" else 1) for axis in axes)
            group.create_dataset(str(level), data=volume[step], chunks=tuple(4 if axis in "zyx" else 2 for axis in axes),
                                 dimension_separator="/")
            datasets.append({"path": str(level), "coordinateTransformations": (transforms or {}).get(level, [
                {"type": "scale", "scale": [2.0 * 2**level if axis in "yx" else 3.0 for axis in axes]}])})
        types = {"t": "time", "c": "channel"}
        group.attrs["multiscales"] = [{"version": version, "datasets": datasets, **more, "axes": [
            {"name": axis, "type": types.get(axis, "space"), **({"unit": "nanometer"} if axis in "zyx" else {})} for axis in axes]}]

    def test_two_to_five_axes_channels_times_and_levels(self):
        for axes in ("yx", "zyx", "cyx", "czyx", "tyx", "tzyx", "tczyx", "tcyx"):
            shape = tuple({"t": 2, "c": 3, "z": 5, "y": 6, "x": 7}[axis] for axis in axes)
            volume = some_volume(shape, "uint16")
            self.ome(f"{axes}.zarr", volume, axes, levels=2)
            choose = [word for axis, words in (("c", ("--channel", "1")), ("t", ("--time", "1"))) if axis in axes for word in words]
            index = tuple(1 if axis in "tc" else slice(None) for axis in axes)
            for level in (0, 1):
                with self.subTest(axes=axes, level=level):
                    expected = volume[tuple(slice(None, None, 2**level if axis in "yx" else 1) for axis in axes)][index]
                    expected = expected if "z" in axes else expected[None]
                    meta = self.expect(expected, f"{axes}.zarr", "--level", str(level), *choose)
                    self.assertEqual([3.0 if "z" in axes else 1.0, 2.0 * 2**level, 2.0 * 2**level], meta["spacing"])
                    self.assertEqual("nanometer", meta["unit"])
            self.assertEqual(2, json.loads(self.run_ours("vinfo", "--json", *choose, f"{axes}.zarr"))["levels"])
            for option, axis, count in (("--channel", "c", 3), ("--time", "t", 2)):
                if axis in axes:
                    rest = [w for o, a in (("--channel", "c"), ("--time", "t")) if a in axes and a != axis for w in (o, "0")]
                    self.assertIn(f"{count} ", self.run_ours("vinfo", *rest, f"{axes}.zarr", status=2))
                    self.run_ours("vinfo", *rest, option, str(count), f"{axes}.zarr", status=2)

    def test_an_incomplete_store_is_told(self):
        self.write_with_ours(some_volume((4, 5, 6), "uint16"), "in.raw")
        for version, group, array in (("0.4", ".zgroup", ".zarray"), ("0.5", "zarr.json", "zarr.json")):
            with self.subTest(version=version):
                name = f"torn{version}.ome.zarr"
                self.run_ours("vpyramid", "-q", "--ome", version, "--chunk", "4", "in.raw", name)
                self.path(f"{name}/1/{array}").unlink()
                said = self.run_ours("vconvert", "--level", "1", name, "-", status=5)
                self.assertIn(f"{name}/1/zarr.json: is missing, the store is not complete", said)
                self.path(f"{name}/{group}").unlink()
                self.assertIn(f"{name}: holds no metadata", self.run_ours("vinfo", name, status=5))

    def test_translations_of_levels_and_of_all(self):
        volume = some_volume((4, 8, 8), "uint8")
        self.ome("t.zarr", volume, "zyx", levels=2, transforms={
            0: [{"type": "scale", "scale": [2.0, 1, 1]}, {"type": "translation", "translation": [10, 20, 30]}],
            1: [{"type": "scale", "scale": [2.0, 2, 2]}, {"type": "translation", "translation": [10, 20.5, 30.5]}]},
            coordinateTransformations=[{"type": "scale", "scale": [10, 10, 10]}])
        self.assertEqual([100, 200, 300], self.read_with_ours("t.zarr")[1]["origin"])
        meta = self.read_with_ours("t.zarr", "--level", "1")[1]
        self.assertEqual(([100, 205, 305], [20, 20, 20]), (meta["origin"], meta["spacing"]))

    def test_labels_are_labels(self):
        self.ome("l.zarr", some_volume((4, 8, 8), "uint8"), "zyx")
        zarr.open_group(str(self.path("l.zarr"))).attrs["image-label"] = {"version": "0.4"}
        self.assertEqual("labels", self.info("l.zarr")["kind"])

    def test_what_cannot_be_read_is_said(self):
        volume = some_volume((4, 4, 4), "uint16")
        zarr.array(volume, store=str(self.path("a.zarr")), filters=[numcodecs.Delta("<u2")])
        self.assertIn("filters are not read", self.run_ours("vinfo", "a.zarr", status=2))
        zarr.array(volume, store=str(self.path("b.zarr")), compressor=numcodecs.LZMA())
        self.assertIn("lzma", self.run_ours("vinfo", "b.zarr", status=2))


class Write(Stores):
    def test_version_3_store_is_what_the_specification_says(self):
        for dtype, shape, volume in volumes(DTYPES):
            with self.subTest(dtype=dtype, shape=shape):
                self.write_with_ours(volume, "out.ome.zarr", spacing=[3, 2, 1], unit="micrometer", origin=[1, 2, 3])
                np.testing.assert_array_equal(volume, self.read_v3(self.path("out.ome.zarr/0")))
        group = json.loads(self.path("out.ome.zarr/zarr.json").read_text())
        self.assertEqual((3, "group", "0.5"), (group["zarr_format"], group["node_type"], group["attributes"]["ome"]["version"]))
        image = group["attributes"]["ome"]["multiscales"][0]
        self.assertEqual([{"name": axis, "type": "space", "unit": "micrometer"} for axis in "zyx"], image["axes"])
        self.assertEqual([{"type": "scale", "scale": [3, 2, 1]}, {"type": "translation", "translation": [1, 2, 3]}],
                         image["datasets"][0]["coordinateTransformations"])
        self.assertEqual(["z", "y", "x"], json.loads(self.path("out.ome.zarr/0/zarr.json").read_text())["dimension_names"])
        window = group["attributes"]["ome"]["omero"]["channels"][0]["window"]
        self.assertEqual([volume.min(), volume.max()], [window["start"], window["end"]])

    def test_every_codec(self):
        volume = some_volume((20, 70, 80), "uint16")
        for codec in ("none", "zstd:1", "gzip", "blosc", "blosc:lz4:3"):
            with self.subTest(codec=codec):
                self.write_with_ours(volume, "out.zarr", "-c", codec)
                np.testing.assert_array_equal(volume, self.read_v3(self.path("out.zarr/0")))

    def test_zarr_python_reads_version_04(self):
        for dtype, shape, volume in volumes(DTYPES):
            with self.subTest(dtype=dtype, shape=shape):
                self.write_with_ours(volume, "in.npy")
                self.run_ours("vpyramid", "-q", "-f", "--ome", "0.4", "--levels", "1", "in.npy", "out.zarr")
                np.testing.assert_array_equal(volume, self.levels("out.zarr")[0])
        for codec in ("none", "zstd:1", "gzip", "blosc", "blosc:lz4:3"):
            self.run_ours("vpyramid", "-q", "-f", "--ome", "0.4", "--levels", "1", "-c", codec, "in.npy", "out.zarr")
            np.testing.assert_array_equal(volume, self.levels("out.zarr")[0])

    def test_labels_and_intensities_say_what_they_are(self):
        volume = some_volume((5, 6, 7), "uint16")
        self.write_with_ours(volume, "l.zarr", kind="labels")
        ome = json.loads(self.path("l.zarr/zarr.json").read_text())["attributes"]["ome"]
        self.assertIn("image-label", ome)
        self.assertNotIn("omero", ome)
        self.assertEqual("labels", self.info("l.zarr")["kind"])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    unittest.main()
