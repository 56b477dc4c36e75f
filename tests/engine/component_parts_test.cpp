#include "engine/component_parts.h"

#include "core/error.h"
#include "engine/component_numbers.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::MemorySource;
using test::Volume;

constexpr Extent3 kShape{19, 13, 70};

Volume noise(unsigned seed, unsigned of_ten, unsigned values) {
  Volume volume(kShape, DType::uint8);
  std::mt19937 random(seed);
  for (std::byte& voxel : volume.bytes) {
    const bool inside = random() % 10 < of_ten;
    voxel = inside ? static_cast<std::byte>(1 + random() % values) : std::byte{0};
  }
  return volume;
}

std::vector<std::uint32_t> labels_of(SlabSource& source, const Interval& planes) {
  const Box3 box{{planes.begin, 0, 0}, {planes.end, kShape.y, kShape.x}};
  std::vector<std::uint32_t> labels(static_cast<std::size_t>(voxels(box.shape())));
  source.read(box, reinterpret_cast<std::byte*>(labels.data()));
  return labels;
}

VolumeMeta meta_of_parts(const Volume& volume) {
  VolumeMeta meta = volume.meta;
  meta.dtype = DType::uint32;
  return meta;
}

std::vector<std::byte> kept_of(const Volume& volume, const ComponentRequest& request, const Interval& planes,
                               Resources resources) {
  MemorySource source(volume, true);
  ComponentParts part(source, request, resources);
  part.look(planes);
  KeptState state;
  part.keep(state);
  return state.bytes();
}

/// Looked at in `count` parts, painted in `painted` others.
std::vector<std::uint32_t> in_parts(const Volume& volume, const ComponentRequest& request, std::int64_t count,
                                    std::int64_t painted) {
  std::vector<std::vector<std::byte>> states;
  for (std::int64_t k = 0; k < count; ++k)
    states.push_back(kept_of(volume, request, {kShape.z * k / count, kShape.z * (k + 1) / count}, {}));
  std::vector<std::uint32_t> labels;
  for (std::int64_t k = 0; k < painted; ++k) {
    const Interval planes{kShape.z * k / painted, kShape.z * (k + 1) / painted};
    if (planes.size() == 0) continue;
    MemorySource source(volume, true);
    Resources resources;
    ComponentParts part(source, request, resources);
    for (const auto& bytes : states) {
      KeptState state(bytes);
      part.take(state);
      state.check_end();
    }
    part.join();
    const ComponentNumbers numbers(part.objects(), part.measures(), {}, kShape);
    const auto labelled = part.painted_planes(planes, meta_of_parts(volume), numbers.labels());
    const auto own = labels_of(*labelled, planes);
    labels.insert(labels.end(), own.begin(), own.end());
  }
  return labels;
}

TEST(ComponentParts, LookedAtAndPaintedInAnyParts) {
  unsigned seed = 0;
  for (const Connectivity connectivity : {Connectivity::faces, Connectivity::edges, Connectivity::corners})
    for (const bool by_value : {false, true})
      for (const unsigned of_ten : {1u, 3u, 5u}) {
        const Volume volume = noise(++seed, of_ten, by_value ? 2 : 1);
        ComponentRequest request;
        request.connectivity = connectivity;
        request.by_value = by_value;
        request.measures = of_ten == 3;
        MemorySource source(volume, true);
        const auto runs = find_components(source, request, {});
        runs->set_labels(4, [](std::int64_t object) { return static_cast<std::uint64_t>(object) + 1; });
        const auto expected = labels_of(*painted(*runs, meta_of_parts(volume), {}), {0, kShape.z});
        EXPECT_EQ(expected, in_parts(volume, request, 1, 3));
        EXPECT_EQ(expected, in_parts(volume, request, 7, 7));
        EXPECT_EQ(expected, in_parts(volume, request, 5, 2));
        EXPECT_EQ(expected, in_parts(volume, request, 25, 4));
      }
}

TEST(ComponentParts, TheSameBytesForThreadsAndMemory) {
  const Volume volume = noise(77, 3, 1);
  ComponentRequest request;
  request.measures = true;
  Resources one;
  one.memory = 1 << 20;
  Resources many;
  many.threads = 3;
  EXPECT_EQ(kept_of(volume, request, {4, 11}, one), kept_of(volume, request, {4, 11}, many));
}

TEST(ComponentParts, PartsThatDoNotCoverThePlanesOnceAreRefused) {
  const Volume volume = noise(5, 3, 1);
  const auto joins = [&](const std::vector<Interval>& all) {
    MemorySource source(volume, true);
    Resources resources;
    ComponentParts part(source, {}, resources);
    for (const Interval& planes : all) {
      KeptState state(kept_of(volume, {}, planes, {}));
      part.take(state);
    }
    part.join();
  };
  EXPECT_NO_THROW(joins({{0, 9}, {9, 9}, {9, 19}}));
  EXPECT_THROW(joins({{0, 9}, {9, 18}}), Error);
  EXPECT_THROW(joins({{0, 9}, {8, 19}}), Error);
  EXPECT_THROW(joins({{0, 9}, {10, 19}}), Error);
}

TEST(ComponentParts, MoreObjectsThanTheMemoryHolds) {
  const Volume volume = noise(6, 3, 1);
  ComponentRequest request;
  request.measures = true;
  KeptState state(kept_of(volume, request, {0, 19}, {}));
  MemorySource source(volume, true);
  Resources resources;
  resources.memory = 100'000;
  ComponentParts part(source, request, resources);
  try {
    part.take(state);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(ErrorKind::memory, error.kind());
  }
}

}  // namespace
}  // namespace vox
