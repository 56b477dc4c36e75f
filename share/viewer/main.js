// Puts the page together: its state, what changes it, and what is drawn anew then.

function element(id) {
  return document.getElementById(id);
}

function row(cells, tag = "td") {
  const line = document.createElement("tr");
  for (const cell of cells) {
    const place = document.createElement(tag);
    place.textContent = cell;
    line.append(place);
  }
  return line;
}

function shortNumber(value) {
  return typeof value === "bigint" || Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

function bytesText(bytes) {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; bytes >= 1024 && unit + 1 < units.length; ++unit) bytes /= 1024;
  return `${unit === 0 ? bytes : bytes.toFixed(1)} ${units[unit]}`;
}

class Viewer {
  constructor(data, volumes, overlay) {
    [this.first, this.second] = volumes;
    this.volumes = volumes;
    this.overlay = overlay;
    this.statistics = data.volumes[0].statistics;
    this.state = {
      position: this.first.shape.map((n) => Math.floor(n / 2)),
      low: data.window[0],
      high: data.window[1],
      colormap: "gray",
      mode: "slice",
      compare: "side",
      blend: 0.5,
      opacity: 0.4,
      zoom: 1,
      box: null,
    };
    this.histogram = new HistogramView(this, this.statistics);
    this.colorTables = new Map();
    this.makeControls();
    this.makeFacts();
    this.makeViews();
    new ResizeObserver(() => this.draw()).observe(element("views"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  // What changes the state.

  moveToPosition(position) {
    this.state.position = position.map((p, axis) => Math.min(this.first.shape[axis] - 1, Math.max(0, p)));
    this.draw();
  }

  moveTo(axis, index) {
    const position = [...this.state.position];
    position[axis] = index;
    this.moveToPosition(position);
  }

  moveBy(axis, step) {
    this.moveTo(axis, this.state.position[axis] + step);
  }

  zoomBy(factor) {
    this.state.zoom = Math.min(32, Math.max(1, this.state.zoom * factor));
    this.draw();
  }

  setWindow(low, high) {
    this.state.low = Math.min(low, high);
    this.state.high = Math.max(low, high);
    this.colorTables.clear();
    this.draw();
  }

  /** Moves one cut-off, which pushes the other along. */
  setCutOff(which, value) {
    if (!Number.isFinite(value)) return;
    const { low, high } = this.state;
    if (which === "low") this.setWindow(value, Math.max(high, value));
    else this.setWindow(Math.min(low, value), value);
  }

  drawBox(view, from, to) {
    if (this.first.facts.cropped) return; // its coordinates are not the file's
    const begin = [0, 0, 0];
    const end = [...this.first.shape];
    [view.rowAxis, view.columnAxis].forEach((axis, i) => {
      begin[axis] = Math.min(from[i], to[i]);
      end[axis] = Math.max(from[i], to[i]) + 1;
    });
    if (this.state.box) {
      begin[view.axis] = this.state.box.begin[view.axis];
      end[view.axis] = this.state.box.end[view.axis];
    }
    this.state.box = { begin, end };
    element("use-box").disabled = false;
    element("use-box").checked = true;
    this.draw();
  }

  // What is asked of it.

  isWhole() {
    return !this.first.facts.meta.dtype.startsWith("float");
  }

  /** Whole numbers where the volume has them, else what a person would write. */
  tidy(value) {
    return this.isWhole() ? Math.round(value) : Number(value.toPrecision(6));
  }

  isBlended() {
    return this.second !== undefined && this.state.compare === "blend";
  }

  colors(volume) {
    if (!this.colorTables.has(volume)) this.colorTables.set(volume, colorsOf(volume, this.state));
    return this.colorTables.get(volume);
  }

  // The page.

  makeControls() {
    for (const name of Object.keys(COLORMAPS)) element("colormap").append(new Option(name, name));
    const bind = (id, event, action) => element(id).addEventListener(event, () => { action(element(id)); });
    bind("colormap", "change", (e) => { this.state.colormap = e.value; this.colorTables.clear(); this.draw(); });
    bind("mode", "change", (e) => { this.state.mode = e.value; this.draw(); });
    bind("compare", "change", (e) => { this.state.compare = e.value; this.makeViews(); });
    bind("blend", "input", (e) => { this.state.blend = e.value / 100; this.draw(); });
    bind("opacity", "input", (e) => { this.state.opacity = e.value / 100; this.draw(); });
    bind("fit", "click", () => { this.state.zoom = 1; this.draw(); });
    bind("low", "change", (e) => this.setCutOff("low", Number(e.value)));
    bind("high", "change", (e) => this.setCutOff("high", Number(e.value)));
    bind("log", "change", () => this.histogram.draw());
    bind("task", "change", () => this.showCommand());
    bind("use-box", "change", () => this.showCommand());
    bind("copy", "click", () => this.copyCommand());
    element("compare-label").hidden = this.second === undefined;
    element("overlay-label").hidden = this.overlay === null;
    this.makePresets();
  }

  makePresets() {
    const { min, max, mean, std, otsu, percentiles } = this.statistics;
    const presets = [
      ["full", min, max],
      ["1 to 99 %", percentiles["1"], percentiles["99"]],
      ["0.5 to 99.5 %", percentiles["0.5"], percentiles["99.5"]],
      ["mean ± 2 std", mean - 2 * std, mean + 2 * std],
      ["above Otsu", otsu, max],
    ];
    for (const [name, low, high] of presets) {
      if (low === null || high === null) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", () => this.setWindow(low, high));
      element("presets").append(button);
    }
  }

  makeFacts() {
    const { meta, format, name } = this.first.facts;
    element("title").textContent = name + (this.second ? ` and ${this.second.facts.name}` : "");
    const spacing = meta.spacing ? `, ${meta.spacing.join(" × ")} ${this.first.unit} per voxel` : "";
    const reduced = this.first.factor.some((f) => f > 1)
      ? `; shown at 1/${this.first.factor.join(" × 1/")} of its size, statistics are of all voxels` : "";
    element("facts").textContent = `${meta.shape.join(" × ")} voxels (z, y, x), ${meta.dtype}${spacing}, ${format}${reduced}`;
    const voxels = meta.shape.reduce((product, n) => product * n, 1);
    element("sizes").append(row(["type", "size"], "th"));
    for (const [type, size] of [["uint8", 1], ["uint16", 2], ["float32", 4], ["float64", 8]])
      element("sizes").append(row([type, bytesText(voxels * size)]));
    for (const key of ["count", "min", "max", "mean", "std", "median", "otsu", "entropy", "nan", "inf"])
      element("statistics").append(row([key, String(this.statistics[key])]));
    element("history").textContent = this.first.facts.script || "No command is recorded.";
  }

  makeViews() {
    const place = element("views");
    place.replaceChildren();
    element("blend-label").hidden = !this.isBlended();
    const shown = this.second && !this.isBlended() ? this.volumes : [this.first];
    place.classList.toggle("pairs", shown.length === 2);
    this.views = [];
    for (const axis of [0, 1, 2])
      for (const volume of shown)
        this.views.push(new View(this, volume, axis, volume.facts.name));
    place.append(...this.views.map((view) => view.figure));
    this.draw();
  }

  draw() {
    for (const view of this.views || []) view.draw();
    this.histogram.draw();
    element("low").value = this.state.low;
    element("high").value = this.state.high;
    const share = this.histogram.shareInside(this.state.low, this.state.high);
    element("share").textContent = `About ${(100 * share).toFixed(1)} % of the voxels lie in this window.`;
    this.showPosition();
    this.showCommand();
  }

  showPosition() {
    const { position } = this.state;
    const full = this.first.fullIndex(position);
    const origin = this.first.facts.meta.origin || [0, 0, 0];
    let text = `Voxel z ${full[0]}, y ${full[1]}, x ${full[2]}`;
    if (this.first.facts.meta.spacing) {
      const place = full.map((i, axis) => shortNumber(origin[axis] + i * this.first.spacing[axis]));
      text += ` at ${place.join(", ")} ${this.first.unit}`;
    }
    for (const volume of this.volumes) {
      const value = volume.valueAt(position);
      text += `; ${this.second ? `${volume.facts.name} ` : ""}value ${shortNumber(value)}`;
      const map = volume.facts.meta.value_map;
      if (map) text += ` (${shortNumber(map.slope * Number(value) + map.intercept)} in original units)`;
    }
    if (this.overlay) text += `; label ${this.overlay.valueAt(position)}`;
    element("position").textContent = text;
  }

  showCommand() {
    const { box, low, high } = this.state;
    const full = box && element("use-box").checked ? this.first.fullBox(box.begin, box.end) : null;
    element("command").textContent =
      commandFor(element("task").value, this.first.facts.path, { low, high }, full, this.first.facts.choice);
    element("copied").textContent = "";
  }

  async copyCommand() {
    const text = element("command").textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Pages opened from a disk may not; the old way may.
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    element("copied").textContent = "Copied.";
  }
}

async function start() {
  const data = JSON.parse(element("volume-data").textContent);
  const volumes = await Promise.all(data.volumes.map((facts) => Volume.load(facts)));
  const overlay = data.overlay ? await Volume.load(data.overlay) : null;
  document.documentElement.dataset.ready = "true";
  window.voxpipeViewer = new Viewer(data, volumes, overlay);
}

start().catch((error) => {
  element("title").textContent = `This page cannot be shown: ${error.message}`;
  throw error;
});
