// The histogram of the whole volume with its cumulative curve and the two cut-offs, which can be dragged.

class HistogramView {
  constructor(viewer, statistics) {
    this.viewer = viewer;
    this.counts = statistics.histogram.counts;
    this.edges = statistics.histogram.edges;
    this.total = this.counts.reduce((sum, count) => sum + count, 0);
    this.canvas = document.getElementById("histogram");
    this.canvas.addEventListener("pointerdown", (event) => this.grab(event));
    this.canvas.addEventListener("pointermove", (event) => this.drag(event));
    this.canvas.addEventListener("pointerup", () => { this.grabbed = null; });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  span() {
    const low = this.edges[0];
    const high = this.edges[this.edges.length - 1];
    return high > low ? [low, high] : [low - 0.5, low + 0.5];
  }

  /** A fraction of the width for a value, 0 to 1. */
  place(value) {
    const [low, high] = this.span();
    return Math.min(1, Math.max(0, (value - low) / (high - low)));
  }

  valueAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const [low, high] = this.span();
    const value = low + ((event.clientX - box.left) / box.width) * (high - low);
    return this.viewer.tidy(Math.min(high, Math.max(low, value)));
  }

  grab(event) {
    const box = this.canvas.getBoundingClientRect();
    const at = (event.clientX - box.left) / box.width;
    const { low, high } = this.viewer.state;
    this.grabbed = Math.abs(at - this.place(low)) <= Math.abs(at - this.place(high)) ? "low" : "high";
    this.canvas.setPointerCapture(event.pointerId);
    this.drag(event);
  }

  drag(event) {
    if (!this.grabbed) return;
    this.viewer.setCutOff(this.grabbed, this.valueAt(event));
  }

  /** Left and right move the lower cut-off, with Shift the upper one. */
  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const [low, high] = this.span();
    const which = event.shiftKey ? "high" : "low";
    const least = this.viewer.isWhole() ? 1 : 0;
    const move = Math.max(least, (high - low) / 256) * step;
    this.viewer.setCutOff(which, this.viewer.tidy(this.viewer.state[which] + move));
  }

  /** The share of the voxels inside of the window, by bins. */
  shareInside(low, high) {
    let inside = 0;
    for (let i = 0; i < this.counts.length; ++i) {
      const middle = (this.edges[i] + this.edges[i + 1]) / 2;
      if (middle >= low && middle <= high) inside += this.counts[i];
    }
    return this.total > 0 ? inside / this.total : 0;
  }

  draw() {
    const { canvas, counts } = this;
    const style = getComputedStyle(document.documentElement);
    const width = (canvas.width = Math.round(canvas.clientWidth * window.devicePixelRatio));
    const height = (canvas.height = Math.round(canvas.clientHeight * window.devicePixelRatio));
    const context = canvas.getContext("2d");
    const isLog = document.getElementById("log").checked;
    const scale = (count) => (isLog ? Math.log1p(count) : count);
    const most = scale(Math.max(1, ...counts));
    context.fillStyle = style.getPropertyValue("--bars");
    counts.forEach((count, i) => {
      const tall = (scale(count) / most) * height;
      const left = Math.floor((i / counts.length) * width);
      const right = Math.ceil(((i + 1) / counts.length) * width);
      context.fillRect(left, height - tall, right - left, tall);
    });
    this.drawCurve(context, width, height, style);
    this.drawCutOffs(context, width, height, style);
  }

  drawCurve(context, width, height, style) {
    context.strokeStyle = style.getPropertyValue("--curve");
    context.lineWidth = 1.5 * window.devicePixelRatio;
    context.beginPath();
    let sum = 0;
    context.moveTo(0, height);
    this.counts.forEach((count, i) => {
      sum += count;
      context.lineTo(((i + 1) / this.counts.length) * width, height * (1 - sum / Math.max(1, this.total)));
    });
    context.stroke();
  }

  drawCutOffs(context, width, height, style) {
    const { low, high } = this.viewer.state;
    context.fillStyle = style.getPropertyValue("--text");
    context.globalAlpha = 0.12;
    context.fillRect(0, 0, this.place(low) * width, height);
    context.fillRect(this.place(high) * width, 0, width, height);
    context.globalAlpha = 1;
    context.fillStyle = style.getPropertyValue("--accent");
    const line = 2 * window.devicePixelRatio;
    for (const value of [low, high])
      context.fillRect(Math.min(width - line, Math.max(0, this.place(value) * width - line / 2)), 0, line, height);
  }
}
