#include "engine/command_kernel.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <mutex>
#include <set>

#include "core/cancel.h"
#include "core/error.h"
#include "core/numbers.h"
#include "engine/engine.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::MemorySink;
using test::MemorySource;
using test::Volume;

class CommandKernelTest : public testing::Test {
 protected:
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }
};

BlockCommand command(const std::vector<std::string>& words, const Extent3& block, DType output) {
  BlockCommand result;
  result.words = words;
  result.format = BlockFormat::raw;
  result.block = block;
  result.output = output;
  return result;
}

Volume mapped(const Volume& in, const CommandKernel& kernel, int threads) {
  Resources resources;
  resources.threads = threads;
  MemorySource source(in, true);
  MemorySink sink(output_meta(in.meta, {&kernel}), true);
  run_map(source, {&kernel}, {}, sink, resources);
  return sink.volume;
}

TEST_F(CommandKernelTest, BlocksGoThroughTheProgram) {
  const Volume in = test::random_volume({9, 20, 31}, DType::uint16, 1);
  for (const BlockFormat format : {BlockFormat::npy, BlockFormat::raw, BlockFormat::nrrd})
    for (const Extent3 halo : {Extent3{0, 0, 0}, Extent3{1, 0, 4}}) {
      BlockCommand cat = command({"cat"}, {4, 9, 16}, DType::uint16);
      cat.format = format;
      cat.halo = halo;
      EXPECT_EQ(in.bytes, mapped(in, CommandKernel(in.meta, cat), 3).bytes);
    }
}

TEST_F(CommandKernelTest, TheEnvironmentSaysWhereTheBlockIs) {
  Volume in({9, 20, 31});
  in.meta.spacing = Vector3{0.5, 1, 2};
  in.meta.unit = "micrometer";
  BlockCommand cat = command({"cat"}, {4, 9, 16}, DType::float32);
  cat.halo = {1, 2, 3};
  const CommandKernel kernel(in.meta, cat);
  const std::vector<std::string> expected = {"VOXPIPE_BLOCK_BOX=4:8,18:20,16:31",
                                             "VOXPIPE_BLOCK_SHAPE=6,6,21",
                                             "VOXPIPE_BLOCK_INDEX=11",
                                             "VOXPIPE_BLOCK_COUNT=18",
                                             "VOXPIPE_HALO=1,2,3",
                                             "VOXPIPE_SHAPE=9,20,31",
                                             "VOXPIPE_DTYPE=uint16",
                                             "VOXPIPE_OUTPUT_DTYPE=float32",
                                             "VOXPIPE_SPACING=0.5,1,2",
                                             "VOXPIPE_UNIT=micrometer",
                                             "VOXPIPE_ORIGIN"};
  EXPECT_EQ(expected, kernel.block_variables({{4, 18, 16}, {8, 20, 31}}));
  std::mutex mutex;
  std::multiset<std::string> told;
  const auto listen = [&](const std::string& block, const std::string& text) {
    const std::lock_guard lock(mutex);
    told.insert(block + " " + text);
  };
  const BlockCommand talker =
      command({"sh", "-c", "echo $VOXPIPE_BLOCK_INDEX >&2; exec cat"}, {9, 20, 16}, DType::uint16);
  mapped(in, CommandKernel(in.meta, talker, listen), 2);
  EXPECT_EQ((std::multiset<std::string>{"0:9,0:20,0:16 0", "0:9,0:20,16:31 1"}), told);
}

TEST_F(CommandKernelTest, TheOutputsMeta) {
  Volume in({2, 2, 2});
  in.meta.range = Range{0, 1};
  in.meta.value_map = ValueMap{2, 1};
  in.meta.kind = Kind::labels;
  const VolumeMeta same =
      CommandKernel(in.meta, command({"cat"}, {1, 1, 1}, DType::uint16)).output_meta(in.meta);
  EXPECT_FALSE(same.range);
  EXPECT_TRUE(same.value_map);
  EXPECT_EQ(Kind::labels, same.kind);
  const VolumeMeta other =
      CommandKernel(in.meta, command({"cat"}, {1, 1, 1}, DType::float32)).output_meta(in.meta);
  EXPECT_EQ(DType::float32, other.dtype);
  EXPECT_FALSE(other.value_map);
}

std::string failure_of(const BlockCommand& command, ErrorKind kind = ErrorKind::failure) {
  const Volume in = test::random_volume({8, 8, 8}, DType::uint8, 1);
  try {
    mapped(in, CommandKernel(in.meta, command), 2);
  } catch (const Error& error) {
    EXPECT_EQ(kind, error.kind());
    EXPECT_EQ(std::string::npos, std::string(error.what()).find('\n'));
    return error.what();
  }
  return "none";
}

TEST_F(CommandKernelTest, FailuresSayTheBlockWhatHappenedAndStandardError) {
  const auto sh = [](const std::string& script) {
    return command({"sh", "-c", script}, {8, 8, 8}, DType::uint8);
  };
  const std::string start = "block 0:8,0:8,0:8: command 'sh': ";
  EXPECT_EQ(start + "exit status 3; standard error: one | two",
            failure_of(sh("printf 'one\\n two\\n' >&2; exit 3")));
  EXPECT_EQ(start + "exit status 3", failure_of(sh("cat; exit 3")));
  EXPECT_EQ(start + "killed by SIGTERM", failure_of(sh("kill $$")));
  EXPECT_EQ(start +
                "its output: 5 of 512 bytes, the input is cut short; 8 x 8 x 8 voxels of uint8 as raw were "
                "expected; standard error: hm",
            failure_of(sh("head -c 5; echo hm >&2")));
  EXPECT_EQ(
      0U, failure_of(sh("head -c 1000 /dev/zero; exec sleep 60")).find(start + "its output: there are more"));
  const std::string much = failure_of(sh("yes noise | head -n 100000 >&2; echo the end >&2; exit 1"));
  EXPECT_LT(much.size(), 1400U);
  EXPECT_TRUE(much.ends_with("noise | the end")) << much;
  EXPECT_NE("none", failure_of(command({"no-such-program"}, {8, 8, 8}, DType::uint8), ErrorKind::usage));
}

TEST_F(CommandKernelTest, OneFailureEndsTheOthers) {
  const std::string said = failure_of(command(
      {"sh", "-c", "[ $VOXPIPE_BLOCK_INDEX = 1 ] && exit 9; exec sleep 60"}, {8, 8, 4}, DType::uint8));
  EXPECT_EQ("block 0:8,0:8,4:8: command 'sh': exit status 9", said);
}

TEST_F(CommandKernelTest, AWishToStopEndsThePrograms) {
  request_cancel(SIGINT);
  failure_of(command({"sleep", "60"}, {8, 8, 4}, DType::uint8), ErrorKind::cancelled);
  reset_cancel();
}

TEST(DefaultBlock, IsAsUsualWhereTheMemoryHoldsIt) {
  VolumeMeta meta;
  meta.dtype = DType::uint16;
  const auto block = [&](const Extent3& shape, std::int64_t memory) {
    meta.shape = shape;
    return default_block(meta, DType::uint16, {4, 4, 4}, memory);
  };
  constexpr std::int64_t kMebibyte = 1 << 20;
  EXPECT_EQ((Extent3{128, 256, 256}), block({512, 512, 512}, 2048 * kMebibyte));
  EXPECT_EQ((Extent3{128, 256, 256}), block({100000, 600, 700}, 2048 * kMebibyte));
  EXPECT_EQ((Extent3{20, 50, 51}), block({20, 100, 101}, 2048 * kMebibyte));
  EXPECT_EQ((Extent3{1, 1, 1}), block({1, 1, 1}, 1));
  EXPECT_EQ((Extent3{32, 512, 512}), block({4096, 2048, 2048}, 2048 * kMebibyte));
}

TEST(DefaultBlock, FitsTheMemoryFromAPipeAndWithOneThread) {
  Volume in({1, 1, 1});
  for (const Extent3 shape : {Extent3{300, 512, 512}, Extent3{700, 1024, 1024}, Extent3{64, 1500, 1000}})
    for (const std::int64_t memory :
         {std::int64_t{64} << 20, std::int64_t{256} << 20, std::int64_t{2} << 30}) {
      in.meta.shape = shape;
      BlockCommand cat = command({"cat"}, {1, 1, 1}, DType::float32);
      cat.halo = {2, 2, 2};
      cat.block = default_block(in.meta, cat.output, cat.halo, memory);
      const CommandKernel kernel(in.meta, cat);
      const MemorySource pipe(in, false);
      Resources resources;
      resources.memory = memory;
      EXPECT_LE(
          plan_map(pipe, {&kernel}, {}, output_meta(in.meta, {&kernel}), nullptr, resources).peak_memory,
          memory)
          << to_string(shape) << " " << to_string(cat.block);
    }
}

}  // namespace
}  // namespace vox
