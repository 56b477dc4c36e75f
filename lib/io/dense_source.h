// Volumes whose voxels stand densely in scan order somewhere in a file or a pipe: raw, and the formats that
// are a header before raw voxels.
#pragma once

#include <memory>
#include <string>

#include "io/bytes.h"
#include "io/volume_io.h"

namespace vox {

/// How the voxels stand in the bytes.
struct DenseLayout {
  std::int64_t offset = 0;  ///< of the first voxel: in the file, or from what was read so far of a pipe
  bool big_endian = false;
  bool more_may_follow = false;  ///< bytes behind the last voxel are no error
  std::string remedy = {};       ///< "correct its header": for a size that does not fit the shape
};

/// Gives the voxels of `bytes`: any box by several threads when they have a size, else in order. A size that
/// does not fit is a damaged-input error, known at once of a file and at the last voxel of a pipe.
std::unique_ptr<SlabSource> dense_source(ByteSource bytes, const VolumeMeta& meta, const SourceInfo& info,
                                         const DenseLayout& layout);

/// The offset of `wanted` bytes of voxels that end `behind` bytes before the file's end, as a header's
/// `field` of a negative value says. Throws when that is not behind the first `before` bytes, or the end is
/// not known.
std::int64_t offset_from_end(const ByteSource& bytes, std::int64_t wanted, std::int64_t behind,
                             std::int64_t before, const std::string& field);

/// What is known of a source from its bytes.
SourceInfo info_of(const ByteSource& bytes, std::string format);

}  // namespace vox
