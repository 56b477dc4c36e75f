#include "ops/stats/plane_means.h"

#include <algorithm>

#include "ops/simd.h"
#include "ops/stats/inside.h"
#include "ops/stats/segment_sums.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/stats/plane_means.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

/// Voxel i of a segment is summed in lane i % 16, on every target.
constexpr std::int64_t kLanes = 16;

/// The sum of the finite values that are to be kept; counts them.
template <class T>
double sum_kept(const T* values, const std::uint8_t* keep, std::int64_t count, std::int64_t& kept) {
  double lanes[kLanes] = {};
  std::int32_t counted[kLanes] = {};
  const auto take = [&](std::int64_t i, std::int64_t lane) {
    const auto value = static_cast<double>(values[i]);
    const bool counts = (keep == nullptr || keep[i] != 0) && value - value == 0;
    lanes[lane] += counts ? value : 0;
    counted[lane] += counts ? 1 : 0;
  };
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (std::int64_t lane = 0; lane < kLanes; ++lane) take(i + lane, lane);
  for (; i < count; ++i) take(i, i % kLanes);
  double sum = 0;
  for (std::int64_t lane = 0; lane < kLanes; ++lane) {
    sum += lanes[lane];
    kept += counted[lane];
  }
  return sum;
}

double sum_doubles_kept(const double* values, const std::uint8_t* keep, std::int64_t count,
                        std::int64_t& kept) {
  return keep == nullptr ? sum_kept(values, nullptr, count, kept) : sum_kept(values, keep, count, kept);
}

double sum_floats_kept(const float* values, const std::uint8_t* keep, std::int64_t count,
                       std::int64_t& kept) {
  return keep == nullptr ? sum_kept(values, nullptr, count, kept) : sum_kept(values, keep, count, kept);
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(sum_doubles_kept);
VOX_SIMD_TABLE(sum_floats_kept);

constexpr std::int64_t kPiece = 2048;

double sum_of(const std::byte* voxels, DType dtype, const std::uint8_t* keep, std::int64_t count,
              std::int64_t& kept) {
  if (dtype == DType::float32)
    return VOX_SIMD_CALL(sum_floats_kept)(reinterpret_cast<const float*>(voxels), keep, count, kept);
  double values[kPiece];
  to_doubles(voxels, dtype, count, values);
  return VOX_SIMD_CALL(sum_doubles_kept)(values, keep, count, kept);
}

}  // namespace

std::unique_ptr<Reducer> PlaneMeans::empty() const {
  return std::make_unique<PlaneMeans>(static_cast<std::int64_t>(sums_.size()));
}

std::int64_t PlaneMeans::memory_bytes() const {
  return static_cast<std::int64_t>(sums_.size() * sizeof(Sum)) + kPiece * 9;
}

void PlaneMeans::observe(std::span<const ConstBlock> blocks) {
  const ConstBlock& block = blocks[0];
  const Extent3 size = block.shape();
  std::uint8_t keep[kPiece];
  for (std::int64_t z = 0; z < size.z; ++z) {
    Sum& plane = sums_[static_cast<std::size_t>(block.box.begin.z + z)];
    for (std::int64_t y = 0; y < size.y; ++y)
      for (std::int64_t x = 0; x < size.x; x += kPiece) {
        const std::int64_t count = std::min(kPiece, size.x - x);
        if (blocks.size() > 1)
          inside_flags(blocks[1].row(z, y) + x * size_of(blocks[1].dtype), blocks[1].dtype, count, keep);
        plane.sum.add(sum_of(block.row(z, y) + x * size_of(block.dtype), block.dtype,
                             blocks.size() > 1 ? keep : nullptr, count, plane.count));
      }
  }
}

void PlaneMeans::merge(const Reducer& other_reducer) {
  const auto& other = static_cast<const PlaneMeans&>(other_reducer);
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    sums_[i].count += other.sums_[i].count;
    sums_[i].sum.add(other.sums_[i].sum);
  }
}

std::vector<PlaneMean> PlaneMeans::means() const {
  std::vector<PlaneMean> result;
  for (const Sum& plane : sums_) {
    PlaneMean& mean = result.emplace_back();
    mean.count = plane.count;
    if (plane.count > 0) mean.mean = plane.sum.value() / static_cast<double>(plane.count);
  }
  return result;
}

}  // namespace vox
#endif  // HWY_ONCE
