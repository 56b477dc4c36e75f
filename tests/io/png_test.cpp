#include "io/png.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace vox {
namespace {

struct Chunk {
  std::string name;
  std::vector<std::uint8_t> data;
};

std::uint32_t number_at(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 |
                                    bytes[at + 3]);
}

/// The chunks of a file whose signature and checksums are right.
std::vector<Chunk> chunks_of(const std::vector<std::uint8_t>& file) {
  EXPECT_EQ(std::memcmp(file.data(), "\x89PNG\r\n\x1a\n", 8), 0);
  std::vector<Chunk> chunks;
  for (std::size_t at = 8; at + 12 <= file.size();) {
    const std::size_t size = number_at(file, at);
    const auto begin = file.begin() + static_cast<std::ptrdiff_t>(at + 8);
    Chunk chunk{{begin - 4, begin}, {begin, begin + static_cast<std::ptrdiff_t>(size)}};
    EXPECT_EQ(crc32_z(0, file.data() + at + 4, size + 4), number_at(file, at + 8 + size));
    chunks.push_back(chunk);
    at += size + 12;
  }
  return chunks;
}

/// The rows of a PNG, each with its filter's byte before it.
std::vector<std::uint8_t> rows_of(const std::vector<Chunk>& chunks, std::size_t expected) {
  std::vector<std::uint8_t> stream;
  for (const Chunk& chunk : chunks)
    if (chunk.name == "IDAT") stream.insert(stream.end(), chunk.data.begin(), chunk.data.end());
  std::vector<std::uint8_t> rows(expected + 1);
  uLongf size = rows.size();
  EXPECT_EQ(uncompress(rows.data(), &size, stream.data(), stream.size()), Z_OK);
  rows.resize(size);
  return rows;
}

std::vector<std::uint8_t> written(std::int64_t width, std::int64_t height,
                                  const std::vector<std::uint32_t>& pixels) {
  std::vector<std::uint8_t> file;
  write_png(
      width, height, [&](std::int64_t y) { return pixels.data() + y * width; },
      [&](std::span<const std::byte> bytes) {
        const auto* const begin = reinterpret_cast<const std::uint8_t*>(bytes.data());
        file.insert(file.end(), begin, begin + bytes.size());
      });
  return file;
}

/// Colours that compress badly, fairly or well: the stream's chunks end anywhere.
TEST(Png, HoldsEveryPixel) {
  std::mt19937 random(7);
  for (const std::uint32_t colours : {0xffffffffU, 0xffU, 1U})
    for (const auto& [width, height] : {std::pair{1, 1}, {3, 2}, {1, 700}, {32767, 3}, {700, 500}}) {
      std::vector<std::uint32_t> pixels(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
      for (std::uint32_t& pixel : pixels) pixel = static_cast<std::uint32_t>(random()) % colours;
      const std::vector<Chunk> chunks = chunks_of(written(width, height, pixels));
      ASSERT_EQ(chunks.front().name, "IHDR");
      EXPECT_EQ(number_at(chunks.front().data, 0), static_cast<std::uint32_t>(width));
      EXPECT_EQ(number_at(chunks.front().data, 4), static_cast<std::uint32_t>(height));
      EXPECT_EQ(chunks.back().name, "IEND");
      std::vector<std::uint8_t> expected;
      for (std::size_t i = 0; i < pixels.size(); ++i) {
        if (i % static_cast<std::size_t>(width) == 0) expected.push_back(0);
        for (const int shift : {16, 8, 0}) expected.push_back(static_cast<std::uint8_t>(pixels[i] >> shift));
      }
      EXPECT_TRUE(rows_of(chunks, expected.size()) == expected) << width << " x " << height;
    }
}

}  // namespace
}  // namespace vox
