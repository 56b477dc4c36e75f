// TIFF files: volumes as pages of one file.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "io/volume_io.h"

namespace vox {

/// True when a file that begins so is a TIFF or a BigTIFF.
bool is_tiff(std::span<const std::byte> start);

/// Opens a file whose pages are the planes of a volume: strips or tiles, either byte order, none, LZW,
/// deflate, zstd or packbits, any predictor. ImageJ's description gives spacing, unit, origin, value map and
/// which pages are channels and frames; more than one of them needs `options.channel` or `options.time`.
std::unique_ptr<SlabSource> open_tiff(const std::string& path, const OpenOptions& options);

/// Creates a little-endian file that ImageJ understands, with its sidecar; BigTIFF when the voxels may exceed
/// what classic TIFF holds. `options.compression`: none (the default), deflate[:1-12], lzw, zstd[:LEVEL];
/// with `options.predictor` differences of neighbours are compressed.
std::unique_ptr<SlabSink> create_tiff(const std::string& path, const VolumeMeta& meta,
                                      const CreateOptions& options);

}  // namespace vox
