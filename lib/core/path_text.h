// Names of files and folders as users write them.
#pragma once

#include <string>

namespace vox {

/// "scan.ome.zarr" of "scan.ome.zarr/"; "/" stays.
inline std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace vox
