#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "core/cancel.h"
#include "core/error.h"
#include "engine/engine.h"
#include "ops/intensity/clamp.h"
#include "ops/intensity/convert.h"
#include "ops/stats/range.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::MemorySink;
using test::MemorySource;
using test::Volume;

struct Setting {
  int threads;
  std::int64_t memory;
  bool source_seeks;
  bool sink_seeks;
  std::int64_t chunk_rows;
};

std::vector<Setting> settings() {
  std::vector<Setting> all;
  for (const int threads : {1, 2, 4})
    for (const std::int64_t memory : {std::int64_t{8} << 10, std::int64_t{100} << 10, std::int64_t{1} << 30})
      for (const bool source_seeks : {true, false})
        for (const bool sink_seeks : {true, false})
          for (const std::int64_t chunk_rows : {1, 3})
            all.push_back({threads, memory, source_seeks, sink_seeks, chunk_rows});
  return all;
}

TEST(MapBlocks, VoxelsAndCountsDoNotDependOnHowTheyAreReached) {
  const Volume in = test::random_volume({37, 29, 41}, DType::uint16, 1);
  const Clamp clamp(DType::uint16, 9000, 50000);
  const Convert convert(DType::uint8);
  Volume expected({37, 29, 41}, DType::uint8);
  Tally tally;
  for (std::int64_t i = 0; i < in.meta.voxel_count(); ++i) {
    const auto value = reinterpret_cast<const std::uint16_t*>(in.bytes.data())[i];
    tally.clipped_low += value < 9000 ? 1 : 0;
    tally.clipped_high += value > 50000 ? 1 : 0;
    tally.saturated += 1;  // everything from 9000 on is more than a byte holds
    expected.bytes[static_cast<std::size_t>(i)] = std::byte{255};
  }
  for (const Setting& setting : settings()) {
    MemorySource source(in, setting.source_seeks);
    MemorySink sink(output_meta(in.meta, {&clamp, &convert}), setting.sink_seeks, setting.chunk_rows);
    Resources resources;
    resources.threads = setting.threads;
    resources.memory = setting.memory;
    const Tally got = run_map(source, {&clamp, &convert}, {}, sink, resources);
    EXPECT_EQ(expected.bytes, sink.volume.bytes);
    EXPECT_EQ(tally, got);
  }
}

TEST(MapBlocks, WithoutKernelsItCopies) {
  const Volume in = test::random_volume({5, 300, 700}, DType::float32, 2);
  for (const Setting& setting : settings()) {
    MemorySource source(in, setting.source_seeks);
    MemorySink sink(in.meta, setting.sink_seeks, setting.chunk_rows);
    Resources resources;
    resources.threads = setting.threads;
    resources.memory = std::max<std::int64_t>(setting.memory, 16 << 10);
    run_map(source, {}, {}, sink, resources);
    EXPECT_EQ(in.bytes, sink.volume.bytes);
  }
}

TEST(MapBlocks, RefusesARowThatDoesNotFit) {
  const Volume in = test::random_volume({1, 1, 100000}, DType::uint16, 3);
  MemorySource source(in, true);
  MemorySink sink(in.meta, true);
  Resources resources;
  resources.memory = 64 << 10;
  try {
    run_map(source, {}, {}, sink, resources);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(ErrorKind::memory, error.kind());
  }
}

class FailingSource : public MemorySource {
 public:
  using MemorySource::MemorySource;
  void read(const Box3& box, std::byte* out) override {
    if (box.end.z > 20) fail_damaged("plane 20 is damaged");
    MemorySource::read(box, out);
  }
};

TEST(MapBlocks, TheFirstErrorEndsTheRunWhateverTheThreads) {
  const Volume in = test::random_volume({64, 100, 100}, DType::uint16, 4);
  for (const int threads : {1, 3}) {
    FailingSource source(in, false);
    MemorySink sink(in.meta, false);
    Resources resources;
    resources.threads = threads;
    EXPECT_THROW(run_map(source, {}, {}, sink, resources), Error);
    EXPECT_FALSE(sink.finished);
  }
}

TEST(MapBlocks, StopsWhenASignalCame) {
  const Volume in = test::random_volume({64, 100, 100}, DType::uint16, 5);
  MemorySource source(in, true);
  MemorySink sink(in.meta, true);
  request_cancel(15);
  try {
    run_map(source, {}, {}, sink, {});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(143, error.exit_status(cancel_signal()));
  }
  reset_cancel();
}

TEST(Spool, APipeCanBeReadAgainInAnyOrderFromMemoryOrFile) {
  const Volume in = test::random_volume({11, 13, 17}, DType::int16, 6);
  for (const std::int64_t memory : {std::int64_t{1} << 30, std::int64_t{8} << 10}) {
    Resources resources;
    resources.threads = 3;
    resources.memory = memory;
    auto source = make_rereadable(std::make_unique<MemorySource>(in, false), resources);
    EXPECT_FALSE(source->seekable());
    RangeReducer range(DType::int16);
    SlabSource* sources[] = {source.get()};
    run_reduce(sources, range, resources);
    EXPECT_TRUE(source->seekable());
    std::vector<std::int16_t> values = in.values<std::int16_t>();
    EXPECT_EQ(static_cast<double>(*std::min_element(values.begin(), values.end())), range.range()->low);
    EXPECT_EQ(static_cast<double>(*std::max_element(values.begin(), values.end())), range.range()->high);
    const Box3 box{{3, 2, 5}, {9, 12, 16}};
    std::vector<std::byte> part(static_cast<std::size_t>(voxels(box.shape()) * 2));
    source->read(box, part.data());
    std::vector<std::byte> expected(part.size());
    MemorySource(in, true).read(box, expected.data());
    EXPECT_EQ(expected, part);
  }
}

}  // namespace
}  // namespace vox
