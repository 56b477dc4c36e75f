#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <random>

#include "core/error.h"
#include "ops/label/join_parts.h"
#include "ops/label/label_rows.h"
#include "ops/label/object_choice.h"
#include "ops/label/object_join.h"
#include "ops/label/paint_runs.h"
#include "ops/simd.h"
#include "ops/stats/order_free_sum.h"

namespace vox {
namespace {

constexpr Connectivity kAll[] = {Connectivity::faces, Connectivity::edges, Connectivity::corners};

/// A dense volume of values; 0 is background.
struct Values {
  Extent3 shape;
  std::vector<std::uint8_t> voxels;

  std::size_t place(std::int64_t z, std::int64_t y, std::int64_t x) const {
    return static_cast<std::size_t>((z * shape.y + y) * shape.x + x);
  }
};

Values random_values(const Extent3& shape, double density, int values, unsigned seed) {
  Values volume{shape, std::vector<std::uint8_t>(static_cast<std::size_t>(voxels(shape)))};
  std::mt19937 random(seed);
  for (std::uint8_t& voxel : volume.voxels)
    if (std::uniform_real_distribution<>(0, 1)(random) < density)
      voxel = static_cast<std::uint8_t>(1 + random() % static_cast<unsigned>(values));
  return volume;
}

/// Labels by flooding from every first voxel: the plain reference.
std::vector<std::uint64_t> flooded(const Values& volume, const Box3& box, Connectivity connectivity,
                                   bool by_value) {
  const Extent3 size = box.shape();
  const auto local = [&](const Extent3& at) {
    return static_cast<std::size_t>(((at.z - box.begin.z) * size.y + at.y - box.begin.y) * size.x + at.x -
                                    box.begin.x);
  };
  const auto value = [&](const Extent3& at) { return volume.voxels[volume.place(at.z, at.y, at.x)]; };
  const int most = connectivity == Connectivity::faces ? 1 : connectivity == Connectivity::edges ? 2 : 3;
  std::vector<std::uint64_t> labels(static_cast<std::size_t>(voxels(size)));
  std::uint64_t count = 0;
  std::vector<Extent3> open;
  for (std::int64_t z = box.begin.z; z < box.end.z; ++z)
    for (std::int64_t y = box.begin.y; y < box.end.y; ++y)
      for (std::int64_t x = box.begin.x; x < box.end.x; ++x) {
        if (value({z, y, x}) == 0 || labels[local({z, y, x})] != 0) continue;
        labels[local({z, y, x})] = ++count;
        open.push_back({z, y, x});
        while (!open.empty()) {
          const Extent3 at = open.back();
          open.pop_back();
          for (int step = 0; step < 27; ++step) {
            const Extent3 by{step / 9 - 1, step / 3 % 3 - 1, step % 3 - 1};
            const Extent3 to{at.z + by.z, at.y + by.y, at.x + by.x};
            if (intersect(box, {to, {to.z + 1, to.y + 1, to.x + 1}}).empty()) continue;
            if ((by.z != 0) + (by.y != 0) + (by.x != 0) > most || labels[local(to)] != 0) continue;
            if (value(to) == 0 || (by_value && value(to) != value(at))) continue;
            labels[local(to)] = count;
            open.push_back(to);
          }
        }
      }
  return labels;
}

std::vector<std::uint64_t> flooded(const Values& volume, Connectivity connectivity, bool by_value) {
  return flooded(volume, whole(volume.shape), connectivity, by_value);
}

/// Labels by runs: `rows_at_once` rows are labelled, then joined to those before. `N` counts objects of all
/// rows.
template <class Runs, class N>
std::vector<std::uint64_t> by_runs(const Values& volume, Connectivity connectivity, bool by_value,
                                   std::int64_t rows_at_once) {
  const Extent3 shape = volume.shape;
  RunFinder<Runs> finder(DType::uint8, shape.x, {}, by_value);
  RowLabeller<Runs> labeller(connectivity, shape.y, by_value);
  ObjectJoin<Runs, N> join(connectivity, shape.y, by_value);
  std::vector<std::pair<Runs, N>> blocks;
  const std::int64_t rows = shape.z * shape.y;
  for (std::int64_t first = 0; first < rows; first += rows_at_once) {
    Runs runs;
    for (std::int64_t row = first; row < std::min(rows, first + rows_at_once); ++row)
      finder.append(reinterpret_cast<const std::byte*>(volume.voxels.data()) + row * shape.x, runs);
    const std::int64_t count = labeller.label(first, runs);
    blocks.emplace_back(runs, join.add(runs, count));
  }
  join.forest().number_roots();
  std::vector<std::uint64_t> labels(volume.voxels.size());
  auto at = labels.begin();
  for (const auto& [runs, base] : blocks)
    for (std::int64_t row = 0; row < runs.rows(); ++row, at += shape.x) {
      const RunRange range = RowLabeller<Runs>::range_of(runs, row);
      for (auto k = static_cast<std::size_t>(range.begin); k < static_cast<std::size_t>(range.end); ++k)
        std::fill(at + runs.ends[2 * k], at + runs.ends[2 * k + 1],
                  std::uint64_t{join.forest().place(static_cast<N>(base + runs.objects[k]))} + 1);
    }
  return labels;
}

TEST(Label, RunsGiveWhatFloodingGives) {
  unsigned seed = 0;
  for (const Extent3 shape : {Extent3{5, 6, 70}, Extent3{1, 1, 1}, Extent3{4, 1, 65}, Extent3{3, 9, 3}})
    for (const double density : {0.05, 0.3, 0.5, 0.8, 1.0})
      for (const Connectivity connectivity : kAll)
        for (const bool by_value : {false, true}) {
          const Values volume = random_values(shape, density, 2, ++seed);
          const auto expected = flooded(volume, connectivity, by_value);
          for (const std::int64_t rows : {1, 2, 5, 7, 18, 1000}) {
            EXPECT_EQ(expected, (by_runs<NarrowRuns, std::uint64_t>(volume, connectivity, by_value, rows)));
            EXPECT_EQ(expected, (by_runs<WideRuns, std::uint64_t>(volume, connectivity, by_value, rows)));
          }
        }
}

TEST(Label, MoreRunsThanTheCounterOfABlockHolds) {
  // Blocks count in 8 bits, the volume in 16: it has 2,048 runs.
  using SmallRuns = RunRows<std::uint16_t, std::uint8_t>;
  Values volume{{16, 16, 33}, {}};
  volume.voxels.resize(static_cast<std::size_t>(voxels(volume.shape)));
  for (std::int64_t z = 0; z < 16; z += 2)
    for (std::int64_t y = 0; y < 16; ++y)
      for (std::int64_t x = 0; x < 32; x += 2) volume.voxels[volume.place(z, y, x)] = 1;
  const auto expected = flooded(volume, Connectivity::faces, false);
  EXPECT_EQ(128u, *std::max_element(expected.begin(), expected.end()));
  EXPECT_EQ(expected, (by_runs<SmallRuns, std::uint16_t>(volume, Connectivity::faces, false, 8)));
  for (std::int64_t z = 0; z < 16; z += 2)
    for (std::int64_t y = 1; y < 16; y += 2)
      for (std::int64_t x = 0; x < 32; ++x) volume.voxels[volume.place(z, y, x)] = 0;
  const auto apart = flooded(volume, Connectivity::corners, false);
  EXPECT_EQ(1024u, *std::max_element(apart.begin(), apart.end()));
  EXPECT_EQ(apart, (by_runs<SmallRuns, std::uint16_t>(volume, Connectivity::corners, false, 16)));
  EXPECT_THROW((by_runs<SmallRuns, std::uint8_t>(volume, Connectivity::corners, false, 16)),
               std::length_error);
}

TEST(Label, ForestHoldsAllNumbersOfItsCounter) {
  Forest<std::uint8_t> forest;
  for (int i = 0; i < 256; ++i) EXPECT_EQ(i, forest.add());
  EXPECT_THROW(forest.add(), std::length_error);
  EXPECT_EQ(256, forest.number_roots());
  EXPECT_EQ(255, forest.place(255));
}

/// Labels of the two planes around a cut, of objects that lie in both: 1, 2, ... by first voxel.
std::vector<std::uint64_t> seams_at(const Values& volume, std::int64_t cut, Connectivity connectivity,
                                    bool by_value) {
  const Extent3& shape = volume.shape;
  auto labels = flooded(volume, {{cut - 1, 0, 0}, {cut + 1, shape.y, shape.x}}, connectivity, by_value);
  const auto middle = labels.begin() + shape.y * shape.x;
  std::map<std::uint64_t, std::uint64_t> numbers;
  for (auto label = labels.begin(); label != middle; ++label)
    if (std::find(middle, labels.end(), *label) != labels.end() && *label != 0) numbers[*label] = 0;
  std::uint64_t count = 0;
  for (auto& [label, number] : numbers) number = ++count;
  for (std::uint64_t& label : labels) label = numbers.contains(label) ? numbers[label] : 0;
  return labels;
}

/// What the process of a part would keep of it, through bytes and back. `labels`: of the part alone.
PartSummary summary_of(const Values& volume, const Interval& planes, const std::vector<std::uint64_t>& labels,
                       Connectivity connectivity, bool by_value) {
  const auto plane = static_cast<std::size_t>(volume.shape.y * volume.shape.x);
  PartSummary part{planes, static_cast<std::int64_t>(*std::max_element(labels.begin(), labels.end()))};
  const auto links = [&](std::int64_t cut, std::size_t side, std::size_t own_plane) {
    SeamLinks found;
    const auto seams = seams_at(volume, cut, connectivity, by_value);
    for (std::size_t y = 0; y < plane; y += static_cast<std::size_t>(volume.shape.x))
      found.add(std::span(seams).subspan(side * plane + y, static_cast<std::size_t>(volume.shape.x)),
                std::span(labels).subspan(own_plane * plane + y, static_cast<std::size_t>(volume.shape.x)));
    return found.take();
  };
  if (planes.begin > 0) part.before = links(planes.begin, 1, 0);
  if (planes.end < volume.shape.z) part.after = links(planes.end, 0, labels.size() / plane - 1);
  part.measures.resize(static_cast<std::size_t>(part.objects));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i) / volume.shape.x;
    const auto x = static_cast<std::int64_t>(i) % volume.shape.x;
    if (labels[i] != 0)
      part.measures[static_cast<std::size_t>(labels[i]) - 1].add_run(planes.begin + row / volume.shape.y,
                                                                     row % volume.shape.y, x, x + 1);
  }
  KeptState kept;
  part.exchange(kept);
  KeptState state(kept.bytes());
  PartSummary again;
  again.exchange(state);
  state.check_end();
  EXPECT_EQ(part.before, again.before);
  EXPECT_EQ(part.after, again.after);
  return again;
}

/// Cuts a volume into parts of planes, joins them, and compares objects and their measures.
void check_parts(const Values& volume, std::int64_t count, Connectivity connectivity, bool by_value) {
  const Extent3& shape = volume.shape;
  std::vector<PartSummary> parts;
  std::vector<std::vector<std::uint64_t>> labels;
  for (std::int64_t part = 0; part < count; ++part) {
    const Interval planes{shape.z * part / count, shape.z * (part + 1) / count};
    const Box3 box{{planes.begin, 0, 0}, {planes.end, shape.y, shape.x}};
    labels.push_back(flooded(volume, box, connectivity, by_value));
    parts.push_back(labels.back().empty()
                        ? PartSummary{planes}
                        : summary_of(volume, planes, labels.back(), connectivity, by_value));
  }
  const JoinedParts joined = join_parts(parts);
  const auto expected = flooded(volume, connectivity, by_value);
  ASSERT_EQ(*std::max_element(expected.begin(), expected.end()), static_cast<std::uint64_t>(joined.count()));
  const std::deque<ObjectMeasure> measures = joined_measures(parts, joined);
  std::vector<ObjectMeasure> reference(measures.size());
  std::size_t at = 0;
  for (std::size_t part = 0; part < parts.size(); ++part)
    for (const std::uint64_t label : labels[part]) {
      const auto row = static_cast<std::int64_t>(at) / shape.x;
      const auto x = static_cast<std::int64_t>(at) % shape.x;
      const std::uint64_t object = expected[at++];
      ASSERT_EQ(object, label == 0 ? 0 : joined.object(part, label - 1) + 1);
      if (object != 0) reference[object - 1].add_run(row / shape.y, row % shape.y, x, x + 1);
    }
  for (std::size_t i = 0; i < measures.size(); ++i) {
    EXPECT_EQ(reference[i].voxels, measures[i].voxels);
    EXPECT_EQ(reference[i].box, measures[i].box);
    EXPECT_TRUE(reference[i].z == measures[i].z && reference[i].y == measures[i].y &&
                reference[i].x == measures[i].x);
  }
}

TEST(Label, PartsAreJoined) {
  unsigned seed = 100;
  for (const double density : {0.1, 0.3, 0.6})
    for (const Connectivity connectivity : kAll)
      for (const bool by_value : {false, true})
        for (const std::int64_t count : {1, 2, 3, 4, 5, 6, 7, 9, 14})
          check_parts(random_values({9, 11, 13}, density, 2, ++seed), count, connectivity, by_value);
}

TEST(Label, LinksToObjectsThatAreNotThereAreRefused) {
  std::vector<PartSummary> parts(2);
  parts[0] = {{0, 1}, 1, {}, {{1, 1}}};
  parts[1] = {{1, 2}, 1, {{1, 0}}, {}};
  EXPECT_THROW(join_parts(parts), Error);
}

TEST(Label, MeasuresOfPartsKeepAllDigits) {
  ObjectMeasure object;
  object.voxels = std::int64_t{1} << 62;
  object.box = {{3, 0, 1}, {std::int64_t{1} << 40, 7, std::int64_t{1} << 41}};
  object.z = static_cast<ObjectMeasure::Sum>(object.voxels) << 39;
  object.y = static_cast<ObjectMeasure::Sum>(object.voxels) * 5;
  object.x = (static_cast<ObjectMeasure::Sum>(object.voxels) << 40) + 1;
  PartSummary part{{0, 9}, 1};
  part.measures.push_back(object);
  KeptState kept;
  part.exchange(kept);
  KeptState state(kept.bytes());
  PartSummary again;
  again.exchange(state);
  const ObjectMeasure& back = again.measures.front();
  EXPECT_EQ(object.box, back.box);
  EXPECT_TRUE(object.voxels == back.voxels && object.z == back.z && object.y == back.y && object.x == back.x);
}

TEST(Label, BitsAreTheSameAtEveryLevel) {
  std::mt19937 random(1);
  std::vector<float> voxels_in(301);
  for (float& voxel : voxels_in) voxel = random() % 3 == 0 ? static_cast<float>(random() % 4) : 0.0f;
  voxels_in[7] = voxels_in[8] = std::numeric_limits<float>::quiet_NaN();
  voxels_in[20] = -0.0f;
  std::vector<std::uint8_t> bytes(voxels_in.size());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(random() % 2 * (random() % 256));
  const auto bit = [](const std::vector<std::uint64_t>& words, std::size_t i) {
    return (words[i / 64] >> i % 64 & 1) != 0;
  };
  for (const std::string& level : simd_levels()) {
    select_simd(level);
    for (const std::size_t count :
         {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{65}, bytes.size()}) {
      std::vector<std::uint64_t> words(5, ~std::uint64_t{0});
      foreground_bits(DType::uint8, reinterpret_cast<const std::byte*>(bytes.data()),
                      static_cast<std::int64_t>(count), {}, words.data());
      for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(bytes[i] != 0, bit(words, i)) << level << i;
      foreground_bits(DType::float32, reinterpret_cast<const std::byte*>(voxels_in.data()),
                      static_cast<std::int64_t>(count), {{}, true}, words.data());
      for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(voxels_in[i] == 0, bit(words, i)) << level << i;
      for (std::size_t i = count; i < (count + 63) / 64 * 64; ++i) EXPECT_FALSE(bit(words, i));
      change_bits(DType::float32, reinterpret_cast<const std::byte*>(voxels_in.data()),
                  static_cast<std::int64_t>(count), words.data());
      for (std::size_t i = 1; i < count; ++i)
        EXPECT_EQ(i != 8 && voxels_in[i] != voxels_in[i - 1], bit(words, i)) << level << i;
      EXPECT_TRUE(bit(words, 0));
    }
  }
}

template <class T>
void expect_painted(const std::string& level) {
  const std::vector<std::uint32_t> row_begin{5, 7, 7, 9};
  const std::vector<std::uint16_t> ends{0, 1, 3, 70, 1, 2, 2, 77};
  const std::vector<std::uint32_t> objects{1, 0, 2, 1};
  const std::vector<T> labels{T{3}, static_cast<T>(~T{0}), T{0}};
  std::vector<T> expected(3 * 77);
  expected[0] = labels[1];
  std::fill(expected.begin() + 3, expected.begin() + 70, labels[0]);
  std::fill(expected.begin() + 2 * 77 + 2, expected.end(), labels[1]);
  std::vector<T> got(3 * 77 + 1, T{9});
  paint_rows(RunView<std::uint16_t>{row_begin.data(), ends.data(), objects.data()}, 3, 77, sizeof(T),
             reinterpret_cast<const std::byte*>(labels.data()), reinterpret_cast<std::byte*>(got.data()));
  EXPECT_EQ(T{9}, got.back()) << level;
  got.pop_back();
  EXPECT_EQ(expected, got) << level;
}

TEST(Label, PaintsWithinTheRows) {
  for (const std::string& level : simd_levels()) {
    select_simd(level);
    expect_painted<std::uint8_t>(level);
    expect_painted<std::uint16_t>(level);
    expect_painted<std::uint32_t>(level);
    expect_painted<std::uint64_t>(level);
  }
}

TEST(Label, ChoosesInTheOrderThatIsSaid) {
  const std::vector<ObjectFacts> objects{{5, false}, {9, true},  {7, false},
                                         {9, false}, {2, false}, {7, false}};
  ObjectChoice choice;
  EXPECT_EQ((std::vector<std::int64_t>{0, 1, 2, 3, 4, 5}), chosen_objects(objects, choice));
  choice.keep_largest = 3;
  EXPECT_EQ((std::vector<std::int64_t>{1, 2, 3}), chosen_objects(objects, choice));
  choice.drop_border = choice.by_size = true;
  EXPECT_EQ((std::vector<std::int64_t>{3, 2, 5}), chosen_objects(objects, choice));
  choice.min_size = 9.0000000001;  // a physical limit that missed 9 by rounding
  EXPECT_EQ((std::vector<std::int64_t>{3}), chosen_objects(objects, choice));
  choice = {};
  choice.max_size = 6.9999999999;
  EXPECT_EQ((std::vector<std::int64_t>{0, 2, 4, 5}), chosen_objects(objects, choice));
}

TEST(OrderFreeSum, SameDigitsInAnyOrder) {
  std::mt19937_64 random(3);
  std::vector<double> terms;
  for (int i = 0; i < 2000; ++i)
    terms.push_back(std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())),
                               static_cast<int>(random() % 200) - 100));
  terms.insert(terms.end(), {5e-324, -5e-324, 0.0, -0.0, 1e308, -1e308});
  double first = 0;
  for (int round = 0; round < 20; ++round) {
    std::shuffle(terms.begin(), terms.end(), random);
    OrderFreeSum a;
    OrderFreeSum b;
    for (std::size_t i = 0; i < terms.size(); ++i) (i % 3 == 0 ? a : b).add(terms[i]);
    b.add(a);
    if (round == 0) first = b.value();
    EXPECT_EQ(first, b.value());
  }
}

TEST(OrderFreeSum, IsRight) {
  OrderFreeSum sum;
  EXPECT_EQ(0, sum.value());
  for (const double term : {1e20, 1.0, -1e20, 0.25}) sum.add(term);
  EXPECT_EQ(1.25, sum.value());
  for (const double term : {-1e20, -2.5, 1e20}) sum.add(term);
  EXPECT_EQ(-1.25, sum.value());
  OrderFreeSum small;
  small.add(5e-324);
  small.add(5e-324);
  EXPECT_EQ(1e-323, small.value());
  small.add(-std::numeric_limits<double>::max());
  EXPECT_EQ(-std::numeric_limits<double>::max(), small.value());
}

}  // namespace
}  // namespace vox
