// How far two volumes of one shape differ, voxel by voxel.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "core/meta.h"
#include "ops/reducer.h"
#include "ops/stats/exact_sum.h"

namespace vox {

/// What a comparison tells. Voxels are compared as values, whatever their types; 64-bit integers exactly. NaN
/// equals NaN, and an infinity itself.
struct Comparison {
  struct Voxel {
    Extent3 index;
    std::string a;
    std::string b;
  };

  std::int64_t voxels = 0;
  std::int64_t differing = 0;  ///< |a - b| > tolerance, or not comparable
  std::int64_t unmatched = 0;  ///< of these: NaN or an infinity against something else
  std::string max_abs = "0";   ///< over the comparable voxels; all digits for integers
  double mean_abs = 0;         ///< over the comparable voxels
  double peak = 0;             ///< largest minus smallest finite voxel of the first volume
  double psnr = 0;  ///< 10 log10(peak^2 / mean squared difference) in dB; infinite without difference
  std::optional<Voxel> first;  ///< first differing voxel in (z, y, x) order

  bool equal() const { return differing == 0; }
};

/// Shown the first volume and, beside it, the second.
class CompareReducer final : public Reducer {
 public:
  CompareReducer(const Extent3& shape, double tolerance) : shape_(shape), tolerance_(tolerance) {}

  std::unique_ptr<Reducer> empty() const override {
    return std::make_unique<CompareReducer>(shape_, tolerance_);
  }
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  std::int64_t memory_bytes() const override { return 2 * ExactSum::kBytes; }

  Comparison result() const;

 private:
  /// Every 64-bit integer and every double is one of these, exactly.
  using Exact = long double;
  struct First {
    std::int64_t index = INT64_MAX;  ///< in scan order
    Exact a = 0;
    Exact b = 0;
  };

  void observe_range(const std::byte* row, DType dtype, std::int64_t count);
  template <class Wide>
  void compare_row(const ConstBlock& a, const ConstBlock& b, std::int64_t z, std::int64_t y);
  void compare_voxels(const std::int32_t* a, const std::int32_t* b, std::int64_t count, std::int64_t index);
  template <class Wide>
  void compare_voxels(const Wide* a, const Wide* b, std::int64_t count, std::int64_t index);

  Extent3 shape_;
  double tolerance_;
  std::int64_t voxels_ = 0;
  std::int64_t differing_ = 0;
  std::int64_t unmatched_ = 0;
  Exact max_abs_ = 0;
  Exact low_ = std::numeric_limits<Exact>::infinity();  ///< of the first volume's finite voxels
  Exact high_ = -std::numeric_limits<Exact>::infinity();
  ExactSum sum_abs_;
  ExactSum sum_squares_;
  First first_;
};

}  // namespace vox
