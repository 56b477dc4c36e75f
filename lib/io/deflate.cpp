#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "core/error.h"
#include "io/gzip.h"

namespace vox {
namespace {

constexpr int kRawDeflate = -15;  // no wrapper, the largest window
constexpr int kMemoryLevel = 8;

/// What stands behind the compressed bytes of a piece, in memory only.
struct PieceEnd {
  std::uint64_t size = 0;  ///< uncompressed
  std::uint32_t checksum = 0;
};

std::uint32_t checksum_of(DeflateWrapper wrapper, std::span<const std::byte> data) {
  const auto* bytes = reinterpret_cast<const Bytef*>(data.data());
  return static_cast<std::uint32_t>(wrapper == DeflateWrapper::gzip ? crc32_z(0, bytes, data.size())
                                                                    : adler32_z(1, bytes, data.size()));
}

class Deflater {
 public:
  explicit Deflater(int level) {
    if (deflateInit2(&stream_, level, Z_DEFLATED, kRawDeflate, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  /// Appends whole bytes that more deflated bytes may follow.
  void deflate_piece(std::span<const std::byte> data, std::vector<std::byte>& out) {
    const std::size_t before = out.size();
    out.resize(before + deflateBound(&stream_, data.size()) + 16);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(data.data()));
    stream_.avail_in = static_cast<uInt>(data.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream_.avail_out = static_cast<uInt>(out.size() - before);
    if (deflate(&stream_, Z_SYNC_FLUSH) != Z_OK || stream_.avail_in != 0)
      throw std::logic_error("deflate: the bound of its output was too small");
    out.resize(out.size() - stream_.avail_out);
  }

 private:
  z_stream stream_{};
};

void append_number(std::vector<std::byte>& bytes, std::uint32_t value, bool big_endian) {
  for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<std::byte>(value >> 8 * (big_endian ? 3 - i : i)));
}

}  // namespace

std::optional<int> deflate_level(const CreateOptions& options, const std::string& format) {
  if (!options.compression || options.compression->codec == "none") return std::nullopt;
  const Compression& wanted = *options.compression;
  if (wanted.codec != "gzip" && wanted.codec != "deflate" && wanted.codec != "zlib")
    fail_usage("--compression " + wanted.codec + ": " + format + " has none and gzip[:LEVEL]");
  const int level = wanted.level.value_or(kDeflateLevel);
  if (level < 1 || level > 9)
    fail_usage("--compression " + wanted.codec + ":" + std::to_string(level) + ": levels go from 1 to 9");
  return level;
}

void DeflateBlocks::compress(std::span<const std::byte> data, std::vector<std::byte>& piece) const {
  Deflater(level_).deflate_piece(data, piece);
  const PieceEnd end{data.size(), checksum_of(wrapper_, data)};
  const auto bytes = std::as_bytes(std::span(&end, 1));
  piece.insert(piece.end(), bytes.begin(), bytes.end());
}

std::vector<std::byte> DeflateBlocks::start() const {
  // Neither a name nor a time: the same voxels give the same bytes.
  static constexpr std::uint8_t kGzip[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff};
  static constexpr std::uint8_t kZlib[] = {0x78, 0x9c};
  const std::span<const std::uint8_t> bytes =
      wrapper_ == DeflateWrapper::gzip ? std::span<const std::uint8_t>(kGzip) : kZlib;
  const auto start = std::as_bytes(bytes);
  return {start.begin(), start.end()};
}

std::span<const std::byte> DeflateBlocks::add(std::span<const std::byte> piece) {
  PieceEnd end;
  const auto compressed = piece.first(piece.size() - sizeof end);
  std::memcpy(&end, piece.data() + compressed.size(), sizeof end);
  const auto size = static_cast<z_off_t>(end.size);
  if (!any_)
    checksum_ = end.checksum;
  else if (wrapper_ == DeflateWrapper::gzip)
    checksum_ = static_cast<std::uint32_t>(crc32_combine(checksum_, end.checksum, size));
  else
    checksum_ = static_cast<std::uint32_t>(adler32_combine(checksum_, end.checksum, size));
  any_ = true;
  total_ += static_cast<std::int64_t>(end.size);
  return compressed;
}

std::vector<std::byte> DeflateBlocks::end() const {
  std::vector<std::byte> bytes = {std::byte{3}, std::byte{0}};  // an empty last block
  append_number(bytes, checksum_, wrapper_ == DeflateWrapper::zlib);
  if (wrapper_ == DeflateWrapper::gzip) append_number(bytes, static_cast<std::uint32_t>(total_), false);
  return bytes;
}

std::int64_t DeflateBlocks::memory_bytes(std::int64_t data_bytes) {
  constexpr std::int64_t kState = 300 << 10;
  return kState + data_bytes + data_bytes / 1000 + 1024;
}

}  // namespace vox
