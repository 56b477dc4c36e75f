#include "io/tiff_index.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "core/extent.h"
#include "core/numbers.h"
#include "io/byte_order.h"
#include "io/tiff_choice.h"

namespace vox {
namespace {

constexpr std::int64_t kReducedImage = 1;
constexpr std::int64_t kTransparencyMask = 4;
constexpr std::int64_t kOldReducedImage = 2;
/// No coder makes data more than twice as long (those of fax machines: 4.5 times), and none packs them
/// tighter than this (zstd: 128 KiB in 4 bytes). What claims so is damage, and would cost as much memory.
constexpr std::int64_t kLargestExpansion = 2;
constexpr std::int64_t kLargestCcittExpansion = 5;
constexpr std::int64_t kExpansionSlack = 1 << 20;
constexpr std::int64_t kLargestRatio = 1 << 16;

/// Tells a chain of directories that bites its own tail, in constant memory (Brent).
class LoopDetector {
 public:
  bool seen(std::int64_t offset) {
    if (offset == checkpoint_) return true;
    if (++steps_ == limit_) {
      checkpoint_ = offset;
      limit_ *= 2;
      steps_ = 0;
    }
    return false;
  }

 private:
  std::int64_t checkpoint_ = -1;
  std::int64_t steps_ = 0;
  std::int64_t limit_ = 1;
};

std::string describe(const TiffLayout& layout) {
  return std::to_string(layout.width) + " x " + std::to_string(layout.height) + " " +
         std::string(dtype_name(layout.dtype)) +
         (layout.samples > 1 ? " with " + std::to_string(layout.samples) + " samples" : "");
}

/// Resolutions are pixels per unit; 0 says nothing.
double pixel_size(const TiffRational& resolution) {
  if (resolution.numerator == 0) return 0;
  return static_cast<double>(resolution.denominator) / static_cast<double>(resolution.numerator);
}

/// Collects pages while walking.
class IndexBuilder {
 public:
  IndexBuilder(const ByteSource& bytes, std::int64_t level)
      : reader_(bytes), name_(bytes.name()), level_(level) {
    index_.big = reader_.big();
  }

  TiffIndex build() {
    LoopDetector loop;
    std::int64_t offset = reader_.first_offset();
    for (std::int64_t number = 0; offset != 0; ++number) {
      if (loop.seen(offset))
        fail_damaged(reader_.where(number) + ": its directory at byte " + format_count(offset) +
                     " came before: the pages form a loop");
      const TiffDirectory directory = reader_.read(offset, number);
      if (!is_side_image(directory, number)) {
        if (index_.pages.empty()) read_facts(directory, number);
        add(level_ == 0 ? directory : reduced(directory, number), number);
      }
      offset = directory.next;
      ++index_.directories;
    }
    if (index_.pages.empty()) fail_damaged(reader_.where(0) + ": there are only thumbnails in this file");
    return std::move(index_);
  }

 private:
  /// A thumbnail, a pyramid's level or a transparency mask: no plane of the volume.
  bool is_side_image(const TiffDirectory& directory, std::int64_t number) {
    const std::int64_t subfile = reader_.integer(directory, TiffTag::new_subfile_type, 0, number);
    return (subfile & (kReducedImage | kTransparencyMask)) != 0 ||
           reader_.integer(directory, TiffTag::subfile_type, 0, number) == kOldReducedImage;
  }

  void add(const TiffDirectory& directory, std::int64_t number) {
    const bool palette_is_grey = index_.description.starts_with("ImageJ=");
    const TiffLayout layout = read_tiff_layout(reader_, directory, palette_is_grey, number);
    check_same(layout, number);
    TiffPage page;
    page.number = number;
    page.layout = intern(layout);
    page.offsets = directory.find(layout.tiled ? TiffTag::tile_offsets : TiffTag::strip_offsets);
    page.sizes = directory.find(layout.tiled ? TiffTag::tile_byte_counts : TiffTag::strip_byte_counts);
    find_pixels(layout, page);
    index_.pages.push_back(page);
  }

  void read_facts(const TiffDirectory& directory, std::int64_t number) {
    index_.description = reader_.text(directory, TiffTag::image_description, number);
    index_.resolution = {pixel_size(reader_.rational(directory, TiffTag::y_resolution, number)),
                         pixel_size(reader_.rational(directory, TiffTag::x_resolution, number)),
                         reader_.integer(directory, TiffTag::resolution_unit, 2, number)};
    index_.next_after_first = directory.next;
    index_.levels = 1 + directory.find(TiffTag::sub_ifds).count;
    index_.full_width = reader_.integer(directory, TiffTag::image_width, 0, number);
    index_.full_height = reader_.integer(directory, TiffTag::image_length, 0, number);
    choose_part(name_, "--level", "levels", index_.levels, level_);
  }

  /// The directory of the level that is read.
  TiffDirectory reduced(const TiffDirectory& page, std::int64_t number) {
    const TiffArray levels = page.find(TiffTag::sub_ifds);
    if (levels.count < level_)
      fail_damaged(reader_.where(number) + ": has no level " + std::to_string(level_) +
                   ", which the first page has");
    return reader_.read(reader_.element(levels, level_ - 1, number), number);
  }

  void check_same(const TiffLayout& layout, std::int64_t number) const {
    if (index_.pages.empty()) return;
    const TiffPage& first_page = index_.pages.front();
    const TiffLayout& first = index_.layouts[first_page.layout];
    if (layout.width == first.width && layout.height == first.height && layout.dtype == first.dtype &&
        layout.samples == first.samples)
      return;
    fail_damaged(reader_.where(number) + ": is " + describe(layout) + ", page " +
                 std::to_string(first_page.number) + " is " + describe(first) +
                 "; a volume's pages are alike");
  }

  std::uint32_t intern(const TiffLayout& layout) {
    const auto found = std::find(index_.layouts.begin(), index_.layouts.end(), layout);
    const auto position = static_cast<std::uint32_t>(found - index_.layouts.begin());
    if (found == index_.layouts.end()) index_.layouts.push_back(layout);
    return position;
  }

  /// Checks every chunk of the page against the file's size, and finds out whether they follow each other.
  void find_pixels(const TiffLayout& layout, TiffPage& page) {
    const std::int64_t chunks = layout.chunk_count();
    check_table("offsets", page.offsets.count, chunks, page.number);
    const bool has_sizes = page.sizes.count > 0;
    if (has_sizes || layout.codec != TiffCodec::none)
      check_table("sizes", page.sizes.count, chunks, page.number);
    bool contiguous = layout.codec == TiffCodec::none;
    std::int64_t first = 0;
    std::int64_t end = 0;
    for (std::int64_t i = 0; i < chunks; ++i) {
      const std::int64_t offset = reader_.element(page.offsets, i, page.number);
      const std::int64_t whole = layout.chunk_rows(i % layout.chunks_per_sample() / layout.chunks_across()) *
                                 layout.chunk_row_bytes();
      const std::int64_t stored = has_sizes ? reader_.element(page.sizes, i, page.number) : 0;
      const std::int64_t size = layout.codec == TiffCodec::none ? whole : stored;
      check_chunk(layout, page.number, i, offset, stored, whole);
      if (i == 0) first = offset;
      contiguous = contiguous && (i == 0 || offset == end);
      end = offset + size;
    }
    if (contiguous) page.pixels = first;
  }

  void check_table(const char* name, std::int64_t there, std::int64_t needed, std::int64_t number) const {
    if (there >= needed) return;
    fail_damaged(reader_.where(number) + ": " + format_count(there) + " of " + format_count(needed) + " " +
                 name + " of its strips or tiles; the file is damaged");
  }

  void check_chunk(const TiffLayout& layout, std::int64_t number, std::int64_t chunk, std::int64_t offset,
                   std::int64_t stored, std::int64_t whole) {
    const std::string what = layout.chunk_count() == 1
                                 ? std::string()
                                 : (layout.tiled ? " of tile " : " of strip ") + std::to_string(chunk);
    if (layout.codec == TiffCodec::none) {
      if (stored > 0 && stored < whole)
        fail_damaged(reader_.where(number) + ": " + format_count(stored) + " of " + format_count(whole) +
                     " bytes" + what + "; the file is damaged");
      reader_.require(offset, whole, what.c_str(), number);
      return;
    }
    const std::int64_t expansion = is_ccitt(layout.codec) ? kLargestCcittExpansion : kLargestExpansion;
    const bool too_long = (stored - kExpansionSlack) / expansion > whole;
    if (stored == 0 || too_long || whole / kLargestRatio > stored)
      fail_damaged(reader_.where(number) + ": " + format_count(stored) + " bytes of compressed data for " +
                   format_count(whole) + " bytes of pixels" + what + "; the file is damaged");
    reader_.require(offset, stored, what.c_str(), number);
    index_.largest_stored_chunk = std::max(index_.largest_stored_chunk, stored);
  }

  TiffDirectoryReader reader_;
  std::string name_;
  std::int64_t level_;
  TiffIndex index_;
};

}  // namespace

TiffIndex read_tiff_index(const ByteSource& bytes, std::int64_t level) {
  return IndexBuilder(bytes, level).build();
}

std::vector<std::int64_t> read_tiff_array(const ByteSource& bytes, const TiffArray& values, bool swapped,
                                          std::int64_t first, std::int64_t count) {
  const std::int64_t size = tiff_type_size(values.type);
  std::vector<std::byte> raw(static_cast<std::size_t>(count * size));
  bytes.read_at(raw, values.position + first * size, "the table of strips");
  if (swapped) swap_bytes(raw, size);
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    std::uint64_t number = 0;
    const std::byte* at = raw.data() + i * size;
    if (size == 1) number = std::to_integer<std::uint64_t>(*at);
    if (size == 2) {
      std::uint16_t v;
      std::memcpy(&v, at, 2);
      number = v;
    }
    if (size == 4) {
      std::uint32_t v;
      std::memcpy(&v, at, 4);
      number = v;
    }
    if (size == 8) std::memcpy(&number, at, 8);
    numbers[static_cast<std::size_t>(i)] = static_cast<std::int64_t>(number);
  }
  return numbers;
}

}  // namespace vox
