#include "engine/spool_store.h"

#include <cstring>

#include "io/output_file.h"
#include "io/temporary.h"

namespace vox {

SpoolStore::SpoolStore(std::int64_t bytes, bool in_memory, const std::string& folder) {
  if (in_memory) {
    memory_ = Buffer(bytes);
    return;
  }
  check_space(folder + "/", bytes);
  const int descriptor = open_unlinked(folder);
  sink_ = std::make_unique<ByteSink>(file_device(descriptor, true), "spool in " + folder);
  source_ = std::make_unique<ByteSource>(file_device(descriptor, false), "spool in " + folder, bytes);
}

void SpoolStore::write(std::span<const std::byte> bytes, std::int64_t offset) {
  if (sink_)
    sink_->write_at(bytes, offset);
  else
    std::memcpy(memory_.data() + offset, bytes.data(), bytes.size());
}

void SpoolStore::read(std::span<std::byte> bytes, std::int64_t offset) const {
  if (source_)
    source_->read_at(bytes, offset, "spool");
  else
    std::memcpy(bytes.data(), memory_.data() + offset, bytes.size());
}

}  // namespace vox
