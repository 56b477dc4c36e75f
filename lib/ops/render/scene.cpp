#include "ops/render/scene.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/numbers.h"
#include "ops/render/picture.h"

namespace vox {
namespace {

std::size_t number_of(Axis axis) { return static_cast<std::size_t>(axis); }

std::int64_t size_along(const SceneSpec& spec, Axis axis) {
  return std::array{spec.shape.z, spec.shape.y, spec.shape.x}[number_of(axis)];
}

double extent_along(const SceneSpec& spec, Axis axis) {
  return static_cast<double>(size_along(spec, axis)) * spec.spacing[number_of(axis)];
}

/// A voxel's side for each pixel of the finest of some axes.
double finest(const SceneSpec& spec, std::initializer_list<Axis> axes) {
  double least = spec.spacing[number_of(*axes.begin())];
  for (const Axis axis : axes) least = std::min(least, spec.spacing[number_of(axis)]);
  return least;
}

/// The smallest pixel with which `extent` fits into `pixels`.
double pixel_to_fit(double extent, std::int64_t pixels) {
  if (pixels < 1) fail_usage("--size: too small for so many planes; give a larger one");
  return extent / static_cast<double>(pixels);
}

std::int64_t pixels_along(const SceneSpec& spec, Axis axis, double pixel) {
  const double pixels = std::max(1.0, std::nearbyint(extent_along(spec, axis) / pixel));
  return static_cast<std::int64_t>(std::min(pixels, 1e9));
}

PixelAxis side(const SceneSpec& spec, Axis axis, std::int64_t pixels) {
  return pixel_axis(axis, size_along(spec, axis), pixels);
}

void check_sides(std::int64_t width, std::int64_t height) {
  if (width <= kMostPixels && height <= kMostPixels) return;
  fail_usage("the picture would have " + format_count(width) + " x " + format_count(height) +
             " pixels, and at most " + format_count(kMostPixels) + " on a side can be drawn; give --size");
}

}  // namespace

PixelAxis pixel_axis(Axis axis, std::int64_t size, std::int64_t pixels) {
  PixelAxis side{axis};
  for (std::int64_t i = 0; i < pixels; ++i) {
    // (2 i + 1) size / (2 pixels), in parts that cannot overflow.
    const std::int64_t odd = 2 * i + 1;
    const std::int64_t whole = size / (2 * pixels);
    const std::int64_t rest = size % (2 * pixels);
    const std::int64_t voxel = odd * whole + odd * rest / (2 * pixels);
    if (side.voxels.empty() || side.voxels.back() != voxel) side.voxels.push_back(voxel);
    side.of_pixel.push_back(static_cast<std::int64_t>(side.voxels.size()) - 1);
  }
  return side;
}

VoxelGrid Panel::grid() const {
  VoxelGrid grid;
  std::vector<std::int64_t>* const axes[] = {&grid.z, &grid.y, &grid.x};
  *axes[number_of(normal)] = {index};
  *axes[number_of(vertical.axis)] = vertical.voxels;
  *axes[number_of(horizontal.axis)] = horizontal.voxels;
  return grid;
}

Scene grid_scene(const SceneSpec& spec, Axis normal, const std::vector<std::int64_t>& indices,
                 std::int64_t columns) {
  const Axis down = normal == Axis::z ? Axis::y : Axis::z;
  const Axis right = normal == Axis::x ? Axis::y : Axis::x;
  const std::int64_t rows = (static_cast<std::int64_t>(indices.size()) + columns - 1) / columns;
  Scene scene;
  scene.pixel_size = finest(spec, {down, right});
  if (spec.box) {
    const auto [high, wide] = *spec.box;
    scene.pixel_size =
        std::max(pixel_to_fit(extent_along(spec, down), (high - (rows - 1) * spec.gap) / rows),
                 pixel_to_fit(extent_along(spec, right), (wide - (columns - 1) * spec.gap) / columns));
  }
  const std::int64_t height = pixels_along(spec, down, scene.pixel_size);
  const std::int64_t width = pixels_along(spec, right, scene.pixel_size);
  scene.width = columns * width + (columns - 1) * spec.gap;
  scene.height = rows * height + (rows - 1) * spec.gap;
  check_sides(scene.width, scene.height);
  std::int64_t place = 0;
  for (const std::int64_t index : indices) {
    scene.panels.push_back({normal, index, side(spec, down, height), side(spec, right, width),
                            place % columns * (width + spec.gap), place / columns * (height + spec.gap)});
    ++place;
  }
  return scene;
}

Scene ortho_scene(const SceneSpec& spec, const std::array<std::int64_t, 3>& point) {
  Scene scene;
  scene.pixel_size = finest(spec, {Axis::z, Axis::y, Axis::x});
  const double depth = extent_along(spec, Axis::z);
  if (spec.box)
    scene.pixel_size = std::max(pixel_to_fit(extent_along(spec, Axis::y) + depth, (*spec.box)[0] - spec.gap),
                                pixel_to_fit(extent_along(spec, Axis::x) + depth, (*spec.box)[1] - spec.gap));
  const std::int64_t nz = pixels_along(spec, Axis::z, scene.pixel_size);
  const std::int64_t ny = pixels_along(spec, Axis::y, scene.pixel_size);
  const std::int64_t nx = pixels_along(spec, Axis::x, scene.pixel_size);
  scene.width = nx + spec.gap + nz;
  scene.height = ny + spec.gap + nz;
  check_sides(scene.width, scene.height);
  const PixelAxis z = side(spec, Axis::z, nz);
  const PixelAxis y = side(spec, Axis::y, ny);
  const PixelAxis x = side(spec, Axis::x, nx);
  scene.panels = {{Axis::z, point[0], y, x, 0, 0},
                  {Axis::x, point[2], y, z, nx + spec.gap, 0},
                  {Axis::y, point[1], z, x, 0, ny + spec.gap}};
  return scene;
}

}  // namespace vox
