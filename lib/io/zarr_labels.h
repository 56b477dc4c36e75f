// Labels that belong to an OME-Zarr image: stores in its folder `labels`, which lists them.
#pragma once

#include <string>
#include <vector>

#include "io/multiscale.h"

namespace vox {

/// An image that is to have labels.
struct ZarrLabelled {
  std::string image;             ///< its folder
  VolumeMeta meta;               ///< of its level 0
  std::vector<Extent3> shapes;   ///< of its levels
  std::vector<Extent3> factors;  ///< from each level to the next
  OmeVersion version = OmeVersion::v05;
};

/// Where labels of that name go.
std::string labels_folder(const std::string& image, const std::string& name);

/// Where an image is, seen from labels that belong to it.
inline constexpr const char* kImageOfLabels = "../../";

/// Throws a usage error unless `path` is an OME-Zarr image whose levels are whole factors apart.
ZarrLabelled read_zarr_labelled(const std::string& path);

/// Throws a usage error for a name that is no name of one folder, or none that a Zarr node may have.
void check_label_name(const std::string& name);

/// The folder of labels of an image: made when it is not there, and taken away again when nothing came.
class ZarrLabelsFolder {
 public:
  explicit ZarrLabelsFolder(const ZarrLabelled& labelled);
  ~ZarrLabelsFolder();
  ZarrLabelsFolder(const ZarrLabelsFolder&) = delete;
  ZarrLabelsFolder& operator=(const ZarrLabelsFolder&) = delete;

  /// Adds `name` to the list unless it is there. What else the metadata say stays.
  void enter(const std::string& name) const;

 private:
  std::string folder_;
  OmeVersion version_;
};

/// Adds labels that lie at `path`, a `labels_folder`, to the list of their image.
void enter_labels(const std::string& path);

}  // namespace vox
