#include "io/tiff_codec.h"

#include <libdeflate.h>
#include <zstd.h>

#include "core/error.h"
#include "io/pool.h"

namespace vox {
namespace {

constexpr int kDeflateLevel = 6;
constexpr int kZstdLevel = 3;

template <auto Function>
struct Free {
  template <class T>
  void operator()(T* pointer) const {
    Function(pointer);
  }
};
using DeflateDecoder = std::unique_ptr<libdeflate_decompressor, Free<libdeflate_free_decompressor>>;
using DeflateEncoder = std::unique_ptr<libdeflate_compressor, Free<libdeflate_free_compressor>>;
using ZstdDecoder = std::unique_ptr<ZSTD_DCtx, Free<ZSTD_freeDCtx>>;
using ZstdEncoder = std::unique_ptr<ZSTD_CCtx, Free<ZSTD_freeCCtx>>;

template <class Pointer>
void require_memory(const Pointer& pointer) {
  if (!pointer) throw std::bad_alloc();
}

int checked_level(const std::string& codec, std::optional<int> level, int missing, int highest) {
  if (!level) return missing;
  if (*level >= 1 && *level <= highest) return *level;
  fail_usage("--compression " + codec + ":" + std::to_string(*level) + ": levels go from 1 to " +
             std::to_string(highest));
}

}  // namespace

struct TiffDecoder::State {
  DeflateDecoder deflate;
  ZstdDecoder zstd;
  std::unique_ptr<LibtiffDecoder> libtiff;
  TiffCoding libtiff_coding;

  bool inflate(std::span<std::byte> stored, std::span<std::byte> out) {
    if (!deflate) deflate.reset(libdeflate_alloc_decompressor());
    require_memory(deflate);
    return libdeflate_zlib_decompress(deflate.get(), stored.data(), stored.size(), out.data(), out.size(),
                                      nullptr) == LIBDEFLATE_SUCCESS;
  }

  bool expand_zstd(std::span<std::byte> stored, std::span<std::byte> out) {
    if (!zstd) zstd.reset(ZSTD_createDCtx());
    require_memory(zstd);
    return ZSTD_decompressDCtx(zstd.get(), out.data(), out.size(), stored.data(), stored.size()) ==
           out.size();
  }

  LibtiffDecoder& libtiff_for(const TiffCoding& coding) {
    if (!libtiff || libtiff_coding != coding) {
      libtiff = std::make_unique<LibtiffDecoder>(coding);
      libtiff_coding = coding;
    }
    return *libtiff;
  }
};

TiffDecoder::TiffDecoder() : state_(std::make_unique<State>()) {}
TiffDecoder::~TiffDecoder() = default;

bool TiffDecoder::decode(const TiffCoding& coding, std::span<std::byte> stored, std::span<std::byte> out,
                         std::string& reason) {
  if (coding.codec == TiffCodec::deflate && state_->inflate(stored, out)) return true;
  if (coding.codec == TiffCodec::zstd && state_->expand_zstd(stored, out)) return true;
  // What the fast decoders refuse may still be readable: strips that hold more than they must.
  LibtiffDecoder& libtiff = state_->libtiff_for(coding);
  if (libtiff.decode(stored, out)) return true;
  reason = libtiff.reason();
  return false;
}

std::int64_t TiffDecoder::memory_bytes(const TiffCoding& coding) {
  constexpr std::int64_t kKiB = 1024;
  const TiffCodec codec = coding.codec;
  if (is_ccitt(codec)) return 64 * kKiB + 12 * coding.bilevel_pixels;  // lengths of runs, of two rows and one
  if (codec == TiffCodec::none) return 0;
  return codec == TiffCodec::zstd ? 192 * kKiB : codec == TiffCodec::lzw ? 160 * kKiB : 64 * kKiB;
}

TiffEncoding tiff_encoding(const std::string& codec, std::optional<int> level) {
  constexpr int kHighestDeflate = 12;
  if (codec == "deflate")
    return {TiffCodec::deflate, checked_level(codec, level, kDeflateLevel, kHighestDeflate)};
  if (codec == "zstd") return {TiffCodec::zstd, checked_level(codec, level, kZstdLevel, ZSTD_maxCLevel())};
  if (codec != "none" && codec != "lzw")
    fail_usage("--compression " + codec + ": TIFF has none, deflate[:LEVEL], lzw and zstd[:LEVEL]");
  if (level) fail_usage("--compression " + codec + " has no levels");
  return {codec == "lzw" ? TiffCodec::lzw : TiffCodec::none, 0};
}

struct TiffEncoder::State {
  DeflateEncoder deflate;
  ZstdEncoder zstd;
  GrowingBuffer buffer;
};

TiffEncoder::TiffEncoder(TiffEncoding encoding) : encoding_(encoding), state_(std::make_unique<State>()) {
  if (encoding.codec == TiffCodec::deflate) {
    state_->deflate.reset(libdeflate_alloc_compressor(encoding.level));
    require_memory(state_->deflate);
  }
  if (encoding.codec == TiffCodec::zstd) {
    state_->zstd.reset(ZSTD_createCCtx());
    require_memory(state_->zstd);
    ZSTD_CCtx_setParameter(state_->zstd.get(), ZSTD_c_compressionLevel, encoding.level);
  }
}

TiffEncoder::TiffEncoder(TiffEncoder&&) noexcept = default;
TiffEncoder::~TiffEncoder() = default;

void TiffEncoder::encode(std::span<std::byte> data, std::int64_t row_bytes, std::vector<std::byte>& out) {
  if (encoding_.codec == TiffCodec::lzw) return libtiff_encode(encoding_.codec, data, row_bytes, out);
  const std::span<std::byte> space =
      state_->buffer.of_size(largest_output(encoding_, static_cast<std::int64_t>(data.size())));
  std::size_t size = 0;
  if (encoding_.codec == TiffCodec::deflate)
    size =
        libdeflate_zlib_compress(state_->deflate.get(), data.data(), data.size(), space.data(), space.size());
  else
    size = ZSTD_compress2(state_->zstd.get(), space.data(), space.size(), data.data(), data.size());
  if (size == 0 || ZSTD_isError(size)) fail("compression failed: " + std::string(ZSTD_getErrorName(size)));
  out.insert(out.end(), space.begin(), space.begin() + static_cast<std::ptrdiff_t>(size));
}

std::int64_t TiffEncoder::largest_output(TiffEncoding encoding, std::int64_t chunk_bytes) {
  const auto bytes = static_cast<std::size_t>(chunk_bytes);
  if (encoding.codec == TiffCodec::deflate)
    return static_cast<std::int64_t>(libdeflate_zlib_compress_bound(nullptr, bytes));
  if (encoding.codec == TiffCodec::zstd) return static_cast<std::int64_t>(ZSTD_compressBound(bytes));
  // LZW writes at most 12 bits for a byte, and a few codes that clear its table.
  return encoding.codec == TiffCodec::lzw ? chunk_bytes / 2 * 3 + chunk_bytes / 256 + 64 : chunk_bytes;
}

std::int64_t TiffEncoder::memory_bytes(TiffEncoding encoding, std::int64_t chunk_bytes) {
  constexpr std::int64_t kMiB = 1 << 20;
  if (encoding.codec == TiffCodec::none) return 0;
  if (encoding.codec == TiffCodec::deflate) return encoding.level >= 10 ? 10 * kMiB : kMiB;
  if (encoding.codec == TiffCodec::lzw) return kMiB / 4 + 2 * largest_output(encoding, chunk_bytes);
  // Measured for chunks up to 1 MiB, which ours are.
  return encoding.level <= 3 ? 3 * kMiB / 2 : encoding.level <= 7 ? 4 * kMiB : 18 * kMiB;
}

}  // namespace vox
