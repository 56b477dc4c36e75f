// OME-XML, as microscopes' software leaves it in a TIFF's description: sizes, physical sizes, and which page
// holds which plane.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/meta.h"
#include "io/meta_fields.h"

namespace vox {

/// Marks the annotation that is ours.
inline constexpr std::string_view kOmeNamespace = "voxpipe/meta";

/// Planes that follow each other, one page each.
struct OmePlanes {
  std::int64_t first = 0;  ///< number of the plane, counted in the dimension order
  std::int64_t count = 0;
  std::int64_t directory = 0;  ///< of the first one; -1: in another file
};

struct OmeFacts {
  std::int64_t width = 0;  ///< 0: not said, as below
  std::int64_t height = 0;
  std::int64_t slices = 1;
  std::int64_t channels = 1;  ///< colours of one pixel not counted
  std::int64_t frames = 1;
  std::string page_order = "ZCT";  ///< fastest first
  std::vector<OmePlanes> planes;   ///< later entries replace earlier ones
  std::string other_file;          ///< one that holds planes, too; empty: there is none
  std::optional<Vector3> spacing;  ///< only when all three axes are given
  std::string unit;                ///< of spacing and origin, a long name; empty: none that is a length
  std::optional<Vector3> origin;   ///< of the first plane, in `unit`
  std::string annotation;          ///< the meta that voxpipe itself left there; empty: none
};

/// What must be known to read a description.
struct OmeContext {
  std::string path;
  std::int64_t samples = 1;      ///< colours of one pixel
  std::int64_t directories = 1;  ///< pages of the file, thumbnails included
};

/// Nothing when the description is not OME-XML or describes no pixels. Throws damaged-input errors for XML
/// that is not well-formed or sizes that are none, usage errors for files that hold several images or whose
/// description is in another file.
std::optional<OmeFacts> parse_ome(const std::string& description, const OmeContext& context);

/// The directory of each plane of a channel and a time point. Throws when one is in another file or nowhere.
std::vector<std::int64_t> ome_directories(const OmeFacts& facts, const OmeContext& context,
                                          std::int64_t channel, std::int64_t frame);

/// What OME-XML says in terms of its own.
MetaFields ome_fields(const VolumeMeta& meta);

/// The description of a volume: one channel, one time point, all planes in the file's order, and our meta as
/// an annotation. Throws a usage error that begins with `path` for types that OME has not (64-bit integers,
/// float16).
std::string ome_description(const VolumeMeta& meta, const std::string& path);

/// Adds spacing, unit, origin and what voxpipe's annotation says to `meta`.
void apply_ome(const OmeFacts& facts, const std::string& path, VolumeMeta& meta);

}  // namespace vox
