// From voxels to the strips of a compressed TIFF, by any number of threads.
#pragma once

#include <span>

#include "io/tiff_pool.h"
#include "io/tiff_write.h"

namespace vox {

class TiffStripEncoder {
 public:
  explicit TiffStripEncoder(const TiffPlan& plan);

  /// Replaces `encoded` by the strips of `box`: whole planes, or rows of one that begin at a strip.
  /// Overwrites `voxels`.
  void encode(const Box3& box, std::span<std::byte> voxels, Encoded& encoded) const;
  /// What each thread holds for one strip at a time.
  std::int64_t scratch_bytes() const;

 private:
  struct Scratch {
    TiffEncoder encoder;
    TiffBuffer row;
  };

  const TiffPlan& plan_;
  mutable TiffPool<Scratch> scratch_;
};

}  // namespace vox
