// The loops under `Resample`. Sums are taken in the work type of a voxel type: float for 8-bit integers,
// float16 and float32, double for all others. All vector levels agree.
#pragma once

#include <span>

#include "core/dtype.h"
#include "ops/resample/taps.h"

namespace vox {

/// Of one value of the work type.
std::int64_t work_bytes(DType dtype);

/// How the values of a row stand in memory.
enum class RowForm { voxels, work };

/// Weighted sums of rows, in their order. Voxels that come out are rounded half to even and saturated.
void weigh_rows(DType dtype, RowForm form, std::span<const std::byte* const> rows, const double* weights,
                std::int64_t width, RowForm out_form, std::byte* out);

/// Rows become rows of the work type.
void widen_row(DType dtype, const std::byte* row, std::int64_t width, std::byte* out);

/// Rows of voxels, at most kRowsAtOnce, `stride` bytes apart, resampled along x into rows of the work type.
/// `spline`: with the prefilter. Needs scratch of `along_rows_bytes`.
inline constexpr std::int64_t kRowsAtOnce = 16;
void resample_along_rows(DType dtype, const std::byte* rows, std::int64_t stride, std::int64_t lines,
                         std::int64_t width, const Taps& taps, bool spline, std::byte* out,
                         std::int64_t out_stride, std::byte* scratch);
std::int64_t along_rows_bytes(DType dtype, std::int64_t width, const Taps& taps);

/// The prefilter of the cubic spline, without its gain of 6, down rows of the work type, in place: of columns
/// of `all` rows those of `there` stand at `rows`. Filters the blocks of which all rows that they look at are
/// there. Needs scratch of `prefilter_rows_bytes`.
void prefilter_rows(DType dtype, std::byte* rows, std::int64_t stride, const Interval& there,
                    std::int64_t all, std::int64_t width, std::byte* scratch);
std::int64_t prefilter_rows_bytes(DType dtype, std::int64_t width);

/// Its steps for rows that come one after the other; the first becomes the sum with `spline_start`.
/// row += pole * before.
void spline_forth(DType dtype, const std::byte* before, std::int64_t width, std::byte* row);
/// The last row: out = pole / (pole - 1) * row.
void spline_turn(DType dtype, const std::byte* row, std::int64_t width, std::byte* out);
/// out = pole * (after - row).
void spline_back(DType dtype, const std::byte* row, const std::byte* after, std::int64_t width,
                 std::byte* out);

}  // namespace vox
