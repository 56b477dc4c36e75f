#include <gtest/gtest.h>

#include <thread>

#include "core/error.h"
#include "io/libtiff_file.h"
#include "io/tiff.h"
#include "io/tiff_write.h"

namespace vox {
namespace {

VolumeMeta meta_of(const Extent3& shape, DType dtype) {
  VolumeMeta meta;
  meta.shape = shape;
  meta.dtype = dtype;
  return meta;
}

CreateOptions options_of(const std::string& codec, bool predictor = false) {
  CreateOptions options;
  options.force = true;
  options.compression = Compression{codec, {}};
  options.predictor = predictor;
  return options;
}

/// Puts the volume box by box: `depth` planes or, if 0, `rows` rows of one plane at a time.
void put_all(SlabSink& sink, const std::vector<std::byte>& volume, std::int64_t depth, std::int64_t rows) {
  const VolumeMeta& meta = sink.meta();
  const std::int64_t planes = std::max<std::int64_t>(depth, 1);
  const std::int64_t high = depth > 0 ? meta.shape.y : rows;
  for (std::int64_t z = 0; z < meta.shape.z; z += planes)
    for (std::int64_t y = 0; y < meta.shape.y; y += high) {
      const Box3 box{{z, y, 0},
                     {std::min(z + planes, meta.shape.z), std::min(y + high, meta.shape.y), meta.shape.x}};
      const auto begin = volume.begin() + z * meta.plane_bytes() + y * meta.row_bytes();
      std::vector<std::byte> part(begin, begin + voxels(box.shape()) * size_of(meta.dtype));
      sink.put(box, part);
    }
}

/// All pages, as libtiff reads them.
std::vector<std::byte> read_with_libtiff(const std::string& path) {
  std::vector<std::byte> all;
  TIFF* tiff = TIFFOpen(path.c_str(), "r");
  if (tiff == nullptr) return all;
  do {
    std::vector<std::byte> strip(static_cast<std::size_t>(TIFFStripSize(tiff)));
    for (std::uint32_t i = 0; i < TIFFNumberOfStrips(tiff); ++i) {
      const tmsize_t got = TIFFReadEncodedStrip(tiff, i, strip.data(), -1);
      all.insert(all.end(), strip.begin(), strip.begin() + std::max<tmsize_t>(got, 0));
    }
  } while (TIFFReadDirectory(tiff));
  TIFFClose(tiff);
  return all;
}

TEST(TiffSink, LibtiffAndWeReadWhatWeWrite) {
  const std::string path = test_path("made_by_us.tif");
  for (DType dtype : kAllDTypes) {
    const VolumeMeta meta = meta_of({3, 17, 23}, dtype);
    const auto expected = some_voxels(meta.voxel_count(), dtype);
    for (const std::string codec : {"none", "deflate", "lzw", "zstd"}) {
      for (bool predictor : {false, true}) {
        if (predictor && codec == "none") continue;
        SCOPED_TRACE(std::string(dtype_name(dtype)) + " " + codec + (predictor ? " with predictor" : ""));
        const auto sink = create_tiff(path, meta, options_of(codec, predictor));
        put_all(*sink, expected, 2, 0);
        sink->finish();
        ASSERT_TRUE(expected == read_with_libtiff(path));
        const auto source = open_tiff(path, {});
        ASSERT_EQ(meta.shape, source->meta().shape);
        ASSERT_EQ(dtype, source->meta().dtype);
        ASSERT_EQ(codec, source->info().compression);
        std::vector<std::byte> got(expected.size());
        source->read(whole(meta.shape), got.data());
        ASSERT_TRUE(expected == got);
      }
    }
  }
}

TEST(TiffSink, PlanesOfManyStripsHaveTheSameBytesHoweverTheyArePut) {
  const VolumeMeta meta = meta_of({2, 700, 1001}, DType::uint16);
  const auto expected = some_voxels(meta.voxel_count(), meta.dtype);
  for (const std::string codec : {"deflate", "lzw", "zstd"}) {
    const std::string path = test_path("strips_" + codec + ".tif");
    const auto by_planes = create_tiff(path, meta, options_of(codec, true));
    const Extent3 chunk = by_planes->chunk();
    ASSERT_LT(chunk.y, meta.shape.y);
    put_all(*by_planes, expected, 2, 0);
    by_planes->finish();
    const auto first = file_bytes(path);
    EXPECT_TRUE(expected == read_with_libtiff(path));
    const auto by_rows = create_tiff(path, meta, options_of(codec, true));
    put_all(*by_rows, expected, 0, chunk.y);
    by_rows->finish();
    EXPECT_TRUE(first == file_bytes(path));
  }
}

TEST(TiffSink, UncompressedTakesAnyBoxFromAnyThread) {
  const VolumeMeta meta = meta_of({5, 40, 30}, DType::uint32);
  const auto expected = some_voxels(meta.voxel_count(), meta.dtype);
  const std::string path = test_path("boxes.tif");
  const auto sink = create_tiff(path, meta, options_of("none"));
  std::vector<std::thread> threads;
  for (std::int64_t part = 0; part < 4; ++part)
    threads.emplace_back([&, part] {
      // Quarters in y and x, from the last plane to the first.
      const Extent3 begin{0, part / 2 * 20, part % 2 * 15};
      for (std::int64_t z = meta.shape.z; z-- > 0;) {
        std::vector<std::byte> voxels_of_part;
        for (std::int64_t y = begin.y; y < begin.y + 20; ++y) {
          const auto row = expected.begin() + ((z * 40 + y) * 30 + begin.x) * 4;
          voxels_of_part.insert(voxels_of_part.end(), row, row + 15 * 4);
        }
        sink->put({{z, begin.y, begin.x}, {z + 1, begin.y + 20, begin.x + 15}}, voxels_of_part);
      }
    });
  for (std::thread& thread : threads) thread.join();
  sink->finish();
  EXPECT_TRUE(expected == read_with_libtiff(path));
}

TEST(TiffSink, NothingIsThereBeforeItIsFinished) {
  const std::string path = test_path("unfinished.tif");
  std::filesystem::remove(path);
  for (const std::string codec : {"none", "zstd"}) {
    const VolumeMeta meta = meta_of({2, 4, 4}, DType::uint8);
    const auto before = std::distance(std::filesystem::directory_iterator(test_path(".")), {});
    {
      const auto sink = create_tiff(path, meta, options_of(codec));
      put_all(*sink, some_voxels(meta.voxel_count(), DType::uint8), 1, 0);
      EXPECT_FALSE(std::filesystem::exists(path));
    }
    EXPECT_EQ(before, std::distance(std::filesystem::directory_iterator(test_path(".")), {}));
  }
}

TEST(TiffSink, BigTiffIsChosenByTheMostThatVoxelsCanBecome) {
  const auto big = [](std::int64_t z, const char* codec) {
    return plan_tiff("volume.tif", meta_of({z, 1 << 15, 1 << 15}, DType::uint8), options_of(codec),
                     TiffStyle::stack)
        .big;
  };
  EXPECT_FALSE(big(3, "none"));
  EXPECT_TRUE(big(4, "none"));
  EXPECT_TRUE(big(4, "zstd"));
  EXPECT_FALSE(big(2, "lzw"));
  EXPECT_TRUE(big(3, "lzw"));  // noise becomes half as long again
  // 32 MiB below 4 GiB is the limit, tables included.
  EXPECT_FALSE(
      plan_tiff("volume.tif", meta_of({4063, 1024, 1024}, DType::uint8), options_of("none"), TiffStyle::stack)
          .big);
  EXPECT_TRUE(
      plan_tiff("volume.tif", meta_of({4064, 1024, 1024}, DType::uint8), options_of("none"), TiffStyle::stack)
          .big);
}

TEST(TiffSink, RefusesWhatTiffHasNot) {
  const VolumeMeta meta = meta_of({1, 2, 2}, DType::uint8);
  const auto refused = [&](const VolumeMeta& of, const CreateOptions& options) {
    try {
      create_tiff(test_path("refused.tif"), of, options);
    } catch (const Error& error) {
      return error.kind() == ErrorKind::usage ? std::string(error.what()) : std::string();
    }
    return std::string();
  };
  EXPECT_NE(std::string::npos,
            refused(meta, options_of("blosc")).find("none, deflate[:LEVEL], lzw and zstd[:LEVEL]"));
  EXPECT_NE("", refused(meta, options_of("none", true)));
  EXPECT_NE("", refused(meta_of({1, 1, std::int64_t{1} << 32}, DType::uint8), options_of("none")));
  CreateOptions options = options_of("deflate");
  options.compression->level = 13;
  EXPECT_NE("", refused(meta, options));
  options.compression->level = 12;
  EXPECT_EQ("", refused(meta, options));
}

}  // namespace
}  // namespace vox
