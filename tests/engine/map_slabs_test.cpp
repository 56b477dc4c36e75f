#include <gtest/gtest.h>

#include "core/error.h"
#include "engine/engine.h"
#include "engine/slab_plan.h"
#include "ops/filter/bilateral.h"
#include "ops/filter/box_moments.h"
#include "support/add_earlier.h"
#include "support/box_mean.h"
#include "support/mapped.h"

namespace vox {
namespace {

using test::AddEarlier;
using test::BoxMean;
using test::mapped;
using test::MemorySink;
using test::MemorySource;
using test::Volume;

TEST(MapSlabs, BoxMeanEqualsThePlainOneForEveryBoundaryShapeAndRadius) {
  for (const Extent3 shape :
       {Extent3{1, 1, 1}, Extent3{5, 7, 9}, Extent3{40, 3, 17}, Extent3{2, 70, 5}, Extent3{13, 65, 6}}) {
    const Volume in = test::random_volume(shape, DType::uint16, 1);
    for (const Extent3 radius : {Extent3{1, 1, 1}, Extent3{0, 2, 0}, Extent3{3, 0, 1}, Extent3{0, 0, 4}}) {
      const BoxMean mean(radius);
      for (const BoundaryMode mode : test::kBoundaryModes) {
        const Boundary boundary{mode, 321};
        const Volume expected = test::plain_box_mean(in, radius, boundary);
        const Volume got = mapped(in, {&mean}, boundary, 2, 1 << 26, true);
        ASSERT_EQ(expected.bytes, got.bytes)
            << to_string(shape) << " radius " << to_string(radius) << " mode " << static_cast<int>(mode);
      }
    }
  }
}

TEST(MapSlabs, AFusedPairEqualsTheStepsOneAfterTheOther) {
  const Volume in = test::random_volume({19, 23, 21}, DType::uint16, 2);
  const Extent3 first_radius{2, 1, 3};
  const Extent3 second_radius{3, 2, 1};
  const BoxMean first(first_radius);
  const BoxMean second(second_radius);
  for (const BoundaryMode mode : test::kBoundaryModes) {
    const Boundary boundary{mode, 40000};
    const Volume expected =
        test::plain_box_mean(test::plain_box_mean(in, first_radius, boundary), second_radius, boundary);
    const Volume got = mapped(in, {&first, &second}, boundary, 2, 1 << 26, true);
    EXPECT_EQ(expected.bytes, got.bytes) << static_cast<int>(mode);
  }
}

TEST(MapSlabs, VoxelsDoNotDependOnThreadsMemoryOrPipes) {
  const Volume in = test::random_volume({31, 66, 33}, DType::uint16, 3);
  const BoxMean mean({2, 1, 1});
  for (const BoundaryMode mode : test::kBoundaryModes) {
    const Boundary boundary{mode, 7};
    const Volume expected = mapped(in, {&mean, &mean}, boundary, 1, 1 << 26, true);
    for (const int threads : {1, 2, 5})
      for (const std::int64_t memory :
           {std::int64_t{190} << 10, std::int64_t{300} << 10, std::int64_t{1} << 30})
        for (const bool seekable : {true, false})
          EXPECT_EQ(expected.bytes, mapped(in, {&mean, &mean}, boundary, threads, memory, seekable).bytes);
  }
}

TEST(MapSlabs, BandsOfPlanesThatDoNotFitGiveTheSameVoxels) {
  const Volume in = test::random_volume({9, 150, 40}, DType::uint16, 5);
  const BoxMean first({1, 2, 1});
  const BoxMean second({2, 3, 0});
  const KernelList kernels{&first, &second};
  for (const BoundaryMode mode : test::kBoundaryModes) {
    const Boundary boundary{mode, 7};
    const Volume expected = mapped(in, kernels, boundary, 2, 1 << 26, true);
    for (const std::int64_t memory :
         {std::int64_t{40} << 10, std::int64_t{64} << 10, std::int64_t{120} << 10}) {
      Resources resources;
      resources.memory = memory;
      const MemorySource source(in, true);
      const PassPlan plan = plan_map(source, kernels, boundary, in.meta, nullptr, resources);
      EXPECT_LT(plan.block.y, 150);
      EXPECT_LE(plan.peak_memory, memory);
      EXPECT_EQ(expected.bytes, mapped(in, kernels, boundary, 1, memory, true).bytes)
          << static_cast<int>(mode) << " in bands of " << plan.block.y << " rows";
    }
  }
}

TEST(MapSlabs, SumsThatGoFromSlabToSlabGiveTheSameVoxelsHoweverTheVolumeIsCut) {
  const Volume in = test::random_volume({31, 90, 33}, DType::uint16, 7);
  const Extent3 radius{2, 3, 4};
  const BoxMoments mean(Moment::mean, Footprint(Shape::box, {2, 3, 4}), DType::uint16, DType::uint16);
  const KernelList kernels{&mean, &mean};
  for (const BoundaryMode mode : test::kBoundaryModes) {
    const Boundary boundary{mode, 7};
    const Volume expected =
        test::plain_box_mean(test::plain_box_mean(in, radius, boundary), radius, boundary);
    for (const int threads : {1, 3})
      for (const std::int64_t memory :
           {std::int64_t{150} << 10, std::int64_t{1} << 20, std::int64_t{1} << 30}) {
        Resources resources;
        resources.memory = memory;
        resources.threads = threads;
        const PassPlan plan =
            plan_map(MemorySource(in, true), kernels, boundary, in.meta, nullptr, resources);
        EXPECT_EQ(memory == std::int64_t{150} << 10, plan.block.y < 90) << plan.block.y;
        EXPECT_EQ(memory == std::int64_t{1} << 30, plan.block.z == 31) << plan.block.z;
        EXPECT_EQ(expected.bytes, mapped(in, kernels, boundary, threads, memory, true).bytes)
            << static_cast<int>(mode) << " " << memory;
      }
    EXPECT_EQ(expected.bytes, mapped(in, kernels, boundary, 2, 1 << 20, false).bytes);
  }
}

/// Their order shows in the last bits, and is not that of a slab.
TEST(MapSlabs, SumsOfDoublesAreTheSameHoweverTheVolumeIsCut) {
  const Volume whole = test::random_volume({22, 61, 37}, DType::uint16, 10);
  Volume in(whole.meta.shape, DType::float64);
  for (std::int64_t i = 0; i < in.meta.voxel_count(); ++i)
    reinterpret_cast<double*>(in.bytes.data())[i] =
        reinterpret_cast<const std::uint16_t*>(whole.bytes.data())[i] / 7.0;
  for (const Vector3& radius : {Vector3{1, 1, 1}, Vector3{0, 2, 5}, Vector3{4, 0, 2}, Vector3{3, 7, 0}}) {
    const BoxMoments variance(Moment::variance, Footprint(Shape::box, radius), DType::float64,
                              DType::float64);
    for (const BoundaryMode mode : test::kBoundaryModes) {
      const Boundary boundary{mode, 7};
      const Volume expected = mapped(in, {&variance}, boundary, 1, std::int64_t{1} << 30, true);
      for (const int threads : {1, 3})
        for (const std::int64_t memory : {std::int64_t{320} << 10, std::int64_t{1500} << 10})
          EXPECT_EQ(expected.bytes, mapped(in, {&variance}, boundary, threads, memory, true).bytes)
              << radius[0] << " " << radius[1] << " " << static_cast<int>(mode) << " " << memory;
      EXPECT_EQ(expected.bytes, mapped(in, {&variance}, boundary, 2, 3 << 20, false).bytes);
    }
  }
}

TEST(MapSlabs, ANeighbourhoodOfManySlabsHasRoom) {
  const Volume in = test::random_volume({70, 9, 11}, DType::uint16, 8);
  for (const std::int64_t reach : {8, 17, 40, 80}) {
    const BoxMoments mean(Moment::mean, Footprint(Shape::box, {static_cast<double>(reach), 1, 1}),
                          DType::uint16, DType::uint16);
    for (const BoundaryMode mode : test::kBoundaryModes) {
      const Boundary boundary{mode, 7};
      const Volume expected = test::plain_box_mean(in, {reach, 1, 1}, boundary);
      for (const std::int64_t memory :
           {std::int64_t{140} << 10, std::int64_t{180} << 10, std::int64_t{1} << 30})
        EXPECT_EQ(expected.bytes, mapped(in, {&mean}, boundary, 2, memory, false).bytes)
            << reach << " " << static_cast<int>(mode) << " " << memory;
    }
  }
}

TEST(MapSlabs, WithoutMemoryForWhatIsCarriedSlabsBeginAnewAndVoxelsStayTheSame) {
  const Volume in = test::random_volume({14, 40, 50}, DType::uint16, 9);
  const Bilateral bilateral({{2, 2, 2}, 20000, {2, 1, 3}}, DType::uint16, DType::uint16);
  const KernelList kernels{&bilateral};
  const Boundary boundary{BoundaryMode::reflect, 0};
  const Volume expected = mapped(in, kernels, boundary, 1, 1 << 26, true);
  for (const bool carries : {true, false}) {
    Resources resources;
    resources.memory = carries ? 1 << 20 : 300 << 10;
    resources.threads = 1;
    const MemorySource pipe(in, false);
    EXPECT_EQ(carries, plan_slabs(pipe, kernels, boundary, nullptr, resources).carries);
    EXPECT_EQ(expected.bytes, mapped(in, kernels, boundary, 1, resources.memory, false).bytes) << carries;
  }
}

TEST(MapSlabs, AKernelThatLooksBackSeesTheSamePlacesHoweverTheVolumeIsCut) {
  const Volume in = test::random_volume({21, 80, 23}, DType::uint16, 6);
  const AddEarlier add;
  for (const auto& [a, b] :
       {std::pair{Extent3{1, 1, 1}, Extent3{4, 2, 0}}, {Extent3{3, 0, 2}, Extent3{0, 3, 1}}}) {
    const BoxMean first(a);
    const BoxMean second(b);
    for (const BoundaryMode mode : test::kBoundaryModes) {
      const Boundary boundary{mode, 900};
      Volume expected = test::plain_box_mean(test::plain_box_mean(in, a, boundary), b, boundary);
      for (std::int64_t i = 0; i < in.meta.voxel_count(); ++i) {
        auto& voxel = reinterpret_cast<std::uint16_t*>(expected.bytes.data())[i];
        voxel =
            static_cast<std::uint16_t>(voxel + reinterpret_cast<const std::uint16_t*>(in.bytes.data())[i]);
      }
      for (const std::int64_t memory :
           {std::int64_t{60} << 10, std::int64_t{130} << 10, std::int64_t{1} << 26})
        EXPECT_EQ(expected.bytes, mapped(in, {&first, &second, &add}, boundary, 1, memory, true).bytes)
            << static_cast<int>(mode) << " " << memory;
      EXPECT_EQ(expected.bytes, mapped(in, {&first, &second, &add}, boundary, 3, 1 << 26, false).bytes);
    }
  }
}

TEST(MapSlabs, RefusesANeighbourhoodWhoseBytesCannotBeCounted) {
  const Volume in = test::random_volume({3, 4, 5}, DType::uint16, 3);
  const BoxMean mean({1000000, 1000000, 1000000});
  try {
    mapped(in, {&mean}, {}, 2, std::int64_t{1} << 30, true);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string::npos, std::string(error.what()).find("use a smaller radius")) << error.what();
  }
}

TEST(MapSlabs, RefusesAPlaneThatDoesNotFitAPipeAndSaysWhatWould) {
  const Volume in = test::random_volume({3, 100, 1000}, DType::uint16, 4);
  const BoxMean mean({1, 1, 1});
  try {
    mapped(in, {&mean}, {}, 1, 1 << 20, false);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(ErrorKind::memory, error.kind());
    EXPECT_NE(std::string::npos, std::string(error.what()).find("use --memory 2M or more")) << error.what();
  }
  EXPECT_THROW(mapped(in, {&mean}, {}, 1, 8 << 10, true), Error);
}

}  // namespace
}  // namespace vox
