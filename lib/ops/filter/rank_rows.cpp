#include "ops/filter/rank_rows.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <type_traits>
#include <vector>

namespace vox {
namespace {

#include "ops/filter/order_key-inl.h"

/// A row of the footprint: voxels from -half to half.
struct Chord {
  std::int64_t dz;
  std::int64_t dy;
  std::int64_t half;
};

std::vector<Chord> chords_of(const Footprint& footprint) {
  const Extent3 reach = footprint.reach();
  std::vector<Chord> chords;
  for (std::int64_t dz = -reach.z; dz <= reach.z; ++dz)
    for (std::int64_t dy = -reach.y; dy <= reach.y; ++dy)
      if (footprint.chord(dz, dy) >= 0) chords.push_back({dz, dy, footprint.chord(dz, dy)});
  return chords;
}

/// Counts of all values of an 8- or 16-bit type, alone and by groups of neighbouring values, with a place
/// that moves to the rank wanted.
template <class T>
class SlidingCounts {
 public:
  static constexpr std::int64_t kValues = std::int64_t{1} << (8 * sizeof(T));
  static constexpr std::int64_t kGroup = sizeof(T) == 1 ? 16 : 256;
  static constexpr std::int64_t kGroups = kValues / kGroup;

  explicit SlidingCounts(std::int32_t* memory) : values_(memory), groups_(memory + kValues) { clear(); }

  void clear() {
    std::fill_n(values_, kValues + kGroups, 0);
    group_ = below_ = 0;
  }
  void add(T voxel, std::int32_t sign) {
    const std::int64_t index = static_cast<std::int64_t>(voxel) - std::numeric_limits<T>::min();
    values_[index] += sign;
    groups_[index / kGroup] += sign;
    below_ += index < group_ * kGroup ? sign : 0;
  }
  /// The value that `rank` counted ones stand before.
  T at_rank(std::int64_t rank) {
    while (below_ > rank) below_ -= groups_[--group_];
    while (below_ + groups_[group_] <= rank) below_ += groups_[group_++];
    std::int64_t before = below_;
    std::int64_t index = group_ * kGroup;
    while (before + values_[index] <= rank) before += values_[index++];
    return static_cast<T>(index + std::numeric_limits<T>::min());
  }

 private:
  std::int32_t* values_;
  std::int32_t* groups_;
  std::int64_t group_ = 0;
  std::int64_t below_ = 0;  ///< voxels in the groups before `group_`
};

template <class T>
void rank_by_counts(const ConstBlock& in, const Block& out, const std::vector<Chord>& chords,
                    std::int64_t rank, std::byte* scratch) {
  SlidingCounts<T> counts(reinterpret_cast<std::int32_t*>(scratch));
  const Extent3 size = out.shape();
  std::vector<const T*> rows(chords.size());
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y) {
      counts.clear();
      auto* target = reinterpret_cast<T*>(out.row(z, y));
      for (std::size_t i = 0; i < chords.size(); ++i) {
        rows[i] = reinterpret_cast<const T*>(in.row(z + chords[i].dz, y + chords[i].dy));
        for (std::int64_t x = -chords[i].half; x <= chords[i].half; ++x) counts.add(rows[i][x], 1);
      }
      target[0] = counts.at_rank(rank);
      for (std::int64_t x = 1; x < size.x; ++x) {
        for (std::size_t i = 0; i < chords.size(); ++i) {
          counts.add(rows[i][x - 1 - chords[i].half], -1);
          counts.add(rows[i][x + chords[i].half], 1);
        }
        target[x] = counts.at_rank(rank);
      }
    }
}

template <class T>
void rank_by_selection(const ConstBlock& in, const Block& out, const std::vector<Chord>& chords,
                       std::int64_t rank, std::byte* scratch) {
  using Keys = OrderKey<T, true>;
  using Key = typename Keys::Key;
  auto* keys = reinterpret_cast<Key*>(scratch);
  const Extent3 size = out.shape();
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y)
      for (std::int64_t x = 0; x < size.x; ++x) {
        Key* end = keys;
        for (const Chord& chord : chords) {
          const auto* row = reinterpret_cast<const T*>(in.row(z + chord.dz, y + chord.dy)) + x;
          for (std::int64_t dx = -chord.half; dx <= chord.half; ++dx) *end++ = Keys::load(row[dx]);
        }
        Key result = 0;
        if (is_float_type<T> &&
            *std::max_element(keys, end) == Keys::load(std::numeric_limits<T>::quiet_NaN())) {
          result = Keys::load(std::numeric_limits<T>::quiet_NaN());
        } else {
          std::nth_element(keys, keys + rank, end);
          result = keys[rank];
        }
        reinterpret_cast<T*>(out.row(z, y))[x] = Keys::store(result);
      }
}

template <class T>
constexpr bool has_counts = !is_float_type<T> && sizeof(T) <= 2;

}  // namespace

void rank_rows(const ConstBlock& in, const Block& out, const Footprint& footprint, std::int64_t rank,
               std::byte* scratch) {
  const std::vector<Chord> chords = chords_of(footprint);
  visit_dtype(in.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    if constexpr (has_counts<T>)
      rank_by_counts<T>(in, out, chords, rank, scratch);
    else
      rank_by_selection<T>(in, out, chords, rank, scratch);
  });
}

std::int64_t rank_scratch(const Footprint& footprint, DType dtype) {
  if (is_float(dtype) || size_of(dtype) > 2) return footprint.count() * size_of(dtype);
  return (size_of(dtype) == 1 ? 256 + 16 : 65536 + 256) * std::int64_t{sizeof(std::int32_t)};
}

}  // namespace vox
