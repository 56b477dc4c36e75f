// TIFF files made by libtiff, for tests of our own reader.
#pragma once

#include <unistd.h>

#include <gtest/gtest.h>
#include <tiffio.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "core/dtype.h"
#include "core/extent.h"

namespace vox {

/// How a file is to be written.
struct LibtiffSpec {
  Extent3 shape;
  DType dtype = DType::uint8;
  std::uint16_t compression = COMPRESSION_NONE;
  std::uint16_t predictor = PREDICTOR_NONE;
  std::string mode = "wl";  ///< "wb": big-endian, "w8": BigTIFF
  std::uint32_t tile = 0;   ///< 0: strips
  std::uint32_t rows_per_strip = 3;
  int samples = 1;
  bool separate = false;
  std::string description = {};  ///< of the first page
  std::uint16_t photometric = PHOTOMETRIC_MINISBLACK;
  bool thumbnails = false;  ///< a reduced image behind each page
};

inline std::string test_path(const std::string& name) {
  const auto folder =
      std::filesystem::path(testing::TempDir()) / ("voxpipe_tiff_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  return (folder / name).string();
}

/// Values that compress, but not to nothing: bytes of a smooth ramp with noise in the lowest ones.
inline std::vector<std::byte> some_voxels(std::int64_t values, DType dtype, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::vector<std::byte> bytes;
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    for (std::int64_t i = 0; i < values; ++i) {
      const auto value = static_cast<T>(
          static_cast<float>(static_cast<int>(random() % 7) + static_cast<int>(i % 97)) * 0.5f);
      const auto* begin = reinterpret_cast<const std::byte*>(&value);
      bytes.insert(bytes.end(), begin, begin + sizeof value);
    }
  });
  return bytes;
}

inline void set_libtiff_fields(TIFF* tiff, const LibtiffSpec& spec) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(spec.shape.x));
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(spec.shape.y));
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, static_cast<int>(8 * size_of(spec.dtype)));
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, spec.samples);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, spec.separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, spec.photometric);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT,
               is_float(spec.dtype)    ? SAMPLEFORMAT_IEEEFP
               : is_signed(spec.dtype) ? SAMPLEFORMAT_INT
                                       : SAMPLEFORMAT_UINT);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, spec.compression);
  if (spec.predictor != PREDICTOR_NONE) TIFFSetField(tiff, TIFFTAG_PREDICTOR, spec.predictor);
  if (spec.tile > 0) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, spec.tile);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, spec.tile * 2);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, spec.rows_per_strip);
  }
}

/// Writes the chunks of one sample (or of all, interleaved) from rows of `row_bytes`.
inline void write_libtiff_chunks(TIFF* tiff, const LibtiffSpec& spec, const std::byte* rows,
                                 std::uint16_t sample) {
  const std::int64_t pixel = size_of(spec.dtype) * (spec.separate ? 1 : spec.samples);
  const std::int64_t row_bytes = spec.shape.x * pixel;
  const std::int64_t high = spec.tile > 0 ? spec.tile * 2 : spec.rows_per_strip;
  const std::int64_t wide = spec.tile > 0 ? spec.tile : spec.shape.x;
  for (std::int64_t y = 0; y < spec.shape.y; y += high) {
    for (std::int64_t x = 0; x < spec.shape.x; x += wide) {
      const std::int64_t there = std::min(high, spec.shape.y - y);
      std::vector<std::byte> chunk(static_cast<std::size_t>((spec.tile > 0 ? high : there) * wide * pixel));
      for (std::int64_t row = 0; row < there; ++row)
        std::memcpy(chunk.data() + row * wide * pixel, rows + (y + row) * row_bytes + x * pixel,
                    static_cast<std::size_t>(std::min(wide, spec.shape.x - x) * pixel));
      const auto size = static_cast<tmsize_t>(chunk.size());
      if (spec.tile > 0)
        TIFFWriteTile(tiff, chunk.data(), static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 0,
                      sample);
      else
        TIFFWriteEncodedStrip(tiff, TIFFComputeStrip(tiff, static_cast<std::uint32_t>(y), sample),
                              chunk.data(), size);
    }
  }
}

/// `voxels`: planes, each pixel-interleaved, or with `separate` one sample behind the other.
inline void write_libtiff(const std::string& path, const LibtiffSpec& spec, std::vector<std::byte> voxels) {
  // libtiff 4.5 swaps before the floating-point predictor, and reads another image back than it was given.
  if (spec.predictor == PREDICTOR_FLOATINGPOINT && spec.mode.starts_with("wb"))
    for (auto at = voxels.begin(); at != voxels.end(); at += size_of(spec.dtype))
      std::reverse(at, at + size_of(spec.dtype));
  std::filesystem::remove(path);
  TIFF* tiff = TIFFOpen(path.c_str(), spec.mode.c_str());
  const std::int64_t plane = spec.shape.y * spec.shape.x * spec.samples * size_of(spec.dtype);
  for (std::int64_t z = 0; z < spec.shape.z; ++z) {
    set_libtiff_fields(tiff, spec);
    if (z == 0 && !spec.description.empty())
      TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, spec.description.c_str());
    for (int sample = 0; sample < (spec.separate ? spec.samples : 1); ++sample)
      write_libtiff_chunks(tiff, spec, voxels.data() + z * plane + sample * plane / spec.samples,
                           static_cast<std::uint16_t>(sample));
    TIFFWriteDirectory(tiff);
    if (!spec.thumbnails) continue;
    LibtiffSpec small = spec;
    small.shape = {1, 2, 2};
    set_libtiff_fields(tiff, small);
    TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
    write_libtiff_chunks(tiff, small, voxels.data(), 0);
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
}

inline std::vector<char> file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const std::string& path, const std::vector<char>& bytes) {
  // A new file: some file systems wait for the disk when an old one is cut and written again.
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace vox
