// The three planes, or projections, or a montage: drawing them, and what mouse and keys do to them.

const MONTAGE_TILES = 30;

/** One canvas with a plane of one volume. */
class View {
  constructor(viewer, volume, axis, name) {
    this.viewer = viewer;
    this.volume = volume;
    this.axis = axis;
    [this.rowAxis, this.columnAxis] = Volume.planeAxes(axis);
    this.figure = document.createElement("figure");
    this.canvas = document.createElement("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.canvas.dataset.axis = AXES[axis];
    this.canvas.dataset.volume = name;
    this.caption = document.createElement("figcaption");
    this.words = document.createElement("span");
    this.slider = document.createElement("input");
    this.slider.type = "range";
    this.slider.max = String(volume.shape[axis] - 1);
    this.slider.setAttribute("aria-label", `Plane along ${AXES[axis]}`);
    this.slider.addEventListener("input", () => viewer.moveTo(axis, Number(this.slider.value)));
    this.caption.append(this.words, this.slider);
    this.figure.append(this.canvas, this.caption);
    this.picture = document.createElement("canvas");
    this.listen();
  }

  listen() {
    const { canvas, viewer } = this;
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (event.ctrlKey) viewer.zoomBy(event.deltaY < 0 ? 1.25 : 0.8);
      else viewer.moveBy(this.axis, event.deltaY > 0 ? 1 : -1);
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.dragFrom = this.positionOf(event);
      if (!event.shiftKey) this.moveCross(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.dragFrom || !canvas.hasPointerCapture(event.pointerId)) return;
      if (event.shiftKey) viewer.drawBox(this, this.dragFrom, this.positionOf(event));
      else this.moveCross(event);
    });
    canvas.addEventListener("pointerup", () => { this.dragFrom = null; });
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const steps = {
      ArrowUp: [this.rowAxis, -1], ArrowDown: [this.rowAxis, 1],
      ArrowLeft: [this.columnAxis, -1], ArrowRight: [this.columnAxis, 1],
      PageUp: [this.axis, -1], PageDown: [this.axis, 1],
    };
    if (event.key === "+" || event.key === "-") this.viewer.zoomBy(event.key === "+" ? 1.25 : 0.8);
    else if (event.key in steps) this.viewer.moveBy(...steps[event.key]);
    else return;
    event.preventDefault();
  }

  /** Rows and columns of the plane and how large a voxel is drawn, from the spacing. */
  layout() {
    const pitch = this.volume.pitch();
    const finest = Math.min(pitch[this.rowAxis], pitch[this.columnAxis]);
    return {
      rows: this.volume.shape[this.rowAxis],
      columns: this.volume.shape[this.columnAxis],
      tall: pitch[this.rowAxis] / finest,
      wide: pitch[this.columnAxis] / finest,
    };
  }

  /** The part of the plane that is seen, in voxels. */
  part() {
    const { rows, columns } = this.layout();
    const { zoom, position } = this.viewer.state;
    const along = (count, at) => {
      const size = count / zoom;
      return [Math.min(Math.max(at + 0.5 - size / 2, 0), count - size), size];
    };
    const [top, height] = along(rows, position[this.rowAxis]);
    const [left, width] = along(columns, position[this.columnAxis]);
    return { top, left, height, width };
  }

  positionOf(event) {
    const box = this.canvas.getBoundingClientRect();
    const { top, left, height, width } = this.part();
    const clamp = (value, count) => Math.min(count - 1, Math.max(0, Math.floor(value)));
    const { rows, columns } = this.layout();
    return [
      clamp(top + ((event.clientY - box.top) / box.height) * height, rows),
      clamp(left + ((event.clientX - box.left) / box.width) * width, columns),
    ];
  }

  moveCross(event) {
    if (this.viewer.state.mode === "montage") return;
    const [row, column] = this.positionOf(event);
    const position = [...this.viewer.state.position];
    position[this.rowAxis] = row;
    position[this.columnAxis] = column;
    this.viewer.moveToPosition(position);
  }

  /** The colours of the plane at `index` (of its projection when that is shown). */
  colors(index) {
    const { viewer, axis } = this;
    const { mode } = viewer.state;
    const codesOf = (volume) => (mode === "mip" ? volume.projection(axis) : volume.plane(axis, index));
    const codes = codesOf(this.volume);
    const out = new Uint32Array(codes.length);
    const color = viewer.colors(this.volume);
    for (let i = 0; i < codes.length; ++i) out[i] = color(codes[i]);
    if (viewer.isBlended()) this.blend(out, codesOf(viewer.second), viewer.colors(viewer.second), viewer.state.blend);
    if (viewer.overlay && mode !== "mip") this.cover(out, viewer.overlay.plane(axis, index));
    return out;
  }

  blend(out, codes, color, share) {
    for (let i = 0; i < out.length; ++i) out[i] = mixed(out[i], color(codes[i]), share);
  }

  cover(out, labels) {
    const { overlay, state } = this.viewer;
    const color = this.viewer.colors(overlay);
    for (let i = 0; i < out.length; ++i)
      if (labels[i] !== overlay.background) out[i] = mixed(out[i], color(labels[i]), state.opacity);
  }

  /** Draws the planes side by side into `picture`; says how many rows and columns of them there are. */
  montage() {
    const { rows, columns, tall, wide } = this.layout();
    const count = Math.min(MONTAGE_TILES, this.volume.shape[this.axis]);
    const across = Math.max(1, Math.round(Math.sqrt((count * rows * tall) / (columns * wide))));
    const down = Math.ceil(count / across);
    this.size(down * rows, across * columns);
    for (let i = 0; i < count; ++i) {
      const index = Math.floor(((i + 0.5) * this.volume.shape[this.axis]) / count);
      this.put(this.colors(index), rows, columns, Math.floor(i / across) * rows, (i % across) * columns);
    }
    return { down, across };
  }

  size(rows, columns) {
    if (this.picture.height !== rows) this.picture.height = rows;
    if (this.picture.width !== columns) this.picture.width = columns;
  }

  put(colors, rows, columns, top, left) {
    const image = new ImageData(new Uint8ClampedArray(colors.buffer), columns, rows);
    this.picture.getContext("2d").putImageData(image, left, top);
  }

  draw() {
    const { rows, columns, tall, wide } = this.layout();
    const { state } = this.viewer;
    const isMontage = state.mode === "montage";
    const index = state.position[this.axis];
    let tiles = { down: 1, across: 1 };
    if (isMontage) {
      tiles = this.montage();
    } else {
      this.size(rows, columns);
      this.put(this.colors(index), rows, columns, 0, 0);
    }
    const ratio = (rows * tiles.down * tall) / (columns * tiles.across * wide);
    const width = Math.round(this.canvas.clientWidth * window.devicePixelRatio) || columns;
    this.canvas.width = width;
    this.canvas.height = Math.max(1, Math.round(width * ratio));
    const context = this.canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    const part = isMontage
      ? { top: 0, left: 0, height: this.picture.height, width: this.picture.width }
      : this.part();
    context.drawImage(this.picture, part.left, part.top, part.width, part.height, 0, 0, width, this.canvas.height);
    if (!isMontage) this.drawMarks(context, part);
    this.describe(index);
  }

  drawMarks(context, part) {
    const { state } = this.viewer;
    const x = (at) => ((at - part.left) / part.width) * this.canvas.width;
    const y = (at) => ((at - part.top) / part.height) * this.canvas.height;
    const accent = getComputedStyle(document.documentElement).getPropertyValue("--accent");
    context.strokeStyle = accent;
    context.lineWidth = window.devicePixelRatio;
    context.globalAlpha = 0.7;
    context.beginPath();
    context.moveTo(x(state.position[this.columnAxis] + 0.5), 0);
    context.lineTo(x(state.position[this.columnAxis] + 0.5), this.canvas.height);
    context.moveTo(0, y(state.position[this.rowAxis] + 0.5));
    context.lineTo(this.canvas.width, y(state.position[this.rowAxis] + 0.5));
    context.stroke();
    context.globalAlpha = 1;
    if (!state.box) return;
    const [top, bottom] = [state.box.begin[this.rowAxis], state.box.end[this.rowAxis]];
    const [left, right] = [state.box.begin[this.columnAxis], state.box.end[this.columnAxis]];
    context.setLineDash([6, 4]);
    context.strokeRect(x(left), y(top), x(right) - x(left), y(bottom) - y(top));
    context.setLineDash([]);
  }

  describe(index) {
    const { mode } = this.viewer.state;
    const full = this.volume.fullIndex(this.viewer.state.position)[this.axis];
    const words = mode === "slice" ? `${AXES[this.axis]} = ${full}` : `${mode === "mip" ? "maximum" : "planes"} along ${AXES[this.axis]}`;
    const pairs = this.viewer.second !== undefined && !this.viewer.isBlended();
    this.words.textContent = pairs ? `${this.canvas.dataset.volume}, ${words}` : words;
    this.slider.hidden = mode !== "slice";
    this.slider.value = String(index);
    this.canvas.setAttribute("aria-label", `${this.canvas.dataset.volume}, plane ${words}`);
    this.canvas.dataset.index = String(index);
  }
}
