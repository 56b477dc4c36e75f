#include "ops/render/sight_lines.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vox {
namespace {

Extent3 flat_shape(Axis axis, const Extent3& shape) {
  if (axis == Axis::z) return {1, shape.y, shape.x};
  return axis == Axis::y ? Extent3{1, shape.z, shape.x} : Extent3{1, shape.z, shape.y};
}

/// What every voxel replaces: NaN, or the type's end that is furthest away.
template <class T>
T nothing_yet(SightMethod method) {
  if constexpr (is_float_type<T>)
    return T(std::numeric_limits<double>::quiet_NaN());
  else
    return method == SightMethod::max ? std::numeric_limits<T>::lowest() : std::numeric_limits<T>::max();
}

/// The larger one; of floating values the one that is not NaN.
template <class T>
T larger(T best, T voxel) {
  if constexpr (is_float_type<T>)
    return as_double(voxel) > as_double(best) || std::isnan(as_double(best)) ? voxel : best;
  else
    return voxel > best ? voxel : best;
}

template <class T>
T smaller(T best, T voxel) {
  if constexpr (is_float_type<T>)
    return as_double(voxel) < as_double(best) || std::isnan(as_double(best)) ? voxel : best;
  else
    return voxel < best ? voxel : best;
}

}  // namespace

SightLines::SightLines(SightMethod method, Axis axis, const Extent3& shape, DType dtype)
    : method_(method), axis_(axis), shape_(shape), dtype_(dtype) {
  const Extent3 flat = flat_shape(axis, shape);
  const bool sums = method == SightMethod::mean;
  plane_ = {sums ? DType::float64 : dtype, flat.y, flat.x, {}};
  plane_.voxels.resize(static_cast<std::size_t>(flat.y * flat.x * size_of(plane_.dtype)));
  if (sums && is_float(dtype)) counts_.resize(static_cast<std::size_t>(flat.y * flat.x));
  if (sums) return;
  visit_dtype(dtype, [&]<class T>(Type<T>) {
    std::fill_n(reinterpret_cast<T*>(plane_.voxels.data()), flat.y * flat.x, nothing_yet<T>(method));
  });
}

std::int64_t SightLines::memory_bytes(SightMethod method, Axis axis, const Extent3& shape, DType dtype) {
  const std::int64_t pixel = method == SightMethod::mean ? (is_float(dtype) ? 16 : 8) : size_of(dtype);
  return voxels(flat_shape(axis, shape)) * pixel;
}

template <class T, class Along, class Across>
void SightLines::for_each_row(const ConstBlock& block, Along along, Across across) const {
  const Extent3 size = block.shape();
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y) {
      const T* const row = reinterpret_cast<const T*>(block.row(z, y));
      const std::int64_t at_z = block.box.begin.z + z;
      const std::int64_t at_y = block.box.begin.y + y;
      if (axis_ == Axis::x)
        across(row, at_z * shape_.y + at_y);
      else
        along(row, (axis_ == Axis::z ? at_y : at_z) * shape_.x);
    }
}

template <class T, class Step>
void SightLines::add_extremes(const ConstBlock& block, Step step) {
  T* const pixels = reinterpret_cast<T*>(plane_.voxels.data());
  const std::int64_t width = shape_.x;
  for_each_row<T>(
      block,
      [&](const T* row, std::int64_t first) {
        T* const best = pixels + first;
        for (std::int64_t x = 0; x < width; ++x) best[x] = step(best[x], row[x]);
      },
      [&](const T* row, std::int64_t pixel) {
        T best = pixels[pixel];
        for (std::int64_t x = 0; x < width; ++x) best = step(best, row[x]);
        pixels[pixel] = best;
      });
}

template <class T>
void SightLines::add_sums(const ConstBlock& block) {
  double* const sums = reinterpret_cast<double*>(plane_.voxels.data());
  const auto add_one = [&](T voxel, std::int64_t pixel) {
    const double value = as_double(voxel);
    if constexpr (is_float_type<T>) {
      const bool counts = !std::isnan(value);
      sums[pixel] += counts ? value : 0;
      counts_[static_cast<std::size_t>(pixel)] += counts;
    } else {
      sums[pixel] += value;
    }
  };
  for_each_row<T>(
      block,
      [&](const T* row, std::int64_t first) {
        for (std::int64_t x = 0; x < shape_.x; ++x) add_one(row[x], first + x);
      },
      [&](const T* row, std::int64_t pixel) {
        for (std::int64_t x = 0; x < shape_.x; ++x) add_one(row[x], pixel);
      });
}

void SightLines::add(const ConstBlock& block) {
  visit_dtype(dtype_, [&]<class T>(Type<T>) {
    if (method_ == SightMethod::mean)
      add_sums<T>(block);
    else if (method_ == SightMethod::max)
      add_extremes<T>(block, larger<T>);
    else
      add_extremes<T>(block, smaller<T>);
  });
}

PlaneVoxels SightLines::result() {
  if (method_ == SightMethod::mean) {
    const std::int64_t depth = voxels(shape_) / (plane_.rows * plane_.columns);
    auto* const sums = reinterpret_cast<double*>(plane_.voxels.data());
    for (std::int64_t i = 0; i < plane_.rows * plane_.columns; ++i)
      sums[i] /= static_cast<double>(counts_.empty() ? depth : counts_[static_cast<std::size_t>(i)]);
  }
  return std::move(plane_);
}

}  // namespace vox
