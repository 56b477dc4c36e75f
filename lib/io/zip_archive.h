// Zip archives, read: entries that are stored uncompressed, at any place, by any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

#include "io/bytes.h"

namespace vox {

/// True when a file that begins so is a zip archive.
bool is_zip(std::span<const std::byte> start);

class ZipArchive : public std::enable_shared_from_this<ZipArchive> {
 public:
  /// Reads the directory at the archive's end, also of archives over 4 GiB (ZIP64). Throws damaged-input
  /// errors that name the place, and usage errors for archives in several parts.
  static std::shared_ptr<const ZipArchive> open(const std::string& path);

  const std::string& name() const { return file_.name(); }
  bool has(const std::string& entry) const { return entries_.contains(entry); }
  /// An entry as a file of its own; none when there is no such. Throws a usage error for one that is
  /// compressed or encrypted, and a damaged-input error when it does not lie in the archive.
  std::optional<ByteSource> open_entry(const std::string& entry) const;
  /// About what the directory takes.
  std::int64_t held_bytes() const { return held_bytes_; }

 private:
  struct Entry {
    std::int64_t at = 0;  ///< of its header
    std::int64_t size = 0;
    bool is_stored = true;
  };

  explicit ZipArchive(ByteSource file) : file_(std::move(file)) {}
  void read_directory();
  /// Adds the entry that begins at `at` and says where the next one begins.
  std::size_t add_entry(std::span<const std::byte> directory, std::size_t at);

  ByteSource file_;
  std::unordered_map<std::string, Entry> entries_;
  std::int64_t held_bytes_ = 0;
};

}  // namespace vox
