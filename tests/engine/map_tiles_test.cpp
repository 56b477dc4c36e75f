#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/error.h"
#include "engine/engine.h"
#include "support/box_mean.h"
#include "support/mapped.h"

namespace vox {
namespace {

using test::BoxMean;
using test::mapped;
using test::MemorySink;
using test::MemorySource;
using test::Volume;

/// A box mean that may only be called for the tiles of a grid, and keeps which it was called for.
class TiledMean : public BoxMean {
 public:
  TiledMean(const Extent3& radius, const Extent3& tile) : BoxMean(radius), tile_(tile) {}

  Extent3 tile() const override { return tile_; }
  std::int64_t scratch_bytes(const Extent3&) const override { return 5000; }
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override {
    EXPECT_EQ(in.box, out.box);
    BoxMean::apply(in, out, tally);
    const std::lock_guard lock(mutex_);
    boxes_.push_back(out.box);
  }

  void expect_every_tile_once(const Extent3& n) const {
    std::vector<Box3> left = boxes_;
    for (std::int64_t z = 0; z < n.z; z += tile_.z)
      for (std::int64_t y = 0; y < n.y; y += tile_.y)
        for (std::int64_t x = 0; x < n.x; x += tile_.x) {
          const Box3 box = intersect({{z, y, x}, {z + tile_.z, y + tile_.y, x + tile_.x}}, whole(n));
          EXPECT_EQ(1U, std::erase(left, box)) << to_string(box.begin);
        }
    EXPECT_TRUE(left.empty());
  }

 private:
  Extent3 tile_;
  mutable std::mutex mutex_;
  mutable std::vector<Box3> boxes_;
};

TEST(MapTiles, EveryTileIsSeenOnceWithItsNeighbourhood) {
  for (const Extent3 shape : {Extent3{1, 1, 1}, Extent3{7, 33, 21}, Extent3{40, 5, 9}}) {
    const Volume in = test::random_volume(shape, DType::uint16, 1);
    for (const Extent3 tile : {Extent3{1, 1, 1}, Extent3{3, 8, 5}, Extent3{64, 64, 64}, Extent3{16, 1, 21}})
      for (const Extent3 radius : {Extent3{0, 0, 0}, Extent3{2, 1, 3}, Extent3{0, 4, 0}})
        for (const BoundaryMode mode : test::kBoundaryModes) {
          const Boundary boundary{mode, 77};
          const TiledMean mean(radius, tile);
          const Volume got = mapped(in, {&mean}, boundary, 2, 1 << 26, true);
          ASSERT_EQ(test::plain_box_mean(in, radius, boundary).bytes, got.bytes)
              << to_string(shape) << " tile " << to_string(tile) << " radius " << to_string(radius);
          mean.expect_every_tile_once(shape);
        }
  }
}

TEST(MapTiles, TheGridDependsOnNothingElse) {
  const Volume in = test::random_volume({31, 90, 33}, DType::uint16, 3);
  for (const BoundaryMode mode : test::kBoundaryModes) {
    const Boundary boundary{mode, 7};
    const Volume expected = test::plain_box_mean(in, {2, 1, 1}, boundary);
    for (const int threads : {1, 2, 5})
      for (const std::int64_t memory :
           {std::int64_t{170} << 10, std::int64_t{400} << 10, std::int64_t{1} << 30})
        for (const bool seekable : {true, false}) {
          if (!seekable && memory < 400 << 10) continue;  // whole planes do not fit
          const TiledMean mean({2, 1, 1}, {4, 20, 17});
          EXPECT_EQ(expected.bytes, mapped(in, {&mean}, boundary, threads, memory, seekable).bytes)
              << threads << " threads, " << memory << " bytes";
          mean.expect_every_tile_once(in.meta.shape);
        }
  }
}

TEST(MapTiles, StandBehindOtherKernels) {
  const Volume in = test::random_volume({23, 45, 21}, DType::uint16, 2);
  const BoxMean first({2, 1, 3});
  for (const BoundaryMode mode : test::kBoundaryModes) {
    const Boundary boundary{mode, 40000};
    const Volume expected =
        test::plain_box_mean(test::plain_box_mean(in, {2, 1, 3}, boundary), {3, 2, 1}, boundary);
    for (const std::int64_t memory : {std::int64_t{130} << 10, std::int64_t{1} << 26}) {
      const TiledMean second({3, 2, 1}, {5, 10, 6});
      EXPECT_EQ(expected.bytes, mapped(in, {&first, &second}, boundary, 2, memory, true).bytes)
          << static_cast<int>(mode) << " " << memory;
      second.expect_every_tile_once(in.meta.shape);
    }
  }
}

TEST(MapTiles, OnlyTheLastKernelHasThem) {
  const Volume in = test::random_volume({4, 4, 4}, DType::uint16, 2);
  const TiledMean tiled({0, 0, 0}, {2, 2, 2});
  const BoxMean mean({1, 1, 1});
  EXPECT_THROW(mapped(in, {&tiled, &mean}, {}, 1, 1 << 26, true), std::logic_error);
}

TEST(MapTiles, ThePlanFitsTheMemoryByFewerRowsThenFewerTilesAtOnce) {
  const Volume in = test::random_volume({9, 400, 40}, DType::uint16, 5);
  const MemorySource source(in, true);
  const TiledMean mean({1, 1, 1}, {4, 30, 30});
  for (const std::int64_t memory : {std::int64_t{80} << 10, std::int64_t{300} << 10, std::int64_t{1} << 26}) {
    Resources resources;
    resources.threads = 8;
    resources.memory = memory;
    const PassPlan plan = plan_map(source, {&mean}, {}, in.meta, nullptr, resources);
    EXPECT_LE(plan.peak_memory, memory);
    EXPECT_EQ((Extent3{4, 30, 30}), plan.tile);
    EXPECT_TRUE(plan.block.y % 30 == 0 || plan.block.y == 400) << plan.block.y;
    EXPECT_EQ(memory < 100 << 10, plan.tiles_in_flight < 8) << plan.tiles_in_flight;
  }
  Resources resources;
  resources.memory = 20 << 10;
  try {
    plan_map(source, {&mean}, {}, in.meta, nullptr, resources);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(ErrorKind::memory, error.kind());
    EXPECT_NE(std::string::npos, std::string(error.what()).find("blocks of fewer planes")) << error.what();
  }
}

/// Waits in every tile until it is told to give up; the first one fails when asked to.
class WaitingKernel : public Kernel {
 public:
  explicit WaitingKernel(bool first_fails) : first_fails_(first_fails) {}

  VolumeMeta output_meta(const VolumeMeta& input) const override { return input; }
  Extent3 tile() const override { return {1, 4, 4}; }
  void apply(const ConstBlock&, const Block& out, Tally&) const override {
    if (out.box.begin.z == 0 && !first_fails_) return;
    if (first_fails_ && !begun_.exchange(true)) throw std::runtime_error("the first one");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!abandoned_ && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_TRUE(abandoned_);
    throw std::runtime_error("given up");
  }
  void abandon() const override { abandoned_ = true; }

 private:
  bool first_fails_;
  mutable std::atomic<bool> begun_{false};
  mutable std::atomic<bool> abandoned_{false};
};

class FailingSink : public MemorySink {
 public:
  using MemorySink::MemorySink;
  void put(const Box3&, std::span<std::byte>) override { throw std::runtime_error("the disk is full"); }
};

std::string failure_of(SlabSource& source, const Kernel& kernel, SlabSink& sink, int threads) {
  Resources resources;
  resources.threads = threads;
  try {
    run_map(source, {&kernel}, {}, sink, resources);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "none";
}

TEST(MapTiles, AFailureEndsTheTilesThatWaitAndIsTheOneThatIsTold) {
  const Volume in = test::random_volume({4, 16, 16}, DType::uint16, 5);
  for (const int threads : {2, 4}) {
    MemorySource source(in, true);
    MemorySink sink(in.meta, true);
    EXPECT_EQ("the first one", failure_of(source, WaitingKernel(true), sink, threads));
    FailingSink full(in.meta, true);
    EXPECT_EQ("the disk is full", failure_of(source, WaitingKernel(false), full, threads));
  }
}

}  // namespace
}  // namespace vox
