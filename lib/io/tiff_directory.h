// TIFF directories (IFDs) as they stand in a file: classic and BigTIFF, either byte order. Every number is
// checked against the file's size before it is used.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "io/bytes.h"
#include "io/tiff_tags.h"

namespace vox {

/// Values of one tag: where they stand in the file.
struct TiffArray {
  std::int64_t position = 0;
  std::int64_t count = 0;  ///< 0: the tag is absent
  std::uint16_t type = 0;
};

/// One page's tags, those that `TiffTag` names.
struct TiffDirectory {
  struct Entry {
    TiffTag tag;
    TiffArray values;
  };

  std::int64_t offset = 0;
  std::int64_t next = 0;  ///< offset of the next directory, 0 for none
  std::vector<Entry> entries;

  TiffArray find(TiffTag tag) const;
};

/// A few parts of the file in memory, so that small reads close to each other are one system call.
class TiffWindows {
 public:
  explicit TiffWindows(const ByteSource& bytes) : bytes_(bytes) {}
  /// REQUIRES: the bytes lie within the file. Valid until the next call. `page` stands in messages.
  const std::byte* at(std::int64_t offset, std::int64_t count, std::int64_t page);

 private:
  struct Window {
    std::vector<std::byte> data;
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };

  const ByteSource& bytes_;
  std::array<Window, 3> windows_;  ///< the directory, its strips' offsets and their sizes
  std::size_t next_ = 0;
};

/// Reads directories and the values of their tags. Not thread-safe. Errors name the file and the page; `page`
/// counts directories from 0.
class TiffDirectoryReader {
 public:
  /// Throws a damaged-input error unless the file begins as a TIFF.
  explicit TiffDirectoryReader(const ByteSource& bytes);

  bool big() const { return big_; }
  /// True when the file's byte order is not this machine's.
  bool swapped() const { return swapped_; }
  std::int64_t file_bytes() const { return file_bytes_; }
  std::int64_t first_offset() const { return first_offset_; }

  TiffDirectory read(std::int64_t offset, std::int64_t page);

  /// The first value of an integer tag, or `missing` when the tag is absent.
  std::int64_t integer(const TiffDirectory& directory, TiffTag tag, std::int64_t missing, std::int64_t page);
  /// One value of an integer tag.
  std::int64_t element(const TiffArray& values, std::int64_t index, std::int64_t page);
  /// A fraction; 0 / 1 when the tag is absent.
  TiffRational rational(const TiffDirectory& directory, TiffTag tag, std::int64_t page);
  /// Text up to its first NUL; at most 64 MiB of it.
  std::string text(const TiffDirectory& directory, TiffTag tag, std::int64_t page);

  /// "scan.tif: page 37", for messages.
  std::string where(std::int64_t page) const;
  /// Throws a damaged-input error when the file is shorter than `offset + count`.
  void require(std::int64_t offset, std::int64_t count, const char* what, std::int64_t page) const;

 private:
  std::uint64_t number(const std::byte* data, std::int64_t size) const;
  std::int64_t offset_at(const std::byte* data, const char* what, std::int64_t page) const;
  void read_entry(const std::byte* data, std::int64_t position, TiffDirectory& directory, std::int64_t page);

  const ByteSource& bytes_;
  std::int64_t file_bytes_ = 0;
  bool big_ = false;
  bool swapped_ = false;
  std::int64_t first_offset_ = 0;
  TiffWindows windows_;
};

/// Bytes of one value of a TIFF field type; 0 for a type that does not exist.
std::int64_t tiff_type_size(std::uint16_t type);

}  // namespace vox
