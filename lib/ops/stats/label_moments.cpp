#include "ops/stats/label_moments.h"

#include <algorithm>
#include <cmath>

namespace vox {

/// A segment of a row, widened.
struct LabelMomentsReducer::Segment {
  double values[kSegment];
  std::uint64_t labels[kSegment];
  std::uint8_t keep[kSegment];  ///< inside the mask and finite
  bool keep_all = true;
  std::int64_t count = 0;
};

std::unique_ptr<Reducer> LabelMomentsReducer::empty() const {
  return std::make_unique<LabelMomentsReducer>(label_dtype_, source_);
}

std::int64_t LabelMomentsReducer::memory_bytes() const {
  constexpr std::int64_t kEntry = sizeof(std::pair<const std::uint64_t, MomentSums>) + 4 * sizeof(void*);
  return static_cast<std::int64_t>(sums_.size()) * kEntry + std::int64_t{sizeof(Segment)};
}

void LabelMomentsReducer::observe(std::span<const ConstBlock> blocks) {
  const ConstBlock& volume = blocks.front();
  const ConstBlock& labels = blocks.back();
  const bool masked = blocks.size() == 3;
  const Extent3 size = volume.shape();
  Segment segment;
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y)
      for (std::int64_t x = 0; x < size.x; x += kSegment) {
        segment.count = std::min(kSegment, size.x - x);
        to_doubles(volume.row(z, y) + x * size_of(volume.dtype), volume.dtype, segment.count, segment.values);
        visit_dtype(label_dtype_, [&]<class T>(Type<T>) {
          const T* row = reinterpret_cast<const T*>(labels.row(z, y)) + x;
          if constexpr (!is_float_type<T>)
            for (std::int64_t i = 0; i < segment.count; ++i)
              segment.labels[i] = static_cast<std::uint64_t>(row[i]);
        });
        segment.keep_all = !masked && !source_.specials;
        if (masked) {
          const std::byte* mask = blocks[1].row(z, y) + x * size_of(blocks[1].dtype);
          inside_flags(mask, blocks[1].dtype, segment.count, segment.keep);
          for (std::int64_t i = 0; i < segment.count; ++i)
            if (segment.keep[i] == 0) segment.labels[i] = 0;  // not seen, as the background
        } else if (!segment.keep_all) {
          std::fill_n(segment.keep, segment.count, std::uint8_t{1});
        }
        if (source_.specials)
          for (std::int64_t i = 0; i < segment.count; ++i)
            segment.keep[i] &= static_cast<std::uint8_t>(std::isfinite(segment.values[i]));
        add_segment(segment);
      }
}

void LabelMomentsReducer::add_segment(const Segment& segment) {
  for (std::int64_t begin = 0, end = 0; begin < segment.count; begin = end) {
    const std::uint64_t label = segment.labels[begin];
    while (end < segment.count && segment.labels[end] == label) ++end;
    if (label != 0)
      add_run(label, segment.values + begin, segment.keep_all ? nullptr : segment.keep + begin, end - begin);
  }
}

void LabelMomentsReducer::add_run(std::uint64_t label, const double* values, const std::uint8_t* keep,
                                  std::int64_t count) {
  MomentSums& sums = sums_[label];
  if (keep == nullptr) return sums.add(segment_sums(values, count, source_.scale), count);
  double kept_values[kSegment];
  std::int64_t kept = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    kept_values[kept] = values[i];
    kept += keep[i];
  }
  if (kept > 0) sums.add(segment_sums(kept_values, kept, source_.scale), kept);
}

void LabelMomentsReducer::merge(const Reducer& other) {
  for (const auto& [label, sums] : static_cast<const LabelMomentsReducer&>(other).sums_)
    sums_[label].add(sums);
}

bool LabelMomentsReducer::exchange(KeptState& state) {
  std::vector<std::uint64_t> labels;
  for (const auto& [label, sums] : sums_) labels.push_back(label);
  std::sort(labels.begin(), labels.end());
  state.list(labels);
  for (const std::uint64_t label : labels) sums_[label].exchange(state);
  return true;
}

std::vector<LabelMoments> LabelMomentsReducer::moments() const {
  std::vector<LabelMoments> result;
  for (const auto& [label, sums] : sums_) result.push_back({label, sums.moments(source_.scale)});
  const bool is_negative_possible = is_signed(label_dtype_);
  std::sort(result.begin(), result.end(), [&](const LabelMoments& a, const LabelMoments& b) {
    if (is_negative_possible) return static_cast<std::int64_t>(a.label) < static_cast<std::int64_t>(b.label);
    return a.label < b.label;
  });
  return result;
}

std::string label_text(std::uint64_t label, DType dtype) {
  return is_signed(dtype) ? std::to_string(static_cast<std::int64_t>(label)) : std::to_string(label);
}

}  // namespace vox
