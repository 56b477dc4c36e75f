// Blocks of a volume on their way to other programs and back: a header, then the voxels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/block.h"
#include "core/meta.h"
#include "io/bytes.h"

namespace vox {

enum class BlockFormat {
  npy,   ///< NumPy's; back come both orders and byte orders, and bool as uint8
  raw,   ///< the voxels alone, little-endian
  nrrd,  ///< with spacing, origin and direction; back comes also gzip
};

/// Throws a usage error that lists the names.
void parse_value(std::string_view text, BlockFormat& format);
std::string_view block_format_name(BlockFormat format);

/// Throws a usage error for a type that the format does not have.
void check_block_format(BlockFormat format, DType dtype);

/// What stands before the voxels of a block; they follow in this machine's byte order, which is
/// little-endian.
std::string block_header(BlockFormat format, const VolumeMeta& block);

/// Takes a block from `bytes` that is to have the shape of `out` with `margin` on every side, and its type;
/// the margin is thrown away. Throws a failure that says what came when that is something else, or less, or
/// when more follows.
void receive_block(BlockFormat format, ByteSource bytes, const Extent3& margin, const Block& out);

/// Memory that receiving takes, for rows (with margin) or, in Fortran order, columns of `voxels` voxels.
std::int64_t receiving_bytes(std::int64_t voxels, DType dtype);

}  // namespace vox
