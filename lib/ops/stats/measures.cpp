#include "ops/stats/measures.h"

#include <cmath>
#include <numeric>
#include <vector>

namespace vox {

double entropy_bits(std::span<const std::int64_t> counts) {
  const auto total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  double bits = 0;
  for (const std::int64_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / total;
    bits -= share * std::log2(share);
  }
  return bits + 0.0;
}

double otsu_threshold(std::span<const std::int64_t> counts, std::span<const double> centres) {
  const std::size_t bins = counts.size();
  // mean_above[i]: of bins i and up, added from the top as scikit-image does.
  std::vector<double> mean_above(bins);
  std::vector<std::int64_t> weight_above(bins);
  double sum = 0;
  std::int64_t weight = 0;
  for (std::size_t i = bins; i-- > 0;) {
    sum += static_cast<double>(counts[i]) * centres[i];
    weight += counts[i];
    weight_above[i] = weight;
    mean_above[i] = sum / static_cast<double>(weight);
  }
  sum = 0;
  weight = 0;
  double best = -1;
  std::size_t threshold = 0;
  for (std::size_t i = 0; i + 1 < bins; ++i) {
    sum += static_cast<double>(counts[i]) * centres[i];
    weight += counts[i];
    const double distance = sum / static_cast<double>(weight) - mean_above[i + 1];
    __extension__ typedef __int128 Wide;
    const auto weights = static_cast<double>(static_cast<Wide>(weight) * weight_above[i + 1]);
    const double variance = weights * (distance * distance);
    if (variance > best) {
      best = variance;
      threshold = i;
    }
  }
  return centres[threshold];
}

double otsu_from_counts(const HistogramReducer& first) {
  const Summary summary = first.summary();
  if (summary.count == 0 || summary.min == summary.max) return summary.min;
  const std::vector<std::int64_t> all = first.counts();
  const double lowest = value_of_bits(bits_of_key(0, first.bits(), bit_order(first.dtype())), first.dtype());
  const auto begin = static_cast<std::size_t>(summary.min - lowest);
  const auto size = static_cast<std::size_t>(summary.max - summary.min) + 1;
  std::vector<double> values(size);
  std::iota(values.begin(), values.end(), summary.min);
  return otsu_threshold(std::span(all).subspan(begin, size), values);
}

double otsu_from_bins(const EqualWidthHistogram& histogram, const Summary& summary, DType dtype) {
  if (summary.count == 0 || summary.min == summary.max) return summary.min;
  std::vector<double> centres;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    const double sum = histogram.edges[i] + histogram.edges[i + 1];
    centres.push_back(dtype == DType::float32 ? static_cast<double>(static_cast<float>(sum) / 2)
                      : dtype == DType::float16
                          ? static_cast<double>(float16(static_cast<double>(float16(sum)) / 2))
                          : sum / 2);
  }
  if (centres.size() < 2) return centres.front();
  return otsu_threshold(histogram.counts, centres);
}

}  // namespace vox
