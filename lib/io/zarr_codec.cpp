#include "io/zarr_codec.h"

#define ZSTD_STATIC_LINKING_ONLY  // what a compressor will hold
#include <blosc.h>
#include <libdeflate.h>
#include <zstd.h>

#include <cstring>

#include "core/error.h"
#include "core/numbers.h"
#include "io/checksum.h"

namespace vox {
namespace {

constexpr int kZstdLevel = 3;
constexpr int kGzipLevel = 5;
constexpr int kBloscLevel = 5;
constexpr std::size_t kChecksumBytes = 4;

template <auto Function>
struct Free {
  template <class T>
  void operator()(T* pointer) const {
    Function(pointer);
  }
};

template <class Pointer>
void require_memory(const Pointer& pointer) {
  if (!pointer) throw std::bad_alloc();
}

int checked_level(const Compression& wanted, int missing, int lowest, int highest) {
  const int level = wanted.level.value_or(missing);
  if (level >= lowest && level <= highest) return level;
  fail_usage("--compression " + wanted.codec + ":" + std::to_string(level) + ": levels go from " +
             std::to_string(lowest) + " to " + std::to_string(highest));
}

ZarrCoding blosc_coding(const Compression& wanted) {
  const std::string codec = wanted.codec == "blosc" ? "zstd" : wanted.codec.substr(6);
  if (codec != "zstd" && codec != "lz4" && codec != "lz4hc" && codec != "zlib" && codec != "blosclz")
    fail_usage("--compression blosc:" + codec + ": Blosc has zstd, lz4, lz4hc, zlib and blosclz");
  return {ZarrCodec::blosc, checked_level(wanted, kBloscLevel, 0, 9), codec};
}

}  // namespace

struct ZarrCoder::State {
  std::unique_ptr<ZSTD_DCtx, Free<ZSTD_freeDCtx>> zstd_decoder;
  std::unique_ptr<ZSTD_CCtx, Free<ZSTD_freeCCtx>> zstd_encoder;
  std::unique_ptr<libdeflate_decompressor, Free<libdeflate_free_decompressor>> inflater;
  std::unique_ptr<libdeflate_compressor, Free<libdeflate_free_compressor>> deflater;
  int deflate_level = -1;
  GrowingBuffer between[2];

  /// Bytes that came out, at most `out.size()`; -1 for damage and for more.
  std::int64_t expand(ZarrCodec codec, std::span<const std::byte> in, std::span<std::byte> out) {
    if (codec == ZarrCodec::zstd) return expand_zstd(in, out);
    if (codec == ZarrCodec::blosc) return expand_blosc(in, out);
    return inflate(codec, in, out);
  }

  std::int64_t expand_zstd(std::span<const std::byte> in, std::span<std::byte> out) {
    if (!zstd_decoder) zstd_decoder.reset(ZSTD_createDCtx());
    require_memory(zstd_decoder);
    const std::size_t got =
        ZSTD_decompressDCtx(zstd_decoder.get(), out.data(), out.size(), in.data(), in.size());
    return ZSTD_isError(got) ? -1 : static_cast<std::int64_t>(got);
  }

  std::int64_t inflate(ZarrCodec codec, std::span<const std::byte> in, std::span<std::byte> out) {
    if (!inflater) inflater.reset(libdeflate_alloc_decompressor());
    require_memory(inflater);
    std::size_t got = 0;
    const auto function = codec == ZarrCodec::gzip ? libdeflate_gzip_decompress : libdeflate_zlib_decompress;
    const libdeflate_result result =
        function(inflater.get(), in.data(), in.size(), out.data(), out.size(), &got);
    return result == LIBDEFLATE_SUCCESS ? static_cast<std::int64_t>(got) : -1;
  }

  static std::int64_t expand_blosc(std::span<const std::byte> in, std::span<std::byte> out) {
    std::size_t size = 0;
    if (in.size() < BLOSC_MIN_HEADER_LENGTH || blosc_cbuffer_validate(in.data(), in.size(), &size) < 0)
      return -1;
    if (size > out.size()) return -1;
    return blosc_decompress_ctx(in.data(), out.data(), out.size(), 1);
  }
};

std::string zarr_codec_name(ZarrCodec codec) {
  constexpr const char* kNames[] = {"zstd", "gzip", "zlib", "blosc", "crc32c"};
  return kNames[static_cast<std::size_t>(codec)];
}

std::optional<ZarrCoding> zarr_coding(const std::optional<Compression>& compression) {
  const Compression wanted = compression.value_or(Compression{"zstd", {}});
  if (wanted.codec == "none") return {};
  if (wanted.codec == "zstd")
    return ZarrCoding{ZarrCodec::zstd, checked_level(wanted, kZstdLevel, 1, ZSTD_maxCLevel()), ""};
  if (wanted.codec == "gzip") return ZarrCoding{ZarrCodec::gzip, checked_level(wanted, kGzipLevel, 1, 9), ""};
  if (wanted.codec == "blosc" || wanted.codec.starts_with("blosc:")) return blosc_coding(wanted);
  fail_usage("--compression " + wanted.codec +
             ": Zarr has none, zstd[:LEVEL], gzip[:LEVEL], blosc[:CODEC[:LEVEL]]");
}

ZarrCoder::ZarrCoder() : state_(std::make_unique<State>()) {}
ZarrCoder::~ZarrCoder() = default;

void ZarrCoder::decode(const std::vector<ZarrCoding>& codings, std::span<const std::byte> stored,
                       std::span<std::byte> out, const std::string& where) {
  std::span<const std::byte> now = stored;
  int turn = 0;
  for (std::size_t i = codings.size(); i-- > 0;) {
    const ZarrCodec codec = codings[i].codec;
    if (codec == ZarrCodec::crc32c) {
      if (now.size() < kChecksumBytes) fail_damaged(where + ": is cut short before its checksum");
      std::uint32_t wanted = 0;
      std::memcpy(&wanted, now.data() + now.size() - kChecksumBytes, kChecksumBytes);
      now = now.first(now.size() - kChecksumBytes);
      Crc32c checksum;
      checksum.add(now);
      if (checksum.value() != wanted)
        fail_damaged(where + ": its checksum is wrong; the chunk is damaged or cut short");
      continue;
    }
    // Between two codecs there may be a little more than the voxels: what the next one put around them.
    const std::span<std::byte> target =
        i == 0
            ? out
            : state_->between[turn++ % 2].of_size(zarr_stored_bound(static_cast<std::int64_t>(out.size())));
    const std::int64_t got = state_->expand(codec, now, target);
    if (got < 0)
      fail_damaged(where + ": cannot be decoded as " + zarr_codec_name(codec) + " of at most " +
                   format_count(static_cast<std::int64_t>(target.size())) +
                   " bytes; the chunk is damaged or cut short");
    now = target.first(static_cast<std::size_t>(got));
  }
  if (now.size() != out.size())
    fail_damaged(where + ": holds " + format_count(static_cast<std::int64_t>(now.size())) + " of " +
                 format_count(static_cast<std::int64_t>(out.size())) + " bytes of voxels; the chunk is " +
                 (now.size() < out.size() ? "cut short" : "larger than its metadata say"));
  if (now.data() != out.data()) std::memcpy(out.data(), now.data(), out.size());
}

std::span<const std::byte> ZarrCoder::encode(const ZarrCoding& coding, std::span<const std::byte> data,
                                             std::int64_t element, GrowingBuffer& out) {
  std::span<std::byte> room;
  std::size_t got = 0;
  const auto make_room = [&](std::size_t bytes) { room = out.of_size(static_cast<std::int64_t>(bytes)); };
  if (coding.codec == ZarrCodec::zstd) {
    if (!state_->zstd_encoder) state_->zstd_encoder.reset(ZSTD_createCCtx());
    require_memory(state_->zstd_encoder);
    make_room(ZSTD_compressBound(data.size()));
    got = ZSTD_compressCCtx(state_->zstd_encoder.get(), room.data(), room.size(), data.data(), data.size(),
                            coding.level);
    if (ZSTD_isError(got)) fail("compression failed: " + std::string(ZSTD_getErrorName(got)));
  } else if (coding.codec == ZarrCodec::gzip) {
    if (state_->deflate_level != coding.level)
      state_->deflater.reset(libdeflate_alloc_compressor(coding.level));
    require_memory(state_->deflater);
    state_->deflate_level = coding.level;
    make_room(libdeflate_gzip_compress_bound(state_->deflater.get(), data.size()));
    got =
        libdeflate_gzip_compress(state_->deflater.get(), data.data(), data.size(), room.data(), room.size());
    if (got == 0) fail("compression failed: gzip");
  } else {
    make_room(data.size() + BLOSC_MAX_OVERHEAD);
    const int result =
        blosc_compress_ctx(coding.level, BLOSC_BITSHUFFLE, static_cast<std::size_t>(element), data.size(),
                           data.data(), room.data(), room.size(), coding.blosc_codec.c_str(), 0, 1);
    if (result <= 0) fail("compression failed: blosc has no " + coding.blosc_codec);
    got = static_cast<std::size_t>(result);
  }
  return room.first(got);
}

std::int64_t ZarrCoder::scratch_bytes(std::int64_t chunk_bytes) {
  constexpr std::int64_t kStates = 2 << 20;  // of zstd at usual levels, and of deflate
  return kStates + zarr_stored_bound(chunk_bytes);
}

std::int64_t ZarrCoder::encoder_bytes(const std::optional<ZarrCoding>& coding, std::int64_t chunk_bytes) {
  constexpr std::int64_t kDeflate = 2 << 20;
  if (!coding) return 0;
  if (coding->codec == ZarrCodec::gzip) return kDeflate;
  const auto parameters = ZSTD_getCParams(coding->level, static_cast<unsigned long long>(chunk_bytes), 0);
  const auto zstd = static_cast<std::int64_t>(ZSTD_estimateCCtxSize_usingCParams(parameters));
  return coding->codec == ZarrCodec::zstd ? zstd
                                          : zstd + zarr_stored_bound(chunk_bytes);  // Blosc shuffles beside
}

std::int64_t zarr_stored_bound(std::int64_t bytes) {
  constexpr std::int64_t kHeaders = 64 << 10;
  return bytes + bytes / 8 + kHeaders;
}

}  // namespace vox
