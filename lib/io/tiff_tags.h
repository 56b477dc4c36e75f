// The numbers of the TIFF specification that reading and writing share.
#pragma once

#include <cstdint>

namespace vox {

enum class TiffTag : std::uint16_t {
  new_subfile_type = 254,
  subfile_type = 255,
  image_width = 256,
  image_length = 257,
  bits_per_sample = 258,
  compression = 259,
  photometric = 262,
  fill_order = 266,
  image_description = 270,
  strip_offsets = 273,
  samples_per_pixel = 277,
  rows_per_strip = 278,
  strip_byte_counts = 279,
  x_resolution = 282,
  y_resolution = 283,
  planar_configuration = 284,
  t4_options = 292,
  resolution_unit = 296,
  software = 305,
  predictor = 317,
  tile_width = 322,
  tile_length = 323,
  tile_offsets = 324,
  tile_byte_counts = 325,
  sub_ifds = 330,
  sample_format = 339,
};

enum class TiffType : std::uint16_t { byte = 1, ascii = 2, word = 3, dword = 4, rational = 5, qword = 16 };

enum class TiffCodec : std::uint16_t {
  none = 1,
  ccitt_rle = 2,
  ccitt_t4 = 3,
  ccitt_t6 = 4,
  lzw = 5,
  deflate = 8,
  packbits = 32773,
  old_deflate = 32946,  ///< the same bytes as `deflate` under the number that came first
  zstd = 50000,
};

/// The codecs of fax machines, which know black and white only.
constexpr bool is_ccitt(TiffCodec codec) {
  return codec == TiffCodec::ccitt_rle || codec == TiffCodec::ccitt_t4 || codec == TiffCodec::ccitt_t6;
}

/// A fraction as resolution tags hold it.
struct TiffRational {
  std::uint32_t numerator = 0;
  std::uint32_t denominator = 1;
};

enum class TiffPredictor : std::uint16_t { none = 1, horizontal = 2, floating_point = 3 };

}  // namespace vox
