#include "ops/intensity/equalize.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ops/intensity/rescale.h"
#include "ops/kernel_table.h"
#include "ops/stats/equal_width.h"

namespace vox {
namespace {

/// Values of the cumulative histogram.
std::vector<double> cumulated(std::span<const std::int64_t> counts, const Range& to) {
  const auto total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  std::vector<double> values;
  std::int64_t sum = 0;
  for (const std::int64_t count : counts) {
    sum += count;
    values.push_back(static_cast<double>(sum) / total * (to.high - to.low) + to.low);
  }
  return values;
}

/// One bin for each value.
Curves curve_of_values(const HistogramReducer& first, const Range& to) {
  const Summary summary = first.summary();
  const std::vector<std::int64_t> all = first.counts();
  const double lowest = value_of_bits(bits_of_key(0, first.bits(), bit_order(first.dtype())), first.dtype());
  const auto begin = static_cast<std::size_t>(summary.min - lowest);
  const auto size = static_cast<std::size_t>(summary.max - summary.min) + 1;
  Curves curve;
  curve.first = summary.min;
  curve.knots = static_cast<std::int64_t>(size);
  curve.values = cumulated(std::span(all).subspan(begin, size), to);
  return curve;
}

Curves curve_of_bins(const EqualWidthHistogram& histogram, const Range& to) {
  Curves curve;
  curve.knots = static_cast<std::int64_t>(histogram.counts.size());
  const double low = histogram.edges.front();
  const double high = histogram.edges.back();
  const auto count = static_cast<double>(curve.knots);
  curve.step = high / count - low / count;
  curve.first = low + curve.step / 2;
  curve.values = cumulated(histogram.counts, to);
  return curve;
}

/// Where all voxels that are counted are equal, from 0 to 1 around that value. A bin of its own has no width
/// to speak of beside large values, so the step is a power of two that a double holds exactly around it.
Curves curve_around(double value, const Range& to) {
  constexpr int kNarrowest = -8;  // the width of one of 256 bins between value - 0.5 and value + 0.5
  constexpr int kBelow = 20;      // bits below the highest of the value
  Curves curve;
  curve.step = std::ldexp(1.0, value == 0 ? kNarrowest : std::max(kNarrowest, std::ilogb(value) - kBelow));
  curve.first = value - curve.step / 2;
  curve.knots = 2;
  curve.values = {to.low, to.high};
  return curve;
}

}  // namespace

Equalization equalizing_curve(DType dtype, std::int64_t bins, const Range& to, const RunPass& run_pass) {
  HistogramReducer first(dtype);
  run_pass(first);
  Equalization result{first.summary(), {}};
  if (first.whole()) {
    if (result.summary.count == 0)
      result.curve.values = {to.low};
    else if (!is_float(dtype))
      result.curve = curve_of_values(first, to);
    else if (result.summary.min == result.summary.max)
      result.curve = curve_around(result.summary.min, to);
    else
      result.curve = curve_of_bins(
          equal_width_from_counts(first, EqualWidthBins(dtype, result.summary.min, result.summary.max, bins)),
          to);
    return result;
  }
  EqualWidthReducer second(first, bins);
  run_pass(second);
  if (result.summary.count == 0)
    result.curve.values = {to.low};
  else if (result.summary.min == result.summary.max)
    result.curve = curve_around(result.summary.min, to);
  else
    result.curve = curve_of_bins(second.histogram(), to);
  return result;
}

namespace {

class EqualizeSpec : public KernelSpec {
 public:
  void declare(Params& params) override {
    params.value("bins", 'b', "N", "bins of the histogram", bins_).default_is("256");
  }
  bool must_look() const override { return true; }
  void look(const VolumeMeta& input, const std::function<void(Reducer&)>& run_pass) override {
    curve_ = equalizing_curve(input.dtype, bins_, {0, 1}, run_pass).curve;
  }
  KernelChain build(const VolumeMeta& input, std::optional<DType>) const override {
    return chain_of<CurveMap>(input.dtype, DType::float32, curve_);
  }

 private:
  std::int64_t bins_ = 256;
  Curves curve_{0, 1, 1, {0}};
};

}  // namespace

extern constinit const KernelEntry kEqualizeKernel = {
    "equalize", "intensity", "Make all intensities equally frequent",
    []() -> std::unique_ptr<KernelSpec> { return std::make_unique<EqualizeSpec>(); }};

}  // namespace vox
