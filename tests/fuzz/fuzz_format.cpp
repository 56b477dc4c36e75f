// Random bytes as a file of one format (VOX_FUZZ_FORMAT, a name in the table): opened and read whole, it
// gives voxels or one of our errors.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "core/error.h"
#include "fuzz/read_all.h"
#include "io/formats.h"

namespace vox {
namespace {

/// A file without a name in any folder.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size) : descriptor_(::memfd_create("fuzz", 0)) {
    if (descriptor_ < 0 || ::write(descriptor_, data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

const Format& format_under_test() {
  const auto all = formats();
  return *std::find_if(all.begin(), all.end(),
                       [](const Format& format) { return format.name == VOX_FUZZ_FORMAT; });
}

}  // namespace
}  // namespace vox

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const vox::Format& format = vox::format_under_test();
  if (!format.recognises(std::as_bytes(std::span(data, std::min<std::size_t>(size, 16))))) return -1;
  const vox::MemoryFile file(data, size);
  for (const std::int64_t part : {-1, 0}) {
    vox::OpenOptions options;
    if (part >= 0) options.channel = options.time = part;
    try {
      vox::fuzz::read_all(*format.open(file.path(), options));
    } catch (const vox::Error&) {
      // One of our errors is a right answer.
    }
  }
  return 0;
}
