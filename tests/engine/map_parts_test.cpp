// Parts of a volume, each computed alone, make the whole.
#include <gtest/gtest.h>

#include "engine/engine.h"
#include "ops/intensity/clamp.h"
#include "support/add_earlier.h"
#include "support/box_mean.h"
#include "support/mapped.h"

namespace vox {
namespace {

using test::AddEarlier;
using test::BoxMean;
using test::MemorySink;
using test::MemorySource;
using test::Volume;

/// Planes begin at multiples of `unit`.
Interval planes_of_part(std::int64_t planes, std::int64_t unit, std::int64_t part, std::int64_t parts) {
  const std::int64_t units = (planes + unit - 1) / unit;
  return {std::min(planes, units * part / parts * unit), std::min(planes, units * (part + 1) / parts * unit)};
}

/// Every part into a volume of its own, of which only its planes are taken.
Volume in_parts(const Volume& in, const KernelList& kernels, const Boundary& boundary,
                const Resources& resources, std::int64_t parts, std::int64_t unit = 1) {
  Volume all(in.meta.shape, output_meta(in.meta, kernels).dtype);
  for (std::int64_t part = 0; part < parts; ++part) {
    const Interval planes = planes_of_part(in.meta.shape.z, unit, part, parts);
    MemorySource source(in, true);
    MemorySink sink(output_meta(in.meta, kernels), true);
    run_map(source, kernels, boundary, sink, resources, planes);
    const std::int64_t first = planes.begin * sink.meta().plane_bytes();
    std::copy_n(sink.volume.bytes.data() + first, planes.size() * sink.meta().plane_bytes(),
                all.bytes.data() + first);
  }
  return all;
}

Resources with(int threads, std::int64_t memory) {
  Resources resources;
  resources.threads = threads;
  resources.memory = memory;
  return resources;
}

constexpr std::int64_t kParts[] = {1, 2, 3, 7, 40};
constexpr std::int64_t kMemories[] = {std::int64_t{90} << 10, std::int64_t{300} << 10, std::int64_t{1} << 26};

TEST(MapParts, NeighbourhoodsReachIntoOtherPartsAndTheBoundaryOnlyWhereTheVolumeEnds) {
  for (const Extent3 shape : {Extent3{1, 4, 3}, Extent3{2, 5, 6}, Extent3{9, 66, 11}, Extent3{31, 7, 12}}) {
    const Volume in = test::random_volume(shape, DType::uint16, 1);
    for (const Extent3 radius : {Extent3{1, 1, 1}, Extent3{3, 0, 1}, Extent3{5, 2, 0}}) {
      const BoxMean mean(radius);
      for (const BoundaryMode mode : test::kBoundaryModes) {
        const Boundary boundary{mode, 321};
        const Volume expected = test::mapped(in, {&mean}, boundary, 1, 1 << 26, true);
        for (const std::int64_t parts : kParts)
          ASSERT_EQ(expected.bytes, in_parts(in, {&mean}, boundary, with(2, 1 << 26), parts).bytes)
              << to_string(shape) << " radius " << to_string(radius) << " mode " << static_cast<int>(mode)
              << " in " << parts;
      }
    }
  }
}

TEST(MapParts, ChainsOfKernelsThatLookBackInAnyMemory) {
  const Volume in = test::random_volume({21, 70, 13}, DType::uint16, 2);
  const AddEarlier add;
  for (const auto& [a, b] :
       {std::pair{Extent3{1, 1, 1}, Extent3{4, 2, 0}}, {Extent3{3, 0, 2}, Extent3{0, 3, 1}}}) {
    const BoxMean first(a);
    const BoxMean second(b);
    for (const BoundaryMode mode : test::kBoundaryModes) {
      const Boundary boundary{mode, 900};
      for (const KernelList& kernels : {KernelList{&first, &second, &add}, {&first, &second, &first}}) {
        const Volume expected = test::mapped(in, kernels, boundary, 2, 1 << 26, true);
        for (const std::int64_t parts : kParts)
          for (const std::int64_t memory : kMemories)
            ASSERT_EQ(expected.bytes, in_parts(in, kernels, boundary, with(1, memory), parts).bytes)
                << static_cast<int>(mode) << " in " << parts << " with " << memory;
      }
    }
  }
}

TEST(MapParts, WithoutNeighbourhoodsOnlyTheirOwnPlanesAreRead) {
  const Volume in = test::random_volume({23, 17, 40}, DType::uint16, 3);
  const Clamp clamp(DType::uint16, 1000, 50000);
  const Volume expected = test::mapped(in, {&clamp}, {}, 1, 1 << 26, true);
  for (const std::int64_t parts : kParts) {
    ASSERT_EQ(expected.bytes, in_parts(in, {&clamp}, {}, with(3, 1 << 26), parts).bytes);
    ASSERT_EQ(expected.bytes, in_parts(in, {&clamp}, {}, with(1, 4000), parts).bytes);
  }
  const MemorySource source(in, true);
  const PassPlan plan = plan_map(source, {&clamp}, {}, in.meta, nullptr, with(1, 1 << 20), {5, 8});
  EXPECT_EQ(3 * in.meta.plane_bytes(), plan.bytes_in);
  EXPECT_EQ(3 * in.meta.plane_bytes(), plan.bytes_out);
}

TEST(MapParts, ThePlanReadsTheNeighboursOnce) {
  const Volume in = test::random_volume({23, 17, 40}, DType::uint16, 4);
  const BoxMean mean({2, 1, 1});
  const MemorySource source(in, true);
  const auto read = [&](const Boundary& boundary, const Interval& planes) {
    return plan_map(source, {&mean}, boundary, in.meta, nullptr, with(1, 1 << 20), planes).bytes_in /
           in.meta.plane_bytes();
  };
  EXPECT_EQ(7, read({}, {5, 8}));
  EXPECT_EQ(5, read({}, {0, 3}));
  EXPECT_EQ(7, read({BoundaryMode::wrap, 0}, {0, 3}));
  EXPECT_EQ(23, read({BoundaryMode::wrap, 0}, {0, 23}));
}

}  // namespace
}  // namespace vox
