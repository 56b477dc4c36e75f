#include "ops/intensity/plane_stretch.h"

#include <algorithm>
#include <cmath>

#include "core/value_map.h"
#include "ops/intensity/stretch_rows.h"
#include "ops/stats/inside.h"

namespace vox {

VolumeMeta PlaneStretch::output_meta(const VolumeMeta& input) const {
  VolumeMeta meta = with_new_values(input, DType::float32, Kind::intensity);
  const Stretch& only = stretches_.front();
  if (stretches_.size() == 1 && std::isinf(only.low) && std::isinf(only.high))
    carry_value_map(input, only.factor, -only.offset * only.factor, meta);
  return meta;
}

void PlaneStretch::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  static_cast<void>(tally);
  const Extent3 size = out.shape();
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y)
      stretch_voxels(in.dtype, in.row(z, y), nullptr, size.x, of_plane(out.box.begin.z + z),
                     reinterpret_cast<float*>(out.row(z, y)));
}

void PlaneStretch::apply_beside(const ConstBlock& in, const ConstBlock& mask, const Block& out,
                                Tally& tally) const {
  static_cast<void>(tally);
  const Extent3 size = out.shape();
  std::uint8_t keep[kSegment];
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y)
      for (std::int64_t x = 0; x < size.x; x += kSegment) {
        const std::int64_t count = std::min(kSegment, size.x - x);
        inside_flags(mask.row(z, y) + x * size_of(mask.dtype), mask.dtype, count, keep);
        stretch_voxels(in.dtype, in.row(z, y) + x * size_of(in.dtype), keep, count,
                       of_plane(out.box.begin.z + z), reinterpret_cast<float*>(out.row(z, y)) + x);
      }
}

}  // namespace vox
