// vview term: draws a plane as text.
#include <algorithm>
#include <cmath>

#include "core/history.h"
#include "core/numbers.h"
#include "engine/plane_sampler.h"
#include "ops/render/text_picture.h"
#include "vview_term.h"

using namespace vox;

namespace {

constexpr std::string_view kKeys = "arrows: planes  x y z: axis  + - [ ]: window  0: reset  q: quit";

std::string cut(std::string line, int columns) {
  if (line.size() > static_cast<std::size_t>(columns)) line.resize(static_cast<std::size_t>(columns));
  return line;
}

std::string histogram_line(const PlaneVoxels& plane, int columns, bool plain) {
  const ShownCounts ends = count_shown(plane, 1);
  const std::string low = format_rounded(ends.low, 5) + " ";
  const std::string high = " " + format_rounded(ends.high, 5);
  const std::int64_t bins = columns - static_cast<std::int64_t>(low.size() + high.size());
  if (bins < 1) return {};
  return low + count_line(count_shown(plane, bins).counts, plain) + high;
}

TextColours text_colours(TerminalColours colours) {
  if (colours == TerminalColours::none) return TextColours::none;
  return colours == TerminalColours::all ? TextColours::all : TextColours::some256;
}

}  // namespace

TermView::TermView(const TermOptions& options, SlabSource& source, Context& context)
    : options_(options), source_(source), context_(context), axis_(options.axis) {
  const VolumeMeta& meta = source.meta();
  for (const Axis axis : {Axis::z, Axis::y, Axis::x})
    at_[static_cast<std::size_t>(axis)] =
        index_or_middle(axis == axis_ ? options.index : std::nullopt, meta, axis);
}

std::int64_t TermView::planes() const {
  const Extent3& shape = source_.meta().shape;
  return std::array{shape.z, shape.y, shape.x}[static_cast<std::size_t>(axis_)];
}

void TermView::go_to(std::int64_t plane) {
  at_[static_cast<std::size_t>(axis_)] = std::clamp<std::int64_t>(plane, 0, planes() - 1);
}

void TermView::move(std::int64_t planes) { go_to(at_[static_cast<std::size_t>(axis_)] + planes); }

void TermView::set_axis(Axis axis) { axis_ = axis; }

void TermView::scale_window(double factor) {
  if (!window_) return;
  const double middle = window_->low / 2 + window_->high / 2;
  const double half = std::max(window_->high / 2 - window_->low / 2, 1e-300) * factor;
  *window_ = {middle - half, middle + half, window_->gamma};
}

void TermView::shift_window(double share) {
  if (!window_) return;
  const double by = (window_->high - window_->low) * share;
  *window_ = {window_->low + by, window_->high + by, window_->gamma};
}

std::string TermView::clip_command() const {
  const Window window = window_.value_or(Window{});
  return "vclip -r " + format_rounded(window.low, 6) + "," + format_rounded(window.high, 6) +
         input_words(context_.options()) + " " + shell_quote(options_.input);
}

Scene TermView::scene_for(TerminalSize size, bool colours, int lines_below) const {
  const VolumeMeta& meta = source_.meta();
  SceneSpec spec{meta.shape, meta.spacing.value_or(Vector3{1, 1, 1})};
  const std::int64_t lines = std::max(1, size.lines - lines_below);
  spec.box = {colours ? 2 * lines : lines, size.columns};
  // A character is about twice as high as it is wide; as one pixel it shows twice the height.
  if (!colours) spec.spacing[axis_ == Axis::z ? 1 : 0] /= 2;
  return grid_scene(spec, axis_, {at_[static_cast<std::size_t>(axis_)]}, 1);
}

PlaneVoxels TermView::read(const Scene& scene) {
  const Panel& panel = scene.panels.front();
  const std::vector<VoxelGrid> grids{panel.grid()};
  Resources resources = context_.resources();
  resources.progress = nullptr;  // the screen has other things to show
  plan_sample(source_, grids, 0, "use a larger --memory", resources);
  auto samples = sample_voxels(source_, grids, resources);
  return {source_.meta().dtype, static_cast<std::int64_t>(panel.vertical.voxels.size()),
          static_cast<std::int64_t>(panel.horizontal.voxels.size()), std::move(samples.front())};
}

std::string TermView::facts() const {
  const char* const names[] = {"z", "y", "x"};
  std::string line = std::string(names[static_cast<int>(axis_)]) + " " +
                     std::to_string(at_[static_cast<std::size_t>(axis_)]) + " of " + std::to_string(planes());
  if (window_)
    line += "  window " + format_rounded(window_->low, 6) + " to " + format_rounded(window_->high, 6);
  return line + "  " + printable(source_.info().name);  // last: the longest is cut
}

std::string TermView::text(TerminalSize size, TerminalColours colours, bool keys) {
  const bool plain = colours == TerminalColours::none;
  // Below the picture: the histogram, the facts, the keys; in a full screen the last line has no end.
  const Scene scene = scene_for(size, !plain, keys ? 3 : 2);
  const PlaneVoxels plane = read(scene);
  Shading shading = options_.shading.of(source_.meta(), {plane});
  if (shading.colormap == "labels") {
    window_.reset();
  } else {
    if (!window_) window_ = shading.window;
    shading.window = *window_;
  }
  Picture picture(scene.width, scene.height, {});
  draw_plane(plane, scene.panels.front(), shading, picture);
  std::string text = picture_text(picture, text_colours(colours));
  text += histogram_line(plane, size.columns, plain) + "\n" + cut(facts(), size.columns);
  return text + "\n" + (keys ? cut(std::string(kKeys), size.columns) : "");
}
