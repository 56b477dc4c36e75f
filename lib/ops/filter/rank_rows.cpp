#include "ops/filter/rank_rows.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <type_traits>
#include <vector>

#include "ops/filter/chords.h"
#include "ops/filter/ordinals.h"
#include "ops/filter/rank_codes.h"
#include "ops/scratch.h"

namespace vox {
namespace {

#include "ops/filter/order_key-inl.h"

Extent3 with_margins(const Extent3& shape, const Extent3& reach) {
  return {shape.z + 2 * reach.z, shape.y + 2 * reach.y, shape.x + 2 * reach.x};
}

/// The shape of the tiles of a block whose voxels, margins included, can be numbered; 0 when not even one
/// voxel's neighbourhood can.
Extent3 numbered_tile(const Extent3& block, const Extent3& reach) {
  if (std::max({reach.z, reach.y, reach.x}) > kMostOrdinals) return {};
  const auto within = [&](std::int64_t edge) {
    return Extent3{std::min(edge, block.z), std::min(edge, block.y), std::min(edge, block.x)};
  };
  const auto fits = [&](const Extent3& tile) { return voxels(with_margins(tile, reach)) <= kMostOrdinals; };
  std::int64_t edge = 0;
  while (fits(within(edge + 1)) && within(edge) != block) ++edge;
  return within(edge);
}

/// Ranks of a tile's ordinals, in codes of 16 bits, become its voxels.
class OrdinalTiles {
 public:
  OrdinalTiles(const Footprint& footprint, const Extent3& tile)
      : footprint_(footprint), tile_(tile), numbered_(voxels(with_margins(tile, footprint.reach()))) {}

  std::int64_t scratch_bytes() const {
    return codes_bytes() + scratch_row_bytes(voxels(tile_), sizeof(std::uint16_t)) +
           ordinals_scratch(numbered_) + rank_codes_scratch(footprint_, DType::uint16);
  }

  void run(const ConstBlock& in, const Block& out, std::int64_t rank, std::byte* scratch) const {
    const Extent3 size = out.shape();
    for (std::int64_t z = 0; z < size.z; z += tile_.z)
      for (std::int64_t y = 0; y < size.y; y += tile_.y)
        for (std::int64_t x = 0; x < size.x; x += tile_.x)
          run_tile(in, out, intersect({{z, y, x}, {z + tile_.z, y + tile_.y, x + tile_.x}}, whole(size)),
                   rank, scratch);
  }

 private:
  std::int64_t codes_bytes() const { return scratch_row_bytes(numbered_, sizeof(std::uint16_t)); }

  void run_tile(const ConstBlock& in, const Block& out, const Box3& tile, std::int64_t rank,
                std::byte* scratch) const {
    const Extent3 size = tile.shape();
    const Extent3 reach = footprint_.reach();
    const Extent3 around = with_margins(size, reach);
    auto* codes = reinterpret_cast<std::uint16_t*>(scratch);
    std::byte* results = scratch + codes_bytes();
    std::byte* rest = results + scratch_row_bytes(voxels(tile_), sizeof(std::uint16_t));
    const Box3 in_volume = shifted(tile, in.box.begin);
    const Box3 seen = shifted(whole(around), {in_volume.begin.z - reach.z, in_volume.begin.y - reach.y,
                                              in_volume.begin.x - reach.x});
    const std::byte* table = ordinals(in.part(seen), codes, rest);

    ConstBlock numbered = dense_block<const std::byte>(scratch, DType::uint16, whole(around));
    numbered.data = numbered.row(reach.z, reach.y) + reach.x * std::int64_t{sizeof(std::uint16_t)};
    numbered.box = whole(size);
    const Block ranked = dense_block(results, DType::uint16, whole(size));
    rank_codes(numbered, ranked, footprint_, rank, is_float(in.dtype), rest + ordinals_scratch(numbered_));
    for (std::int64_t z = 0; z < size.z; ++z)
      for (std::int64_t y = 0; y < size.y; ++y)
        from_ordinals(reinterpret_cast<const std::uint16_t*>(ranked.row(z, y)), size.x, table, in.dtype,
                      out.row(tile.begin.z + z, tile.begin.y + y) + tile.begin.x * size_of(in.dtype));
  }

  const Footprint& footprint_;
  Extent3 tile_;
  std::int64_t numbered_;  ///< voxels of a tile with its margins
};

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

}  // namespace

void rank_rows(const ConstBlock& in, const Block& out, const Footprint& footprint, std::int64_t rank,
               std::byte* scratch) {
  if (size_of(in.dtype) <= 2) {
    rank_codes(in, out, footprint, rank, false, scratch);
  } else if (const Extent3 tile = numbered_tile(out.shape(), footprint.reach()); tile.x != 0) {
    OrdinalTiles(footprint, tile).run(in, out, rank, scratch);
  } else {
    visit_dtype(in.dtype, [&](auto type) {
      rank_by_selection<typename decltype(type)::type>(in, out, chords_of(footprint), rank, scratch);
    });
  }
}

std::int64_t rank_scratch(const Footprint& footprint, DType dtype, const Extent3& block) {
  if (size_of(dtype) <= 2) return rank_codes_scratch(footprint, dtype);
  const Extent3 tile = numbered_tile(block, footprint.reach());
  return tile.x != 0 ? OrdinalTiles(footprint, tile).scratch_bytes() : footprint.count() * size_of(dtype);
}

}  // namespace vox
