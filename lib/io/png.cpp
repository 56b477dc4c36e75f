#include "io/png.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace vox {
namespace {

constexpr std::size_t kChunkBytes = 64 << 10;
constexpr std::size_t kBatchBytes = 128 << 10;  // of rows that are compressed together, at least

void append_number(std::vector<std::byte>& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::byte>(value >> shift));
}

using TakeBytes = std::function<void(std::span<const std::byte>)>;

/// Length, name, data, and the checksum of name and data.
void write_chunk(std::string_view name, std::span<const std::byte> data, const TakeBytes& take) {
  std::vector<std::byte> chunk;
  chunk.reserve(data.size() + 12);
  append_number(chunk, static_cast<std::uint32_t>(data.size()));
  const auto name_bytes = std::as_bytes(std::span(name));
  chunk.insert(chunk.end(), name_bytes.begin(), name_bytes.end());
  chunk.insert(chunk.end(), data.begin(), data.end());
  const auto* const checked = reinterpret_cast<const unsigned char*>(chunk.data()) + 4;
  append_number(chunk, crc32_gzip_refl(0, checked, chunk.size() - 4));
  take(chunk);
}

/// Compresses what comes into one zlib stream, spread over chunks.
class DataChunks {
 public:
  explicit DataChunks(const TakeBytes& take) : take_(take), table_(ISAL_DEF_LVL2_DEFAULT), out_(kChunkBytes) {
    isal_deflate_init(&stream_);
    stream_.level = 2;
    stream_.level_buf = table_.data();
    stream_.level_buf_size = static_cast<std::uint32_t>(table_.size());
    stream_.gzip_flag = IGZIP_ZLIB;
    empty_out();
  }

  void add(std::span<std::byte> bytes, bool last) {
    stream_.next_in = reinterpret_cast<std::uint8_t*>(bytes.data());
    stream_.avail_in = static_cast<std::uint32_t>(bytes.size());
    stream_.end_of_stream = last ? 1 : 0;
    while (stream_.avail_in > 0 || (last && stream_.internal_state.state != ZSTATE_END)) {
      if (isal_deflate(&stream_) != COMP_OK) throw std::logic_error("a PNG could not be compressed");
      if (stream_.avail_out == 0) give_out();
    }
    if (last) give_out();
  }

 private:
  void give_out() {
    const std::span<const std::byte> filled(out_.data(), out_.size() - stream_.avail_out);
    if (!filled.empty()) write_chunk("IDAT", filled, take_);
    empty_out();
  }
  void empty_out() {
    stream_.next_out = reinterpret_cast<std::uint8_t*>(out_.data());
    stream_.avail_out = static_cast<std::uint32_t>(out_.size());
  }

  const TakeBytes& take_;
  std::vector<std::uint8_t> table_;
  std::vector<std::byte> out_;
  isal_zstream stream_{};
};

/// A byte that says "no filter", then red, green and blue of each pixel.
std::byte* put_row(const std::uint32_t* pixels, std::int64_t width, std::byte* out) {
  *out++ = std::byte{0};
  for (std::int64_t x = 0; x < width; ++x) {
    out[3 * x] = static_cast<std::byte>(pixels[x] >> 16);
    out[3 * x + 1] = static_cast<std::byte>(pixels[x] >> 8);
    out[3 * x + 2] = static_cast<std::byte>(pixels[x]);
  }
  return out + 3 * width;
}

void write_rows(std::int64_t width, std::int64_t height, const PixelRow& row, const TakeBytes& take) {
  const std::size_t row_bytes = 1 + 3 * static_cast<std::size_t>(width);
  const auto rows = static_cast<std::int64_t>(1 + kBatchBytes / row_bytes);
  std::vector<std::byte> batch(static_cast<std::size_t>(rows) * row_bytes);
  const auto chunks = std::make_unique<DataChunks>(take);  // its state is large for a stack
  for (std::int64_t y = 0; y < height; y += rows) {
    const std::int64_t end = std::min(y + rows, height);
    std::byte* out = batch.data();
    for (std::int64_t i = y; i < end; ++i) out = put_row(row(i), width, out);
    chunks->add({batch.data(), out}, end == height);
  }
}

}  // namespace

void write_png(std::int64_t width, std::int64_t height, const PixelRow& row, const TakeBytes& take) {
  static constexpr std::uint8_t kSignature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  take(std::as_bytes(std::span(kSignature)));
  std::vector<std::byte> header;
  append_number(header, static_cast<std::uint32_t>(width));
  append_number(header, static_cast<std::uint32_t>(height));
  for (const int field : {8, 2, 0, 0, 0})  // bits, RGB, deflate, filters by row, not interlaced
    header.push_back(static_cast<std::byte>(field));
  write_chunk("IHDR", header, take);
  write_rows(width, height, row, take);
  write_chunk("IEND", {}, take);
}

}  // namespace vox
