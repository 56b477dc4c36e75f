#include "io/zarr_files.h"

#include <sys/stat.h>

#include <cerrno>

#include "core/error.h"
#include "core/path_text.h"

namespace vox {
namespace {

std::string joined(const std::string& folder, const std::string& file) {
  return folder.empty() ? file : folder + "/" + file;
}

}  // namespace

ZarrFolder::ZarrFolder(std::string path) : path_(without_slashes(std::move(path))) {}

std::string ZarrFolder::name() const { return archive_ ? joined(archive_->name(), path_) : path_; }

ZarrFolder ZarrFolder::below(const std::string& path) const {
  ZarrFolder folder = *this;
  folder.path_ = joined(path_, path);
  return folder;
}

bool ZarrFolder::has(const std::string& file) const {
  if (archive_) return archive_->has(joined(path_, file));
  struct stat facts {};
  return ::stat(joined(path_, file).c_str(), &facts) == 0;
}

std::optional<ByteSource> ZarrFolder::open(const std::string& file) const {
  if (archive_) return archive_->open_entry(joined(path_, file));
  const std::string path = joined(path_, file);
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    fail_system(path, errno);
  }
  if (!S_ISREG(facts.st_mode)) fail_usage(path + ": is not a regular file, which files of a store must be");
  return ByteSource::open(path);
}

}  // namespace vox
