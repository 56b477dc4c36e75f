#include "ops/resample/resample_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "ops/scratch.h"
#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/resample/resample_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef VOX_RESAMPLE_ONCE
#define VOX_RESAMPLE_ONCE
namespace vox {
namespace {

template <class T>
inline constexpr bool kInFloat = sizeof(T) == 1 || std::is_same_v<T, float16> || std::is_same_v<T, float>;

/// The type of sums.
template <class T>
using Work = std::conditional_t<kInFloat<T>, float, double>;

enum class SplineStep { forth, turn, back };

}  // namespace
}  // namespace vox
#endif

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// Voxels of a row whose sums stay in the first-level cache.
constexpr std::int64_t kChunk = 256;

/// A sum as a voxel; every NaN becomes the same one, since its bits would depend on the order of operands.
/// Adding and taking away 1.5 * 2^digits rounds half to even in every lane.
template <class T, class W>
T voxel_of(W sum) {
  if constexpr (is_float_type<T>) {
    return static_cast<T>(sum != sum ? std::numeric_limits<W>::quiet_NaN() : sum);
  } else {
    constexpr W kLow = static_cast<W>(std::numeric_limits<T>::min());
    constexpr W kHigh = static_cast<W>(std::numeric_limits<T>::max());
    if constexpr (sizeof(T) == 8) {
      if (!(sum < kHigh)) return std::numeric_limits<T>::max();
      return sum <= kLow ? std::numeric_limits<T>::min() : static_cast<T>(std::nearbyint(sum));
    } else {
      constexpr W kShift = static_cast<W>(sizeof(W) == 4 ? 0x1.8p23 : 0x1.8p52);
      sum = sum < kLow ? kLow : sum;
      sum = sum > kHigh ? kHigh : sum;
      sum = (sum + kShift) - kShift;
      if constexpr (sizeof(T) == 4)
        return static_cast<T>(static_cast<std::int64_t>(sum));
      else
        return static_cast<T>(static_cast<std::int32_t>(sum));
    }
  }
}

/// sums = (or +=) up to four weighted rows.
template <int kRows, bool kFirst, class W, class From>
void weigh_some(const From* const* rows, const W* weights, std::int64_t at, std::int64_t count,
                W* HWY_RESTRICT sums) {
  const From* const a = rows[0] + at;
  const From* const b = rows[kRows > 1 ? 1 : 0] + at;
  const From* const c = rows[kRows > 2 ? 2 : 0] + at;
  const From* const d = rows[kRows > 3 ? 3 : 0] + at;
  const W weight_a = weights[0];
  const W weight_b = kRows > 1 ? weights[1] : 0;
  const W weight_c = kRows > 2 ? weights[2] : 0;
  const W weight_d = kRows > 3 ? weights[3] : 0;
  for (std::int64_t i = 0; i < count; ++i) {
    W sum = weight_a * static_cast<W>(a[i]);
    if constexpr (kRows > 1) sum += weight_b * static_cast<W>(b[i]);
    if constexpr (kRows > 2) sum += weight_c * static_cast<W>(c[i]);
    if constexpr (kRows > 3) sum += weight_d * static_cast<W>(d[i]);
    sums[i] = kFirst ? sum : sums[i] + sum;
  }
}

template <bool kFirst, class W, class From>
void weigh_up_to_four(std::size_t count, const From* const* rows, const W* weights, std::int64_t at,
                      std::int64_t width, W* sums) {
  if (count >= 4) return weigh_some<4, kFirst>(rows, weights, at, width, sums);
  if (count == 3) return weigh_some<3, kFirst>(rows, weights, at, width, sums);
  if (count == 2) return weigh_some<2, kFirst>(rows, weights, at, width, sums);
  weigh_some<1, kFirst>(rows, weights, at, width, sums);
}

template <bool kVoxels, class W, class From, class To>
void weigh_typed(std::span<const From* const> rows, const W* weights, std::int64_t width, To* out) {
  HWY_ALIGN W sums[kChunk];
  for (std::int64_t at = 0; at < width; at += kChunk) {
    const std::int64_t some = std::min(kChunk, width - at);
    weigh_up_to_four<true>(rows.size(), rows.data(), weights, at, some, sums);
    for (std::size_t k = 4; k < rows.size(); k += 4)
      weigh_up_to_four<false>(rows.size() - k, rows.data() + k, weights + k, at, some, sums);
    for (std::int64_t i = 0; i < some; ++i) {
      if constexpr (kVoxels)
        out[at + i] = voxel_of<To>(sums[i]);
      else
        out[at + i] = sums[i];
    }
  }
}

template <class T, class From>
void weigh_from(std::span<const std::byte* const> rows, const double* weights, std::int64_t width,
                RowForm out_form, std::byte* out) {
  using W = Work<T>;
  thread_local std::vector<const From*> typed;
  thread_local std::vector<W> narrowed;
  typed.clear();
  for (const std::byte* row : rows) typed.push_back(reinterpret_cast<const From*>(row));
  narrowed.assign(weights, weights + rows.size());
  const std::span<const From* const> all(typed);
  if (out_form == RowForm::work)
    weigh_typed<false>(all, narrowed.data(), width, reinterpret_cast<W*>(out));
  else
    weigh_typed<true>(all, narrowed.data(), width, reinterpret_cast<T*>(out));
}

void weigh_at_level(DType dtype, RowForm form, std::span<const std::byte* const> rows, const double* weights,
                    std::int64_t width, RowForm out_form, std::byte* out) {
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    if (form == RowForm::work)
      weigh_from<T, Work<T>>(rows, weights, width, out_form, out);
    else
      weigh_from<T, T>(rows, weights, width, out_form, out);
  });
}

void widen_at_level(DType dtype, const std::byte* row, std::int64_t width, std::byte* out) {
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const T* HWY_RESTRICT in = reinterpret_cast<const T*>(row);
    Work<T>* HWY_RESTRICT wide = reinterpret_cast<Work<T>*>(out);
    for (std::int64_t x = 0; x < width; ++x) wide[x] = static_cast<Work<T>>(in[x]);
  });
}

template <class W>
void forth(const W* HWY_RESTRICT before, std::int64_t width, W* HWY_RESTRICT row) {
  const W pole = static_cast<W>(kSplinePole);
  for (std::int64_t x = 0; x < width; ++x) row[x] += pole * before[x];
}

/// `row` may be `out`.
template <class W>
void back(const W* row, const W* HWY_RESTRICT after, std::int64_t width, W* out) {
  const W pole = static_cast<W>(kSplinePole);
#pragma GCC ivdep
  for (std::int64_t x = 0; x < width; ++x) out[x] = pole * (after[x] - row[x]);
}

template <class W>
void turn(const W* row, std::int64_t width, W* out) {
  const W factor = static_cast<W>(kSplinePole / (kSplinePole - 1));
#pragma GCC ivdep
  for (std::int64_t x = 0; x < width; ++x) out[x] = factor * row[x];
}

/// The first row of a line of `all`.
template <class W>
void begin_line(W* rows, std::int64_t pitch, std::int64_t all, std::int64_t width) {
  const std::vector<double> start = spline_start(all);
  std::vector<const W*> first;
  for (std::size_t k = 0; k < start.size(); ++k) first.push_back(rows + static_cast<std::int64_t>(k) * pitch);
  const std::vector<W> weights(start.begin(), start.end());
  weigh_typed<false>(std::span<const W* const>(first), weights.data(), width, rows);
}

/// From the first row, which has begun, to the last. `pitch` in values.
template <class W>
void prefilter(W* rows, std::int64_t pitch, std::int64_t count, std::int64_t width) {
  for (std::int64_t i = 1; i < count; ++i) forth(rows + (i - 1) * pitch, width, rows + i * pitch);
  turn(rows + (count - 1) * pitch, width, rows + (count - 1) * pitch);
  for (std::int64_t i = count - 2; i >= 0; --i)
    back(rows + i * pitch, rows + (i + 1) * pitch, width, rows + i * pitch);
}

/// Copies rows that lie `pitch` apart to dense ones, or back.
template <class W>
void copy_rows(const W* from, std::int64_t from_pitch, std::int64_t count, std::int64_t width, W* to,
               std::int64_t to_pitch) {
  for (std::int64_t i = 0; i < count; ++i) std::copy_n(from + i * from_pitch, width, to + i * to_pitch);
}

template <class W>
void prefilter_blocks(W* rows, std::int64_t pitch, const Interval& there, std::int64_t all,
                      std::int64_t width, W* scratch) {
  if (all <= kSplineBlock) {
    begin_line(rows, pitch, all, width);
    return prefilter(rows, pitch, all, width);
  }
  W* const before = scratch;  // the last rows of a block as they were
  W* const block_rows = scratch + kSplineMargin * width;
  bool follows = false;
  for (std::int64_t at = there.begin / kSplineBlock * kSplineBlock; at < there.end; at += kSplineBlock) {
    const Interval block{at, std::min(at + kSplineBlock, all)};
    const Interval seen = spline_rows(block, all);
    if (seen.begin < there.begin || seen.end > there.end) continue;
    const auto row = [&](std::int64_t i) { return rows + (i - there.begin) * pitch; };
    const std::int64_t margin = block.begin - seen.begin;
    if (follows)
      std::copy_n(before, margin * width, block_rows);
    else
      copy_rows(row(seen.begin), pitch, margin, width, block_rows, width);
    copy_rows(row(block.begin), pitch, seen.end - block.begin, width, block_rows + margin * width, width);
    if (block.end < all)
      copy_rows(row(block.end - kSplineMargin), pitch, kSplineMargin, width, before, width);
    if (seen.begin == 0) begin_line(block_rows, width, all, width);
    prefilter(block_rows, width, seen.size(), width);
    copy_rows(block_rows + margin * width, width, block.size(), width, row(block.begin), pitch);
    follows = true;
  }
}

void prefilter_at_level(DType dtype, std::byte* rows, std::int64_t stride, const Interval& there,
                        std::int64_t all, std::int64_t width, std::byte* scratch) {
  visit_dtype(dtype, [&](auto type) {
    using W = Work<typename decltype(type)::type>;
    prefilter_blocks(reinterpret_cast<W*>(rows), stride / static_cast<std::int64_t>(sizeof(W)), there, all,
                     width, reinterpret_cast<W*>(scratch));
  });
}

void spline_at_level(DType dtype, SplineStep step, const std::byte* a, const std::byte* b, std::int64_t width,
                     std::byte* out) {
  visit_dtype(dtype, [&](auto type) {
    using W = Work<typename decltype(type)::type>;
    const W* first = reinterpret_cast<const W*>(a);
    W* result = reinterpret_cast<W*>(out);
    if (step == SplineStep::forth) return forth(first, width, result);
    if (step == SplineStep::turn) return turn(first, width, result);
    back(first, reinterpret_cast<const W*>(b), width, result);
  });
}

/// Columns of kRowsAtOnce values, weighed into new columns.
template <class W>
void weigh_columns(const W* columns, const Taps& taps, W* out) {
  const hn::CappedTag<W, kRowsAtOnce> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t i = 0; i < taps.out(); ++i, out += kRowsAtOnce) {
    const Interval run = taps.run(i);
    const double* weights = taps.weights(i);
    for (std::int64_t r = 0; r < kRowsAtOnce; r += lanes) {
      const W* column = columns + run.begin * kRowsAtOnce + r;
      auto sum = hn::Mul(hn::Set(d, static_cast<W>(weights[0])), hn::Load(d, column));
      for (std::int64_t k = 1; k < run.size(); ++k)
        sum = hn::Add(sum,
                      hn::Mul(hn::Set(d, static_cast<W>(weights[k])), hn::Load(d, column + k * kRowsAtOnce)));
      hn::Store(sum, d, out + r);
    }
  }
}

template <class T>
void along_typed(const std::byte* rows, std::int64_t stride, std::int64_t lines, std::int64_t width,
                 const Taps& taps, bool spline, std::byte* out, std::int64_t out_stride, std::byte* scratch) {
  using W = Work<T>;
  W* const columns = reinterpret_cast<W*>(scratch);
  W* const results = columns + width * kRowsAtOnce;
  for (std::int64_t r = 0; r < kRowsAtOnce; ++r) {
    // Beyond the last row it stands again, so that all columns are whole.
    const T* row = reinterpret_cast<const T*>(rows + std::min(r, lines - 1) * stride);
    for (std::int64_t x = 0; x < width; ++x) columns[x * kRowsAtOnce + r] = static_cast<W>(row[x]);
  }
  if (spline) {
    begin_line(columns, kRowsAtOnce, width, kRowsAtOnce);
    prefilter(columns, kRowsAtOnce, width, kRowsAtOnce);
  }
  weigh_columns(columns, taps, results);
  for (std::int64_t r = 0; r < lines; ++r) {
    W* row = reinterpret_cast<W*>(out + r * out_stride);
    for (std::int64_t x = 0; x < taps.out(); ++x) row[x] = results[x * kRowsAtOnce + r];
  }
}

void along_at_level(DType dtype, const std::byte* rows, std::int64_t stride, std::int64_t lines,
                    std::int64_t width, const Taps& taps, bool spline, std::byte* out,
                    std::int64_t out_stride, std::byte* scratch) {
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    along_typed<T>(rows, stride, lines, width, taps, spline, out, out_stride, scratch);
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(weigh_at_level);
VOX_SIMD_TABLE(widen_at_level);
VOX_SIMD_TABLE(prefilter_at_level);
VOX_SIMD_TABLE(spline_at_level);
VOX_SIMD_TABLE(along_at_level);

}  // namespace

std::int64_t work_bytes(DType dtype) {
  return visit_dtype(dtype, [](auto type) {
    return static_cast<std::int64_t>(sizeof(Work<typename decltype(type)::type>));
  });
}

void weigh_rows(DType dtype, RowForm form, std::span<const std::byte* const> rows, const double* weights,
                std::int64_t width, RowForm out_form, std::byte* out) {
  VOX_SIMD_CALL(weigh_at_level)(dtype, form, rows, weights, width, out_form, out);
}

void widen_row(DType dtype, const std::byte* row, std::int64_t width, std::byte* out) {
  VOX_SIMD_CALL(widen_at_level)(dtype, row, width, out);
}

void resample_along_rows(DType dtype, const std::byte* rows, std::int64_t stride, std::int64_t lines,
                         std::int64_t width, const Taps& taps, bool spline, std::byte* out,
                         std::int64_t out_stride, std::byte* scratch) {
  VOX_SIMD_CALL(along_at_level)(dtype, rows, stride, lines, width, taps, spline, out, out_stride, scratch);
}

std::int64_t along_rows_bytes(DType dtype, std::int64_t width, const Taps& taps) {
  return (width + taps.out()) * kRowsAtOnce * work_bytes(dtype);
}

void prefilter_rows(DType dtype, std::byte* rows, std::int64_t stride, const Interval& there,
                    std::int64_t all, std::int64_t width, std::byte* scratch) {
  VOX_SIMD_CALL(prefilter_at_level)(dtype, rows, stride, there, all, width, scratch);
}

std::int64_t prefilter_rows_bytes(DType dtype, std::int64_t width) {
  return (kSplineBlock + 3 * kSplineMargin) * width * work_bytes(dtype);
}

void spline_forth(DType dtype, const std::byte* before, std::int64_t width, std::byte* row) {
  VOX_SIMD_CALL(spline_at_level)(dtype, SplineStep::forth, before, nullptr, width, row);
}

void spline_turn(DType dtype, const std::byte* row, std::int64_t width, std::byte* out) {
  VOX_SIMD_CALL(spline_at_level)(dtype, SplineStep::turn, row, nullptr, width, out);
}

void spline_back(DType dtype, const std::byte* row, const std::byte* after, std::int64_t width,
                 std::byte* out) {
  VOX_SIMD_CALL(spline_at_level)(dtype, SplineStep::back, row, after, width, out);
}

}  // namespace vox
#endif  // HWY_ONCE
