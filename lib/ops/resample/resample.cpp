#include "ops/resample/resample.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "ops/pyramid/shrink_rows.h"
#include "ops/resample/mode_rows.h"
#include "ops/resample/resample_rows.h"
#include "ops/scratch.h"

namespace vox {
namespace {

bool whole_ratio(const AxisGrid& axis) { return axis.ratio >= 1 && axis.ratio == std::floor(axis.ratio); }

bool picks_voxels(ResampleMethod method, const ResampleGrid& grid, bool whole_boxes) {
  if (method == ResampleMethod::nearest || method == ResampleMethod::mode || whole_boxes) return true;
  return grid[0].identity() && grid[1].identity() && grid[2].identity();
}

/// An axis that stays needs no kernel.
Taps taps_of(const AxisGrid& axis, ResampleMethod method, bool antialias) {
  return {axis, axis.identity() ? ResampleMethod::nearest : method, antialias};
}

template <class Bits>
void gather(const std::byte* row, const Taps& taps, std::byte* out) {
  const Bits* in = reinterpret_cast<const Bits*>(row);
  Bits* picked = reinterpret_cast<Bits*>(out);
  for (std::int64_t i = 0; i < taps.out(); ++i) picked[i] = in[taps.run(i).begin];
}

void gather_row(const std::byte* row, const Taps& taps, std::int64_t voxel_bytes, std::byte* out) {
  if (voxel_bytes == 1) return gather<std::uint8_t>(row, taps, out);
  if (voxel_bytes == 2) return gather<std::uint16_t>(row, taps, out);
  if (voxel_bytes == 4) return gather<std::uint32_t>(row, taps, out);
  gather<std::uint64_t>(row, taps, out);
}

}  // namespace

Resample::Resample(ResampleMethod method, bool antialias, DType dtype, const ResampleGrid& grid)
    : method_(method),
      dtype_(dtype),
      grid_(grid),
      whole_boxes_(method == ResampleMethod::area && std::all_of(grid.begin(), grid.end(), whole_ratio)),
      picks_(picks_voxels(method, grid, whole_boxes_)),
      along_z_(taps_of(grid[0], method, antialias)),
      along_y_(taps_of(grid[1], method, antialias)),
      along_x_(taps_of(grid[2], method, antialias)) {}

std::int64_t Resample::held_bytes() const {
  return along_z_.memory_bytes() + along_y_.memory_bytes() + along_x_.memory_bytes();
}

RowBand Resample::band(const Interval& rows) const {
  const Interval in = along_y_.seen_by(rows);
  return {resamples_spline(1) ? spline_rows(in, grid_[1].in) : in, rows};
}

void Resample::pick(std::span<const std::byte* const> planes, const RowBand& band, const Interval& rows,
                    std::byte* out) const {
  if (method_ == ResampleMethod::mode || whole_boxes_) return pick_boxes(planes, band, rows, out);
  pick_nearest(planes.front(), band, rows, out);
}

void Resample::pick_nearest(const std::byte* plane, const RowBand& band, const Interval& rows,
                            std::byte* out) const {
  const std::int64_t element = size_of(dtype_);
  const auto row_bytes = static_cast<std::size_t>(grid_[2].out * element);
  for (std::int64_t y = rows.begin; y < rows.end; ++y, out += row_bytes) {
    const std::int64_t from = along_y_.run(y).begin;
    const std::byte* const row = plane + (from - band.in.begin) * grid_[2].in * element;
    if (y > rows.begin && along_y_.run(y - 1).begin == from)
      std::memcpy(out, out - row_bytes, row_bytes);
    else if (resamples(2))
      gather_row(row, along_x_, element, out);
    else
      std::memcpy(out, row, row_bytes);
  }
}

void Resample::pick_boxes(std::span<const std::byte* const> planes, const RowBand& band, const Interval& rows,
                          std::byte* out) const {
  const std::int64_t element = size_of(dtype_);
  const auto factor = static_cast<std::int64_t>(grid_[2].ratio);
  std::vector<const std::byte*> box;
  for (std::int64_t y = rows.begin; y < rows.end; ++y, out += grid_[2].out * element) {
    box.clear();
    for (const std::byte* plane : planes)
      for (std::int64_t k = along_y_.run(y).begin; k < along_y_.run(y).end; ++k)
        box.push_back(plane + (k - band.in.begin) * grid_[2].in * element);
    if (method_ == ResampleMethod::mode)
      mode_of_boxes(dtype_, box, along_x_, out);
    else
      shrink_rows(ShrinkMethod::mean, dtype_, box, std::min(grid_[2].in, grid_[2].out * factor), factor, out);
  }
}

std::int64_t Resample::prepared_plane_bytes(const RowBand& band) const {
  if (prepares()) return band.out.size() * work_row_bytes();
  return band.in.size() * grid_[2].in * size_of(dtype_);
}

std::int64_t Resample::work_row_bytes() const { return grid_[2].out * work_bytes(dtype_); }

void Resample::work_along_x(const std::byte* plane, const Interval& rows, std::byte* work) const {
  const std::int64_t row_bytes = grid_[2].in * size_of(dtype_);
  for (std::int64_t y = rows.begin; y < rows.end; y += kRowsAtOnce) {
    const std::int64_t lines = std::min(kRowsAtOnce, rows.end - y);
    std::byte* const out = work + y * work_row_bytes();
    if (resamples(2)) {
      resample_along_rows(dtype_, plane + y * row_bytes, row_bytes, lines, grid_[2].in, along_x_,
                          resamples_spline(2), out, work_row_bytes(), thread_scratch(scratch_bytes()));
      continue;
    }
    widen_row(dtype_, plane + y * row_bytes, lines * grid_[2].in, out);
  }
}

void Resample::work_along_y(std::byte* work, const RowBand& band, const Interval& columns,
                            std::byte* prepared) const {
  const std::int64_t offset = columns.begin * work_bytes(dtype_);
  if (resamples_spline(1))
    prefilter_rows(dtype_, work + offset, work_row_bytes(), band.in, grid_[1].in, columns.size(),
                   thread_scratch(scratch_bytes()));
  weigh_along_y(work + offset, false, band, columns.size(), prepared + offset);
}

void Resample::voxels_along_y(const std::byte* plane, const RowBand& band, const Interval& columns,
                              std::byte* prepared) const {
  weigh_along_y(plane + columns.begin * size_of(dtype_), true, band, columns.size(),
                prepared + columns.begin * work_bytes(dtype_));
}

void Resample::weigh_along_y(const std::byte* columns, bool voxels, const RowBand& band, std::int64_t width,
                             std::byte* out) const {
  const std::int64_t pitch = voxels ? grid_[2].in * size_of(dtype_) : work_row_bytes();
  std::vector<const std::byte*> rows;
  for (std::int64_t y = band.out.begin; y < band.out.end; ++y, out += work_row_bytes()) {
    rows.clear();
    for (std::int64_t k = along_y_.run(y).begin; k < along_y_.run(y).end; ++k)
      rows.push_back(columns + (k - band.in.begin) * pitch);
    weigh_rows(dtype_, voxels ? RowForm::voxels : RowForm::work, rows, along_y_.weights(y), width,
               RowForm::work, out);
  }
}

void Resample::combine(std::span<const std::byte* const> planes, std::int64_t z, std::int64_t count,
                       std::byte* out) const {
  const double itself = 1;
  const double* const weights = resamples(0) ? along_z_.weights(z) : &itself;
  weigh_rows(dtype_, prepares() ? RowForm::work : RowForm::voxels, planes, weights, count, RowForm::voxels,
             out);
}

std::int64_t Resample::scratch_bytes() const {
  const std::int64_t along_x = resamples(2) && !picks_ ? along_rows_bytes(dtype_, grid_[2].in, along_x_) : 0;
  return std::max(along_x, resamples_spline(1) ? prefilter_rows_bytes(dtype_, kColumnsAtOnce) : 0);
}

}  // namespace vox
