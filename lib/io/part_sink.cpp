#include "io/part_sink.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "core/error.h"
#include "core/path_text.h"
#include "io/checksum.h"

namespace vox {

namespace fs = std::filesystem;

std::string parts_folder(const std::string& output) { return without_slashes(output) + ".parts"; }

void make_shared_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) fail_system(path, errno);
}

std::string store_name(const std::string& format, const std::string& layout) {
  Crc32c checksum;
  checksum.add(std::as_bytes(std::span(layout)));
  return format + "-" + checksum.hex();
}

void remove_leftovers(const std::string& folder) {
  std::vector<fs::path> leftovers;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(".") && name.ends_with(".part") && entry.is_regular_file())
      leftovers.push_back(entry.path());
  }
  std::error_code ignored;
  for (const fs::path& path : leftovers) fs::remove(path, ignored);
}

}  // namespace vox
