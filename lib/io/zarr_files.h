// Folders of a Zarr hierarchy: on disk, or in a zip archive (.ozx).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "io/zip_archive.h"

namespace vox {

class ZarrFolder {
 public:
  ZarrFolder() = default;
  /// On disk. Slashes at the end do not count.
  ZarrFolder(std::string path);  // NOLINT(google-explicit-constructor): a path is the usual case
  /// The top of an archive.
  explicit ZarrFolder(std::shared_ptr<const ZipArchive> archive) : archive_(std::move(archive)) {}

  /// As the user knows it.
  std::string name() const;
  ZarrFolder below(const std::string& path) const;
  bool has(const std::string& file) const;
  /// None when there is no such file. Throws a usage error for anything but a regular file.
  std::optional<ByteSource> open(const std::string& file) const;
  /// What is kept in memory to find the files.
  std::int64_t held_bytes() const { return archive_ ? archive_->held_bytes() : 0; }

 private:
  std::shared_ptr<const ZipArchive> archive_;  ///< none: on disk
  std::string path_;                           ///< in an archive: empty for its top
};

}  // namespace vox
