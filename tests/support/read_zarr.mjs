// Prints what zarrita and ome-zarr.js read of an OME-Zarr folder or .ozx archive as JSON: its axes, and of each level
// shape, type, transformations and the digest of its voxels in scan order. Stands beside their node_modules:
//   node read_zarr.mjs STORE
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import FileSystemStore from "@zarrita/storage/fs";
import ZipFileStore from "@zarrita/storage/zip";
import { getMultiscale } from "ome-zarr.js";
import * as zarr from "zarrita";

const path = resolve(process.argv[2]);
const store = path.endsWith(".ozx")
  ? ZipFileStore.fromBlob(new Blob([readFileSync(path)]))
  : new FileSystemStore(path);
const { multiscale, zarr_version } = await getMultiscale(store);
const levels = [];
for (const { path: name, coordinateTransformations: transformations } of multiscale.datasets) {
  const array = await zarr.open(zarr.root(store).resolve(name), { kind: "array" });
  const { data, shape } = await zarr.get(array);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const digest = createHash("sha256").update(bytes).digest("hex");
  levels.push({ shape, dtype: array.dtype, transformations, digest });
}
console.log(JSON.stringify({ zarr_version, axes: multiscale.axes, levels }));
