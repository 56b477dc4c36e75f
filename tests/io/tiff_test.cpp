#include "io/tiff.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "core/error.h"
#include "io/libtiff_file.h"

namespace vox {
namespace {

std::vector<std::byte> read_box(SlabSource& source, const Box3& box) {
  std::vector<std::byte> out(static_cast<std::size_t>(voxels(box.shape()) * size_of(source.meta().dtype)));
  source.read(box, out.data());
  return out;
}

std::vector<std::byte> read_all(const std::string& path, const OpenOptions& options = {}) {
  const auto source = open_tiff(path, options);
  return read_box(*source, whole(source->meta().shape));
}

/// The box cut out of a whole volume, voxel by voxel.
std::vector<std::byte> cut(const std::vector<std::byte>& volume, const Extent3& shape, DType dtype,
                           const Box3& box) {
  std::vector<std::byte> out;
  const std::int64_t size = size_of(dtype);
  for (std::int64_t z = box.begin.z; z < box.end.z; ++z)
    for (std::int64_t y = box.begin.y; y < box.end.y; ++y)
      for (std::int64_t x = box.begin.x; x < box.end.x; ++x) {
        const auto at = volume.begin() + ((z * shape.y + y) * shape.x + x) * size;
        out.insert(out.end(), at, at + size);
      }
  return out;
}

Box3 random_box(const Extent3& shape, std::mt19937& random) {
  const auto side = [&](std::int64_t size, std::int64_t& begin, std::int64_t& end) {
    begin = static_cast<std::int64_t>(random() % static_cast<unsigned>(size));
    end = begin + 1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(size - begin));
  };
  Box3 box;
  side(shape.z, box.begin.z, box.end.z);
  side(shape.y, box.begin.y, box.end.y);
  side(shape.x, box.begin.x, box.end.x);
  return box;
}

/// The message of the error that `action` throws; empty when it throws none.
template <class Action>
std::string error_of(ErrorKind kind, Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(kind), static_cast<int>(error.kind())) << error.what();
    return error.what();
  }
  return {};
}

void expect_reads(const LibtiffSpec& spec, std::mt19937& random) {
  TIFFSetWarningHandler(nullptr);
  const std::string path = test_path("made_by_libtiff.tif");
  const auto expected = some_voxels(voxels(spec.shape), spec.dtype, static_cast<unsigned>(random()));
  write_libtiff(path, spec, expected);
  const auto source = open_tiff(path, {});
  ASSERT_EQ(spec.shape, source->meta().shape);
  ASSERT_EQ(spec.dtype, source->meta().dtype);
  ASSERT_TRUE(expected == read_box(*source, whole(spec.shape)));
  for (int i = 0; i < 4; ++i) {
    const Box3 box = random_box(spec.shape, random);
    ASSERT_TRUE(cut(expected, spec.shape, spec.dtype, box) == read_box(*source, box));
  }
}

TEST(TiffSource, ReadsEveryTypeCodecPredictorLayoutAndByteOrder) {
  std::mt19937 random(3);
  constexpr std::uint16_t kCodecs[] = {COMPRESSION_NONE,    COMPRESSION_LZW,      COMPRESSION_ADOBE_DEFLATE,
                                       COMPRESSION_DEFLATE, COMPRESSION_PACKBITS, COMPRESSION_ZSTD};
  for (DType dtype : kAllDTypes) {
    for (std::uint16_t codec : kCodecs) {
      const bool has_predictor = codec != COMPRESSION_NONE && codec != COMPRESSION_PACKBITS;
      for (std::uint16_t predictor :
           std::vector<std::uint16_t>{PREDICTOR_NONE, PREDICTOR_HORIZONTAL, PREDICTOR_FLOATINGPOINT}) {
        if (predictor != PREDICTOR_NONE && !has_predictor) continue;
        if (predictor == PREDICTOR_FLOATINGPOINT && !is_float(dtype)) continue;
        for (const char* mode : {"wl", "wb", "wl8", "wb8"}) {
          for (std::uint32_t tile : {0u, 16u}) {
            SCOPED_TRACE(std::string(dtype_name(dtype)) + " codec " + std::to_string(codec) + " predictor " +
                         std::to_string(predictor) + " " + mode + " tile " + std::to_string(tile));
            LibtiffSpec spec{{3, 37, 21}, dtype, codec, predictor, mode, tile};
            spec.rows_per_strip = static_cast<std::uint32_t>(1 + random() % 40);
            expect_reads(spec, random);
            if (HasFatalFailure()) return;
          }
        }
      }
    }
  }
}

TEST(TiffSource, ReadsStripsThatDoNotFollowEachOther) {
  // libtiff writes strips in the order given: the last page's come in reverse.
  const std::string path = test_path("scattered.tif");
  LibtiffSpec spec{{2, 12, 5}, DType::uint16};
  const auto expected = some_voxels(voxels(spec.shape), spec.dtype);
  TIFF* tiff = TIFFOpen(path.c_str(), "wb");
  for (int z = 0; z < 2; ++z) {
    set_libtiff_fields(tiff, spec);
    for (std::uint32_t strip = 4; strip-- > 0;) {
      std::vector<std::byte> rows(expected.begin() + z * 120 + strip * 30,
                                  expected.begin() + z * 120 + strip * 30 + 30);
      TIFFWriteEncodedStrip(tiff, strip, rows.data(), 30);
    }
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
  EXPECT_TRUE(expected == read_all(path));
  const Box3 box{{0, 2, 1}, {2, 11, 4}};
  EXPECT_TRUE(cut(expected, spec.shape, spec.dtype, box) == read_box(*open_tiff(path, {}), box));
}

TEST(TiffSource, GivesBoxesToSeveralThreadsAtOnce) {
  const std::string path = test_path("threads.tif");
  const LibtiffSpec spec{{6, 64, 40}, DType::uint16, COMPRESSION_LZW, PREDICTOR_HORIZONTAL, "wb"};
  const auto expected = some_voxels(voxels(spec.shape), spec.dtype);
  write_libtiff(path, spec, expected);
  const auto source = open_tiff(path, {});
  std::vector<int> wrong(4);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < wrong.size(); ++t)
    threads.emplace_back([&, t] {
      std::mt19937 random(t);
      for (int i = 0; i < 50; ++i) {
        const Box3 box = random_box(spec.shape, random);
        if (cut(expected, spec.shape, spec.dtype, box) != read_box(*source, box)) ++wrong[t];
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::vector<int>(4), wrong);
}

TEST(TiffSource, NeedsAChannelOfColouredPixels) {
  for (bool separate : {false, true}) {
    for (std::uint16_t codec : std::vector<std::uint16_t>{COMPRESSION_NONE, COMPRESSION_ZSTD}) {
      const std::string path = test_path("rgb.tif");
      LibtiffSpec spec{{2, 9, 11}, DType::uint16, codec, PREDICTOR_NONE, "wb"};
      if (codec != COMPRESSION_NONE) spec.predictor = PREDICTOR_HORIZONTAL;
      spec.samples = 3;
      spec.separate = separate;
      spec.photometric = PHOTOMETRIC_RGB;
      const auto all = some_voxels(voxels(spec.shape) * 3, spec.dtype);
      write_libtiff(path, spec, all);
      const std::string message = error_of(ErrorKind::usage, [&] { open_tiff(path, {}); });
      EXPECT_NE(std::string::npos, message.find("--channel")) << message;
      OpenOptions options;
      options.channel = 1;
      std::vector<std::byte> expected;
      for (std::int64_t i = 0; i < voxels(spec.shape); ++i) {
        const std::int64_t plane = 9 * 11;
        const std::int64_t at = separate ? (i / plane * 3 + 1) * plane + i % plane : i * 3 + 1;
        expected.insert(expected.end(), all.begin() + at * 2, all.begin() + at * 2 + 2);
      }
      EXPECT_TRUE(expected == read_all(path, options)) << separate << codec;
      options.channel = 3;
      EXPECT_NE("", error_of(ErrorKind::usage, [&] { open_tiff(path, options); }));
    }
  }
}

TEST(TiffSource, SkipsThumbnails) {
  const std::string path = test_path("thumbnails.tif");
  LibtiffSpec spec{{3, 8, 7}, DType::uint8};
  spec.thumbnails = true;
  const auto expected = some_voxels(voxels(spec.shape), spec.dtype);
  write_libtiff(path, spec, expected);
  EXPECT_TRUE(expected == read_all(path));
}

TEST(TiffSource, RefusesPagesOfDifferentSizeOrType) {
  const std::string path = test_path("uneven.tif");
  TIFF* tiff = TIFFOpen(path.c_str(), "wl");
  for (std::int64_t width : {7, 8}) {
    const LibtiffSpec spec{{1, 5, width}, DType::uint8};
    set_libtiff_fields(tiff, spec);
    write_libtiff_chunks(tiff, spec, some_voxels(100, DType::uint8).data(), 0);
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
  const std::string message = error_of(ErrorKind::damaged, [&] { open_tiff(path, {}); });
  EXPECT_NE(std::string::npos, message.find("uneven.tif: page 1: is 8 x 5 uint8")) << message;
}

TEST(TiffSource, RefusesWhatItCannotReadByItsName) {
  const std::string path = test_path("palette.tif");
  LibtiffSpec spec{{1, 5, 7}, DType::uint8};
  spec.photometric = PHOTOMETRIC_CIELAB;
  write_libtiff(path, spec, some_voxels(35, spec.dtype));
  EXPECT_NE("", error_of(ErrorKind::usage, [&] { open_tiff(path, {}); }));
  OpenOptions options;
  options.level = 1;
  spec.photometric = PHOTOMETRIC_MINISBLACK;
  write_libtiff(path, spec, some_voxels(35, spec.dtype));
  EXPECT_NE("", error_of(ErrorKind::usage, [&] { open_tiff(path, options); }));
}

TEST(TiffSource, RecognisesItsFiles) {
  const auto starts = [](std::string text) {
    text.resize(16);
    return is_tiff(std::as_bytes(std::span(text)));
  };
  EXPECT_TRUE(starts("II*"));
  EXPECT_TRUE(starts("II+"));
  EXPECT_TRUE(starts(std::string("MM\0*", 4)));
  EXPECT_TRUE(starts(std::string("MM\0+", 4)));
  EXPECT_FALSE(starts("IIxx"));
  EXPECT_FALSE(starts("MM*"));
  EXPECT_FALSE(is_tiff({}));
}

}  // namespace
}  // namespace vox
