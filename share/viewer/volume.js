// A volume as it is embedded: voxels of a smaller grid, compressed, as codes that stand for values.

const AXES = ["z", "y", "x"];
const ARRAYS = {
  uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, uint64: Uint32Array, int64: Uint32Array,
};

async function inflated(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/**
 * Labels numbered from 0 in their order, so that colours come from a table: what is embedded is `words`, one or two
 * for each voxel, and `labelOf` makes a label of them.
 */
function numbered(words, perVoxel, labelOf) {
  const count = words.length / perVoxel;
  const found = new Uint32Array(count);
  const labels = [];
  const known = new Map(); // by the high word, then by the low one
  let lastLow = -1;
  let lastHigh = -1;
  let number = 0;
  for (let i = 0; i < count; ++i) {
    const low = words[i * perVoxel];
    const high = perVoxel === 2 ? words[2 * i + 1] : 0;
    if (low !== lastLow || high !== lastHigh) {
      if (!known.has(high)) known.set(high, new Map());
      const numbers = known.get(high);
      number = numbers.get(low);
      if (number === undefined) {
        numbers.set(low, (number = labels.length));
        labels.push({ order: perVoxel === 2 ? labelOf(low, high) : low, label: labelOf(low, high), number });
      }
      lastLow = low;
      lastHigh = high;
    }
    found[i] = number;
  }
  labels.sort((a, b) => (a.order < b.order ? -1 : 1));
  const codeOf = new Uint32Array(labels.length);
  labels.forEach((entry, code) => { codeOf[entry.number] = code; });
  const Codes = labels.length <= 256 ? Uint8Array : labels.length <= 65536 ? Uint16Array : Uint32Array;
  const codes = new Codes(count);
  for (let i = 0; i < count; ++i) codes[i] = codeOf[found[i]];
  return { codes, labels: labels.map((entry) => entry.label) };
}

class Volume {
  constructor(facts, words) {
    this.facts = facts;
    this.codes = words;
    if (facts.meta.kind === "labels") this.number(words);
    this.shape = facts.embedded.shape;
    this.factor = facts.embedded.factor;
    this.fullShape = facts.meta.shape;
    this.spacing = facts.meta.spacing || [1, 1, 1];
    this.unit = facts.meta.spacing ? facts.unit_name : "";
  }

  static async load(facts) {
    return new Volume(facts, new ARRAYS[facts.embedded.type](await inflated(facts.embedded.data)));
  }

  /** Labels of 64 bits become BigInts. */
  number(words) {
    const { type } = this.facts.embedded;
    const wide = type.endsWith("64");
    const whole = type === "int64" ? BigInt.asIntN : BigInt.asUintN;
    const labelOf = wide
      ? (low, high) => whole(64, (BigInt(high) << 32n) | BigInt(low))
      : (code) => this.decoded(code);
    const { codes, labels } = numbered(words, wide ? 2 : 1, labelOf);
    this.codes = codes;
    this.labels = labels;
    this.background = labels.findIndex((label) => Number(label) === 0);
  }

  /** The value that a code stands for; NaN where the volume has none. */
  valueOf(code) {
    return this.labels ? this.labels[code] : this.decoded(code);
  }

  decoded(code) {
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
