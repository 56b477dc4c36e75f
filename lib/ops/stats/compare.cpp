#include "ops/stats/compare.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/numbers.h"

namespace vox {
namespace {

static_assert(std::numeric_limits<long double>::digits >= 64, "64-bit integers must be exact");

constexpr std::int64_t kTile = 512;

template <class Wide>
void widen(const std::byte* row, DType dtype, std::int64_t count, Wide* out) {
  visit_dtype(dtype, [&]<class T>(Type<T>) {
    const auto* voxels = reinterpret_cast<const T*>(row);
    for (std::int64_t i = 0; i < count; ++i) {
      if constexpr (is_float_type<T>)
        out[i] = static_cast<Wide>(as_double(voxels[i]));
      else
        out[i] = static_cast<Wide>(voxels[i]);
    }
  });
}

/// Lowers `low` and raises `high` to the finite voxels.
template <class T>
void finite_range(const T* __restrict voxels, std::int64_t count, long double& low, long double& high) {
  constexpr std::int64_t kLanes = 32;  // a fixed number of lanes becomes vectors
  constexpr T kLargest = std::numeric_limits<T>::max();
  constexpr T kLowest = std::numeric_limits<T>::lowest();
  T lows[kLanes], highs[kLanes];
  std::fill_n(lows, kLanes, kLargest);
  std::fill_n(highs, kLanes, kLowest);
  const auto take = [&](std::int64_t lane, T value) {
    // Comparisons with NaN are false; infinities lie beyond the type's finite ends.
    const bool above = std::is_integral_v<T> || value >= kLowest;
    const bool below = std::is_integral_v<T> || value <= kLargest;
    lows[lane] = value < lows[lane] && above ? value : lows[lane];
    highs[lane] = value > highs[lane] && below ? value : highs[lane];
  };
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (std::int64_t lane = 0; lane < kLanes; ++lane) take(lane, voxels[i + lane]);
  for (; i < count; ++i) take(0, voxels[i]);
  const T least = *std::min_element(lows, lows + kLanes);
  const T greatest = *std::max_element(highs, highs + kLanes);
  if (least > greatest) return;  // no finite voxel
  low = std::min(low, static_cast<long double>(least));
  high = std::max(high, static_cast<long double>(greatest));
}

bool is_short_integer(DType dtype) { return size_of(dtype) <= 2 && !is_float(dtype); }
bool is_wide_integer(DType dtype) { return size_of(dtype) == 8 && !is_float(dtype); }

/// All digits of whole numbers up to 64 bits, else the shortest text that reads back as the same double.
std::string value_text(long double value) {
  if (std::abs(value) < 0x1p64L && value == std::floor(value)) {
    const std::string digits = std::to_string(static_cast<std::uint64_t>(std::abs(value)));
    return value < 0 ? "-" + digits : digits;
  }
  return format_number(static_cast<double>(value));
}

}  // namespace

void CompareReducer::observe(std::span<const ConstBlock> blocks) {
  const ConstBlock& a = blocks[0];
  const ConstBlock& b = blocks[1];
  const Extent3 size = a.shape();
  const bool small = is_short_integer(a.dtype) && is_short_integer(b.dtype);
  const bool wide = is_wide_integer(a.dtype) || is_wide_integer(b.dtype);
  const std::int64_t row_bytes = size.x * size_of(a.dtype);
  for (std::int64_t z = 0; z < size.z; ++z) {
    for (std::int64_t y = 0; y < size.y; ++y) {
      observe_range(a.row(z, y), a.dtype, size.x);
      voxels_ += size.x;
      if (a.dtype == b.dtype &&
          std::memcmp(a.row(z, y), b.row(z, y), static_cast<std::size_t>(row_bytes)) == 0)
        continue;
      if (small)
        compare_row<std::int32_t>(a, b, z, y);
      else if (wide)
        compare_row<Exact>(a, b, z, y);
      else
        compare_row<double>(a, b, z, y);
    }
  }
}

void CompareReducer::observe_range(const std::byte* row, DType dtype, std::int64_t count) {
  visit_dtype(dtype, [&]<class T>(Type<T>) {
    if constexpr (std::is_same_v<T, float16>) {
      float wide[kTile];
      for (std::int64_t begin = 0; begin < count; begin += kTile) {
        const std::int64_t run = std::min(kTile, count - begin);
        const auto* voxels = reinterpret_cast<const float16*>(row) + begin;
        std::transform(voxels, voxels + run, wide, [](float16 half) { return static_cast<float>(half); });
        finite_range(wide, run, low_, high_);
      }
    } else {
      finite_range(reinterpret_cast<const T*>(row), count, low_, high_);
    }
  });
}

template <class Wide>
void CompareReducer::compare_row(const ConstBlock& a, const ConstBlock& b, std::int64_t z, std::int64_t y) {
  Wide wide_a[kTile], wide_b[kTile];
  const Extent3 begin = a.box.begin;
  const std::int64_t width = a.shape().x;
  for (std::int64_t x = 0; x < width; x += kTile) {
    const std::int64_t run = std::min(kTile, width - x);
    widen(a.row(z, y) + x * size_of(a.dtype), a.dtype, run, wide_a);
    widen(b.row(z, y) + x * size_of(b.dtype), b.dtype, run, wide_b);
    compare_voxels(wide_a, wide_b, run, ((begin.z + z) * shape_.y + begin.y + y) * shape_.x + begin.x + x);
  }
}

/// Integers of up to 16 bits, the usual case, without a branch per voxel: sums of a tile fit 64 bits.
void CompareReducer::compare_voxels(const std::int32_t* a, const std::int32_t* b, std::int64_t count,
                                    std::int64_t index) {
  const auto limit = static_cast<std::int32_t>(std::min(tolerance_, 131072.0));
  std::int32_t largest = 0;
  std::int32_t differing = 0;
  std::uint32_t sum = 0;
  std::uint64_t squares = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int32_t distance = std::abs(a[i] - b[i]);
    largest = std::max(largest, distance);
    differing += distance > limit;
    sum += static_cast<std::uint32_t>(distance);
    squares += static_cast<std::uint64_t>(static_cast<std::uint32_t>(distance)) *
               static_cast<std::uint32_t>(distance);
  }
  max_abs_ = std::max(max_abs_, static_cast<Exact>(largest));
  sum_abs_.add(static_cast<double>(sum));
  sum_squares_.add(static_cast<double>(squares));
  differing_ += differing;
  if (differing == 0 || index > first_.index) return;
  std::int64_t first = 0;
  while (std::abs(a[first] - b[first]) <= limit) ++first;
  if (index + first < first_.index)
    first_ = {index + first, static_cast<Exact>(a[first]), static_cast<Exact>(b[first])};
}

template <class Wide>
void CompareReducer::compare_voxels(const Wide* a, const Wide* b, std::int64_t count, std::int64_t index) {
  for (std::int64_t i = 0; i < count; ++i) {
    if (a[i] == b[i] || (a[i] != a[i] && b[i] != b[i])) continue;
    const Wide distance = std::abs(a[i] - b[i]);
    if (std::isfinite(a[i]) && std::isfinite(b[i])) {
      max_abs_ = std::max(max_abs_, static_cast<Exact>(distance));
      const auto rounded = std::min(static_cast<double>(distance), std::numeric_limits<double>::max());
      sum_abs_.add(rounded);
      sum_squares_.add(std::min(rounded * rounded, std::numeric_limits<double>::max()));
      if (distance <= static_cast<Wide>(tolerance_)) continue;
    } else {
      ++unmatched_;
    }
    ++differing_;
    if (index + i < first_.index) first_ = {index + i, static_cast<Exact>(a[i]), static_cast<Exact>(b[i])};
  }
}

void CompareReducer::merge(const Reducer& other_reducer) {
  const auto& other = dynamic_cast<const CompareReducer&>(other_reducer);
  voxels_ += other.voxels_;
  differing_ += other.differing_;
  unmatched_ += other.unmatched_;
  max_abs_ = std::max(max_abs_, other.max_abs_);
  low_ = std::min(low_, other.low_);
  high_ = std::max(high_, other.high_);
  sum_abs_.add(other.sum_abs_);
  sum_squares_.add(other.sum_squares_);
  if (other.first_.index < first_.index) first_ = other.first_;
}

Comparison CompareReducer::result() const {
  Comparison result;
  result.voxels = voxels_;
  result.differing = differing_;
  result.unmatched = unmatched_;
  result.max_abs = value_text(max_abs_);
  result.peak = high_ >= low_ ? static_cast<double>(high_ - low_) : 0;
  result.psnr = std::numeric_limits<double>::infinity();
  if (const auto comparable = static_cast<double>(voxels_ - unmatched_); comparable > 0) {
    result.mean_abs = sum_abs_.value() / comparable;
    const double mean_square = sum_squares_.value() / comparable;
    if (mean_square > 0) result.psnr = 10 * std::log10(result.peak * result.peak / mean_square);
    if (std::isnan(result.psnr)) result.psnr = std::numeric_limits<double>::quiet_NaN();  // without a sign
  }
  if (first_.index != INT64_MAX) {
    const std::int64_t plane = shape_.y * shape_.x;
    const Extent3 index = {first_.index / plane, first_.index % plane / shape_.x, first_.index % shape_.x};
    result.first = {index, value_text(first_.a), value_text(first_.b)};
  }
  return result;
}

}  // namespace vox
