#include "ops/intensity/histogram_match.h"

#include <algorithm>
#include <numeric>

namespace vox {

bool unit_range(double low, double high) { return low >= 0 && high <= 1; }

MatchBins match_bins(double low, double high, double low_above, double threshold, std::int64_t bins) {
  MatchBins result{{threshold, 0, 1, bins}, unit_range(low, high)};
  if (result.unit) {
    result.bins.low = threshold + std::max(1e-6, 1e-6 * threshold);
  } else if (low_above <= high) {
    result.bins.low = low_above;
    result.bins.high = high;
  }
  if (result.bins.low >= result.bins.high) {
    result.bins.high = result.bins.low + 0.5;
    result.bins.low -= 0.5;
  }
  return result;
}

void cumulate(std::span<const std::int64_t> counts, std::span<double> out) {
  const auto total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    sum += counts[i];
    out[i] = static_cast<double>(sum) / total;
  }
}

MatchReference match_reference(std::span<const std::int64_t> counts, const SectionBins& bins) {
  MatchReference reference;
  reference.distribution.resize(counts.size());
  cumulate(counts, reference.distribution);
  const double step = (bins.high - bins.low) / static_cast<double>(bins.bins);
  for (std::int64_t i = 0; i < bins.bins; ++i)
    reference.centres.push_back(bins.low + (static_cast<double>(i) + 0.5) * step);
  return reference;
}

void match(std::span<double> distribution, const MatchReference& reference) {
  const std::vector<double>& x = reference.distribution;
  const std::vector<double>& y = reference.centres;
  for (double& value : distribution) {
    const auto above = static_cast<std::size_t>(std::upper_bound(x.begin(), x.end(), value) - x.begin());
    if (above == 0)
      value = y.front();
    else if (above == x.size() || x[above - 1] == value)
      value = y[above - 1];
    else
      value = (y[above] - y[above - 1]) / (x[above] - x[above - 1]) * (value - x[above - 1]) + y[above - 1];
  }
}

SectionMatching::SectionMatching(std::int64_t planes, std::span<const Interval> sections,
                                 const SectionBins& bins)
    : sections_(sections.begin(), sections.end()), bins_(bins), all_(static_cast<std::size_t>(bins.bins)) {
  curves_.step = (bins.high - bins.low) / static_cast<double>(bins.bins);
  curves_.first = bins.low + curves_.step / 2;
  curves_.knots = bins.bins;
  curves_.stays_up_to = bins.threshold;
  curves_.curve_of_plane.assign(static_cast<std::size_t>(planes), -1);
  curves_.values.reserve(sections.size() * all_.size());
}

std::int64_t SectionMatching::bytes(std::size_t sections, std::int64_t bins) {
  return static_cast<std::int64_t>(sections) * bins * 8;
}

void SectionMatching::take(std::size_t section, std::span<const std::int64_t> counts, std::int64_t above) {
  std::int64_t total = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    all_[i] += counts[i];
    total += counts[i];
  }
  above_ += above;
  if (above < kLeastMatched || total == 0) {
    ++left_alone_;
    return;
  }
  const std::size_t place = curves_.values.size();
  curves_.values.resize(place + counts.size());
  cumulate(counts, std::span(curves_.values).subspan(place));
  for (std::int64_t z = sections_[section].begin; z < sections_[section].end; ++z)
    curves_.curve_of_plane[static_cast<std::size_t>(z)] = static_cast<std::int32_t>(place / counts.size());
}

std::optional<MatchReference> SectionMatching::whole() const {
  if (above_ < kLeastMatched || curves_.values.empty()) return std::nullopt;
  return match_reference(all_, bins_);
}

Curves SectionMatching::matched(const std::optional<MatchReference>& reference) {
  if (reference)
    match(curves_.values, *reference);
  else
    std::fill(curves_.curve_of_plane.begin(), curves_.curve_of_plane.end(), -1);
  // A single curve can become a table.
  if (sections_.size() == 1 && curves_.curve_of_plane.front() == 0) curves_.curve_of_plane.clear();
  return std::move(curves_);
}

}  // namespace vox
