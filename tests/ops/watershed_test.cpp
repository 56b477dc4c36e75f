#include "ops/label/watershed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <tuple>
#include <vector>

#include "core/cancel.h"
#include "core/error.h"
#include "ops/label/basin_markers.h"
#include "ops/label/flood_level.h"
#include "ops/label/flood_loader.h"
#include "ops/label/flood_queue.h"
#include "ops/random_volume.h"

namespace vox {
namespace {

using test::Spread;
using test::Volume;

/// A flood and the arrays it works on, loaded from volumes in random pieces.
struct Flood {
  FloodGrid grid;
  std::vector<std::byte> cells;
  std::vector<std::uint64_t> free;
  FloodVolume volume;

  Flood(const Volume& values, const Volume* mask, const Volume* markers, Connectivity connectivity,
        std::mt19937_64& random)
      : grid(values.shape, connectivity),
        cells(static_cast<std::size_t>(grid.size() * 16)),
        free(static_cast<std::size_t>(grid.bit_words())) {
    volume.grid = &grid;
    volume.dtype = values.dtype;
    volume.cells = cells.data();
    volume.free = free.data();
    volume.label_bytes = markers != nullptr && size_of(markers->dtype) == 8 ? 8 : 4;
    FloodLoader loader(volume, {mask != nullptr, markers != nullptr, false});
    std::vector<const Volume*> volumes{&values};
    if (mask != nullptr) volumes.push_back(mask);
    if (markers != nullptr) volumes.push_back(markers);
    test::run_randomly(loader, volumes, random);
  }

  std::vector<std::uint64_t> result() const {
    const Extent3 n = grid.shape();
    std::vector<std::uint64_t> values;
    for (std::int64_t z = 0; z < n.z; ++z)
      for (std::int64_t y = 0; y < n.y; ++y)
        for (std::int64_t x = 0; x < n.x; ++x) {
          std::uint64_t label = 0;
          std::memcpy(&label, volume.label(grid.row(z, y) + x), static_cast<std::size_t>(volume.label_bytes));
          values.push_back(label);
        }
    return values;
  }
};

/// Neighbours of voxel `i` by their coordinates, in the order that the rules name.
std::vector<std::int64_t> neighbours_of(const Extent3& n, std::int64_t i, Connectivity connectivity) {
  const int farthest = connectivity == Connectivity::faces ? 1 : connectivity == Connectivity::edges ? 2 : 3;
  const std::int64_t z = i / n.x / n.y, y = i / n.x % n.y, x = i % n.x;
  std::vector<std::int64_t> found;
  for (int far = 1; far <= farthest; ++far)
    for (std::int64_t dz = -1; dz <= 1; ++dz)
      for (std::int64_t dy = -1; dy <= 1; ++dy)
        for (std::int64_t dx = -1; dx <= 1; ++dx) {
          if (dz * dz + dy * dy + dx * dx != far) continue;
          if (z + dz < 0 || z + dz >= n.z || y + dy < 0 || y + dy >= n.y || x + dx < 0 || x + dx >= n.x)
            continue;
          found.push_back(((z + dz) * n.y + y + dy) * n.x + x + dx);
        }
  return found;
}

/// NaN last.
double rank_of(double value) { return std::isnan(value) ? std::numeric_limits<double>::infinity() : value; }

/// The rules one by one, with an ordered set of (NaN, value, age, voxel).
std::vector<std::uint64_t> plain_watershed(const Volume& values, const Volume* mask,
                                           std::vector<std::uint64_t> labels, Connectivity connectivity) {
  std::set<std::tuple<bool, double, std::int64_t, std::int64_t>> waiting;
  std::int64_t age = 0;
  const auto inside = [&](std::int64_t i) { return mask == nullptr || mask->at(i) != 0; };
  const auto enter = [&](std::int64_t i) {
    waiting.emplace(std::isnan(values.at(i)), rank_of(values.at(i)), age++, i);
  };
  for (std::int64_t i = 0; i < voxels(values.shape); ++i) {
    auto& label = labels[static_cast<std::size_t>(i)];
    if (!inside(i)) label = 0;
    if (label != 0) enter(i);
  }
  while (!waiting.empty()) {
    const std::int64_t i = std::get<3>(*waiting.begin());
    waiting.erase(waiting.begin());
    for (const std::int64_t there : neighbours_of(values.shape, i, connectivity)) {
      auto& label = labels[static_cast<std::size_t>(there)];
      if (!inside(there) || label != 0) continue;
      label = labels[static_cast<std::size_t>(i)];
      enter(there);
    }
  }
  return labels;
}

/// By definition: raised, then lowered to the maximum of itself and its lowest neighbour until nothing moves;
/// then plateaus without lower neighbours.
std::vector<std::uint64_t> plain_basins(const Volume& values, const Volume* mask, double depth,
                                        Connectivity connectivity) {
  const std::int64_t count = voxels(values.shape);
  const auto inside = [&](std::int64_t i) { return mask == nullptr || mask->at(i) != 0; };
  std::vector<double> filled;
  for (std::int64_t i = 0; i < count; ++i)
    filled.push_back(std::min(values.at(i) + depth, highest_of(values.dtype)));
  for (bool moved = true; moved;) {
    moved = false;
    for (std::int64_t i = 0; i < count; ++i) {
      if (!inside(i)) continue;
      double& here = filled[static_cast<std::size_t>(i)];
      const double before = here;
      for (const std::int64_t there : neighbours_of(values.shape, i, connectivity))
        if (inside(there))
          here = std::min(here, std::max(values.at(i), filled[static_cast<std::size_t>(there)]));
      moved = moved || here != before;
    }
  }
  std::vector<std::uint64_t> labels(static_cast<std::size_t>(count));
  std::vector<bool> seen(static_cast<std::size_t>(count));
  std::uint64_t number = 0;
  for (std::int64_t first = 0; first < count; ++first) {
    if (!inside(first) || seen[static_cast<std::size_t>(first)]) continue;
    std::vector<std::int64_t> plateau{first};
    seen[static_cast<std::size_t>(first)] = true;
    bool lowest = true;
    for (std::size_t k = 0; k < plateau.size(); ++k)
      for (const std::int64_t there : neighbours_of(values.shape, plateau[k], connectivity)) {
        if (!inside(there)) continue;
        const double level = filled[static_cast<std::size_t>(there)];
        if (level < filled[static_cast<std::size_t>(first)]) lowest = false;
        if (level != filled[static_cast<std::size_t>(first)] || seen[static_cast<std::size_t>(there)])
          continue;
        seen[static_cast<std::size_t>(there)] = true;
        plateau.push_back(there);
      }
    if (!lowest) continue;
    ++number;
    for (const std::int64_t i : plateau) labels[static_cast<std::size_t>(i)] = number;
  }
  return labels;
}

constexpr Connectivity kConnectivities[] = {Connectivity::faces, Connectivity::edges, Connectivity::corners};
const Extent3 kShapes[] = {{5, 7, 9}, {1, 1, 1}, {1, 1, 30}, {1, 20, 1}, {20, 1, 1},
                           {1, 9, 8}, {9, 1, 8}, {8, 9, 1},  {2, 2, 70}};

Volume markers_in(const Extent3& shape, DType dtype, std::mt19937_64& random) {
  Volume markers = test::random_volume(dtype, shape, Spread::bits, random);
  for (std::int64_t i = 0; i < voxels(shape); ++i)
    if (random() % 20 != 0)
      std::memset(markers.bytes.data() + i * size_of(dtype), 0, static_cast<std::size_t>(size_of(dtype)));
  return markers;
}

std::vector<std::uint64_t> bits_of(const Volume& volume) {
  std::vector<std::uint64_t> bits;
  const std::int64_t size = size_of(volume.dtype);
  for (std::int64_t i = 0; i < voxels(volume.shape); ++i) {
    bits.push_back(0);
    std::memcpy(&bits.back(), volume.bytes.data() + i * size, static_cast<std::size_t>(size));
  }
  return bits;
}

TEST(Watershed, ByItsRules) {
  std::mt19937_64 random(1);
  for (const DType dtype : kAllDTypes)
    for (const Spread spread : {Spread::bits, Spread::narrow, Spread::specials})
      for (const Extent3& shape : kShapes)
        for (const Connectivity connectivity : kConnectivities) {
          // Doubles, which the plain rules compare, hold no more digits.
          if (size_of(dtype) == 8 && !is_float(dtype) && spread == Spread::bits) continue;
          const Volume values = test::random_volume(dtype, shape, spread, random);
          const DType wide = random() % 2 == 0 ? DType::int16 : DType::uint64;
          const Volume markers = markers_in(shape, wide, random);
          const Volume mask = test::random_volume(DType::uint8, shape, Spread::narrow, random);
          const Volume* const used = random() % 2 == 0 ? &mask : nullptr;
          Flood flooded(values, used, &markers, connectivity, random);
          flood(flooded.volume);
          ASSERT_EQ(plain_watershed(values, used, bits_of(markers), connectivity), flooded.result())
              << dtype_name(dtype) << " " << to_string(shape);
        }
}

TEST(Watershed, BasinsByDefinition) {
  std::mt19937_64 random(2);
  for (const DType dtype : {DType::uint8, DType::int16, DType::uint32, DType::float64, DType::int64})
    for (const Extent3& shape : kShapes)
      for (const Connectivity connectivity : kConnectivities)
        for (const double depth : {1.0, 10.0, 300.0}) {
          Volume values = test::random_volume(dtype, shape, Spread::narrow, random);
          Volume mask = test::random_volume(DType::uint8, shape, Spread::bits, random);
          for (std::byte& voxel : mask.bytes) voxel &= std::byte{1};
          const Volume* const used = random() % 2 == 0 ? &mask : nullptr;
          Flood flooded(values, used, nullptr, connectivity, random);
          const std::int64_t count = mark_basins(flooded.volume, depth);
          const std::vector<std::uint64_t> expected = plain_basins(values, used, depth, connectivity);
          ASSERT_EQ(expected, flooded.result())
              << dtype_name(dtype) << " " << to_string(shape) << " " << depth;
          ASSERT_EQ(static_cast<std::uint64_t>(count), *std::max_element(expected.begin(), expected.end()));
        }
}

TEST(Watershed, LevelsSortAndComeBack) {
  std::mt19937_64 random(3);
  for (const DType dtype : kAllDTypes) {
    const Volume values = test::random_volume(dtype, {1, 1, 300}, Spread::specials, random);
    visit_dtype(dtype, [&]<class T>(Type<T>) {
      using Levels = FloodLevels<T>;
      const T* all = reinterpret_cast<const T*>(values.bytes.data());
      for (int i = 0; i < 300; ++i)
        for (int k = 0; k < 300; ++k) {
          const double a = as_double(all[i]), b = as_double(all[k]);
          const bool before = std::isnan(b) ? !std::isnan(a) : a < b;
          ASSERT_EQ(before, Levels::of(all[i]) < Levels::of(all[k])) << dtype_name(dtype) << a << " " << b;
        }
      for (int i = 0; i < 300; ++i) {
        if (std::isnan(as_double(all[i]))) continue;
        ASSERT_EQ(as_double(all[i]), as_double(Levels::value(Levels::of(all[i]))));
        const double sum = std::min(as_double(all[i]) + 2, highest_of(dtype));
        const double raised = as_double(Levels::value(Levels::raised(Levels::of(all[i]), 2)));
        if constexpr (is_float_type<T>)
          ASSERT_EQ(as_double(T(sum)), raised);
        else
          ASSERT_EQ(sum, raised);
      }
    });
  }
}

/// A queue of wide levels against an ordered set; levels fall as well as rise.
TEST(Watershed, QueueKeepsOrder) {
  std::mt19937_64 random(4);
  for (int turn = 0; turn < 40; ++turn) {
    const int bits = 1 + static_cast<int>(random() % 40);
    std::vector<std::uint64_t> levels;
    for (int i = 0; i < 5000; ++i) levels.push_back((random() >> (64 - bits)) + 1000);
    LevelQueues<std::uint64_t> map(*std::min_element(levels.begin(), levels.end()),
                                   *std::max_element(levels.begin(), levels.end()));
    for (const std::uint64_t level : levels) map.announce(level);
    FloodQueue<std::uint64_t, std::uint32_t> queue(map);
    const auto fetch = [](std::uint32_t) {};
    std::set<std::pair<std::uint64_t, std::uint32_t>> expected;  // voxels come in the order of their numbers
    for (std::uint32_t next = 0; next < levels.size() || !expected.empty();) {
      ASSERT_EQ(expected.empty(), queue.empty());
      if (next < levels.size() && (expected.empty() || random() % 5 < 3)) {
        expected.emplace(levels[next], next);
        queue.push(levels[next], next, fetch);
        ++next;
      } else {
        ASSERT_EQ(expected.begin()->second, queue.pop(fetch));
        expected.erase(expected.begin());
      }
    }
  }
}

TEST(Watershed, StopsWhenAsked) {
  std::mt19937_64 random(5);
  const Volume values = test::random_volume(DType::uint8, {4, 5, 6}, Spread::bits, random);
  Flood flooded(values, nullptr, nullptr, Connectivity::faces, random);
  request_cancel(15);
  EXPECT_THROW(mark_basins(flooded.volume, 1), Error);
  EXPECT_THROW(flood(flooded.volume), Error);
  reset_cancel();
}

}  // namespace
}  // namespace vox
