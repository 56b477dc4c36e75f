#include "io/tiff_directory.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <span>

#include "core/error.h"
#include "core/numbers.h"
#include "io/byte_order.h"

namespace vox {
namespace {

constexpr std::int64_t kWindowBytes = 16 << 10;
constexpr std::int64_t kLargestText = 64 << 20;
constexpr std::int64_t kLargestEntryCount = 4096;

constexpr std::array kKnownTags = {
    TiffTag::new_subfile_type,  TiffTag::subfile_type,      TiffTag::sub_ifds,
    TiffTag::t4_options,        TiffTag::image_width,       TiffTag::image_length,
    TiffTag::bits_per_sample,   TiffTag::compression,       TiffTag::photometric,
    TiffTag::fill_order,        TiffTag::image_description, TiffTag::strip_offsets,
    TiffTag::samples_per_pixel, TiffTag::rows_per_strip,    TiffTag::strip_byte_counts,
    TiffTag::x_resolution,      TiffTag::y_resolution,      TiffTag::planar_configuration,
    TiffTag::resolution_unit,   TiffTag::software,          TiffTag::predictor,
    TiffTag::tile_width,        TiffTag::tile_length,       TiffTag::tile_offsets,
    TiffTag::tile_byte_counts,  TiffTag::sample_format};

bool is_integer(std::uint16_t type) {
  constexpr std::array<std::uint16_t, 10> kIntegerTypes = {1, 3, 4, 6, 8, 9, 13, 16, 17, 18};
  return std::find(kIntegerTypes.begin(), kIntegerTypes.end(), type) != kIntegerTypes.end();
}

}  // namespace

std::int64_t tiff_type_size(std::uint16_t type) {
  constexpr std::array<std::int64_t, 19> kSizes = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
  return type < kSizes.size() ? kSizes[type] : 0;
}

TiffArray TiffDirectory::find(TiffTag tag) const {
  for (const Entry& entry : entries)
    if (entry.tag == tag) return entry.values;
  return {};
}

const std::byte* TiffWindows::at(std::int64_t offset, std::int64_t count, std::int64_t page) {
  for (const Window& window : windows_)
    if (offset >= window.begin && offset + count <= window.end)
      return window.data.data() + (offset - window.begin);
  Window& window = windows_[next_];
  next_ = (next_ + 1) % windows_.size();
  const std::int64_t wanted = std::max(count, std::min(kWindowBytes, *bytes_.size() - offset));
  window.end = window.begin = 0;
  window.data.resize(static_cast<std::size_t>(wanted));
  bytes_.read_at(window.data, offset, "page " + std::to_string(page));
  window.begin = offset;
  window.end = offset + wanted;
  return window.data.data();
}

TiffDirectoryReader::TiffDirectoryReader(const ByteSource& bytes) : bytes_(bytes), windows_(bytes) {
  if (!bytes.size()) fail_usage(bytes.name() + ": is not a regular file; a TIFF must be one");
  file_bytes_ = *bytes.size();
  if (file_bytes_ < 8)
    fail_damaged(bytes.name() + ": " + format_count(file_bytes_) +
                 " of 8 bytes of a TIFF header, the file is cut short");
  const std::byte* header = windows_.at(0, std::min<std::int64_t>(16, file_bytes_), 0);
  const bool big_endian = header[0] == std::byte{'M'};
  swapped_ = needs_swap(big_endian);
  const std::uint64_t version = number(header + 2, 2);
  big_ = version == 43;
  if (header[0] != header[1] || (header[0] != std::byte{'I'} && !big_endian) || (version != 42 && !big_))
    fail_damaged(bytes.name() + ": does not begin as a TIFF");
  if (big_ && file_bytes_ < 16)
    fail_damaged(bytes.name() + ": " + format_count(file_bytes_) +
                 " of 16 bytes of a BigTIFF header, the file is cut short");
  if (big_ && (number(header + 4, 2) != 8 || number(header + 6, 2) != 0))
    fail_damaged(bytes.name() + ": the BigTIFF header says offsets of " +
                 std::to_string(number(header + 4, 2)) + " bytes, expected 8");
  first_offset_ = offset_at(header + (big_ ? 8 : 4), "the offset of the first directory", 0);
  if (first_offset_ == 0) fail_damaged(bytes.name() + ": has no page: the file was not written to its end");
}

std::string TiffDirectoryReader::where(std::int64_t page) const {
  return bytes_.name() + ": page " + std::to_string(page);
}

void TiffDirectoryReader::require(std::int64_t offset, std::int64_t count, const char* what,
                                  std::int64_t page) const {
  if (offset >= 0 && offset <= file_bytes_ && count <= file_bytes_ - offset) return;
  const std::int64_t there = std::clamp<std::int64_t>(file_bytes_ - offset, 0, file_bytes_);
  fail_damaged(where(page) + ": " + format_count(there) + " of " + format_count(count) + " bytes" + what +
               ", the file is cut short");
}

std::uint64_t TiffDirectoryReader::number(const std::byte* data, std::int64_t size) const {
  std::array<std::byte, 8> bytes{};
  const auto count = static_cast<std::size_t>(size);
  std::copy_n(data, count, bytes.begin());
  if (swapped_) std::reverse(bytes.begin(), bytes.begin() + size);
  std::uint64_t value = 0;
  if constexpr (std::endian::native == std::endian::big)
    std::rotate(bytes.begin(), bytes.begin() + size, bytes.end());
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::int64_t TiffDirectoryReader::offset_at(const std::byte* data, const char* what,
                                            std::int64_t page) const {
  const std::uint64_t value = number(data, big_ ? 8 : 4);
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    fail_damaged(where(page) + ": " + what + " is " + std::to_string(value) + ", far beyond the file");
  return static_cast<std::int64_t>(value);
}

TiffDirectory TiffDirectoryReader::read(std::int64_t offset, std::int64_t page) {
  const std::int64_t count_size = big_ ? 8 : 2;
  const std::int64_t entry_size = big_ ? 20 : 12;
  require(offset, count_size, " of its directory", page);
  const std::uint64_t count = number(windows_.at(offset, count_size, page), count_size);
  if (count == 0 || count > kLargestEntryCount)
    fail_damaged(where(page) + ": its directory has " + std::to_string(count) +
                 " entries; the file is damaged");
  const std::int64_t bytes = count_size + static_cast<std::int64_t>(count) * entry_size + (big_ ? 8 : 4);
  require(offset, bytes, " of its directory", page);
  TiffDirectory directory;
  directory.offset = offset;
  const std::byte* data = windows_.at(offset, bytes, page);
  for (std::int64_t at = count_size; at < bytes - entry_size; at += entry_size)
    read_entry(data + at, offset + at, directory, page);
  directory.next = offset_at(data + bytes - (big_ ? 8 : 4), "the offset of the next directory", page);
  return directory;
}

void TiffDirectoryReader::read_entry(const std::byte* data, std::int64_t position, TiffDirectory& directory,
                                     std::int64_t page) {
  const auto tag = static_cast<TiffTag>(number(data, 2));
  const bool known = std::find(kKnownTags.begin(), kKnownTags.end(), tag) != kKnownTags.end();
  if (!known || directory.find(tag).count > 0) return;
  const auto type = static_cast<std::uint16_t>(number(data + 2, 2));
  const std::uint64_t count = number(data + 4, big_ ? 8 : 4);
  const std::int64_t size = tiff_type_size(type);
  if (size == 0 || count == 0) return;
  if (count > static_cast<std::uint64_t>(file_bytes_))
    fail_damaged(where(page) + ": tag " + std::to_string(static_cast<int>(tag)) + " has " +
                 std::to_string(count) + " values, more than the file has bytes; it is damaged or cut short");
  const std::int64_t inline_bytes = big_ ? 8 : 4;
  const std::int64_t at = position + (big_ ? 12 : 8);
  TiffArray values{at, static_cast<std::int64_t>(count), type};
  if (values.count * size > inline_bytes) {
    values.position = offset_at(data + (big_ ? 12 : 8), "the offset of a tag", page);
    require(values.position, values.count * size, " of a tag's values", page);
  }
  directory.entries.push_back({tag, values});
}

std::int64_t TiffDirectoryReader::element(const TiffArray& values, std::int64_t index, std::int64_t page) {
  if (!is_integer(values.type))
    fail_damaged(where(page) + ": a tag that must be an integer has type " + std::to_string(values.type));
  const std::int64_t size = tiff_type_size(values.type);
  const std::int64_t at = values.position + index * size;
  const std::uint64_t value = number(windows_.at(at, size, page), size);
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    fail_damaged(where(page) + ": a tag has the value " + std::to_string(value) + "; the file is damaged");
  return static_cast<std::int64_t>(value);
}

std::int64_t TiffDirectoryReader::integer(const TiffDirectory& directory, TiffTag tag, std::int64_t missing,
                                          std::int64_t page) {
  const TiffArray values = directory.find(tag);
  return values.count == 0 ? missing : element(values, 0, page);
}

TiffRational TiffDirectoryReader::rational(const TiffDirectory& directory, TiffTag tag, std::int64_t page) {
  const TiffArray values = directory.find(tag);
  if (values.type != static_cast<std::uint16_t>(TiffType::rational)) return {};
  const std::byte* data = windows_.at(values.position, 8, page);
  return {static_cast<std::uint32_t>(number(data, 4)), static_cast<std::uint32_t>(number(data + 4, 4))};
}

std::string TiffDirectoryReader::text(const TiffDirectory& directory, TiffTag tag, std::int64_t page) {
  const TiffArray values = directory.find(tag);
  if (values.type != static_cast<std::uint16_t>(TiffType::ascii)) return {};
  std::string text(static_cast<std::size_t>(std::min(values.count, kLargestText)), '\0');
  bytes_.read_at(std::as_writable_bytes(std::span(text)), values.position, "page " + std::to_string(page));
  return text.substr(0, text.find('\0'));
}

}  // namespace vox
