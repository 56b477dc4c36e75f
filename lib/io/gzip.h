// gzip and zlib streams: read as bytes in order, written as blocks that several threads compress.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "io/bytes.h"
#include "io/volume_io.h"

namespace vox {

/// What stands around the compressed bytes: gzip with a CRC-32, zlib with an Adler-32.
enum class DeflateWrapper { gzip, zlib };

/// True when bytes that begin so are a gzip file.
bool is_gzip(std::span<const std::byte> start);

/// The bytes that were compressed, in order; a gzip file may have several members. Throws damaged-input
/// errors while reading: for damage, a stream that is cut short, a wrong checksum.
ByteSource inflated(ByteSource compressed, DeflateWrapper wrapper);

/// The level that `--compression gzip[:LEVEL]` names for a format that has no other codec than gzip; nothing
/// for `none`, the default for a format when none is named. Throws a usage error for another codec.
std::optional<int> deflate_level(const CreateOptions& options, const std::string& format);
/// The level when none is named.
inline constexpr int kDeflateLevel = 6;

/// Compresses pieces so that they can follow each other in one stream: none needs those before it.
class DeflateBlocks {
 public:
  DeflateBlocks(DeflateWrapper wrapper, int level) : wrapper_(wrapper), level_(level) {}

  /// Appends a piece: its compressed bytes and what `add` needs to know of it. By any thread.
  void compress(std::span<const std::byte> data, std::vector<std::byte>& piece) const;
  /// The bytes of the stream that come before the first piece.
  std::vector<std::byte> start() const;
  /// The compressed bytes of the next piece in order, which counts for the checksum from now on.
  std::span<const std::byte> add(std::span<const std::byte> piece);
  /// The bytes behind the last piece.
  std::vector<std::byte> end() const;
  /// The most that `compress` appends and holds besides.
  static std::int64_t memory_bytes(std::int64_t data_bytes);

 private:
  DeflateWrapper wrapper_;
  int level_;
  std::uint32_t checksum_ = 0;
  std::int64_t total_ = 0;
  bool any_ = false;
};

}  // namespace vox
