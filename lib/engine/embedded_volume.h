// A volume made small enough to stand in a page.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/pyramid.h"

namespace vox {

/// Codes that stand for values: low + code * step, or, with `nan_code`, NaN for 0 and low + (code - 1) * step
/// for the others.
struct EmbeddedCoding {
  DType type = DType::uint8;  ///< of the codes: uint8, uint16, for labels also uint32, uint64, int64
  double low = 0;
  double step = 1;
  bool nan_code = false;
};

struct EmbeddedVolume {
  Extent3 shape;
  Extent3 factor;  ///< voxels of the volume along each axis that one stands for
  EmbeddedCoding coding;
  std::vector<std::byte> codes;  ///< in scan order, little-endian
};

/// Writes the volume as JSON that the page's scripts read, a piece at a time: its codes are one zlib stream
/// in base64.
void write_embedded(const EmbeddedVolume& volume, const std::function<void(std::string_view)>& write);

/// How volumes are embedded: 8- and 16-bit types as they are, labels as their number, all digits of it,
/// others by 65,535 codes of equal distance over `range`.
EmbeddedCoding embedded_coding(const VolumeMeta& meta, const std::optional<Range>& range);

/// The halvings, along the axes of the smallest steps first, after which codes take no more than `bytes`.
std::vector<Extent3> embedding_steps(const VolumeMeta& meta, DType codes, std::int64_t bytes);

/// Reads `source` once in order: means of the boxes that voxels come to stand for, for labels and masks the
/// most frequent value. Memory as in `plan_embedding`.
EmbeddedVolume embed_volume(SlabSource& source, const std::vector<Extent3>& steps,
                            const EmbeddedCoding& coding, const Resources& resources);
PassPlan plan_embedding(const SlabSource& source, const std::vector<Extent3>& steps,
                        const EmbeddedCoding& coding, const Resources& resources);

}  // namespace vox
