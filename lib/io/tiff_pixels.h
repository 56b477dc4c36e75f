// Voxels of TIFF pages: any rectangle, by any number of threads at once.
#pragma once

#include <cstdint>
#include <span>

#include "io/bytes.h"
#include "io/pool.h"
#include "io/tiff_codec.h"
#include "io/tiff_index.h"

namespace vox {

/// Pixels with y_begin <= y < y_end, x_begin <= x < x_end.
struct TiffRectangle {
  std::int64_t y_begin = 0;
  std::int64_t y_end = 0;
  std::int64_t x_begin = 0;
  std::int64_t x_end = 0;
};

class TiffPixels {
 public:
  TiffPixels();

  /// Writes the voxels of sample `sample` in `part` of a page, rows one behind the other, to `out`. Throws
  /// damaged-input errors that name the page.
  void read(const ByteSource& bytes, const TiffLayout& layout, const TiffPage& page, std::int64_t sample,
            const TiffRectangle& part, std::byte* out);

  /// What each thread holds at most while it reads pages of that layout.
  static std::int64_t scratch_bytes(const TiffLayout& layout, std::int64_t largest_stored_chunk);

 private:
  struct Scratch {
    GrowingBuffer stored;
    GrowingBuffer chunk;
    GrowingBuffer row;
    TiffDecoder decoder;
  };
  class PageReader;

  Pool<Scratch> scratch_;
};

}  // namespace vox
