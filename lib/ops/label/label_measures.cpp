#include "ops/label/label_measures.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/numbers.h"
#include "ops/label/kept_measures.h"

namespace vox {

LabelMeasures::LabelMeasures(DType labels, std::optional<DType> intensity, std::int64_t width,
                             std::int64_t memory)
    : dtype_(labels),
      intensity_(intensity),
      memory_(memory),
      finder_(labels, width, {}, true),
      width_(width) {}

std::unique_ptr<Reducer> LabelMeasures::empty() const {
  return std::make_unique<LabelMeasures>(dtype_, intensity_, width_, memory_);
}

std::int64_t LabelMeasures::memory_bytes() const {
  constexpr std::int64_t kRun = 2 * sizeof(WideRuns::Column) + sizeof(std::uint64_t);
  return width_ * 2 * kRun;
}

void LabelMeasures::observe(std::span<const ConstBlock> blocks) {
  const Extent3 size = blocks[0].shape();
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y) observe_row(blocks[0], blocks.subspan(1), z, y);
  check_memory();
}

void LabelMeasures::observe_row(const ConstBlock& labels, std::span<const ConstBlock> beside, std::int64_t z,
                                std::int64_t y) {
  runs_.clear();
  finder_.append(labels.row(z, y), runs_);
  const std::int64_t row_z = labels.box.begin.z + z;
  const std::int64_t row_y = labels.box.begin.y + y;
  for (std::size_t k = 0; k < runs_.values.size(); ++k) {
    const auto place = static_cast<std::size_t>(index_.add(runs_.values[k]));
    if (place == measures_.size()) make_room();
    const std::int64_t begin = runs_.ends[2 * k];
    const std::int64_t end = runs_.ends[2 * k + 1];
    measures_[place].add_run(row_z, row_y, begin, end);
    if (beside.empty()) continue;
    const std::byte* row = beside[0].row(z, y);
    if (sums_are_whole(*intensity_))
      add_intensities(*intensity_, row, row_z, row_y, begin, end, whole_[place]);
    else
      add_intensities(*intensity_, row, row_z, row_y, begin, end, rounded_[place]);
  }
}

void LabelMeasures::make_room() {
  measures_.emplace_back();
  if (!intensity_) return;
  if (sums_are_whole(*intensity_))
    whole_.emplace_back();
  else
    rounded_.emplace_back();
}

void LabelMeasures::check_memory() const {
  const std::int64_t entry = LabelIndex::kEntryBytes + static_cast<std::int64_t>(sizeof(ObjectMeasure)) +
                             (rounded_.empty() ? 0 : static_cast<std::int64_t>(sizeof rounded_[0])) +
                             (whole_.empty() ? 0 : static_cast<std::int64_t>(sizeof whole_[0]));
  // Vectors that grow hold the old values beside the new ones for a while.
  const std::int64_t bytes = 2 * count() * entry;
  if (bytes <= memory_) return;
  fail_memory(format_count(count()) + " labels and more take " + format_bytes(bytes) + ", --memory leaves " +
              format_bytes(memory_) + " for each thread; use a larger --memory or a smaller -j");
}

void LabelMeasures::merge(const Reducer& other) {
  const auto& more = static_cast<const LabelMeasures&>(other);
  for (std::int64_t i = 0; i < more.count(); ++i) {
    const auto place = static_cast<std::size_t>(index_.add(more.label(i)));
    if (place == measures_.size()) make_room();
    const auto from = static_cast<std::size_t>(i);
    measures_[place].add(more.measures_[from]);
    if (!more.whole_.empty()) whole_[place].add(more.whole_[from]);
    if (!more.rounded_.empty()) rounded_[place].add(more.rounded_[from]);
  }
}

/// By label, so that the bytes do not depend on the order in which rows came.
bool LabelMeasures::exchange(KeptState& state) {
  std::vector<std::uint64_t> labels;
  std::deque<ObjectMeasure> measures;
  std::vector<std::int64_t> places = by_label();
  for (const std::int64_t place : places) {
    labels.push_back(label(place));
    measures.push_back(measure(place));
  }
  state.list(labels);
  exchange_measures(state, measures);
  if (state.loading()) {
    if (measures.size() != labels.size()) fail_damaged("the state of a pass is not what was kept");
    for (std::size_t i = 0; i < labels.size(); ++i) {
      places.push_back(index_.add(labels[i]));
      if (places.back() == static_cast<std::int64_t>(measures_.size())) make_room();
      measures_[static_cast<std::size_t>(places.back())] = measures[i];
    }
  }
  for (const std::int64_t place : places) {
    if (!whole_.empty()) whole_[static_cast<std::size_t>(place)].exchange(state);
    if (!rounded_.empty()) rounded_[static_cast<std::size_t>(place)].exchange(state);
  }
  check_memory();
  return true;
}

std::vector<std::int64_t> LabelMeasures::by_label() const {
  std::vector<std::int64_t> places(static_cast<std::size_t>(count()));
  std::iota(places.begin(), places.end(), 0);
  const bool negative = is_signed(dtype_);
  std::sort(places.begin(), places.end(), [&](std::int64_t a, std::int64_t b) {
    if (negative) return static_cast<std::int64_t>(label(a)) < static_cast<std::int64_t>(label(b));
    return label(a) < label(b);
  });
  return places;
}

ObjectIntensity LabelMeasures::intensity(std::int64_t place) const {
  const auto at = static_cast<std::size_t>(place);
  return sums_are_whole(*intensity_) ? whole_[at].result() : rounded_[at].result();
}

std::int64_t LabelMeasures::not_finite() const {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < rounded_.size(); ++i) count += measures_[i].voxels - rounded_[i].count;
  return count;
}

}  // namespace vox
