// TIFF files: volumes as pages of one file.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "io/multiscale.h"
#include "io/planned_sink.h"
#include "io/volume_io.h"

namespace vox {

/// True when a file that begins so is a TIFF or a BigTIFF.
bool is_tiff(std::span<const std::byte> start);

/// Opens a file whose pages are the planes of a volume: strips or tiles, either byte order, none, LZW,
/// deflate, zstd or packbits, any predictor. ImageJ's description or OME-XML gives spacing, unit, origin,
/// value map and which pages are channels and frames; more than one of them needs `options.channel` or
/// `options.time`. Pages of 1-bit pixels (also CCITT) are a mask of 0 and 1, 1 where they are white; grey
/// values are as stored, also where 0 is white.
std::unique_ptr<SlabSource> open_tiff(const std::string& path, const OpenOptions& options);

/// Creates a little-endian file that ImageJ understands, with its sidecar; BigTIFF when the voxels may exceed
/// what classic TIFF holds. `options.compression`: none (the default), deflate[:1-12], lzw, zstd[:LEVEL];
/// with `options.predictor` differences of neighbours are compressed.
std::unique_ptr<SlabSink> create_tiff(const std::string& path, const VolumeMeta& meta,
                                      const CreateOptions& options);

/// The same with OME-XML, in which nothing of the meta is lost without the sidecar but the range. Throws a
/// usage error for types that OME has not.
std::unique_ptr<SlabSink> create_ome_tiff(const std::string& path, const VolumeMeta& meta,
                                          const CreateOptions& options);

/// Of those two sinks.
SinkTraits tiff_traits(const std::string& path, const VolumeMeta& meta, const CreateOptions& options);
SinkTraits ome_tiff_traits(const std::string& path, const VolumeMeta& meta, const CreateOptions& options);

/// The same in tiles with smaller versions of each plane, as the OME-TIFF specification has pyramids. No
/// level has fewer planes.
extern const MultiscaleFormat kOmeTiffLevels;

}  // namespace vox
