// Bytes that a run keeps for later.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "engine/buffer.h"
#include "io/bytes.h"

namespace vox {

/// True when `make_rereadable` keeps so many bytes in memory, given what a run may use.
constexpr bool spools_in_memory(std::int64_t bytes, std::int64_t memory) { return bytes <= memory / 2; }

/// Bytes by position, in memory or in an unlinked file; several threads write and read at once.
class SpoolStore {
 public:
  /// Throws an exit-4 error when the file system of `folder` has no such room.
  SpoolStore(std::int64_t bytes, bool in_memory, const std::string& folder);

  void write(std::span<const std::byte> bytes, std::int64_t offset);
  void read(std::span<std::byte> bytes, std::int64_t offset) const;

 private:
  Buffer memory_;
  std::unique_ptr<ByteSink> sink_;
  std::unique_ptr<ByteSource> source_;
};

}  // namespace vox
