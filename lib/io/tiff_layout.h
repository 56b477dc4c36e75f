// How the pixels of a TIFF page are arranged and coded.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/dtype.h"
#include "io/tiff_directory.h"
#include "io/tiff_libtiff.h"

namespace vox {

/// A page is cut into chunks, its strips or tiles: chunk_height x chunk_width pixels each, numbered by rows;
/// strips at the end have fewer rows, tiles are always whole. Pages made by one program have equal layouts.
struct TiffLayout {
  std::int64_t width = 0;
  std::int64_t height = 0;
  DType dtype = DType::uint8;
  std::int64_t samples = 1;    ///< values per pixel
  bool bilevel = false;        ///< pixels are single bits, to become 0 and 1
  bool zero_is_white = false;  ///< of bits only: 0 means inside
  bool separate = false;       ///< each sample has chunks of its own, all of sample 0 first
  bool tiled = false;
  std::int64_t chunk_width = 0;
  std::int64_t chunk_height = 0;
  TiffCodec codec = TiffCodec::none;
  std::int64_t t4_options = 0;
  TiffPredictor predictor = TiffPredictor::none;
  bool swapped = false;        ///< the file's byte order is not this machine's
  bool reversed_bits = false;  ///< the lowest bit of each byte comes first

  bool operator==(const TiffLayout&) const = default;

  /// Values per pixel that lie side by side.
  std::int64_t interleaved() const { return separate ? 1 : samples; }
  std::int64_t chunks_across() const { return (width + chunk_width - 1) / chunk_width; }
  std::int64_t chunks_down() const { return (height + chunk_height - 1) / chunk_height; }
  std::int64_t chunks_per_sample() const { return chunks_across() * chunks_down(); }
  std::int64_t chunk_count() const { return chunks_per_sample() * (separate ? samples : 1); }
  /// As stored, decoded.
  std::int64_t chunk_row_bytes() const {
    return bilevel ? (chunk_width + 7) / 8 : chunk_width * interleaved() * size_of(dtype);
  }
  TiffCoding coding() const {
    return {codec, chunk_row_bytes(), chunk_height, bilevel ? chunk_width : 0, t4_options};
  }
  /// Rows of the chunks in row `down` of chunks.
  std::int64_t chunk_rows(std::int64_t down) const {
    return tiled ? chunk_height : std::min(chunk_height, height - down * chunk_height);
  }
  std::int64_t chunk_bytes() const { return chunk_height * chunk_row_bytes(); }
  std::int64_t pixel_bytes() const { return width * height * samples * size_of(dtype); }
  /// True when the rows of a page whose chunks lie one behind the other are its voxels, ready to be read.
  bool plain() const {
    return codec == TiffCodec::none && samples == 1 && chunk_width == width && !reversed_bits && !bilevel;
  }
};

/// The layout that a directory describes. Throws usage errors for what voxpipe does not read and
/// damaged-input errors for what makes no sense. `palette_is_grey`: a colour table is only for display
/// (ImageJ). Grey values are what is stored, also where 0 is white, as ImageJ, tifffile and GDAL have it;
/// single bits become 0 and 1 such that 1 is white.
TiffLayout read_tiff_layout(TiffDirectoryReader& reader, const TiffDirectory& directory, bool palette_is_grey,
                            std::int64_t page);

/// "deflate", "lzw", ... as `--compression` spells it.
const char* tiff_codec_name(TiffCodec codec);

}  // namespace vox
