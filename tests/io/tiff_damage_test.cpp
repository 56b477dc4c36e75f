// Files that are cut short, loop or lie: an error that says so, or the right voxels; never a crash, never
// much memory.
#include <gtest/gtest.h>

#include <random>

#include "core/error.h"
#include "io/libtiff_file.h"
#include "io/tiff.h"

namespace vox {
namespace {

constexpr std::int64_t kMuch = 1 << 20;

/// Reads all voxels. Nothing, with the error's text in `message`, when that cannot be done.
std::vector<std::byte> try_to_read(const std::string& path, std::string& message) {
  try {
    const auto source = open_tiff(path, {});
    const VolumeMeta& meta = source->meta();
    if (meta.bytes() > kMuch || source->scratch_bytes() > kMuch) {
      message = "too much to be right";
      return {};
    }
    std::vector<std::byte> out(static_cast<std::size_t>(meta.bytes()));
    source->read(whole(meta.shape), out.data());
    return out;
  } catch (const Error& error) {
    EXPECT_TRUE(error.kind() == ErrorKind::damaged || error.kind() == ErrorKind::usage) << error.what();
    message = error.what();
    return {};
  }
}

TEST(TiffDamage, EveryShorterFileIsToldFromAWholeOne) {
  for (std::uint16_t codec : std::vector<std::uint16_t>{COMPRESSION_NONE, COMPRESSION_LZW,
                                                        COMPRESSION_ADOBE_DEFLATE, COMPRESSION_ZSTD}) {
    for (const char* mode : {"wb", "wl8"}) {
      const LibtiffSpec spec{{3, 9, 11}, DType::uint16, codec, PREDICTOR_NONE, mode};
      const auto expected = some_voxels(voxels(spec.shape), spec.dtype);
      const std::string path = test_path("cut.tif");
      write_libtiff(path, spec, expected);
      const std::vector<char> file = file_bytes(path);
      for (std::size_t size = 0; size < file.size(); ++size) {
        write_file(path, {file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)});
        std::string message;
        const auto got = try_to_read(path, message);
        // The last bytes may be values of a tag that nobody needs.
        ASSERT_TRUE(!message.empty() || got == expected) << size << " of " << file.size();
        if (!message.empty()) {
          ASSERT_EQ(0u, message.find(path)) << message;
        }
      }
    }
  }
}

TEST(TiffDamage, SaysHowManyBytesOfAPageAreThere) {
  const std::string path = test_path("short_page.tif");
  LibtiffSpec spec{{1, 64, 32}, DType::uint16};
  spec.rows_per_strip = 64;
  write_libtiff(path, spec, some_voxels(voxels(spec.shape), spec.dtype));
  std::vector<char> file = file_bytes(path);
  // The directory stands behind the voxels: it moves to the front, so that cutting leaves it.
  const std::size_t directory = 8 + 4096;
  const std::vector<char> table(file.begin() + static_cast<std::ptrdiff_t>(directory), file.end());
  std::vector<char> turned(file.begin(), file.begin() + 8);
  turned[4] = 8;
  turned[5] = turned[6] = turned[7] = 0;
  turned.insert(turned.end(), table.begin(), table.end());
  const auto strip_offset = static_cast<std::uint32_t>(turned.size());
  for (std::size_t entry = 10; entry + 12 < turned.size(); entry += 12) {
    if (static_cast<unsigned char>(turned[entry]) == 0x11 && turned[entry + 1] == 1)
      std::memcpy(turned.data() + entry + 8, &strip_offset, 4);
  }
  turned.resize(turned.size() + 1024);
  write_file(path, turned);
  std::string message;
  try_to_read(path, message);
  EXPECT_EQ(path + ": page 0: 1,024 of 4,096 bytes, the file is cut short", message);
}

TEST(TiffDamage, PagesThatFormALoopAreAnError) {
  const std::string path = test_path("loop.tif");
  const LibtiffSpec spec{{5, 4, 4}, DType::uint8};
  write_libtiff(path, spec, some_voxels(voxels(spec.shape), spec.dtype));
  std::vector<char> file = file_bytes(path);
  // Follow the chain; let each directory in turn lead back to each one before it.
  std::vector<std::uint32_t> directories;
  std::vector<std::size_t> links;
  std::uint32_t offset = 0;
  for (std::size_t link = 4;; link = links.back()) {
    std::memcpy(&offset, file.data() + link, 4);
    if (offset == 0) break;
    directories.push_back(offset);
    std::uint16_t entries = 0;
    std::memcpy(&entries, file.data() + offset, 2);
    links.push_back(offset + 2 + 12u * entries);
  }
  ASSERT_EQ(5u, directories.size());
  for (std::size_t from = 0; from < links.size(); ++from) {
    for (std::size_t to = 0; to <= from; ++to) {
      std::vector<char> looping = file;
      std::memcpy(looping.data() + links[from], &directories[to], 4);
      write_file(path, looping);
      std::string message;
      try_to_read(path, message);
      EXPECT_NE(std::string::npos, message.find("loop")) << from << " " << to << " " << message;
    }
  }
}

TEST(TiffDamage, WrongBytesAnywhereNeverCrash) {
  std::mt19937 random(5);
  for (std::uint16_t codec :
       std::vector<std::uint16_t>{COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_PACKBITS,
                                  COMPRESSION_ADOBE_DEFLATE, COMPRESSION_ZSTD}) {
    for (const char* mode : {"wb", "wl8"}) {
      for (std::uint32_t tile : {0u, 16u}) {
        const LibtiffSpec spec{{2, 9, 11}, DType::float32, codec, PREDICTOR_NONE, mode, tile};
        const std::string path = test_path("wrong.tif");
        write_libtiff(path, spec, some_voxels(voxels(spec.shape), spec.dtype));
        const std::vector<char> file = file_bytes(path);
        for (int i = 0; i < 400; ++i) {
          std::vector<char> wrong = file;
          for (unsigned n = 0; n < 1 + random() % 3; ++n)
            wrong[random() % wrong.size()] = static_cast<char>(random());
          write_file(path, wrong);
          std::string message;
          try_to_read(path, message);
        }
      }
    }
  }
}

}  // namespace
}  // namespace vox
