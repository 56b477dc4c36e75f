#include "ops/stats/profile.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace vox {

void parse_value(std::string_view text, Axis& axis) {
  if (text != "z" && text != "y" && text != "x")
    fail_usage("'" + std::string(text) + "' is not an axis; write z, y or x");
  axis = text == "z" ? Axis::z : text == "y" ? Axis::y : Axis::x;
}

ProfileReducer::ProfileReducer(Axis axis, const Extent3& shape, const SegmentSource& source)
    : axis_(axis), shape_(shape), source_(source) {
  const std::int64_t length = axis == Axis::z ? shape.z : axis == Axis::y ? shape.y : shape.x;
  planes_.resize(static_cast<std::size_t>(length));
  if (axis == Axis::x) columns_.resize(planes_.size());
}

std::unique_ptr<Reducer> ProfileReducer::empty() const {
  return std::make_unique<ProfileReducer>(axis_, shape_, source_);
}

std::int64_t ProfileReducer::memory_bytes() const {
  return static_cast<std::int64_t>(planes_.size() * sizeof(MomentSums) + columns_.size() * sizeof(Column)) +
         2 * std::int64_t{sizeof(SegmentBuffer)};
}

void ProfileReducer::observe(std::span<const ConstBlock> blocks) {
  if (axis_ == Axis::x) return observe_columns(blocks);
  const Box3& box = blocks[0].box;
  const Extent3 size = blocks[0].shape();
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y) {
      MomentSums& plane =
          planes_[static_cast<std::size_t>(axis_ == Axis::z ? box.begin.z + z : box.begin.y + y)];
      for_each_finite_segment(blocks, z, y, source_.specials,
                              [&](const std::byte* voxels, std::int64_t count) {
                                plane.add(segment_sums(voxels, source_.dtype, count, source_.scale), count);
                              });
    }
}

void ProfileReducer::observe_columns(std::span<const ConstBlock> blocks) {
  const Extent3 size = blocks[0].shape();
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y) {
      add_row(blocks, z, y);
      if ((blocks[0].box.begin.y + y + 1) % kRows == 0 || y + 1 == size.y) flush_columns();
    }
}

void ProfileReducer::add_row(std::span<const ConstBlock> blocks, std::int64_t z, std::int64_t y) {
  const std::int64_t voxel_size = size_of(source_.dtype);
  double values[kSegment];
  std::uint8_t keep[kSegment];
  for (std::int64_t x = 0; x < shape_.x; x += kSegment) {
    const std::int64_t count = std::min(kSegment, shape_.x - x);
    to_doubles(blocks[0].row(z, y) + x * voxel_size, source_.dtype, count, values);
    std::fill_n(keep, count, std::uint8_t{1});
    if (blocks.size() > 1)
      inside_flags(blocks[1].row(z, y) + x * size_of(blocks[1].dtype), blocks[1].dtype, count, keep);
    for (std::int64_t i = 0; i < count; ++i) {
      if (!keep[i] || !std::isfinite(values[i])) continue;
      Column& column = columns_[static_cast<std::size_t>(x + i)];
      const double term = values[i] * source_.scale.factor - source_.scale.shift;
      column.sums.sum += term;
      column.sums.squares += term * term;
      column.sums.min = column.count == 0 ? values[i] : std::min(column.sums.min, values[i]);
      column.sums.max = column.count == 0 ? values[i] : std::max(column.sums.max, values[i]);
      ++column.count;
    }
  }
}

void ProfileReducer::flush_columns() {
  for (std::size_t x = 0; x < columns_.size(); ++x) {
    if (columns_[x].count > 0) planes_[x].add(columns_[x].sums, columns_[x].count);
    columns_[x] = {};
  }
}

void ProfileReducer::merge(const Reducer& other_reducer) {
  const auto& other = static_cast<const ProfileReducer&>(other_reducer);
  for (std::size_t i = 0; i < planes_.size(); ++i) planes_[i].add(other.planes_[i]);
}

bool ProfileReducer::exchange(KeptState& state) {
  for (MomentSums& plane : planes_) plane.exchange(state);
  return true;
}

std::vector<Moments> ProfileReducer::moments() const {
  std::vector<Moments> result;
  for (const MomentSums& plane : planes_) result.push_back(plane.moments(source_.scale));
  return result;
}

}  // namespace vox
