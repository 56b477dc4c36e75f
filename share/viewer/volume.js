// A volume as it is embedded: voxels of a smaller grid, compressed, as codes that stand for values.

const AXES = ["z", "y", "x"];
const ARRAYS = {
  uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, uint64: BigUint64Array, int64: BigInt64Array,
};

async function inflated(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

class Volume {
  constructor(facts, codes) {
    this.facts = facts;
    this.codes = codes;
    this.shape = facts.embedded.shape;
    this.factor = facts.embedded.factor;
    this.fullShape = facts.meta.shape;
    this.spacing = facts.meta.spacing || [1, 1, 1];
    this.unit = facts.meta.spacing ? facts.unit_name : "";
  }

  static async load(facts) {
    const codes = new ARRAYS[facts.embedded.type](await inflated(facts.embedded.data));
    return new Volume(facts, codes);
  }

  /** The value that a code stands for; NaN where the volume has none. Labels of 64 bits are BigInts. */
  valueOf(code) {
    if (typeof code === "bigint") return code;
    const { low, step, nan_code: nanCode } = this.facts.embedded;
    if (nanCode && code === 0) return NaN;
    return low + (nanCode ? code - 1 : code) * step;
  }

  valueAt(position) {
    const [, ny, nx] = this.shape;
    return this.valueOf(this.codes[(position[0] * ny + position[1]) * nx + position[2]]);
  }

  /** Of the voxel of the full volume in the middle of an embedded one. */
  fullIndex(position) {
    return position.map((p, axis) =>
      Math.min(this.fullShape[axis] - 1, p * this.factor[axis] + Math.floor((this.factor[axis] - 1) / 2)));
  }

  /** The box of full voxels that a box [begin, end) of embedded ones stands for. */
  fullBox(begin, end) {
    return AXES.map((_, axis) => [
      begin[axis] * this.factor[axis],
      Math.min(this.fullShape[axis], end[axis] * this.factor[axis]),
    ]);
  }

  /** Physical size of an embedded voxel along each axis. */
  pitch() {
    return this.spacing.map((s, axis) => s * this.factor[axis]);
  }

  /** Rows and columns of the plane across `axis`: the other two axes, in order. */
  static planeAxes(axis) {
    return [0, 1, 2].filter((a) => a !== axis);
  }

  strides() {
    return [this.shape[1] * this.shape[2], this.shape[2], 1];
  }

  /** Codes of the plane across `axis` at `index`, row by row. */
  plane(axis, index) {
    const [rowAxis, columnAxis] = Volume.planeAxes(axis);
    const stride = this.strides();
    const rows = this.shape[rowAxis];
    const columns = this.shape[columnAxis];
    const out = new this.codes.constructor(rows * columns);
    let to = 0;
    for (let r = 0; r < rows; ++r) {
      let from = index * stride[axis] + r * stride[rowAxis];
      for (let c = 0; c < columns; ++c, from += stride[columnAxis]) out[to++] = this.codes[from];
    }
    return out;
  }

  /** The largest code along `axis` for every row and column. */
  projection(axis) {
    const [rowAxis, columnAxis] = Volume.planeAxes(axis);
    const stride = this.strides();
    const rows = this.shape[rowAxis];
    const columns = this.shape[columnAxis];
    const out = new this.codes.constructor(rows * columns);
    for (let k = 0; k < this.shape[axis]; ++k) {
      let to = 0;
      for (let r = 0; r < rows; ++r) {
        let from = k * stride[axis] + r * stride[rowAxis];
        for (let c = 0; c < columns; ++c, from += stride[columnAxis], ++to)
          if (k === 0 || this.codes[from] > out[to]) out[to] = this.codes[from];
      }
    }
    return out;
  }
}
