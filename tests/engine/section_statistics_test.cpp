// Statistics of sections: the same in one pass over planes, section by section, and in little memory.
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "core/numbers.h"
#include "engine/beside_kernel.h"
#include "engine/section_counts.h"
#include "engine/section_percentiles.h"
#include "engine/tile_maps.h"
#include "io/adapted_source.h"
#include "ops/intensity/plane_stretch.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::MemorySink;
using test::MemorySource;
using test::Volume;

Resources with_memory(std::int64_t bytes) {
  Resources resources;
  resources.threads = 2;
  resources.memory = bytes;
  return resources;
}

std::vector<std::vector<SectionPercentile>> percentiles(const std::vector<SlabSource*>& sources,
                                                        const std::vector<Interval>& sections,
                                                        const std::vector<PercentileRequest>& requests,
                                                        const Resources& resources) {
  SectionPercentiles pass(sources, sections, requests, resources);
  pass.look({0, sources[0]->meta().shape.z});
  std::vector<std::vector<SectionPercentile>> found;
  for (std::size_t i = 0; i < requests.size(); ++i) found.push_back(pass.of(i));
  return found;
}

std::vector<std::int64_t> counts_of(const SectionCounts& counted) {
  std::vector<std::int64_t> all;
  counted.for_each([&](std::size_t, std::span<const std::int64_t> counts, std::int64_t above) {
    all.insert(all.end(), counts.begin(), counts.end());
    all.push_back(above);
  });
  return all;
}

/// Lets parts that end at `ends` look at their planes, and gives what they kept to `together`.
template <class MakePass>
void share(SharedPass& together, std::initializer_list<std::int64_t> ends, const MakePass& make_pass) {
  std::int64_t begin = 0;
  for (const std::int64_t end : ends) {
    auto part = make_pass();
    part.look({begin, end});
    KeptState kept;
    part.keep(kept);
    KeptState state(kept.bytes());
    together.take(state);
    state.check_end();
    begin = end;
  }
}

TEST(EvenSections, BoundariesRoundHalfToEven) {
  EXPECT_EQ((std::vector<Interval>{{0, 2}, {2, 5}}), even_sections(5, 2));  // 2.5 becomes 2
  EXPECT_EQ((std::vector<Interval>{{0, 4}, {4, 7}}), even_sections(7, 2));  // 3.5 becomes 4
  EXPECT_EQ((std::vector<Interval>{{0, 0}, {0, 1}, {1, 2}, {2, 2}}), even_sections(2, 4));
}

TEST(SectionPercentiles, AreTheSameWhateverTheWay) {
  for (const DType dtype : kAllDTypes) {
    SCOPED_TRACE(dtype_name(dtype));
    const Volume volume = test::random_volume({6, 300, 200}, dtype, 3);
    Volume mask = test::random_volume({6, 300, 200}, DType::uint8, 4);
    MemorySource source(volume, true);
    MemorySource inside(mask, true);
    const std::vector<SlabSource*> sources{&source, &inside};
    const std::vector<PercentileRequest> requests{{99.9, false, false}, {80, true, false}, {50, false, true}};
    const std::vector<Interval> planes = even_sections(6, 6);
    const auto at_once = percentiles(sources, planes, requests, with_memory(256 << 20));
    // Too little to hold a plane twice, so each plane is read on its own.
    Resources little = with_memory(256 << 20);
    std::vector<Interval> split = planes;
    split.push_back({6, 6});
    const auto one_by_one = percentiles(sources, split, requests, little);
    for (std::size_t request = 0; request < requests.size(); ++request) {
      for (std::size_t z = 0; z < 6; ++z) {
        EXPECT_EQ(at_once[request][z].count, one_by_one[request][z].count);
        EXPECT_EQ(at_once[request][z].value, one_by_one[request][z].value);
      }
      EXPECT_EQ(0, one_by_one[request][6].count);
      EXPECT_TRUE(std::isnan(one_by_one[request][6].value));
    }
  }
}

TEST(SectionPercentiles, ReadASpooledPipeToItsEndFirst) {
  const Volume volume = test::random_volume({6, 30, 20}, DType::float64, 3);
  MemorySource seekable(volume, true);
  Resources resources = with_memory(64 << 20);
  const auto spool = make_rereadable(std::make_unique<MemorySource>(volume, false), resources);
  const std::vector<Interval> sections = even_sections(6, 2);
  const std::vector<PercentileRequest> requests{{50, false, false}};
  const auto wanted = percentiles({&seekable}, sections, requests, resources);
  const auto got = percentiles({spool.get()}, sections, requests, resources);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(wanted[0][i].value, got[0][i].value);
}

TEST(SectionCounts, AreTheSameInLittleMemory) {
  const Volume volume = test::random_volume({40, 16, 20}, DType::uint16, 3);
  MemorySource source(volume, true);
  const SectionBins bins{0, 1, 65535, 4096};
  const std::vector<Interval> sections = even_sections(40, 17);
  const auto counts_with = [&](std::int64_t memory) {
    SectionCounts counted(source, sections, bins, with_memory(memory));
    counted.look({0, 40});
    return counts_of(counted);
  };
  EXPECT_EQ(counts_with(256 << 20), counts_with(1 << 20));
}

TEST(SectionCounts, OfPartsAddUp) {
  const Volume volume = test::random_volume({40, 16, 20}, DType::uint16, 3);
  MemorySource source(volume, true);
  const auto make_pass = [&] {
    return SectionCounts(source, even_sections(40, 7), {0, 1, 65535, 300}, with_memory(64 << 20));
  };
  SectionCounts alone = make_pass();
  alone.look({0, 40});
  SectionCounts together = make_pass();
  share(together, {3, 3, 19, 40, 40}, make_pass);
  EXPECT_EQ(counts_of(alone), counts_of(together));
}

TEST(SectionPercentiles, OfPartsAreThoseOfTheWhole) {
  const Volume volume = test::random_volume({13, 16, 20}, DType::float32, 3);
  MemorySource source(volume, true);
  for (const std::int64_t sections : {1, 3, 13, 30}) {
    const auto make_pass = [&] {
      return SectionPercentiles({&source}, even_sections(13, sections),
                                {{50, true, false}, {99, false, false}}, with_memory(64 << 20));
    };
    SectionPercentiles alone = make_pass();
    alone.look({0, 13});
    SectionPercentiles together = make_pass();
    share(together, {5, 5, 6, 13, 13}, make_pass);
    for (std::size_t request = 0; request < 2; ++request)
      for (std::size_t i = 0; i < static_cast<std::size_t>(sections); ++i) {
        EXPECT_EQ(alone.of(request)[i].count, together.of(request)[i].count);
        EXPECT_EQ(format_number(alone.of(request)[i].value), format_number(together.of(request)[i].value));
      }
  }
}

TEST(TileCounts, OfPartsMakeTheMapsOfTheWhole) {
  const Volume volume = test::random_volume({23, 16, 20}, DType::uint16, 3);
  MemorySource source(volume, true);
  const ClaheLevels levels(DType::uint16, {0, 65535}, 64);
  for (const std::int64_t depth : {1, 5, 9, 40}) {
    const TileGrid grid(volume.meta.shape, {depth, 7, 6});
    const auto maps_with = [&](std::int64_t memory, std::initializer_list<std::int64_t> ends) {
      const auto make_pass = [&] { return TileCounts(source, grid, levels, with_memory(memory)); };
      TileCounts together = make_pass();
      share(together, ends, make_pass);
      return together.maps(3);
    };
    const auto whole = maps_with(64 << 20, {23});
    EXPECT_EQ(whole, maps_with(64 << 20, {2, 11, 11, 18, 22, 23}));
    EXPECT_EQ(whole, maps_with(1 << 18, {4, 23}));
  }
}

TEST(BesideKernel, ShowsTheMaskBesideEveryBlock) {
  const Volume volume = test::random_volume({3, 50, 4000}, DType::uint16, 3);
  const Volume mask = test::random_volume({1, 50, 4000}, DType::uint8, 5);
  const auto repeated = repeat_plane(std::make_unique<MemorySource>(mask, false), 3);
  const PlaneStretch stretch({{-INFINITY, INFINITY, 0, 2}});
  const BesideKernel kernel(stretch, *repeated);
  MemorySource source(volume, true);
  MemorySink sink(kernel.output_meta(volume.meta), true);
  run_map(source, {&kernel}, {}, sink, with_memory(64 << 20));
  for (std::int64_t z = 0; z < 3; ++z)
    for (std::int64_t y = 0; y < 50; ++y)
      for (std::int64_t x = 0; x < 4000; ++x) {
        const auto value = static_cast<float>(volume.at<std::uint16_t>(z, y, x));
        ASSERT_EQ(mask.at<std::uint8_t>(0, y, x) != 0 ? 2 * value : value, sink.volume.at<float>(z, y, x));
      }
}

TEST(ViewPlanes, ShowsSomePlanesOfAnotherSource) {
  const Volume volume = test::random_volume({5, 3, 4}, DType::uint16, 3);
  MemorySource source(volume, true);
  const auto view = view_planes(source, {2, 4});
  EXPECT_EQ((Extent3{2, 3, 4}), view->meta().shape);
  std::vector<std::byte> bytes(static_cast<std::size_t>(view->meta().bytes()));
  view->read(whole(view->meta().shape), bytes.data());
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), volume.bytes.begin() + 2 * volume.meta.plane_bytes()));
}

}  // namespace
}  // namespace vox
