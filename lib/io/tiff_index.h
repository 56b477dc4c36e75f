// The pages of a TIFF file, found in one walk over its chain of directories and checked to lie within the
// file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/tiff_layout.h"

namespace vox {

/// The size of a pixel as the resolution tags say it; 0 when unknown.
struct TiffResolution {
  double y = 0;
  double x = 0;
  std::int64_t unit = 2;  ///< that the sizes are in: 1 none, 2 inch, 3 centimetre
};

/// One page: where its pixels are. A few dozen bytes, since there can be very many pages.
struct TiffPage {
  std::int64_t number = 0;   ///< counts directories from 0, for messages
  std::int64_t pixels = -1;  ///< all chunks lie here one behind the other, uncompressed; -1: see `offsets`
  TiffArray offsets;         ///< of each chunk
  TiffArray sizes;           ///< bytes of each chunk as stored
  std::uint32_t layout = 0;  ///< index into `TiffIndex::layouts`
};

struct TiffIndex {
  bool big = false;
  std::int64_t directories = 0;  ///< those of thumbnails included
  std::vector<TiffLayout> layouts;
  std::vector<TiffPage> pages;            ///< of the level asked for, in the file's order
  std::int64_t levels = 1;                ///< resolutions, by the directories below the first page's
  std::int64_t full_width = 0;            ///< of level 0
  std::int64_t full_height = 0;           ///<
  std::int64_t largest_stored_chunk = 0;  ///< bytes; 0 when nothing is compressed
  std::string description;                ///< of the first page
  TiffResolution resolution;              ///< of the first page
  std::int64_t next_after_first = 0;      ///< where the directory behind the first page's is, 0 for none
};

/// Walks the file. Thumbnails and other reduced images are left out; all remaining pages must have the same
/// size and type. Level n above 0 is the n-th directory below each page's own (SubIFDs). Throws damaged-input
/// errors that name the page and count bytes, and usage errors for kinds of pages that voxpipe does not read
/// and for levels that there are not.
TiffIndex read_tiff_index(const ByteSource& bytes, std::int64_t level = 0);

/// Values `first` to `first + count` of an integer tag. By any thread.
std::vector<std::int64_t> read_tiff_array(const ByteSource& bytes, const TiffArray& values, bool swapped,
                                          std::int64_t first, std::int64_t count);

}  // namespace vox
