#include "io/tiff_pixels.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "core/error.h"
#include "io/byte_order.h"
#include "io/tiff_predictor.h"

namespace vox {
namespace {

std::string page_name(const TiffPage& page) { return "page " + std::to_string(page.number); }

void reverse_bits(std::span<std::byte> bytes) {
  static const auto kReversed = [] {
    std::array<std::byte, 256> table{};
    for (unsigned value = 0; value < 256; ++value)
      for (unsigned bit = 0; bit < 8; ++bit)
        if (value >> bit & 1u) table[value] |= static_cast<std::byte>(0x80u >> bit);
    return table;
  }();
  for (std::byte& byte : bytes) byte = kReversed[std::to_integer<std::size_t>(byte)];
}

/// Bits from `first` on, the highest of a byte first, as many as `out` holds. `flip`: 1 where the bit is 0.
void unpack_bits(const std::byte* bits, std::int64_t first, bool flip, std::span<std::byte> out) {
  const std::byte mask{flip};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto at = static_cast<std::size_t>(first) + i;
    out[i] = (bits[at / 8] >> (7 - at % 8) & std::byte{1}) ^ mask;
  }
}

/// Every `step`-th value, as many as `out` holds.
void pick_sample(const std::byte* values, std::int64_t step, DType dtype, std::span<std::byte> out) {
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    for (std::size_t at = 0; at < out.size();
         at += sizeof(T), values += step * static_cast<std::int64_t>(sizeof(T)))
      std::memcpy(out.data() + at, values, sizeof(T));
  });
}

}  // namespace

/// One call of `TiffPixels::read`.
class TiffPixels::PageReader {
 public:
  PageReader(const ByteSource& bytes, const TiffLayout& layout, const TiffPage& page, std::int64_t sample,
             const TiffRectangle& part, std::byte* out, Scratch& scratch)
      : bytes_(bytes),
        layout_(layout),
        page_(page),
        sample_(sample),
        part_(part),
        out_(out),
        scratch_(scratch) {}

  void read_chunks() {
    const std::int64_t down_begin = part_.y_begin / layout_.chunk_height;
    const std::int64_t down_end = (part_.y_end - 1) / layout_.chunk_height + 1;
    first_chunk_ =
        (layout_.separate ? sample_ * layout_.chunks_per_sample() : 0) + down_begin * layout_.chunks_across();
    locate((down_end - down_begin) * layout_.chunks_across());
    for (std::int64_t down = down_begin; down < down_end; ++down)
      for (std::int64_t across = part_.x_begin / layout_.chunk_width;
           across <= (part_.x_end - 1) / layout_.chunk_width; ++across)
        read_chunk(down, across,
                   static_cast<std::size_t>((down - down_begin) * layout_.chunks_across() + across));
  }

 private:
  void locate(std::int64_t count) {
    if (page_.pixels >= 0) {
      const std::int64_t before = first_chunk_ / layout_.chunks_per_sample();
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t down = (first_chunk_ + i) % layout_.chunks_per_sample() / layout_.chunks_across();
        // All chunks above have the full height.
        const std::int64_t rows_above = before * sample_rows() + down * layout_.chunk_height;
        const std::int64_t across = (first_chunk_ + i) % layout_.chunks_across();
        offsets_.push_back(page_.pixels + rows_above * layout_.chunks_across() * layout_.chunk_row_bytes() +
                           across * layout_.chunk_rows(down) * layout_.chunk_row_bytes());
      }
      return;
    }
    offsets_ = read_tiff_array(bytes_, page_.offsets, layout_.swapped, first_chunk_, count);
    if (layout_.codec != TiffCodec::none)
      sizes_ = read_tiff_array(bytes_, page_.sizes, layout_.swapped, first_chunk_, count);
  }

  /// Rows that the chunks of one sample hold, padding of tiles included.
  std::int64_t sample_rows() const {
    return layout_.tiled ? layout_.chunks_down() * layout_.chunk_height : layout_.height;
  }

  void read_chunk(std::int64_t down, std::int64_t across, std::size_t index) {
    const std::int64_t top = down * layout_.chunk_height;
    const std::int64_t row_begin = std::max(part_.y_begin - top, std::int64_t{0});
    const std::int64_t row_end = std::min(part_.y_end - top, layout_.chunk_rows(down));
    const bool whole_rows = layout_.chunk_width == layout_.width && layout_.interleaved() == 1 &&
                            !layout_.bilevel && part_.x_begin == 0 && part_.x_end == layout_.width;
    std::byte* target =
        out_ + (top + row_begin - part_.y_begin) * (part_.x_end - part_.x_begin) * size_of(layout_.dtype);
    const bool coded = layout_.codec != TiffCodec::none;
    if (whole_rows && (!coded || row_end - row_begin == layout_.chunk_rows(down))) {
      const std::span<std::byte> direct(
          target, static_cast<std::size_t>((row_end - row_begin) * layout_.chunk_row_bytes()));
      return coded ? decode(index, direct) : fetch(index, row_begin, direct);
    }
    const std::int64_t first = coded ? 0 : row_begin;
    const std::int64_t rows = coded ? layout_.chunk_rows(down) : row_end - row_begin;
    const std::span<std::byte> chunk = scratch_.chunk.of_size(rows * layout_.chunk_row_bytes());
    coded ? decode(index, chunk) : fetch(index, row_begin, chunk);
    copy_rows(chunk.data() + (row_begin - first) * layout_.chunk_row_bytes(), row_end - row_begin,
              across * layout_.chunk_width, target);
  }

  /// Rows of an uncompressed chunk, from `row` on.
  void fetch(std::size_t index, std::int64_t row, std::span<std::byte> out) {
    bytes_.read_at(out, offsets_[index] + row * layout_.chunk_row_bytes(), page_name(page_));
    if (layout_.reversed_bits) reverse_bits(out);
    finish(out);
  }

  void decode(std::size_t index, std::span<std::byte> out) {
    const std::span<std::byte> stored = scratch_.stored.of_size(sizes_[index]);
    bytes_.read_at(stored, offsets_[index], page_name(page_));
    if (layout_.reversed_bits) reverse_bits(stored);
    std::string reason;
    if (!scratch_.decoder.decode(layout_.coding(), stored, out, reason))
      fail_damaged(bytes_.name() + ": " + page_name(page_) + (layout_.tiled ? ": tile " : ": strip ") +
                   std::to_string(first_chunk_ + static_cast<std::int64_t>(index)) + ": its " +
                   tiff_codec_name(layout_.codec) + " data are damaged" +
                   (reason.empty() ? "" : " (" + reason + ")"));
    finish(out);
  }

  void finish(std::span<std::byte> out) {
    if (layout_.bilevel) return;
    const PredictorRows rows{layout_.dtype, layout_.chunk_width * layout_.interleaved(),
                             layout_.interleaved()};
    const bool needs_row = layout_.predictor == TiffPredictor::floating_point;
    undo_predictor(layout_.predictor, rows, layout_.swapped, out,
                   scratch_.row.of_size(needs_row ? layout_.chunk_row_bytes() : 0));
  }

  /// Copies the part of a chunk's rows that was asked for. `left`: where the chunk begins in the page.
  void copy_rows(const std::byte* rows, std::int64_t count, std::int64_t left, std::byte* target) const {
    const std::int64_t begin = std::max(part_.x_begin, left);
    const std::int64_t end = std::min(part_.x_end, left + layout_.chunk_width);
    const std::int64_t element = size_of(layout_.dtype);
    const std::int64_t step = layout_.interleaved();
    const std::int64_t skipped = ((begin - left) * step + (layout_.separate ? 0 : sample_)) * element;
    std::byte* to = target + (begin - part_.x_begin) * element;
    const auto row_bytes = static_cast<std::size_t>((end - begin) * element);
    for (std::int64_t row = 0; row < count; ++row) {
      if (layout_.bilevel)
        unpack_bits(rows, begin - left, layout_.zero_is_white, {to, row_bytes});
      else if (step == 1)
        std::memcpy(to, rows + skipped, row_bytes);
      else
        pick_sample(rows + skipped, step, layout_.dtype, {to, row_bytes});
      rows += layout_.chunk_row_bytes();
      to += (part_.x_end - part_.x_begin) * element;
    }
  }

  const ByteSource& bytes_;
  const TiffLayout& layout_;
  const TiffPage& page_;
  std::int64_t sample_;
  const TiffRectangle& part_;
  std::byte* out_;
  Scratch& scratch_;
  std::int64_t first_chunk_ = 0;
  std::vector<std::int64_t> offsets_;  ///< of the chunks from `first_chunk_` on
  std::vector<std::int64_t> sizes_;
};

TiffPixels::TiffPixels() : scratch_([] { return std::make_unique<Scratch>(); }) {}

void TiffPixels::read(const ByteSource& bytes, const TiffLayout& layout, const TiffPage& page,
                      std::int64_t sample, const TiffRectangle& part, std::byte* out) {
  const std::int64_t width = part.x_end - part.x_begin;
  const std::int64_t element = size_of(layout.dtype);
  if (!layout.plain() || page.pixels < 0) {
    const Pool<Scratch>::Loan scratch(scratch_);
    return PageReader(bytes, layout, page, sample, part, out, *scratch).read_chunks();
  }
  const std::span<std::byte> all(out,
                                 static_cast<std::size_t>((part.y_end - part.y_begin) * width * element));
  const std::size_t piece = width == layout.width ? all.size() : static_cast<std::size_t>(width * element);
  std::int64_t at = page.pixels + (part.y_begin * layout.width + part.x_begin) * element;
  for (std::size_t done = 0; done < all.size(); done += piece, at += layout.width * element)
    bytes.read_at(all.subspan(done, piece), at, page_name(page));
  if (layout.swapped) swap_bytes(all, element);
}

std::int64_t TiffPixels::scratch_bytes(const TiffLayout& layout, std::int64_t largest_stored_chunk) {
  if (layout.plain()) return 0;
  const std::int64_t row = layout.predictor == TiffPredictor::floating_point ? layout.chunk_row_bytes() : 0;
  return layout.chunk_bytes() + largest_stored_chunk + row + TiffDecoder::memory_bytes(layout.coding());
}

}  // namespace vox
