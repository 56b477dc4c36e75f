// The codecs of Zarr chunks: bytes in, bytes out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/pool.h"
#include "io/volume_io.h"

namespace vox {

enum class ZarrCodec { zstd, gzip, zlib, blosc, crc32c };

/// One codec as a chunk was, or is to be, encoded with it. What only the encoder needs is unset when reading.
struct ZarrCoding {
  ZarrCodec codec = ZarrCodec::zstd;
  int level = 3;
  std::string blosc_codec = "zstd";  ///< the compressor inside of Blosc

  bool operator==(const ZarrCoding&) const = default;
};

/// "zstd", "blosc".
std::string zarr_codec_name(ZarrCodec codec);

/// What --compression asks of a store; zstd, level 3, when nothing is asked, none for "none". Throws a usage
/// error for codecs and levels that Zarr does not have.
std::optional<ZarrCoding> zarr_coding(const std::optional<Compression>& compression);

/// Codec states and buffers of one thread, reused from chunk to chunk.
class ZarrCoder {
 public:
  ZarrCoder();
  ~ZarrCoder();
  ZarrCoder(const ZarrCoder&) = delete;
  ZarrCoder& operator=(const ZarrCoder&) = delete;

  /// Undoes `codings`, last first: exactly `out.size()` bytes. Throws a
  /// damaged-input error that begins with `where`.
  void decode(const std::vector<ZarrCoding>& codings, std::span<const std::byte> stored,
              std::span<std::byte> out, const std::string& where);
  /// The coded bytes of a chunk of elements of that size, in `out`.
  std::span<const std::byte> encode(const ZarrCoding& coding, std::span<const std::byte> data,
                                    std::int64_t element, GrowingBuffer& out);

  /// What a thread holds at most to decode chunks of that many bytes, besides their coded bytes.
  static std::int64_t scratch_bytes(std::int64_t chunk_bytes);
  /// The same to encode them.
  static std::int64_t encoder_bytes(const std::optional<ZarrCoding>& coding, std::int64_t chunk_bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What writers of arrays share: states of codecs, and memory for chunks that are coded and not written yet.
struct ZarrCoders {
  Pool<ZarrCoder> states{[] { return std::make_unique<ZarrCoder>(); }};
  Pool<GrowingBuffer> buffers{[] { return std::make_unique<GrowingBuffer>(); }};
};

/// The most bytes that coding makes of `bytes`; what is stored beyond that is damage.
std::int64_t zarr_stored_bound(std::int64_t bytes);

}  // namespace vox
