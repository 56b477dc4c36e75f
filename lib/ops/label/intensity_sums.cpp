#include "ops/label/intensity_sums.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

namespace vox {
namespace {

/// Voxels of a run that are added before the sums of the object are touched: products with positions fit.
constexpr std::int64_t kVoxelsAtOnce = 1024;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using Wide = WholeSum::Wide;

template <class T>
void add_whole(const T* voxels, std::int64_t z, std::int64_t y, std::int64_t begin, std::int64_t count,
               IntensitySums<WholeSum>& sums) {
  using Square = std::conditional_t<sizeof(T) <= 2, std::int64_t, Wide>;
  std::int64_t sum = 0;
  std::int64_t moment = 0;  // positions count from `begin`
  Square squares = 0;
  T low = voxels[0];
  T high = voxels[0];
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t value = voxels[i];
    sum += value;
    moment += value * i;
    squares += static_cast<Square>(value) * static_cast<Square>(value);
    low = std::min(low, voxels[i]);
    high = std::max(high, voxels[i]);
  }
  sums.count += count;
  sums.min = std::min(sums.min, static_cast<double>(low));
  sums.max = std::max(sums.max, static_cast<double>(high));
  sums.sum.add(sum);
  sums.squares.add(squares);
  sums.z.add(Wide{sum} * z);
  sums.y.add(Wide{sum} * y);
  sums.x.add(Wide{sum} * begin + moment);
}

/// Four sums side by side, then together: always in the same order.
template <class T>
void add_rounded(const T* voxels, std::int64_t z, std::int64_t y, std::int64_t begin, std::int64_t count,
                 IntensitySums<OrderFreeSum>& sums) {
  constexpr std::size_t kLanes = 4;
  std::array<double, kLanes> sum{};
  std::array<double, kLanes> squares{};
  std::array<double, kLanes> moment{};
  std::int64_t finite = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto value = static_cast<double>(voxels[i]);
    if (!std::isfinite(value)) continue;
    const auto lane = static_cast<std::size_t>(i) % kLanes;
    sum[lane] += value;
    squares[lane] += value * value;
    moment[lane] += value * static_cast<double>(i);
    sums.min = std::min(sums.min, value);
    sums.max = std::max(sums.max, value);
    ++finite;
  }
  const auto total = [](const std::array<double, kLanes>& lanes) {
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
  };
  const double all = total(sum);
  sums.count += finite;
  sums.sum.add(all);
  sums.squares.add(total(squares));
  sums.z.add(all * static_cast<double>(z));
  sums.y.add(all * static_cast<double>(y));
  sums.x.add(all * static_cast<double>(begin) + total(moment));
}

template <class Add>
void in_pieces(std::int64_t begin, std::int64_t end, Add&& add) {
  for (std::int64_t at = begin; at < end; at += kVoxelsAtOnce) add(at, std::min(kVoxelsAtOnce, end - at));
}

/// Population deviation. Whole sums are taken about the whole number below the mean, where nothing cancels.
double deviation(const IntensitySums<WholeSum>& sums) {
  const Wide count = sums.count;
  const Wide centre = sums.sum.whole() / count;
  const Wide rest = sums.sum.whole() - centre * count;
  const Wide squares = sums.squares.whole() - 2 * centre * sums.sum.whole() + count * centre * centre;
  const double mean = static_cast<double>(rest) / static_cast<double>(count);
  return std::sqrt(std::max(0.0, static_cast<double>(squares) / static_cast<double>(count) - mean * mean));
}

double deviation(const IntensitySums<OrderFreeSum>& sums) {
  const auto count = static_cast<double>(sums.count);
  const double mean = sums.sum.value() / count;
  return std::sqrt(std::max(0.0, sums.squares.value() / count - mean * mean));
}

}  // namespace

template <class Sum>
ObjectIntensity IntensitySums<Sum>::result() const {
  if (count == 0) return {kNaN, kNaN, kNaN, kNaN, 0, {kNaN, kNaN, kNaN}};
  const double total = sum.value();
  const auto centre = [total](const Sum& weighted) { return total == 0 ? kNaN : weighted.value() / total; };
  return {min,
          max,
          total / static_cast<double>(count),
          deviation(*this),
          total,
          {centre(z), centre(y), centre(x)}};
}

template struct IntensitySums<WholeSum>;
template struct IntensitySums<OrderFreeSum>;

void add_intensities(DType dtype, const std::byte* row, std::int64_t z, std::int64_t y, std::int64_t begin,
                     std::int64_t end, IntensitySums<WholeSum>& sums) {
  visit_dtype(dtype, [&]<class T>(Type<T>) {
    if constexpr (!is_float_type<T> && sizeof(T) <= 4)
      in_pieces(begin, end, [&](std::int64_t at, std::int64_t count) {
        add_whole(reinterpret_cast<const T*>(row) + at, z, y, at, count, sums);
      });
  });
}

void add_intensities(DType dtype, const std::byte* row, std::int64_t z, std::int64_t y, std::int64_t begin,
                     std::int64_t end, IntensitySums<OrderFreeSum>& sums) {
  visit_dtype(dtype, [&]<class T>(Type<T>) {
    if constexpr (is_float_type<T> || sizeof(T) > 4)
      in_pieces(begin, end, [&](std::int64_t at, std::int64_t count) {
        add_rounded(reinterpret_cast<const T*>(row) + at, z, y, at, count, sums);
      });
  });
}

}  // namespace vox
