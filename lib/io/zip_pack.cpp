#include "io/zip_pack.h"

#include <libdeflate.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "core/error.h"
#include "io/zip_format.h"

namespace vox {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockBytes = 1 << 20;
constexpr std::uint16_t kDate =
    (1 << 5) | 1;  // the first day of 1980, so that equal volumes give equal files
constexpr std::uint32_t kRegularFile = 0100644u << 16;

class Bytes {
 public:
  Bytes& add(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes_.push_back(static_cast<std::byte>(value >> 8 * i));
    return *this;
  }
  Bytes& add(const std::string& text) {
    const auto bytes = std::as_bytes(std::span(text));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  const std::vector<std::byte>& get() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

struct Entry {
  std::string name;
  std::uint64_t at = 0;
  std::uint64_t size = 0;
  std::uint32_t checksum = 0;
};

std::vector<std::string> names_below(const std::string& folder, bool (*comes_first)(const std::string&)) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) names.push_back(fs::path(entry.path()).lexically_relative(folder).string());
  const auto rank = [&](const std::string& name) {
    return std::tuple(!comes_first(name), comes_first(name) ? std::count(name.begin(), name.end(), '/') : 0,
                      name);
  };
  std::sort(names.begin(), names.end(),
            [&](const std::string& a, const std::string& b) { return rank(a) < rank(b); });
  return names;
}

/// The fields that an entry and its line in the directory share, from the version on.
void add_common(Bytes& out, const Entry& entry, std::size_t extra) {
  const auto field = [](std::uint64_t value) { return std::min<std::uint64_t>(value, zip::kIn64); };
  out.add(zip::kVersion64, 2).add(zip::kUtf8, 2).add(zip::kStored, 2).add(0, 2).add(kDate, 2);
  out.add(entry.checksum, 4).add(field(entry.size), 4).add(field(entry.size), 4);
  out.add(entry.name.size(), 2).add(extra, 2);
}

Bytes header_of(const Entry& entry) {
  const bool large = entry.size >= zip::kIn64;
  Bytes out;
  out.add(zip::kEntry, 4);
  add_common(out, entry, large ? 20 : 0);
  out.add(entry.name);
  if (large) out.add(zip::kExtra64, 2).add(16, 2).add(entry.size, 8).add(entry.size, 8);
  return out;
}

void add_line(Bytes& out, const Entry& entry) {
  const bool large = entry.size >= zip::kIn64, far = entry.at >= zip::kIn64;
  const std::size_t extra = (large ? 16u : 0u) + (far ? 8u : 0u);
  constexpr std::uint16_t kMadeByUnix = 3 << 8 | zip::kVersion64;
  out.add(zip::kDirectoryEntry, 4).add(kMadeByUnix, 2);
  add_common(out, entry, extra == 0 ? 0 : extra + 4);
  out.add(0, 2).add(0, 2).add(0, 2).add(kRegularFile, 4);
  out.add(std::min<std::uint64_t>(entry.at, zip::kIn64), 4).add(entry.name);
  if (extra > 0) out.add(zip::kExtra64, 2).add(extra, 2);
  if (large) out.add(entry.size, 8).add(entry.size, 8);
  if (far) out.add(entry.at, 8);
}

/// Always with the fields of ZIP64, which every reader of large archives knows.
void add_end(Bytes& out, std::size_t count, std::uint64_t at, const std::string& comment) {
  const std::uint64_t size = out.get().size();
  out.add(zip::kEnd64, 4).add(zip::kEnd64Bytes - 12, 8).add(zip::kVersion64, 2).add(zip::kVersion64, 2);
  out.add(0, 4).add(0, 4).add(count, 8).add(count, 8).add(size, 8).add(at, 8);
  out.add(zip::kEnd64Locator, 4).add(0, 4).add(at + size, 8).add(1, 4);
  const std::uint64_t short_count = std::min<std::uint64_t>(count, zip::kCountIn64);
  out.add(zip::kEnd, 4).add(0, 2).add(0, 2).add(short_count, 2).add(short_count, 2);
  out.add(std::min<std::uint64_t>(size, zip::kIn64), 4).add(std::min<std::uint64_t>(at, zip::kIn64), 4);
  out.add(comment.size(), 2).add(comment);
}

/// The file's bytes come behind its header, which is written when they are counted. Where the next begins.
std::uint64_t pack_file(const std::string& path, Entry& entry, ByteSink& out) {
  ByteSource file = ByteSource::open(path);
  entry.size = static_cast<std::uint64_t>(*file.size());
  const std::uint64_t begin = entry.at + header_of(entry).get().size();
  std::vector<std::byte> block(kBlockBytes);
  std::uint64_t done = 0;
  for (;;) {
    const std::int64_t count = file.read(block);
    if (count == 0) break;
    const std::span<const std::byte> bytes(block.data(), static_cast<std::size_t>(count));
    entry.checksum = libdeflate_crc32(entry.checksum, bytes.data(), bytes.size());
    out.write_at(bytes, static_cast<std::int64_t>(begin + done));
    done += bytes.size();
  }
  if (done != entry.size) fail(path + ": changed while it was packed");
  out.write_at(header_of(entry).get(), static_cast<std::int64_t>(entry.at));
  return begin + done;
}

}  // namespace

void pack_zip(const std::string& folder, bool (*comes_first)(const std::string& name),
              const std::string& comment, ByteSink& out) {
  Bytes directory;
  std::uint64_t at = 0;
  std::size_t count = 0;
  const std::string prefix = folder + "/";
  for (const std::string& name : names_below(folder, comes_first)) {
    Entry entry{.name = name, .at = at};
    at = pack_file(prefix + name, entry, out);
    add_line(directory, entry);
    ++count;
  }
  add_end(directory, count, at, comment);
  out.write_at(directory.get(), static_cast<std::int64_t>(at));
}

}  // namespace vox
