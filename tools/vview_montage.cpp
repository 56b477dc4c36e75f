// vview montage: many planes, side by side.
#include <cmath>
#include <memory>

#include "core/error.h"
#include "core/numbers.h"
#include "vview.h"

namespace {

using namespace vox;

/// Rows and columns of planes.
struct Grid {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};

void parse_value(std::string_view text, Grid& grid) {
  const std::vector<std::string> parts = split(text, 'x');
  const bool formed =
      parts.size() == 2 && try_parse(parts[0], grid.rows) && try_parse(parts[1], grid.columns);
  if (!formed || grid.rows < 1 || grid.columns < 1 || grid.rows > kMostPixels || grid.columns > kMostPixels)
    fail_usage("'" + std::string(text) + "' is not ROWSxCOLUMNS, such as 5x6");
}

struct Options {
  PictureOptions picture;
  Axis axis = Axis::z;
  std::optional<std::string> first;
  std::optional<std::int64_t> count;
  std::optional<std::int64_t> step;
  std::optional<Grid> grid;
};

void describe(ToolCard& card, Options& options) {
  card.name = "montage";
  card.summary = "Draw many planes side by side";
  card.description = {
      "In rows from the upper left. Plane k of N is number floor((k + 0.5) * n / N) of the n along the axis; "
      "with --step number k * step, or --index + k * step. All planes have one scale and one window. See "
      "vview slice for shades and colours."};
  card.memory = "reads the rows or chunks that the planes need; holds the planes and the picture";
  card.examples = {{"vview montage scan.tif planes.png", "up to sixteen planes"},
                   {"vview montage -n 6 --grid 2x3 --gap 0 scan.tif planes.png", "six in two rows"},
                   {"vview montage -a y --step 2 --size 500 scan.tif planes.png", "every second plane"}};
  options.picture.declare(card);
  declare_axis(card.params, "the axis that the planes lie across", options.axis);
  card.params.value("count", 'n', "N", "how many planes", options.count)
      .default_is("as many as --grid holds, or --step finds, else 16; at most those there are");
  card.params
      .option("grid", 0, "ROWSxCOLUMNS", "how they stand",
              [&options](std::string_view text) { parse_value(text, options.grid.emplace()); })
      .default_is("about as many rows as columns");
  card.params.value("step", 0, "S", "take every S-th plane, instead of planes spread over the axis",
                    options.step);
  card.params.value("index", 'i', "I", "with --step: the first plane, as of vview slice", options.first)
      .default_is("0");
  options.picture.declare_gap(card.params);
  options.picture.declare_overlay(card.params);
}

std::vector<std::int64_t> indices_of(const Options& options, const VolumeMeta& meta) {
  const auto axis = static_cast<std::size_t>(options.axis);
  const std::int64_t size = std::array{meta.shape.z, meta.shape.y, meta.shape.x}[axis];
  const std::int64_t first = index_or_middle(options.first.value_or("0"), meta, options.axis);
  const std::int64_t there = options.step ? (size - first - 1) / *options.step + 1 : size;
  std::int64_t wanted = options.step ? there : 16;
  if (options.grid) wanted = options.grid->rows * options.grid->columns;
  if (options.count) wanted = *options.count;
  wanted = std::min(wanted, there);
  std::vector<std::int64_t> indices;
  if (options.step)
    for (std::int64_t k = 0; k < wanted; ++k) indices.push_back(first + k * *options.step);
  else
    indices = pixel_axis(options.axis, size, wanted).voxels;
  return indices;
}

/// As near to a square as the number of planes allows.
std::int64_t columns_of(const Options& options, std::size_t count) {
  if (!options.grid) return static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(count))));
  if (static_cast<std::int64_t>(count) > options.grid->rows * options.grid->columns)
    fail_usage("--grid " + std::to_string(options.grid->rows) + "x" + std::to_string(options.grid->columns) +
               ": holds fewer than " + format_count(static_cast<std::int64_t>(count)) + " planes");
  return options.grid->columns;
}

void check(const Options& options) {
  if (options.count && (*options.count < 1 || *options.count > kMostPixels))
    fail_usage("--count: give a number of planes from 1 to " + std::to_string(kMostPixels));
  if (options.step && *options.step < 1) fail_usage("--step: give a whole number above 0");
  if (options.first && !options.step) fail_usage("--index is the first plane of --step; give both");
}

void run(const Options& options, Context& context) {
  check(options);
  PictureMaker maker(options.picture, context);
  const std::vector<std::int64_t> indices = indices_of(options, maker.meta());
  maker.run(grid_scene(maker.scene_spec(), options.axis, indices, columns_of(options, indices.size())));
}

}  // namespace

void add_montage(ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](Context& context) { run(*options, context); };
}
