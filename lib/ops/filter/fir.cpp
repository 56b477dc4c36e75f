#include "ops/filter/fir.h"

#include <algorithm>
#include <cmath>

#include "ops/filter/filtered_meta.h"
#include "ops/filter/fir_rows.h"
#include "ops/scratch.h"

namespace vox {

Fir::Fir(std::vector<FirTerm> terms, FirMerge merge, DType dtype,
         const std::optional<ConstantOutside>& outside)
    : terms_(std::move(terms)), merge_(merge), dtype_(dtype), reach_(FirPlan(terms_, {}).reach) {
  if (!outside) return;
  for (const FirTerm& term : terms_) outside_.emplace_back(term, *outside);
}

VolumeMeta Fir::output_meta(const VolumeMeta& input) const { return meta_of_means(input, dtype_); }

std::int64_t Fir::planes_at_once() const { return FirPlan::kQuad; }

std::int64_t Fir::scratch_bytes(const Extent3& block) const {
  return FirPlan(terms_, outside_).scratch_bytes(block);
}

void Fir::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  const FirPlan plan(terms_, outside_);
  fir_rows(in, out, plan, merge_, thread_scratch(plan.scratch_bytes(out.shape())), tally);
}

VolumeMeta FirDifference::output_meta(const VolumeMeta& input) const {
  VolumeMeta meta = Fir::output_meta(input);
  if (!meta.value_map) return meta;
  const double slope = meta.value_map->slope;
  meta.value_map = ValueMap{merge() == FirMerge::magnitude ? std::abs(slope) : slope, 0};
  return meta;
}

Taps gaussian_taps(double sigma, double truncate, int order) {
  Taps taps;
  if (sigma <= 0) return taps;
  // NOLINTNEXTLINE(bugprone-incorrect-roundings): as scipy.ndimage has it
  const auto reach = static_cast<std::int64_t>(truncate * sigma + 0.5);
  const double variance = sigma * sigma;
  // In long double: the C library's double exponential may differ in the last place between processors.
  long double sum = 0;
  taps.weights.clear();
  for (std::int64_t i = 0; i <= reach; ++i) {
    const long double distance = static_cast<long double>(i);
    taps.weights.push_back(static_cast<double>(std::exp(-0.5L * distance * distance / variance)));
    sum += (i == 0 ? 1 : 2) * taps.weights.back();
  }
  taps.odd = order == 1;
  for (std::int64_t i = 0; i <= reach; ++i) {
    const double x = static_cast<double>(i);
    double& weight = taps.weights[static_cast<std::size_t>(i)];
    weight = static_cast<double>(weight / sum);
    if (order == 1) weight *= x / variance;
    if (order == 2) weight *= x * x / (variance * variance) - 1 / variance;
  }
  return taps;
}

Taps scaled(Taps taps, double factor) {
  for (double& weight : taps.weights) weight *= factor;
  return taps;
}

}  // namespace vox
