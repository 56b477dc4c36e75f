#include "engine/generated_source.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace vox {
namespace {

TEST(GeneratedSource, AsksForDenseBlocksOfTheBox) {
  VolumeMeta meta;
  meta.shape = {4, 5, 6};
  meta.dtype = DType::uint16;
  SourceInfo info;
  info.name = "test";
  GeneratedSource source(
      meta, info,
      [](const Block& out) {
        for (std::int64_t z = 0; z < out.shape().z; ++z)
          for (std::int64_t y = 0; y < out.shape().y; ++y)
            for (std::int64_t x = 0; x < out.shape().x; ++x) {
              const auto value = static_cast<std::uint16_t>((out.box.begin.z + z) * 100 +
                                                            (out.box.begin.y + y) * 10 + out.box.begin.x + x);
              std::memcpy(out.row(z, y) + x * 2, &value, 2);
            }
      },
      123);
  EXPECT_TRUE(source.seekable());
  EXPECT_EQ(123, source.scratch_bytes());
  EXPECT_EQ("test", source.info().name);
  std::vector<std::uint16_t> got(2 * 1 * 3);
  source.read({{2, 4, 1}, {4, 5, 4}}, reinterpret_cast<std::byte*>(got.data()));
  EXPECT_EQ((std::vector<std::uint16_t>{241, 242, 243, 341, 342, 343}), got);
}

}  // namespace
}  // namespace vox
