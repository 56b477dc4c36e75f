// One volume from another of a different spacing: what of it is computed when, of which planes.
#pragma once

#include <span>

#include "ops/resample/taps.h"

namespace vox {

/// Rows of the result that are made together, and the rows of the input that they look at.
struct RowBand {
  Interval in;
  Interval out;
};

/// Pure functions of planes, or of the same rows of planes; who calls them keeps the planes. Either every
/// plane of the result is `picked` straight from planes of the input; or planes of the input are first
/// `prepared`, resampled along x and y, a spline's then filtered along z, and planes of the result are
/// `combined` of them.
class Resample {
 public:
  Resample(ResampleMethod method, bool antialias, DType dtype, const ResampleGrid& grid);

  Extent3 in() const { return {grid_[0].in, grid_[1].in, grid_[2].in}; }
  Extent3 out() const { return {grid_[0].out, grid_[1].out, grid_[2].out}; }
  const Taps& along_z() const { return along_z_; }
  /// For some rows of the result. Whatever the band, a row gets the same values.
  RowBand band(const Interval& rows) const;

  bool picks() const { return picks_; }
  /// False: prepared planes are the input's as they are.
  bool prepares() const { return !picks_ && (resamples(1) || resamples(2) || filters_z()); }
  /// True: prepared planes must go through the prefilter along z before they are combined.
  bool filters_z() const { return method_ == ResampleMethod::bspline && resamples(0); }

  /// Rows of an output plane, from the planes that along_z() names in order, each with the rows `band.in`;
  /// `out`: dense rows.
  void pick(std::span<const std::byte* const> planes, const RowBand& band, const Interval& rows,
            std::byte* out) const;

  std::int64_t prepared_plane_bytes(const RowBand& band) const;
  /// Along x first: rows [rows) of those at `plane` into the same rows of work values.
  bool works_along_x() const { return resamples(2) || resamples_spline(1) || (filters_z() && !resamples(1)); }
  void work_along_x(const std::byte* plane, const Interval& rows, std::byte* work) const;
  std::int64_t work_plane_bytes(const RowBand& band) const { return band.in.size() * work_row_bytes(); }
  /// Then along y: at most kColumnsAtOnce columns of the rows of work values, which it changes, or without
  /// `works_along_x` of voxels, into those of a prepared plane. There are out().x columns.
  static constexpr std::int64_t kColumnsAtOnce = 256;
  bool works_along_y() const { return resamples(1); }
  void work_along_y(std::byte* work, const RowBand& band, const Interval& columns, std::byte* prepared) const;
  void voxels_along_y(const std::byte* plane, const RowBand& band, const Interval& columns,
                      std::byte* prepared) const;

  /// `count` values of output plane `z` from as many, next to each other, of the planes that along_z() names.
  void combine(std::span<const std::byte* const> planes, std::int64_t z, std::int64_t count,
               std::byte* out) const;

  /// What one call of any of these takes.
  std::int64_t scratch_bytes() const;
  /// Of the tables.
  std::int64_t held_bytes() const;

 private:
  bool resamples(std::size_t axis) const { return !grid_[axis].identity(); }
  bool resamples_spline(std::size_t axis) const {
    return method_ == ResampleMethod::bspline && resamples(axis);
  }
  std::int64_t work_row_bytes() const;
  void weigh_along_y(const std::byte* columns, bool voxels, const RowBand& band, std::int64_t width,
                     std::byte* out) const;
  void pick_nearest(const std::byte* plane, const RowBand& band, const Interval& rows, std::byte* out) const;
  void pick_boxes(std::span<const std::byte* const> planes, const RowBand& band, const Interval& rows,
                  std::byte* out) const;

  ResampleMethod method_;
  DType dtype_;
  ResampleGrid grid_;
  bool whole_boxes_;  ///< area, and every box is one of whole voxels
  bool picks_;
  Taps along_z_, along_y_, along_x_;
};

}  // namespace vox
