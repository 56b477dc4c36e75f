// Intensities along runs, summed per object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "core/dtype.h"
#include "core/kept_state.h"
#include "ops/label/measure_table.h"
#include "ops/stats/order_free_sum.h"

namespace vox {

/// A sum of whole numbers: exact.
class WholeSum {
 public:
  __extension__ typedef __int128 Wide;
  void add(Wide value) { sum_ += value; }
  void add(const WholeSum& other) { sum_ += other.sum_; }
  Wide whole() const { return sum_; }
  double value() const { return static_cast<double>(sum_); }
  void exchange(KeptState& state) { state.value(sum_); }

 private:
  Wide sum_ = 0;
};

/// Sums over the finite voxels of an object, the same digits in whatever order runs come. `Sum` is WholeSum
/// for integers up to 32 bits, else OrderFreeSum over double sums of segments of runs.
template <class Sum>
struct IntensitySums {
  std::int64_t count = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  Sum sum;
  Sum squares;
  Sum z;  ///< of voxel times position
  Sum y;
  Sum x;

  void add(const IntensitySums& other) {
    count += other.count;
    min = other.min < min ? other.min : min;
    max = other.max > max ? other.max : max;
    sum.add(other.sum);
    squares.add(other.squares);
    z.add(other.z);
    y.add(other.y);
    x.add(other.x);
  }

  void exchange(KeptState& state) {
    state.value(count);
    state.value(min);
    state.value(max);
    for (Sum* one : {&sum, &squares, &z, &y, &x}) one->exchange(state);
  }

  ObjectIntensity result() const;
};

/// True when sums of this type are exact whole numbers.
inline bool sums_are_whole(DType dtype) { return !is_float(dtype) && size_of(dtype) <= 4; }

/// Adds voxels [begin, end) of row (z, y), which begins at `row`.
void add_intensities(DType dtype, const std::byte* row, std::int64_t z, std::int64_t y, std::int64_t begin,
                     std::int64_t end, IntensitySums<WholeSum>& sums);
void add_intensities(DType dtype, const std::byte* row, std::int64_t z, std::int64_t y, std::int64_t begin,
                     std::int64_t end, IntensitySums<OrderFreeSum>& sums);

}  // namespace vox
