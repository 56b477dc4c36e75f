#include "io/zip_archive.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <vector>

#include "core/error.h"
#include "core/numbers.h"
#include "io/zip_format.h"

namespace vox {
namespace {

constexpr std::int64_t kLargestDirectory = 256 << 20;
constexpr std::int64_t kEntryOverhead = 128;  // of the table, besides the name

/// A little-endian number of `Size` bytes.
template <int Size>
std::uint64_t number(std::span<const std::byte> bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < Size; ++i) value |= std::to_integer<std::uint64_t>(bytes[at + i]) << 8 * i;
  return value;
}

/// Part of a file as a device of its own.
class FilePart : public ByteDevice {
 public:
  FilePart(std::shared_ptr<const ZipArchive> owner, const ByteSource& file, std::int64_t begin,
           std::int64_t size)
      : owner_(std::move(owner)), file_(file), begin_(begin), size_(size) {}

  ssize_t read(std::byte* data, std::size_t size) override {
    const ssize_t count = read_at(data, size, next_);
    if (count > 0) next_ += count;
    return count;
  }
  ssize_t read_at(std::byte* data, std::size_t size, std::int64_t offset) override {
    const std::int64_t left = std::max<std::int64_t>(0, size_ - offset);
    const auto count = std::min<std::int64_t>(static_cast<std::int64_t>(size), left);
    if (count > 0) file_.read_at({data, static_cast<std::size_t>(count)}, begin_ + offset, "an entry");
    return count;
  }
  ssize_t write(const std::byte*, std::size_t) override { return refuse(); }
  ssize_t write_at(const std::byte*, std::size_t, std::int64_t) override { return refuse(); }
  int flush() override { return refuse(); }

 private:
  static int refuse() {
    errno = EBADF;
    return -1;
  }

  std::shared_ptr<const ZipArchive> owner_;  ///< keeps the file
  const ByteSource& file_;
  std::int64_t begin_;
  std::int64_t size_;
  std::int64_t next_ = 0;
};

/// Where the directory is.
struct DirectoryPlace {
  std::uint64_t count = 0;
  std::uint64_t at = 0;
  std::uint64_t size = 0;
};

[[noreturn]] void fail_parts(const std::string& name) {
  fail_usage(name + ": is one of several parts of a zip archive; join them first (zip -s 0)");
}

/// The last place where the archive's end can begin; none when there is none.
std::optional<std::size_t> find_end(std::span<const std::byte> tail) {
  for (std::size_t at = tail.size() - zip::kEndBytes + 1; at-- > 0;)
    if (number<4>(tail, at) == zip::kEnd && at + zip::kEndBytes + number<2>(tail, at + 20) <= tail.size())
      return at;
  return {};
}

DirectoryPlace find_directory(const ByteSource& file) {
  const std::int64_t size = *file.size();
  const std::string damaged = file.name() + ": the zip archive has no end; it is damaged or cut short";
  const auto wanted = std::min(size, static_cast<std::int64_t>(zip::kEndBytes + zip::kMostComment));
  if (wanted < static_cast<std::int64_t>(zip::kEndBytes)) fail_damaged(damaged);
  std::vector<std::byte> tail(static_cast<std::size_t>(wanted));
  file.read_at(tail, size - wanted, "the end of the archive");
  const auto end = find_end(tail);
  if (!end) fail_damaged(damaged);
  DirectoryPlace place{number<2>(tail, *end + 10), number<4>(tail, *end + 16), number<4>(tail, *end + 12)};
  const std::int64_t locator =
      size - wanted + static_cast<std::int64_t>(*end) - static_cast<std::int64_t>(zip::kEnd64LocatorBytes);
  if (number<2>(tail, *end + 4) != 0 && number<2>(tail, *end + 4) != zip::kCountIn64) fail_parts(file.name());
  if (place.count != zip::kCountIn64 && place.at != zip::kIn64 && place.size != zip::kIn64) return place;
  if (locator < 0) return place;
  std::vector<std::byte> bytes(zip::kEnd64LocatorBytes);
  file.read_at(bytes, locator, "the locator of the directory");
  if (number<4>(bytes, 0) != zip::kEnd64Locator) return place;
  if (number<4>(bytes, 16) > 1) fail_parts(file.name());
  const std::uint64_t at = number<8>(bytes, 8);
  if (at > static_cast<std::uint64_t>(size) - zip::kEnd64Bytes) fail_damaged(damaged);
  bytes.resize(zip::kEnd64Bytes);
  file.read_at(bytes, static_cast<std::int64_t>(at), "the place of the directory");
  if (number<4>(bytes, 0) != zip::kEnd64) fail_damaged(damaged);
  return {number<8>(bytes, 32), number<8>(bytes, 48), number<8>(bytes, 40)};
}

/// Numbers too large for an entry's fields stand in an extra field, those and only those.
void read_extra64(std::span<const std::byte> extra, std::uint64_t& size, std::uint64_t& stored,
                  std::uint64_t& at) {
  for (std::size_t i = 0; i + 4 <= extra.size();) {
    const auto length = static_cast<std::size_t>(number<2>(extra, i + 2));
    if (i + 4 + length > extra.size()) return;
    if (number<2>(extra, i) == zip::kExtra64) {
      std::span<const std::byte> left = extra.subspan(i + 4, length);
      for (std::uint64_t* value : {&size, &stored, &at}) {
        if (*value != zip::kIn64 || left.size() < 8) continue;
        *value = number<8>(left, 0);
        left = left.subspan(8);
      }
    }
    i += 4 + length;
  }
}

}  // namespace

bool is_zip(std::span<const std::byte> start) {
  return start.size() >= 4 && number<4>(start, 0) == zip::kEntry;
}

std::shared_ptr<const ZipArchive> ZipArchive::open(const std::string& path) {
  const std::shared_ptr<ZipArchive> archive(new ZipArchive(ByteSource::open(path)));
  if (!archive->file_.size()) fail_usage(path + ": a zip archive cannot be read from a pipe; name the file");
  archive->read_directory();
  return archive;
}

void ZipArchive::read_directory() {
  const DirectoryPlace place = find_directory(file_);
  const auto size = static_cast<std::uint64_t>(*file_.size());
  const std::string where = name() + ": the directory of the zip archive";
  if (place.at > size || place.size > size - place.at)
    fail_damaged(where + " lies behind the file's end; it is damaged or cut short");
  if (place.size > static_cast<std::uint64_t>(kLargestDirectory))
    fail_usage(where + " takes " + format_bytes(static_cast<std::int64_t>(place.size)) +
               "; use shards, or unpack it (unzip)");
  std::vector<std::byte> directory(static_cast<std::size_t>(place.size));
  file_.read_at(directory, static_cast<std::int64_t>(place.at), "the directory");
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < place.count; ++i) at = add_entry(directory, at);
}

std::size_t ZipArchive::add_entry(std::span<const std::byte> directory, std::size_t at) {
  const std::string damaged = name() + ": entry " + std::to_string(entries_.size()) +
                              " of the zip archive's directory is damaged or cut short";
  if (directory.size() - at < zip::kDirectoryEntryBytes || number<4>(directory, at) != zip::kDirectoryEntry)
    fail_damaged(damaged);
  const auto name_size = static_cast<std::size_t>(number<2>(directory, at + 28));
  const auto extra_size = static_cast<std::size_t>(number<2>(directory, at + 30));
  const std::size_t end = at + zip::kDirectoryEntryBytes + name_size + extra_size +
                          static_cast<std::size_t>(number<2>(directory, at + 32));
  if (end > directory.size()) fail_damaged(damaged);
  std::uint64_t stored = number<4>(directory, at + 20);
  std::uint64_t size = number<4>(directory, at + 24);
  std::uint64_t header = number<4>(directory, at + 42);
  const std::size_t name_at = at + zip::kDirectoryEntryBytes;
  read_extra64(directory.subspan(name_at + name_size, extra_size), size, stored, header);
  const auto file_size = static_cast<std::uint64_t>(*file_.size());
  if (header > file_size || stored > file_size - header) fail_damaged(damaged);
  const bool is_stored = number<2>(directory, at + 10) == zip::kStored && size == stored &&
                         (number<2>(directory, at + 8) & zip::kEncrypted) == 0;
  std::string key(reinterpret_cast<const char*>(directory.data()) + name_at, name_size);
  held_bytes_ += static_cast<std::int64_t>(key.size()) + kEntryOverhead;
  entries_[std::move(key)] = {static_cast<std::int64_t>(header), static_cast<std::int64_t>(stored),
                              is_stored};
  return end;
}

std::optional<ByteSource> ZipArchive::open_entry(const std::string& entry) const {
  const auto found = entries_.find(entry);
  if (found == entries_.end()) return {};
  const std::string path = name() + "/" + entry;
  if (!found->second.is_stored)
    fail_usage(
        path +
        ": is compressed or encrypted in the zip archive, which cannot be read in parts; unpack it (unzip)");
  std::vector<std::byte> header(zip::kEntryBytes);
  file_.read_at(header, found->second.at, "the header of " + entry);
  const std::int64_t begin = found->second.at + static_cast<std::int64_t>(zip::kEntryBytes) +
                             static_cast<std::int64_t>(number<2>(header, 26) + number<2>(header, 28));
  if (number<4>(header, 0) != zip::kEntry || begin > *file_.size() ||
      found->second.size > *file_.size() - begin)
    fail_damaged(path + ": does not lie where the zip archive's directory says; it is damaged or cut short");
  return ByteSource(std::make_unique<FilePart>(shared_from_this(), file_, begin, found->second.size), path,
                    found->second.size, {.path = path});
}

}  // namespace vox
