// Made-up volumes of any dtype, and passes that show them to reducers in random pieces and merge in random
// order.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <type_traits>
#include <vector>

#include "core/block.h"
#include "ops/reducer.h"

namespace vox::test {

/// A volume in memory.
struct Volume {
  DType dtype = DType::uint8;
  Extent3 shape;
  std::vector<std::byte> bytes;

  ConstBlock block(const Box3& box) const {
    const std::int64_t row = shape.x * size_of(dtype);
    return {bytes.data() + (box.begin.z * shape.y + box.begin.y) * row, dtype, box, row, shape.y * row};
  }
  double at(std::int64_t i) const {
    return visit_dtype(dtype, [&]<class T>(Type<T>) {
      T value;
      std::memcpy(static_cast<void*>(&value), bytes.data() + i * size_of(dtype), sizeof value);
      return as_double(value);
    });
  }
  std::vector<double> values() const {
    std::vector<double> all;
    for (std::int64_t i = 0; i < voxels(shape); ++i) all.push_back(at(i));
    return all;
  }
};

/// How the values of a volume are spread.
enum class Spread { bits, narrow, constant, specials };

/// `bits`: every bit pattern alike (floating: finite); `narrow`: few values around a level; `specials`:
/// `narrow` with NaN, infinities and -0 (for integers the ends of the type).
inline Volume random_volume(DType dtype, Extent3 shape, Spread spread, std::mt19937_64& random) {
  Volume volume{dtype, shape,
                std::vector<std::byte>(static_cast<std::size_t>(voxels(shape) * size_of(dtype)))};
  visit_dtype(dtype, [&]<class T>(Type<T>) {
    using Computed = std::conditional_t<std::is_same_v<T, float16>, double, T>;
    auto* out = reinterpret_cast<T*>(volume.bytes.data());
    std::normal_distribution<double> normal(40, 12);
    const double constant = std::abs(normal(random));
    for (std::int64_t i = 0; i < voxels(shape); ++i) {
      double value = spread == Spread::constant ? constant : std::clamp(normal(random), 0.0, 120.0);
      out[i] = static_cast<T>(static_cast<Computed>(value));
      if (spread == Spread::bits) {
        do {
          const std::uint64_t bits = random();
          std::memcpy(static_cast<void*>(&out[i]), &bits, sizeof(T));
        } while (is_float_type<T> && !std::isfinite(as_double(out[i])));
      } else if (spread == Spread::specials && random() % 5 == 0) {
        const double inf = std::numeric_limits<double>::infinity();
        const double floating[] = {std::nan(""), -std::nan(""), inf, -inf, -0.0, 0.0};
        const double integer[] = {lowest_of(dtype), highest_of(dtype) / 2};
        value = is_float_type<T> ? floating[random() % 6] : integer[random() % 2];
        out[i] = static_cast<T>(static_cast<Computed>(value));
      }
    }
  });
  return volume;
}

/// What another process would have of it; the same where a reducer cannot be kept.
inline std::unique_ptr<Reducer> kept_and_taken_up(std::unique_ptr<Reducer> reducer) {
  KeptState kept;
  if (!reducer->exchange(kept)) return reducer;
  KeptState state(kept.bytes());
  std::unique_ptr<Reducer> copy = reducer->empty();
  copy->exchange(state);
  state.check_end();
  return copy;
}

/// Shows every voxel to one of several copies of `reducer`, in blocks of random heights and order, and merges
/// the copies along a random tree, some of them as another process would get them.
inline void run_randomly(Reducer& reducer, const std::vector<const Volume*>& volumes,
                         std::mt19937_64& random) {
  const Extent3 shape = volumes[0]->shape;
  std::vector<Box3> boxes;
  const std::int64_t multiple = reducer.row_multiple();
  for (std::int64_t z = 0; z < shape.z;) {
    const auto planes = static_cast<std::int64_t>(random() % 3);
    if (planes > 0) {  // whole planes at once
      const std::int64_t end = std::min(shape.z, z + planes);
      boxes.push_back({{z, 0, 0}, {end, shape.y, shape.x}});
      z = end;
      continue;
    }
    for (std::int64_t y = 0; y < shape.y;) {
      const std::int64_t end =
          std::min(shape.y, y + multiple * (1 + static_cast<std::int64_t>(random() % 4)));
      boxes.push_back({{z, y, 0}, {z + 1, end, shape.x}});
      y = end;
    }
    ++z;
  }
  std::shuffle(boxes.begin(), boxes.end(), random);
  std::vector<std::unique_ptr<Reducer>> copies;
  for (std::uint64_t i = 0; i < 1 + random() % 4; ++i) copies.push_back(reducer.empty());
  for (const Box3& box : boxes) {
    std::vector<ConstBlock> blocks;
    for (const Volume* volume : volumes) blocks.push_back(volume->block(box));
    copies[random() % copies.size()]->observe(blocks);
  }
  while (copies.size() > 1) {
    std::swap(copies.back(), copies[random() % copies.size()]);
    std::unique_ptr<Reducer> last = std::move(copies.back());
    copies.pop_back();
    if (random() % 2 == 0) last = kept_and_taken_up(std::move(last));
    copies[random() % copies.size()]->merge(*last);
  }
  reducer.merge(*copies.front());
}

}  // namespace vox::test
