#include "ops/stats/equal_width.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/stats/bin_index.h"
#include "ops/stats/segment_sums.h"

namespace vox {
namespace {

/// Neighbours fall into the same bin; a counter that was just written cannot be read again at once.
constexpr std::size_t kTables = 4;
constexpr std::int64_t kMostPending = UINT32_MAX;

}  // namespace

EqualWidthBins::EqualWidthBins(DType dtype, double min, double max, std::int64_t bins) : dtype_(dtype) {
  if (std::isnan(min)) {
    min = 0;
    max = 1;
  }
  if (min == max) {
    min -= 0.5;
    max += 0.5;
  }
  const auto count = static_cast<double>(bins);
  const double range = max - min;
  const double step = std::isfinite(range) ? range / count : max / count - min / count;
  for (std::int64_t i = 0; i < bins; ++i) {
    const auto place = static_cast<double>(i);
    edges_.push_back(rounded(min + (step == 0 ? place / count * range : place * step)));
  }
  edges_.push_back(rounded(max));
  first_ = rounded(min);
  // A range beyond the type's leaves the search among the edges.
  per_unit_ = std::isfinite(rounded(range)) ? rounded(count / rounded(range))
                                            : std::numeric_limits<double>::quiet_NaN();
  uncertainty_ = per_unit_ * std::max(std::abs(min), std::abs(max)) * 0x1p-22 + count * 0x1p-20;
}

double EqualWidthBins::rounded(double value) const {
  if (dtype_ == DType::float32) return static_cast<double>(static_cast<float>(value));
  if (dtype_ == DType::float16) return static_cast<double>(float16(value));
  return value;
}

std::int64_t EqualWidthBins::bin_of(double value) const {
  const double place = rounded(rounded(value - first_) * per_unit_);
  const std::int64_t last = size() - 1;
  if (!(place >= 0 && place <= static_cast<double>(last) + 1)) {
    const auto above = std::upper_bound(edges_.begin(), edges_.end(), value) - edges_.begin();
    return std::clamp<std::int64_t>(above - 1, 0, last);
  }
  std::int64_t bin = std::min(static_cast<std::int64_t>(place), last);
  if (bin > 0 && value < edges_[static_cast<std::size_t>(bin)]) --bin;
  if (bin < last && value >= edges_[static_cast<std::size_t>(bin) + 1]) ++bin;
  return bin;
}

EqualWidthHistogram equal_width_from_counts(const HistogramReducer& first, const EqualWidthBins& bins) {
  EqualWidthHistogram result{bins.edges(), std::vector<std::int64_t>(static_cast<std::size_t>(bins.size()))};
  const std::vector<std::int64_t> counts = first.counts();
  for (std::uint64_t key = 0; key < counts.size(); ++key) {
    if (counts[key] == 0) continue;
    const std::uint64_t bits = bits_of_key(key, first.bits(), bit_order(first.dtype()));
    result.counts[static_cast<std::size_t>(bins.bin_of(value_of_bits(bits, first.dtype())))] += counts[key];
  }
  return result;
}

EqualWidthReducer::EqualWidthReducer(const HistogramReducer& first, std::int64_t bins)
    : EqualWidthReducer(first.dtype(), first.summary().count < first.summary().seen,
                        EqualWidthBins(first.dtype(), first.summary().min, first.summary().max, bins)) {}

EqualWidthReducer::EqualWidthReducer(DType dtype, bool specials, EqualWidthBins bins)
    : dtype_(dtype),
      specials_(specials),
      bins_(std::move(bins)),
      recent_(kTables * static_cast<std::size_t>(bins_.size())),
      flushed_(static_cast<std::size_t>(bins_.size())) {
  if (dtype == DType::float32)
    for (const double edge : bins_.edges()) float_edges_.push_back(static_cast<float>(edge));
}

std::unique_ptr<Reducer> EqualWidthReducer::empty() const {
  return std::unique_ptr<Reducer>(new EqualWidthReducer(dtype_, specials_, bins_));
}

std::int64_t EqualWidthReducer::memory_bytes() const {
  return static_cast<std::int64_t>(recent_.size() * 4 + flushed_.size() * 20) +
         2 * std::int64_t{sizeof(SegmentBuffer)};
}

void EqualWidthReducer::observe(std::span<const ConstBlock> blocks) {
  const Extent3 size = blocks[0].shape();
  if (!specials_)
    return for_each_run_inside(blocks,
                               [&](const std::byte* voxels, std::int64_t count) { take(voxels, count); });
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y)
      for_each_finite_segment(blocks, z, y, true,
                              [&](const std::byte* voxels, std::int64_t count) { take(voxels, count); });
}

void EqualWidthReducer::take(const std::byte* voxels, std::int64_t count) {
  std::uint32_t indices[kIndices];
  const auto bins = static_cast<std::size_t>(bins_.size());
  for (std::int64_t begin = 0; begin < count; begin += kIndices) {
    const std::int64_t size = std::min(kIndices, count - begin);
    const std::byte* from = voxels + begin * size_of(dtype_);
    if (dtype_ == DType::float32)
      bin_indices(reinterpret_cast<const float*>(from), size, bins_, float_edges_.data(), indices);
    else
      visit_dtype(dtype_, [&]<class T>(Type<T>) {
        for (std::int64_t i = 0; i < size; ++i)
          indices[i] =
              static_cast<std::uint32_t>(bins_.bin_of(as_double(reinterpret_cast<const T*>(from)[i])));
      });
    if (pending_ + size > kMostPending) flush();
    pending_ += size;
    std::uint32_t* const tables = recent_.data();
    std::int64_t i = 0;
    for (; i + 4 <= size; i += 4) {
      ++tables[indices[i]];
      ++tables[bins + indices[i + 1]];
      ++tables[2 * bins + indices[i + 2]];
      ++tables[3 * bins + indices[i + 3]];
    }
    for (; i < size; ++i) ++tables[indices[i]];
  }
}

void EqualWidthReducer::flush() {
  for (std::size_t i = 0; i < recent_.size(); ++i) flushed_[i % flushed_.size()] += recent_[i];
  std::fill(recent_.begin(), recent_.end(), 0u);
  pending_ = 0;
}

void EqualWidthReducer::merge(const Reducer& other_reducer) {
  const std::vector<std::int64_t> counts =
      static_cast<const EqualWidthReducer&>(other_reducer).histogram().counts;
  for (std::size_t i = 0; i < counts.size(); ++i) flushed_[i] += counts[i];
}

bool EqualWidthReducer::exchange(KeptState& state) {
  flush();
  state.counts(flushed_);
  return true;
}

EqualWidthHistogram EqualWidthReducer::histogram() const {
  EqualWidthHistogram result{bins_.edges(), flushed_};
  for (std::size_t i = 0; i < recent_.size(); ++i) result.counts[i % flushed_.size()] += recent_[i];
  return result;
}

}  // namespace vox
