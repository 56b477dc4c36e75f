#include "ops/stats/statistics.h"

#include <numeric>

#include "ops/stats/measures.h"
#include "ops/stats/reducer_list.h"

namespace vox {
namespace {

bool small_integer(DType dtype) { return size_of(dtype) <= 2 && !is_float(dtype); }

/// The parts that are measured plane by plane or label by label.
class Parts {
 public:
  Parts(const StatisticsRequest& request, const Extent3& shape, const SegmentSource& source) {
    if (request.profile) profile_.emplace(*request.profile, shape, source);
    if (request.labels) labels_.emplace(*request.labels, source);
  }
  void add_to(ReducerList& pass) {
    if (profile_) pass.add(*profile_, labels_.has_value());
    if (labels_) pass.add(*labels_);
  }
  void finish(Statistics& result) const {
    if (profile_) result.profile = profile_->moments();
    if (labels_) result.labels = labels_->moments();
  }

 private:
  std::optional<ProfileReducer> profile_;
  std::optional<LabelMomentsReducer> labels_;
};

/// The middle of the sorted volume, as numpy.median.
struct Median {
  std::int64_t below = 0;
  std::int64_t above = 0;

  explicit Median(std::int64_t count) : below((count - 1) / 2), above(count / 2) {}
  double value(const RankSearch& search) const {
    const double a = search.value(below);
    const double b = search.value(above);
    return std::midpoint(a, b);
  }
};

RankSearch search_for(const HistogramReducer& first, const StatisticsRequest& request) {
  const std::int64_t count = first.summary().count;
  std::vector<std::int64_t> ranks = percentile_ranks(request.percentiles, count);
  const Median median(count);
  if (count > 0) ranks.insert(ranks.end(), {median.below, median.above});
  return {first, std::move(ranks)};
}

/// What follows from the whole histogram of a small type.
void take_counts(const HistogramReducer& first, const StatisticsRequest& request, Statistics& result) {
  const EqualWidthBins bins(first.dtype(), result.summary.min, result.summary.max, request.bins);
  result.moments = moments_from_counts(first);
  result.histogram = equal_width_from_counts(first, bins);
  result.otsu = is_float(first.dtype()) ? otsu_from_bins(result.histogram, result.summary, first.dtype())
                                        : otsu_from_counts(first);
}

/// The second pass, and further ones while ranks are searched for.
void take_passes(const HistogramReducer& first, RankSearch& search, Parts& parts,
                 const StatisticsRequest& request, Statistics& result, const RunPass& run_pass) {
  ReducerList second;
  const bool hide_last = request.labels.has_value();
  std::unique_ptr<RankRefiner> refiner;
  std::optional<MomentsReducer> moments;
  std::optional<EqualWidthReducer> bins;
  if (!search.done()) {
    refiner = search.next_pass();
    second.add(*refiner, hide_last);
  }
  if (!first.whole()) {
    second.add(bins.emplace(first, request.bins), hide_last);
    second.add(moments.emplace(first), hide_last);
  }
  parts.add_to(second);
  run_pass(second);
  if (refiner) search.take(*refiner);
  if (!first.whole()) {
    result.moments = moments->moments();
    result.histogram = bins->histogram();
    result.otsu = otsu_from_bins(result.histogram, result.summary, first.dtype());
  }
  while (!search.done()) {
    refiner = search.next_pass();
    ReducerList further;
    further.add(*refiner, hide_last);
    run_pass(further);
    search.take(*refiner);
  }
}

}  // namespace

bool one_pass(DType dtype, const StatisticsRequest& request) {
  return small_integer(dtype) || (size_of(dtype) <= 2 && !request.profile && !request.labels);
}

Statistics measure(DType dtype, const Extent3& shape, const StatisticsRequest& request,
                   const RunPass& run_pass) {
  Statistics result;
  HistogramReducer first(dtype);
  ReducerList pass;
  pass.add(first, request.labels.has_value());
  std::optional<Parts> parts;
  if (small_integer(dtype))
    parts.emplace(request, shape, SegmentSource{dtype, sum_scale(dtype), false}).add_to(pass);
  run_pass(pass);

  result.summary = first.summary();
  RankSearch search = search_for(first, request);
  if (first.whole()) take_counts(first, request, result);
  if (!one_pass(dtype, request)) {
    parts.emplace(request, shape, segment_source(first));
    take_passes(first, search, *parts, request, result, run_pass);
  }
  if (parts) parts->finish(result);
  result.entropy = entropy_bits(result.histogram.counts);
  result.median = Median(result.summary.count).value(search);
  for (const double percentile : request.percentiles)
    result.percentiles.push_back(percentile_from(search, percentile, result.summary.count));
  return result;
}

}  // namespace vox
