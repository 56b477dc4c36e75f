#include "io/tiff_layout.h"

#include <array>
#include <limits>

#include "core/error.h"
#include "core/extent.h"
#include "core/numbers.h"

namespace vox {
namespace {

constexpr std::int64_t kLargestSide = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t kLargestCodedRow =
    std::numeric_limits<std::int32_t>::max();       // codecs count in 32 bits
constexpr std::int64_t kLargestCcittRow = 1 << 20;  // libtiff's tables grow with it
constexpr std::int64_t kMinIsWhite = 0;
constexpr std::int64_t kMinIsBlack = 1;
constexpr std::int64_t kRgb = 2;
constexpr std::int64_t kPalette = 3;

/// A directory with what is needed to ask it: every question names the same page.
class Tags {
 public:
  Tags(TiffDirectoryReader& reader, const TiffDirectory& directory, std::int64_t page)
      : reader_(reader), directory_(directory), page_(page) {}

  std::int64_t get(TiffTag tag, std::int64_t missing) const {
    return reader_.integer(directory_, tag, missing, page_);
  }
  bool has(TiffTag tag) const { return directory_.find(tag).count > 0; }
  std::string where() const { return reader_.where(page_); }

  /// A tag with one value per sample; all must agree.
  std::int64_t same_for_all(TiffTag tag, std::int64_t missing) const {
    const TiffArray values = directory_.find(tag);
    if (values.count == 0) return missing;
    const std::int64_t first = reader_.element(values, 0, page_);
    for (std::int64_t i = 1; i < std::min<std::int64_t>(values.count, 64); ++i)
      if (reader_.element(values, i, page_) != first)
        fail_usage(where() + ": samples of different types in one pixel cannot be read");
    return first;
  }

  std::int64_t side(TiffTag tag, const char* name) const {
    const std::int64_t value = get(tag, 0);
    if (value < 1 || value > kLargestSide)
      fail_damaged(where() + ": " + name + " is " + format_count(value) + "; the file is damaged");
    return value;
  }

 private:
  TiffDirectoryReader& reader_;
  const TiffDirectory& directory_;
  std::int64_t page_;
};

DType find_dtype(const Tags& tags, const TiffLayout& layout) {
  const std::int64_t bits = tags.same_for_all(TiffTag::bits_per_sample, 1);
  const std::int64_t format = tags.same_for_all(TiffTag::sample_format, 1);
  if (layout.bilevel) return DType::uint8;
  // SampleFormat: 1 unsigned, 2 signed, 3 floating point, 4 not said (read as unsigned, as others do).
  for (DType dtype : kAllDTypes) {
    const std::int64_t expected = is_float(dtype) ? 3 : is_signed(dtype) ? 2 : 1;
    if (bits == 8 * size_of(dtype) && (format == expected || (format == 4 && expected == 1))) return dtype;
  }
  fail_usage(tags.where() + ": pixels of " + std::to_string(bits) + " bits" +
             (format == 3  ? " (floating point)"
              : format > 4 ? " (complex)"
                           : "") +
             " cannot be read; convert them to 8, 16, 32 or 64 bits first");
}

TiffCodec find_codec(const Tags& tags, bool bilevel) {
  constexpr std::array kReadable = {TiffCodec::none,        TiffCodec::lzw,      TiffCodec::deflate,
                                    TiffCodec::old_deflate, TiffCodec::packbits, TiffCodec::zstd,
                                    TiffCodec::ccitt_rle,   TiffCodec::ccitt_t4, TiffCodec::ccitt_t6};
  const std::int64_t number = tags.get(TiffTag::compression, 1);
  for (TiffCodec codec : kReadable) {
    if (static_cast<std::int64_t>(codec) != number) continue;
    if (is_ccitt(codec) && !bilevel)
      fail_damaged(tags.where() + ": its compression is for pixels of 1 bit, and its pixels have more");
    return codec == TiffCodec::old_deflate ? TiffCodec::deflate : codec;
  }
  fail_usage(tags.where() + ": compression " + std::to_string(number) +
             " cannot be read; known are none, lzw, deflate, packbits, zstd and those of fax machines");
}

TiffPredictor find_predictor(const Tags& tags, const TiffLayout& layout) {
  // Without a dictionary coder the tag has no meaning; some writers leave it there.
  const bool dictionary = layout.codec != TiffCodec::none && layout.codec != TiffCodec::packbits;
  if (!dictionary || layout.bilevel) return TiffPredictor::none;
  const std::int64_t number = tags.get(TiffTag::predictor, 1);
  if (number == 3 && is_float(layout.dtype)) return TiffPredictor::floating_point;
  if (number == 2) return TiffPredictor::horizontal;
  if (number != 1)
    fail_usage(tags.where() + ": predictor " + std::to_string(number) + " of " +
               std::string(dtype_name(layout.dtype)) + " pixels cannot be read");
  return TiffPredictor::none;
}

void check_colours(const Tags& tags, bool palette_is_grey) {
  const std::int64_t photometric = tags.get(TiffTag::photometric, kMinIsBlack);
  const bool grey = photometric == kMinIsWhite || photometric == kMinIsBlack;
  if (grey || photometric == kRgb || (photometric == kPalette && palette_is_grey)) return;
  fail_usage(tags.where() + ": " +
             (photometric == kPalette ? "pixels are colours of a palette"
                                      : "colour space " + std::to_string(photometric)) +
             " cannot be read; convert it to grey values first");
}

void find_chunks(const Tags& tags, TiffLayout& layout) {
  layout.tiled = tags.has(TiffTag::tile_offsets);
  if (layout.tiled) {
    layout.chunk_width = tags.side(TiffTag::tile_width, "the tile width");
    layout.chunk_height = tags.side(TiffTag::tile_length, "the tile height");
  } else {
    layout.chunk_width = layout.width;
    const std::int64_t rows = tags.get(TiffTag::rows_per_strip, layout.height);
    layout.chunk_height = rows < 1 ? layout.height : std::min(rows, layout.height);
  }
}

}  // namespace

const char* tiff_codec_name(TiffCodec codec) {
  switch (codec) {
    case TiffCodec::none:
      return "none";
    case TiffCodec::ccitt_rle:
      return "ccitt-rle";
    case TiffCodec::ccitt_t4:
      return "ccitt-t4";
    case TiffCodec::ccitt_t6:
      return "ccitt-t6";
    case TiffCodec::lzw:
      return "lzw";
    case TiffCodec::deflate:
    case TiffCodec::old_deflate:
      return "deflate";
    case TiffCodec::packbits:
      return "packbits";
    case TiffCodec::zstd:
      return "zstd";
  }
  return "unknown";
}

TiffLayout read_tiff_layout(TiffDirectoryReader& reader, const TiffDirectory& directory, bool palette_is_grey,
                            std::int64_t page) {
  const Tags tags(reader, directory, page);
  TiffLayout layout;
  layout.width = tags.side(TiffTag::image_width, "the width");
  layout.height = tags.side(TiffTag::image_length, "the height");
  layout.samples = tags.get(TiffTag::samples_per_pixel, 1);
  if (layout.samples < 1 || layout.samples > 65535)
    fail_damaged(tags.where() + ": " + std::to_string(layout.samples) + " samples per pixel");
  layout.separate = layout.samples > 1 && tags.get(TiffTag::planar_configuration, 1) == 2;
  layout.bilevel = layout.samples == 1 && tags.get(TiffTag::bits_per_sample, 1) == 1;
  layout.zero_is_white = layout.bilevel && tags.get(TiffTag::photometric, kMinIsBlack) == kMinIsWhite;
  layout.dtype = find_dtype(tags, layout);
  check_colours(tags, palette_is_grey);
  layout.codec = find_codec(tags, layout.bilevel);
  layout.t4_options = layout.codec == TiffCodec::ccitt_t4 ? tags.get(TiffTag::t4_options, 0) : 0;
  layout.predictor = find_predictor(tags, layout);
  layout.swapped = reader.swapped();
  layout.reversed_bits = tags.get(TiffTag::fill_order, 1) == 2;
  find_chunks(tags, layout);
  const std::string what = tags.where() + ": its size";
  checked_product(checked_product(layout.width, layout.height, what), layout.samples * size_of(layout.dtype),
                  what);
  checked_product(checked_product(layout.chunk_width, layout.chunk_height, what),
                  layout.samples * size_of(layout.dtype), what);
  const bool row_too_long = is_ccitt(layout.codec) && layout.chunk_width > kLargestCcittRow;
  if (layout.codec != TiffCodec::none &&
      (row_too_long || std::max(layout.chunk_row_bytes(), layout.chunk_height) > kLargestCodedRow))
    fail_usage(tags.where() + ": compressed rows of " + format_count(layout.chunk_row_bytes()) +
               " bytes cannot be read; make tiles of them first");
  return layout;
}

}  // namespace vox
