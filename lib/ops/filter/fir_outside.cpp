#include "ops/filter/fir_outside.h"

namespace vox {
namespace {

double weight_before(const Taps& taps, std::size_t k) {
  return taps.odd ? -taps.weights[k] : taps.weights[k];
}

double sum_of(const Taps& taps) {
  double sum = taps.odd ? 0 : taps.weights[0];
  for (std::size_t k = 1; k < taps.weights.size(); ++k) sum += taps.weights[k] + weight_before(taps, k);
  return sum;
}

/// At every place of an axis of `n` voxels: the weights of the neighbours that lie outside.
std::vector<double> weights_outside(const Taps& taps, std::int64_t n) {
  std::vector<double> sums;
  for (std::int64_t place = 0; place < n; ++place) {
    double sum = 0;
    for (std::size_t k = 1; k < taps.weights.size(); ++k) {
      const auto distance = static_cast<std::int64_t>(k);
      if (place + distance >= n) sum += taps.weights[k];
      if (place - distance < 0) sum += weight_before(taps, k);
    }
    sums.push_back(sum);
  }
  return sums;
}

}  // namespace

FirOutside::FirOutside(const FirTerm& term, const ConstantOutside& outside) : axes_(term.order) {
  const std::array<std::int64_t, 3> shape{outside.shape.z, outside.shape.y, outside.shape.x};
  const auto& [first, second, third] = axes_;
  second_ = weights_outside(term.taps[second], shape[second]);
  third_ = weights_outside(term.taps[third], shape[third]);
  third_sum_ = sum_of(term.taps[third]);
  after_one_ = outside.value * (1 - sum_of(term.taps[first]));
  after_two_ = outside.value * (1 - sum_of(term.taps[first]) * sum_of(term.taps[second]));
}

}  // namespace vox
