// OME-Zarr's metadata of an image: axes, levels and where they lie (versions up to 0.5).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/meta.h"
#include "io/zarr_array.h"

namespace vox {

struct ZarrAxis {
  std::string name;
  std::string type;
  std::string unit;
};

/// One resolution: an array and its grid, one number per axis.
struct ZarrLevel {
  std::string path;  ///< below the group's folder
  std::vector<double> scale;
  std::vector<double> translation;  ///< empty when the file says none
};

struct ZarrImage {
  std::vector<ZarrAxis> axes;
  std::vector<ZarrLevel> levels;  ///< largest first
  bool is_labels = false;
  std::string embedded;  ///< the meta that voxpipe left there; empty for none
};

/// Which of an array's axes is which; -1 for none.
struct ZarrRoles {
  int z = -1;
  int y = -1;
  int x = -1;
  int channel = -1;
  int time = -1;
};

/// The image that a group holds; none when it holds no multiscales. Throws a damaged-input error that names
/// the file.
std::optional<ZarrImage> parse_zarr_image(const ZarrNode& node);

/// By types and names. Throws a usage error for axes that no volume has.
ZarrRoles zarr_roles(const std::vector<ZarrAxis>& axes, const std::string& where);
/// Of an array alone: by its names when they say t, c, z, y, x, else x is the last axis, y the one before,
/// then z, channel, time.
ZarrRoles zarr_roles(const ZarrArray& array, const JsonView& attributes);

/// Spacing, unit and origin of a level. Steps of 1 without unit and translation are what files say of volumes
/// whose spacing nobody knows.
void apply_zarr_grid(const ZarrImage& image, std::size_t level, const ZarrRoles& roles, VolumeMeta& meta);

}  // namespace vox
