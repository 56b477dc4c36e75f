// Random bytes as a Zarr store: "2" or "3", then the group's metadata, the array's and one chunk, with a zero
// byte between them. Opened and read whole, it gives voxels or one of our errors.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "core/error.h"
#include "fuzz/read_all.h"
#include "io/zarr.h"

namespace vox {
namespace {

namespace fs = std::filesystem;

/// A folder of its own for the life of the process.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "fuzz-XXXXXX").string();
    if (!::mkdtemp(name.data())) std::abort();
    path_ = name;
    for (const char* chunks : {"0/c/0/0", "0/0/0"}) fs::create_directories(path_ / chunks);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path() const { return path_.string(); }
  void put(const char* name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary)
        .write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  void remove(const char* name) const { fs::remove(path_ / name); }

 private:
  fs::path path_;
};

/// What stands before the next zero byte, which is taken away too.
std::string_view next_part(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\0'), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

void put_store(const Folder& folder, bool third, std::string_view rest) {
  for (const char* name : {"zarr.json", ".zgroup", ".zattrs", "0/zarr.json", "0/.zarray"})
    folder.remove(name);
  const std::string_view group = next_part(rest), array = next_part(rest);
  if (!third) folder.put(".zgroup", "{\"zarr_format\": 2}");
  folder.put(third ? "zarr.json" : ".zattrs", group);
  folder.put(third ? "0/zarr.json" : "0/.zarray", array);
  folder.put(third ? "0/c/0/0/0" : "0/0/0/0", rest);
}

}  // namespace
}  // namespace vox

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const vox::Folder folder;
  if (size < 2 || (data[0] != '2' && data[0] != '3')) return -1;
  vox::put_store(folder, data[0] == '3', {reinterpret_cast<const char*>(data) + 1, size - 1});
  for (const char* node : {"", "/0"}) {
    try {
      vox::fuzz::read_all(*vox::open_zarr(folder.path() + node, {}));
    } catch (const vox::Error&) {
      // One of our errors is a right answer.
    }
  }
  return 0;
}
