// From codes to colours: a table with one colour for every code of a volume.

const NAN_COLOR = [64, 0, 96];
// Control points of equal distance, red, green and blue.
const COLORMAPS = {
  gray: ["000000", "ffffff"],
  viridis: ["440154", "482878", "3e4989", "31688e", "26828e", "1f9e89", "35b779", "6ece58", "b5de2b", "fde725"],
  magma: ["000004", "180f3d", "440f76", "721f81", "9e2f7f", "cd4071", "f1605d", "fd9668", "feca8d", "fcfdbf"],
  inferno: ["000004", "1b0c41", "4a0c6b", "781c6d", "a52c60", "cf4446", "ed6925", "fb9b06", "f7d13d", "fcffa4"],
  turbo: ["30123b", "4662d7", "36aaf9", "1ae4b6", "72fe5e", "c7ef34", "faba39", "f66b19", "cb2a04", "7a0403"],
  coolwarm: ["3b4cc0", "6788ee", "9abbff", "c9d7f0", "edd1c2", "f7a889", "e26952", "b40426"],
};

function rgb(hex) {
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** 256 colours of a colormap. */
function colormapTable(name) {
  const points = COLORMAPS[name].map(rgb);
  const table = [];
  for (let i = 0; i < 256; ++i) {
    const place = (i / 255) * (points.length - 1);
    const k = Math.min(points.length - 2, Math.floor(place));
    table.push(points[k].map((low, c) => Math.round(low + (points[k + 1][c] - low) * (place - k))));
  }
  return table;
}

/** The colour that vview's pictures give a label. */
function labelColor(label) {
  const whole = BigInt.asUintN(64, BigInt(typeof label === "bigint" ? label : roundHalfEven(label || 0)));
  if (whole === 0n) return [0, 0, 0];
  const hue = Number(BigInt.asUintN(64, whole * 0x9e3779b97f4a7c15n) >> 32n) * 6 / 2 ** 32; // the golden ratio
  const sector = Math.floor(hue);
  const within = hue - sector;
  const value = [0.7, 1, 0.85][Number(whole % 3n)];
  const channel = (share) => roundHalfEven(share * 255);
  const most = channel(value);
  const least = channel(value * 0.25);
  const falling = channel(value * (1 - 0.75 * within));
  const rising = channel(value * (1 - 0.75 * (1 - within)));
  return [
    [most, rising, least], [falling, most, least], [least, most, rising],
    [least, falling, most], [rising, least, most], [most, least, falling],
  ][sector];
}

function pack([r, g, b]) {
  return (255 << 24 | b << 16 | g << 8 | r) >>> 0;
}

/** As vnormalize rounds: to the nearest, ties to even. */
function roundHalfEven(value) {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** 0 to 255 for a value in a window; a window without width makes all 0. */
function grayOf(value, low, high) {
  if (!(high > low)) return 0;
  return roundHalfEven(Math.min(1, Math.max(0, (value - low) / (high - low))) * 255);
}

/** A function from codes to packed colours. */
function colorsOf(volume, state) {
  if (volume.facts.meta.kind === "labels") {
    volume.labelTable ??= Uint32Array.from(volume.labels, (label) => pack(labelColor(label)));
    return (code) => volume.labelTable[code];
  }
  const colormap = colormapTable(state.colormap).map(pack);
  const table = new Uint32Array(volume.codes.BYTES_PER_ELEMENT === 1 ? 256 : 65536);
  for (let code = 0; code < table.length; ++code) {
    const value = volume.valueOf(code);
    table[code] = Number.isNaN(value) ? pack(NAN_COLOR) : colormap[grayOf(value, state.low, state.high)];
  }
  return (code) => table[code];
}

/** Mixes two packed colours; `share` of the second, 0 to 1. Of every pixel: no arrays, no functions made. */
function mixed(a, b, share) {
  const rest = 1 - share;
  const red = Math.round((a & 255) * rest + (b & 255) * share);
  const green = Math.round((a >>> 8 & 255) * rest + (b >>> 8 & 255) * share);
  const blue = Math.round((a >>> 16 & 255) * rest + (b >>> 16 & 255) * share);
  return (255 << 24 | blue << 16 | green << 8 | red) >>> 0;
}
