// Statistics of sections: the same in one pass over planes, section by section, and in little memory.
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "engine/beside_kernel.h"
#include "engine/section_counts.h"
#include "engine/section_percentiles.h"
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
    const std::array<SlabSource*, 2> sources{&source, &inside};
    const std::vector<PercentileRequest> requests{{99.9, false, false}, {80, true, false}, {50, false, true}};
    const std::vector<Interval> planes = even_sections(6, 6);
    const auto at_once = section_percentiles(sources, planes, requests, with_memory(256 << 20));
    // Too little to hold a plane twice, so each plane is read on its own.
    Resources little = with_memory(256 << 20);
    std::vector<Interval> split = planes;
    split.push_back({6, 6});
    const auto one_by_one = section_percentiles(sources, split, requests, little);
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
  const auto wanted =
      section_percentiles(std::array<SlabSource*, 1>{&seekable}, sections, requests, resources);
  const auto got = section_percentiles(std::array{spool.get()}, sections, requests, resources);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(wanted[0][i].value, got[0][i].value);
}

TEST(SectionCounts, AreTheSameInLittleMemory) {
  const Volume volume = test::random_volume({40, 16, 20}, DType::uint16, 3);
  MemorySource source(volume, true);
  const SectionBins bins{0, 1, 65535, 4096};
  const std::vector<Interval> sections = even_sections(40, 17);
  const auto counts_with = [&](std::int64_t memory) {
    std::vector<std::int64_t> all;
    section_counts(source, sections, bins, with_memory(memory),
                   [&](std::size_t, std::span<const std::int64_t> counts, std::int64_t above) {
                     all.insert(all.end(), counts.begin(), counts.end());
                     all.push_back(above);
                   });
    return all;
  };
  EXPECT_EQ(counts_with(256 << 20), counts_with(1 << 20));
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
