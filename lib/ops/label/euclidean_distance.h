// Exact Euclidean distance to the background, in three passes along the axes.
//
// Along z voxels are counted to the nearest background of the same column: one scan forwards and one
// backwards. Along y and x the squared distance is the minimum over the row of (spacing * offset)^2 + what
// the pass before found. Near voxels are searched by vectors of neighbours until no farther one can be
// nearer; rows whose distances are long go through the lower envelope of parabolas instead (`parabolas.h`),
// in linear time. The result is the square root of (z^2 + y^2) + x^2, to the nearest float.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ops/label/distance_scale.h"

namespace vox {

/// Voxels to the background along z when there is none.
inline constexpr std::uint32_t kNoBackground = 0xffffffff;

/// Values of a row that the functions below touch: whole vectors.
inline std::int64_t distance_width(std::int64_t nx) { return (nx + 15) / 16 * 16; }
/// Rows of 32-bit values lie so many apart: an odd number of cache lines, so that a column does not fall into
/// few sets of the cache.
inline std::int64_t distance_pitch(std::int64_t nx) { return distance_width(nx) | 16; }

/// Steps along z to the background, one plane further: 0 where `bits` has background, else one more than
/// before. `bits` as of `row_bits.h`.
void advance_steps(const std::uint64_t* bits, std::int64_t nx, std::uint32_t* steps);

/// steps[x] becomes the smaller of itself and other[x]; with a whole scale then its squared distance.
void nearest_steps(const DistanceScale& scale, const std::uint32_t* other, std::int64_t nx,
                   std::uint32_t* steps);

/// The passes along y and x: `plane` holds ny rows of what `nearest_steps` left, `distance_pitch` apart, and
/// gets the distances as floats in their place; infinite where the volume has no background. Each row begins
/// at a cache line, as does `scratch`, which holds `plane_distance_scratch` bytes.
void plane_distance(const DistanceScale& scale, std::int64_t ny, std::int64_t nx, std::byte* plane,
                    std::byte* scratch);
std::int64_t plane_distance_scratch(const DistanceScale& scale, std::int64_t ny, std::int64_t nx);

}  // namespace vox
