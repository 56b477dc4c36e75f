#include "ops/stats/reducer_list.h"

#include <algorithm>
#include <numeric>

namespace vox {
namespace {

/// Of voxels shown at once: half of a usual L1 cache.
constexpr std::int64_t kBytesAtOnce = std::int64_t{16} << 10;

/// Rows [begin, end) of plane z of a block.
ConstBlock rows_of(const ConstBlock& block, std::int64_t z, std::int64_t begin, std::int64_t end) {
  ConstBlock rows = block;
  rows.data = block.row(z, begin);
  rows.box.begin = {block.box.begin.z + z, block.box.begin.y + begin, block.box.begin.x};
  rows.box.end = {block.box.begin.z + z + 1, block.box.begin.y + end, block.box.end.x};
  return rows;
}

}  // namespace

void ReducerList::add(Reducer& reducer, bool hide_last) { members_.push_back({&reducer, hide_last}); }

std::unique_ptr<Reducer> ReducerList::empty() const {
  auto copy = std::make_unique<ReducerList>();
  for (const Member& member : members_) {
    copy->owned_.push_back(member.reducer->empty());
    copy->add(*copy->owned_.back(), member.hide_last);
  }
  return copy;
}

void ReducerList::observe(std::span<const ConstBlock> blocks) {
  if (members_.size() == 1) return show(blocks);
  const Extent3 size = blocks[0].shape();
  const std::int64_t multiple = row_multiple();
  const std::int64_t row_bytes = std::max<std::int64_t>(size.x * size_of(blocks[0].dtype), 1);
  const std::int64_t height = std::max<std::int64_t>(kBytesAtOnce / row_bytes / multiple, 1) * multiple;
  std::vector<ConstBlock> rows(blocks.size());
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; y += height) {
      for (std::size_t i = 0; i < blocks.size(); ++i)
        rows[i] = rows_of(blocks[i], z, y, std::min(y + height, size.y));
      show(rows);
    }
}

void ReducerList::show(std::span<const ConstBlock> blocks) {
  for (const Member& member : members_)
    member.reducer->observe(blocks.first(blocks.size() - (member.hide_last ? 1 : 0)));
}

void ReducerList::merge(const Reducer& other_reducer) {
  const auto& other = static_cast<const ReducerList&>(other_reducer);
  for (std::size_t i = 0; i < members_.size(); ++i) members_[i].reducer->merge(*other.members_[i].reducer);
}

bool ReducerList::exchange(KeptState& state) {
  return std::all_of(members_.begin(), members_.end(),
                     [&](const Member& member) { return member.reducer->exchange(state); });
}

std::int64_t ReducerList::row_multiple() const {
  std::int64_t multiple = 1;
  for (const Member& member : members_) multiple = std::lcm(multiple, member.reducer->row_multiple());
  return multiple;
}

std::int64_t ReducerList::memory_bytes() const {
  std::int64_t bytes = 0;
  for (const Member& member : members_) bytes += member.reducer->memory_bytes();
  return bytes;
}

}  // namespace vox
