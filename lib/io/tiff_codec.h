// Compression of strips and tiles: libdeflate and libzstd with their state kept between chunks, libtiff for
// the rest. Bytes in, bytes out; predictors and byte order are `tiff_predictor.h`'s.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/tiff_libtiff.h"
#include "io/tiff_tags.h"

namespace vox {

/// Decodes chunks. Each thread has its own.
class TiffDecoder {
 public:
  TiffDecoder();
  ~TiffDecoder();

  /// Fills `out`, whole rows of a chunk. False when the data are damaged; `reason` then says how. May change
  /// `stored`.
  bool decode(const TiffCoding& coding, std::span<std::byte> stored, std::span<std::byte> out,
              std::string& reason);
  /// About what one decoder takes.
  static std::int64_t memory_bytes(const TiffCoding& coding);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A codec that can be written, with a level that it has.
struct TiffEncoding {
  TiffCodec codec = TiffCodec::none;
  int level = 0;
};

/// From a name as in `--compression` (none, deflate, lzw, zstd); throws a usage error that lists what there
/// is.
TiffEncoding tiff_encoding(const std::string& codec, std::optional<int> level);

/// Encodes chunks. Each thread has its own.
class TiffEncoder {
 public:
  explicit TiffEncoder(TiffEncoding encoding);
  TiffEncoder(TiffEncoder&&) noexcept;
  ~TiffEncoder();

  /// Appends the encoded chunk to `out`: the same bytes whatever was encoded before.
  void encode(std::span<std::byte> data, std::int64_t row_bytes, std::vector<std::byte>& out);
  /// About what one encoder takes for chunks of that many bytes.
  static std::int64_t memory_bytes(TiffEncoding encoding, std::int64_t chunk_bytes);
  /// The most that a chunk can become.
  static std::int64_t largest_output(TiffEncoding encoding, std::int64_t chunk_bytes);

 private:
  struct State;
  TiffEncoding encoding_;
  std::unique_ptr<State> state_;
};

}  // namespace vox
