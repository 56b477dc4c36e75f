#include "ops/stats/section_histograms.h"

#include <algorithm>
#include <limits>

#include "ops/simd.h"
#include "ops/stats/segment_sums.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/stats/section_histograms.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

/// The bin of each voxel; `bins` for one above the threshold that is in none, and one more for the rest.
void find_bins(const double* values, std::int64_t count, const SectionBins& given, const double* edges,
               std::int32_t* out) {
  const SectionBins bins = given;
  const auto number = static_cast<std::int32_t>(bins.bins);
  const double per_unit = static_cast<double>(bins.bins) / (bins.high - bins.low);
  const double last = static_cast<double>(bins.bins - 1);
  for (std::int64_t i = 0; i < count; ++i) {
    const double value = values[i];
    const bool above = value > bins.threshold && value <= std::numeric_limits<double>::max();
    const bool within = above && value >= bins.low && value <= bins.high;
    double place = within ? (value - bins.low) * per_unit : 0;
    place = place < last ? place : last;
    auto bin = static_cast<std::int32_t>(place);
    // Rounding may miss the bin by one; the edges decide.
    const std::int32_t down = value < edges[bin] ? 1 : 0;
    const std::int32_t up = value >= edges[bin + 1] && bin + 1 < number ? 1 : 0;
    bin += up - down;
    const std::int32_t other = above ? number : number + 1;
    out[i] = within ? bin : other;
  }
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(find_bins);

constexpr std::int64_t kPiece = 1024;
constexpr std::size_t kTables = 4;

}  // namespace

SectionHistograms::SectionHistograms(DType dtype, const SectionBins& bins, std::vector<Interval> sections)
    : dtype_(dtype),
      bins_(bins),
      sections_(std::move(sections)),
      counts_(sections_.size() * static_cast<std::size_t>(bins.bins)),
      above_(sections_.size()),
      recent_(kTables * static_cast<std::size_t>(bins.bins + 2)) {
  const double step = (bins.high - bins.low) / static_cast<double>(bins.bins);
  for (std::int64_t i = 0; i < bins.bins; ++i) edges_.push_back(bins.low + static_cast<double>(i) * step);
  edges_.push_back(bins.high);
}

std::unique_ptr<Reducer> SectionHistograms::empty() const {
  return std::make_unique<SectionHistograms>(dtype_, bins_, sections_);
}

std::int64_t SectionHistograms::memory_bytes() const {
  return static_cast<std::int64_t>(counts_.size() * 8 + above_.size() * 8 + recent_.size() * 4 +
                                   sections_.size() * sizeof(Interval)) +
         kPiece * 12;
}

std::span<const std::int64_t> SectionHistograms::counts(std::size_t section) const {
  const auto bins = static_cast<std::size_t>(bins_.bins);
  return std::span(counts_).subspan(section * bins, bins);
}

void SectionHistograms::observe(std::span<const ConstBlock> blocks) {
  const ConstBlock& block = blocks[0];
  const Extent3 size = block.shape();
  for (std::int64_t z = 0; z < size.z; ++z) {
    const auto section =
        std::partition_point(sections_.begin(), sections_.end(),
                             [&](const Interval& interval) { return interval.end <= block.box.begin.z + z; });
    for (std::int64_t y = 0; y < size.y; ++y) count_row(block.row(z, y), size.x);
    flush(static_cast<std::size_t>(section - sections_.begin()));
  }
}

void SectionHistograms::count_row(const std::byte* row, std::int64_t size) {
  double values[kPiece];
  std::int32_t found[kPiece];
  const auto stride = static_cast<std::size_t>(bins_.bins + 2);
  for (std::int64_t x = 0; x < size; x += kPiece) {
    const std::int64_t count = std::min(kPiece, size - x);
    to_doubles(row + x * size_of(dtype_), dtype_, count, values);
    VOX_SIMD_CALL(find_bins)(values, count, bins_, edges_.data(), found);
    std::uint32_t* const tables = recent_.data();
    std::int64_t i = 0;
    for (; i + 4 <= count; i += 4) {
      ++tables[found[i]];
      ++tables[stride + static_cast<std::size_t>(found[i + 1])];
      ++tables[2 * stride + static_cast<std::size_t>(found[i + 2])];
      ++tables[3 * stride + static_cast<std::size_t>(found[i + 3])];
    }
    for (; i < count; ++i) ++tables[found[i]];
  }
}

void SectionHistograms::flush(std::size_t section) {
  const auto bins = static_cast<std::size_t>(bins_.bins);
  for (std::size_t table = 0; table < kTables; ++table) {
    const std::uint32_t* const recent = recent_.data() + table * (bins + 2);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      counts_[section * bins + bin] += recent[bin];
      above_[section] += recent[bin];
    }
    above_[section] += recent[bins];
  }
  std::fill(recent_.begin(), recent_.end(), 0u);
}

void SectionHistograms::merge(const Reducer& other_reducer) {
  const auto& other = static_cast<const SectionHistograms&>(other_reducer);
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  for (std::size_t i = 0; i < above_.size(); ++i) above_[i] += other.above_[i];
}

}  // namespace vox
#endif  // HWY_ONCE
