#include "ops/stats/compare_labels.h"

#include <algorithm>

namespace vox {
namespace {

constexpr std::int64_t kTile = 1024;
constexpr std::int64_t kBeforeAll = -1;

void widen_labels(const std::byte* row, DType dtype, std::int64_t count, std::uint64_t* out) {
  visit_dtype(dtype, [&]<class T>(Type<T>) {
    if constexpr (!is_float_type<T>)
      for (std::int64_t i = 0; i < count; ++i)
        out[i] = static_cast<std::uint64_t>(reinterpret_cast<const T*>(row)[i]);
  });
}

}  // namespace

void CompareLabelsReducer::Partners::add(const Meeting& meeting) {
  if (meeting.label == earliest.label && earliest.index != INT64_MAX) {
    earliest.index = std::min(earliest.index, meeting.index);
    return;
  }
  if (next.index == INT64_MAX || meeting.label == next.label || meeting.index < next.index) {
    const std::int64_t before =
        next.index != INT64_MAX && meeting.label == next.label ? next.index : INT64_MAX;
    next = {meeting.label, std::min(meeting.index, before)};
  }
  if (next.index < earliest.index) std::swap(earliest, next);
}

CompareLabelsReducer::CompareLabelsReducer(const Extent3& shape) : shape_(shape) {
  of_a_[0].add({0, kBeforeAll});
  of_b_[0].add({0, kBeforeAll});
}

void CompareLabelsReducer::observe(std::span<const ConstBlock> blocks) {
  const ConstBlock& a = blocks[0];
  const ConstBlock& b = blocks[1];
  const Extent3 size = a.shape();
  Label labels_a[kTile], labels_b[kTile];
  for (std::int64_t z = 0; z < size.z; ++z) {
    for (std::int64_t y = 0; y < size.y; ++y) {
      for (std::int64_t x = 0; x < size.x; x += kTile) {
        const std::int64_t run = std::min(kTile, size.x - x);
        widen_labels(a.row(z, y) + x * size_of(a.dtype), a.dtype, run, labels_a);
        widen_labels(b.row(z, y) + x * size_of(b.dtype), b.dtype, run, labels_b);
        const Extent3 at = {a.box.begin.z + z, a.box.begin.y + y, a.box.begin.x + x};
        observe_row(labels_a, labels_b, run, (at.z * shape_.y + at.y) * shape_.x + at.x);
      }
    }
  }
}

void CompareLabelsReducer::observe_row(const Label* a, const Label* b, std::int64_t count,
                                       std::int64_t index) {
  for (std::int64_t i = 0; i < count; ++i) {
    if (i > 0 && a[i] == a[i - 1] && b[i] == b[i - 1]) continue;
    if (a[i] == 0 && b[i] == 0) continue;
    of_a_[a[i]].add({b[i], index + i});
    of_b_[b[i]].add({a[i], index + i});
  }
}

void CompareLabelsReducer::merge_table(Table& into, const Table& from) {
  for (const auto& [label, partners] : from) {
    Partners& mine = into[label];
    mine.add(partners.earliest);
    if (partners.next.index != INT64_MAX) mine.add(partners.next);
  }
}

void CompareLabelsReducer::merge(const Reducer& other_reducer) {
  const auto& other = dynamic_cast<const CompareLabelsReducer&>(other_reducer);
  merge_table(of_a_, other.of_a_);
  merge_table(of_b_, other.of_b_);
}

LabelComparison CompareLabelsReducer::result() const {
  LabelComparison result;
  result.labels_a = static_cast<std::int64_t>(of_a_.size()) - 1;
  result.labels_b = static_cast<std::int64_t>(of_b_.size()) - 1;
  std::int64_t first = INT64_MAX;
  for (const Table* table : {&of_a_, &of_b_})
    for (const auto& [label, partners] : *table) first = std::min(first, partners.next.index);
  if (first != INT64_MAX) {
    const std::int64_t plane = shape_.y * shape_.x;
    result.first = {first / plane, first % plane / shape_.x, first % shape_.x};
  }
  return result;
}

}  // namespace vox
