// Files and folders under a temporary name: given their real name when complete, else removed.
#pragma once

#include <string>
#include <vector>

namespace vox {

/// Owns a path that must not stay: removed (a folder with all in it) by the destructor unless released.
class TemporaryPath {
 public:
  TemporaryPath() = default;
  /// REQUIRES: the path exists or is about to be made by the caller.
  explicit TemporaryPath(std::string path);
  TemporaryPath(TemporaryPath&& other) noexcept;
  TemporaryPath& operator=(TemporaryPath&& other) noexcept;
  ~TemporaryPath();

  const std::string& path() const { return path_; }
  /// The path has its real name now, or is gone.
  void release();

 private:
  std::string path_;
};

/// A hidden name in the folder of `path`, so that a rename within one file system gives it its real name;
/// different for each call, process, machine and container.
std::string temporary_name_beside(const std::string& path);

/// Removes what processes left under such names of `path` and its sidecar that are no more: they were killed.
/// Only those whose numbers mean something here: of this machine since it was started, outside of other
/// containers. Returns the names.
std::vector<std::string> remove_abandoned(const std::string& path);

/// Opens a file in `folder` that has no name and goes with the process, however that ends.
int open_unlinked(const std::string& folder);

/// Removes everything that is registered: for a process that must end at once.
void remove_temporaries();

}  // namespace vox
