#include "ops/pyramid/shrink.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "ops/pyramid/shrink_rows.h"

namespace vox {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"mean", "gaussian", "nearest", "mode", "max", "min"};

std::int64_t reduced(std::int64_t extent, std::int64_t factor) { return (extent + factor - 1) / factor; }

/// Of the voxels from half a factor before a box to half a factor behind it.
std::vector<double> gaussian_weights(std::int64_t factor) {
  if (factor == 1) return {1.0};
  const std::int64_t beyond = factor / 2;
  const double sigma = static_cast<double>(factor) / 2;
  const double centre = static_cast<double>(beyond) + static_cast<double>(factor - 1) / 2;
  std::vector<double> weights(static_cast<std::size_t>(factor + 2 * beyond));
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const double distance = (static_cast<double>(k) - centre) / sigma;
    weights[k] = std::exp(-distance * distance / 2);
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight /= sum;
  return weights;
}

}  // namespace

std::string_view shrink_method_name(ShrinkMethod method) { return kNames[static_cast<std::size_t>(method)]; }

std::optional<ShrinkMethod> shrink_method_named(std::string_view name) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<ShrinkMethod>(found - kNames.begin());
}

Shrink::Shrink(ShrinkMethod method, DType dtype, const Extent3& factor)
    : method_(method), dtype_(dtype), factor_(factor) {
  if (method != ShrinkMethod::gaussian) return;
  weights_z_ = gaussian_weights(factor.z);
  weights_y_ = gaussian_weights(factor.y);
  weights_x_ = gaussian_weights(factor.x);
}

Extent3 Shrink::shape(const Extent3& in) const {
  return {reduced(in.z, factor_.z), reduced(in.y, factor_.y), reduced(in.x, factor_.x)};
}

Interval Shrink::planes(std::int64_t z) const {
  const std::int64_t begin = z * factor_.z;
  if (method_ == ShrinkMethod::nearest) return {begin + factor_.z / 2, begin + factor_.z / 2 + 1};
  const std::int64_t beyond = method_ == ShrinkMethod::gaussian && factor_.z > 1 ? factor_.z / 2 : 0;
  return {begin - beyond, begin + factor_.z + beyond};
}

std::int64_t Shrink::scratch_bytes(const Extent3& in) const {
  constexpr std::int64_t kWidestSum = 16;
  return in.x * kWidestSum + 4096;
}

void Shrink::apply(std::span<const std::byte* const> planes, const Extent3& in, const Interval& rows,
                   std::byte* out) const {
  if (method_ == ShrinkMethod::gaussian) return gaussian_rows(planes, in, rows, out);
  const std::int64_t row_bytes = in.x * size_of(dtype_);
  std::vector<const std::byte*> sources;
  for (std::int64_t y = rows.begin; y < rows.end; ++y, out += reduced(in.x, factor_.x) * size_of(dtype_)) {
    const bool nearest = method_ == ShrinkMethod::nearest;
    const std::int64_t first = nearest ? std::min(y * factor_.y + factor_.y / 2, in.y - 1) : y * factor_.y;
    const std::int64_t end = nearest ? first + 1 : std::min(first + factor_.y, in.y);
    sources.clear();
    for (const std::byte* plane : planes)
      for (std::int64_t row = first; row < end; ++row) sources.push_back(plane + row * row_bytes);
    shrink_rows(method_, dtype_, sources, in.x, factor_.x, out);
  }
}

void Shrink::gaussian_rows(std::span<const std::byte* const> planes, const Extent3& in, const Interval& rows,
                           std::byte* out) const {
  const std::int64_t row_bytes = in.x * size_of(dtype_);
  const std::int64_t beyond = factor_.y > 1 ? factor_.y / 2 : 0;
  std::vector<const std::byte*> sources;
  std::vector<double> weights;
  for (const double z : weights_z_)
    for (const double y : weights_y_) weights.push_back(z * y);
  for (std::int64_t y = rows.begin; y < rows.end; ++y, out += reduced(in.x, factor_.x) * size_of(dtype_)) {
    sources.clear();
    for (const std::byte* plane : planes)
      for (std::int64_t k = 0; k < static_cast<std::int64_t>(weights_y_.size()); ++k)
        sources.push_back(plane +
                          std::clamp<std::int64_t>(y * factor_.y - beyond + k, 0, in.y - 1) * row_bytes);
    shrink_weighted(dtype_, sources, weights, in.x, factor_.x, weights_x_, out);
  }
}

}  // namespace vox
