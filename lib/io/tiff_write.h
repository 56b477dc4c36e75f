// The tables of TIFF files that voxpipe writes: little-endian, one grey volume, one directory per plane.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "io/tiff_codec.h"
#include "io/tiff_tags.h"
#include "io/volume_io.h"

namespace vox {

/// What the description in the first directory says.
enum class TiffStyle {
  stack,  ///< ImageJ's words, of all planes
  slice,  ///< the same, of a single one
  ome,    ///< OME-XML
};

/// Everything about a file that is known before its first voxel.
struct TiffPlan {
  VolumeMeta meta;
  std::int64_t planes = 1;  ///< in this file
  TiffEncoding encoding;
  TiffPredictor predictor = TiffPredictor::none;
  std::int64_t rows_per_strip = 1;
  std::int64_t tile_height = 0;  ///< 0: strips
  std::int64_t tile_width = 0;
  bool reduced = false;  ///< a smaller version of another page
  bool big = false;
  std::string description;
  TiffRational y_resolution;  ///< pixels per unit; 0 / 1: not known
  TiffRational x_resolution;

  bool coded() const { return encoding.codec != TiffCodec::none; }
  bool tiled() const { return tile_height > 0; }
  std::int64_t chunk_height() const { return tiled() ? tile_height : rows_per_strip; }
  std::int64_t chunk_width() const { return tiled() ? tile_width : meta.shape.x; }
  std::int64_t chunk_bytes() const { return chunk_height() * chunk_width() * size_of(meta.dtype); }
  std::int64_t chunks_down() const { return (meta.shape.y - 1) / chunk_height() + 1; }
  std::int64_t chunks_across() const { return (meta.shape.x - 1) / chunk_width() + 1; }
  std::int64_t chunks_per_plane() const { return chunks_down() * chunks_across(); }
};

/// Plans a file for all planes of a volume or, as a slice, for one of them. Throws usage errors for what TIFF
/// or OME cannot hold, with the path. BigTIFF is chosen by the most bytes that the voxels can become.
TiffPlan plan_tiff(const std::string& path, const VolumeMeta& meta, const CreateOptions& options,
                   TiffStyle style);

/// 8 bytes, of BigTIFF 16.
std::vector<std::byte> tiff_header(const TiffPlan& plan, std::int64_t first_directory);

/// True when a file of `planes` times `plane` bytes must be a BigTIFF.
bool exceeds_classic_tiff(std::int64_t plane, std::int64_t planes);

/// A directory that will stand at `at`, with all values of its tags behind it; its size is even and depends
/// only on the plan, on the number of `levels` and on `first`, which has the description. `offsets` and
/// `sizes`: of the plane's strips or tiles; `levels`: where the directories of its smaller versions are.
std::vector<std::byte> tiff_directory(const TiffPlan& plan, bool first, std::int64_t at, std::int64_t next,
                                      std::span<const std::int64_t> offsets,
                                      std::span<const std::int64_t> sizes,
                                      std::span<const std::int64_t> levels = {});
std::int64_t tiff_directory_bytes(const TiffPlan& plan, bool first);

}  // namespace vox
