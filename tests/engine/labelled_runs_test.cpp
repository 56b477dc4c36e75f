#include "engine/labelled_runs.h"

#include "engine/component_numbers.h"
#include "engine/run_store.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::MemorySource;
using test::Volume;

/// A source that decodes several planes and rows at once.
class ChunkedSource final : public MemorySource {
 public:
  ChunkedSource(const Volume& volume, bool seekable, const Extent3& chunk)
      : MemorySource(volume, seekable), chunk_(chunk) {}
  Extent3 chunk() const override { return chunk_; }

 private:
  Extent3 chunk_;
};

Volume noise(const Extent3& shape, unsigned seed, unsigned of_ten) {
  Volume volume(shape, DType::uint8);
  std::mt19937 random(seed);
  for (std::byte& voxel : volume.bytes) voxel = std::byte{random() % 10 < of_ten};
  return volume;
}

std::vector<std::uint32_t> labels_of(LabelledRuns& runs, const Extent3& shape) {
  runs.set_labels(4, ComponentNumbers(runs.objects(), runs.measures(), {}, shape).labels());
  std::vector<std::uint32_t> labels(static_cast<std::size_t>(voxels(shape)));
  runs.paint(dense_block(reinterpret_cast<std::byte*>(labels.data()), DType::uint32, whole(shape)));
  return labels;
}

TEST(LabelledRuns, SameForEveryWayOfReading) {
  const Extent3 shape{20, 30, 90};
  const Volume volume = noise(shape, 1, 2);
  ComponentRequest request;
  request.connectivity = Connectivity::edges;
  request.measures = true;
  std::vector<std::uint32_t> expected;
  for (const Extent3 chunk : {Extent3{1, 1, 90}, Extent3{7, 8, 90}, Extent3{1, 30, 90}, Extent3{64, 64, 64}})
    for (const bool seekable : {true, false})
      for (const int threads : {1, 3})
        for (const std::int64_t memory : {std::int64_t{3} << 20, std::int64_t{64} << 20}) {
          ChunkedSource source(volume, seekable, seekable ? chunk : Extent3{1, 1, 90});
          Resources resources;
          resources.threads = threads;
          resources.memory = memory;
          const auto runs = find_components(source, request, resources);
          std::int64_t counted = 0;
          for (const ObjectMeasure& object : runs->measures()) counted += object.voxels;
          EXPECT_EQ(std::count(volume.bytes.begin(), volume.bytes.end(), std::byte{1}), counted);
          const auto labels = labels_of(*runs, shape);
          if (expected.empty()) expected = labels;
          EXPECT_EQ(expected, labels) << to_string(chunk) << seekable << threads << memory;
        }
  EXPECT_GT(*std::max_element(expected.begin(), expected.end()), 100u);
}

TEST(LabelledRuns, SpoolsWhatDoesNotFit) {
  const Extent3 shape{40, 64, 256};
  const Volume volume = noise(shape, 2, 5);
  ComponentRequest request;
  request.connectivity = Connectivity::corners;
  MemorySource source(volume, false);
  Resources resources;
  resources.memory = std::int64_t{64} << 20;
  const auto in_memory = find_components(source, request, resources);
  EXPECT_EQ(0, in_memory->file_bytes());
  MemorySource again(volume, false);
  resources.memory = std::int64_t{1} << 20;
  const auto spooled = find_components(again, request, resources);
  EXPECT_GT(spooled->file_bytes(), std::int64_t{1} << 19);
  EXPECT_LE(spooled->memory_bytes(), resources.memory);
  EXPECT_EQ(labels_of(*in_memory, shape), labels_of(*spooled, shape));
}

TEST(LabelledRuns, WithoutRunsHoldsObjectsOnly) {
  const Volume volume = noise({40, 64, 256}, 2, 5);
  ComponentRequest request;
  request.measures = true;
  MemorySource source(volume, false);
  Resources resources;
  resources.memory = std::int64_t{64} << 20;
  const auto with = find_components(source, request, resources);
  request.runs = false;
  MemorySource again(volume, false);
  const auto without = find_components(again, request, resources);
  EXPECT_EQ(0, without->file_bytes());
  EXPECT_LT(without->memory_bytes(), with->memory_bytes());
  ASSERT_EQ(with->objects(), without->objects());
  for (std::size_t i = 0; i < with->measures().size(); ++i) {
    EXPECT_EQ(with->measures()[i].voxels, without->measures()[i].voxels);
    EXPECT_EQ(with->measures()[i].box.begin, without->measures()[i].box.begin);
  }
}

TEST(RunStore, MovesPiecesToTheFileWhenLessIsAllowed) {
  RunStore store(std::int64_t{1} << 20, "/tmp");
  std::vector<std::vector<std::byte>> pieces;
  for (std::size_t i = 0; i < 30; ++i) {
    pieces.emplace_back(30'000 + i, std::byte{static_cast<unsigned char>(i)});
    const auto bytes = std::span<const std::byte>(pieces.back());
    const std::span<const std::byte> parts[] = {bytes.first(7), bytes.subspan(7)};
    EXPECT_EQ(static_cast<std::int64_t>(i), store.put(parts));
  }
  EXPECT_EQ(0, store.file_bytes());
  store.limit_memory(600'000);
  EXPECT_LE(store.memory_bytes(), 600'000);
  EXPECT_NE(nullptr, store.in_memory(0));
  EXPECT_EQ(nullptr, store.in_memory(29));
  store.limit_memory(0);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    ASSERT_EQ(nullptr, store.in_memory(static_cast<std::int64_t>(i)));
    std::vector<std::byte> got(pieces[i].size() - 5);
    store.read(static_cast<std::int64_t>(i), 5, got);
    EXPECT_TRUE(std::equal(got.begin(), got.end(), pieces[i].begin() + 5));
  }
}

}  // namespace
}  // namespace vox
