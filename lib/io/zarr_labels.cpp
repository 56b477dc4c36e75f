#include "io/zarr_labels.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/path_text.h"
#include "io/output_file.h"
#include "io/temporary.h"
#include "io/zarr.h"
#include "io/zarr_ome.h"

namespace vox {
namespace {

using Json = nlohmann::ordered_json;

/// The whole factor by which n becomes ceil(n / factor); 0 when there is none.
std::int64_t factor_of(std::int64_t from, std::int64_t to) {
  if (to < 1 || to > from) return 0;
  const std::int64_t factor = (from + to - 1) / to;
  for (const std::int64_t candidate : {factor, factor - 1})
    if (candidate >= 1 && (from + candidate - 1) / candidate == to) return candidate;
  return 0;
}

Extent3 factors_of(const Extent3& from, const Extent3& to) {
  return {factor_of(from.z, to.z), factor_of(from.y, to.y), factor_of(from.x, to.x)};
}

const char* file_of(OmeVersion version) { return version == OmeVersion::v05 ? "zarr.json" : ".zattrs"; }

/// The metadata that are there; of a new group where there are none.
Json group_of(const std::string& folder, OmeVersion version) {
  const std::string file = file_of(version);
  if (ZarrFolder(folder).has(file)) return Json::parse(read_zarr_json(folder, file).root().dump());
  if (version == OmeVersion::v04) return Json::object();
  return {{"zarr_format", 3}, {"node_type", "group"}, {"attributes", {{"ome", {{"version", "0.5"}}}}}};
}

/// Held by one process at a time, as far as the file system knows locks.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder)
      : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (descriptor_ < 0) fail_system(folder, errno);
    while (::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~FolderLock() { ::close(descriptor_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace

void check_label_name(const std::string& name) {
  if (name.empty() || name.find('/') != std::string::npos || name.starts_with("."))
    fail_usage("--name " + name + ": expected the name of one folder");
  if (name == "zarr.json" || name.starts_with("__"))
    fail_usage("--name " + name + ": Zarr keeps this name for itself; choose another");
}

std::string labels_folder(const std::string& image, const std::string& name) {
  return without_slashes(image) + "/labels/" + name;
}

void enter_labels(const std::string& path) {
  const std::filesystem::path labels(path);
  const ZarrLabelled labelled = read_zarr_labelled(labels.parent_path().parent_path().string());
  ZarrLabelsFolder(labelled).enter(labels.filename().string());
}

ZarrLabelled read_zarr_labelled(const std::string& path) {
  ZarrLabelled labelled;
  labelled.image = without_slashes(path);
  const std::string wrong = "--label-of " + path + ": ";
  if (!is_zarr_folder(labelled.image)) fail_usage(wrong + "is no OME-Zarr image");
  const ZarrNode node = read_zarr_node(labelled.image);
  const auto image = node.is_array ? std::nullopt : parse_zarr_image(node);
  if (!image) fail_usage(wrong + "is no OME-Zarr image");
  labelled.version = node.version == 2 ? OmeVersion::v04 : OmeVersion::v05;
  OpenOptions first;
  first.channel = first.time = 0;
  labelled.meta = open_zarr(labelled.image, first)->meta();
  const ZarrRoles roles = zarr_roles(image->axes, node.path);
  for (const ZarrLevel& level : image->levels) {
    const ZarrArray array = read_zarr_array(ZarrFolder(labelled.image).below(level.path));
    const auto extent = [&](int axis) {
      return axis < 0 ? 1 : array.shape.at(static_cast<std::size_t>(axis));
    };
    if (array.axes() != image->axes.size())
      fail_damaged(array.folder.name() + ": has not the axes of its image");
    const Extent3 shape{extent(roles.z), extent(roles.y), extent(roles.x)};
    if (!labelled.shapes.empty()) {
      const Extent3 factor = factors_of(labelled.shapes.back(), shape);
      if (std::min({factor.z, factor.y, factor.x}) < 1)
        fail_usage(wrong + "its level " + std::to_string(labelled.shapes.size()) +
                   " is not a whole factor smaller than the one before, which labels need");
      labelled.factors.push_back(factor);
    }
    labelled.shapes.push_back(shape);
  }
  return labelled;
}

ZarrLabelsFolder::ZarrLabelsFolder(const ZarrLabelled& labelled)
    : folder_(labelled.image + "/labels"), version_(labelled.version) {
  if (::mkdir(folder_.c_str(), 0777) != 0 && errno != EEXIST) fail_system(folder_, errno);
}

ZarrLabelsFolder::~ZarrLabelsFolder() { ::rmdir(folder_.c_str()); }  // only when it is empty

void ZarrLabelsFolder::enter(const std::string& name) const {
  const FolderLock lock(folder_);
  for (const char* file : {file_of(version_), ".zgroup"}) remove_abandoned(folder_ + "/" + file);
  Json group = group_of(folder_, version_);
  Json& owner = version_ == OmeVersion::v04 ? group : group["attributes"]["ome"];
  Json& list = owner["labels"];
  if (!list.is_array()) list = Json::array();
  if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
  if (version_ == OmeVersion::v04) write_text_file(folder_ + "/.zgroup", "{\"zarr_format\":2}\n");
  write_text_file(folder_ + "/" + file_of(version_), group.dump() + "\n");
}

}  // namespace vox
