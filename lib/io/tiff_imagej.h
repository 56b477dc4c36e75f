// What ImageJ writes into a TIFF's description: sizes, spacing, unit, origin and the meaning of grey values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/meta.h"
#include "io/meta_fields.h"
#include "io/tiff_index.h"

namespace vox {

/// A description that begins with `ImageJ=`.
struct ImageJFacts {
  std::int64_t images = 0;  ///< 0: not said
  std::int64_t channels = 1;
  std::int64_t slices = 0;  ///< 0: not said
  std::int64_t frames = 1;
  std::optional<double> spacing;         ///< between planes
  std::string unit;                      ///< a long name; empty: none that is a length
  std::optional<Vector3> origin_pixels;  ///< the pixel whose coordinates are zero
  std::optional<ValueMap> value_map;
};

/// Nothing when the description is not ImageJ's.
std::optional<ImageJFacts> parse_imagej(const std::string& description);

/// Adds spacing, unit, origin and value map to `meta`. Spacing needs all three axes: without one that
/// ImageJ's rules give it stays unknown.
void apply_imagej(const ImageJFacts& facts, const TiffResolution& resolution, VolumeMeta& meta);

/// What the description and the resolution tags hold: lengths where the resolution's fraction can be written
/// and the unit is one, and a value map of the types that ImageJ calibrates.
MetaFields imagej_fields(const VolumeMeta& meta);

/// The description for a volume, which says nothing that `imagej_fields` does not. `one_image`: of a single
/// slice, which has no stack; `contiguous`: all planes follow each other uncompressed, which is what
/// `images=` promises ImageJ.
std::string imagej_description(const VolumeMeta& meta, bool one_image, bool contiguous);

/// The fraction nearest to 1 / spacing, such that denominator / numerator gives the spacing back.
TiffRational tiff_resolution(double spacing);

}  // namespace vox
