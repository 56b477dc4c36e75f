// The codecs that libtiff alone has, on memory: no file of ours ever is libtiff's.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "io/tiff_tags.h"

namespace vox {

/// How chunks are coded, and what they are when decoded.
struct TiffCoding {
  TiffCodec codec = TiffCodec::none;
  std::int64_t row_bytes = 0;
  std::int64_t rows = 0;            ///< at most
  std::int64_t bilevel_pixels = 0;  ///< in a row, of one bit each; 0: pixels are whole bytes
  std::int64_t t4_options = 0;

  bool operator==(const TiffCoding&) const = default;
};

/// Decodes chunks of one coding. Not thread-safe: each thread has its own.
class LibtiffDecoder {
 public:
  explicit LibtiffDecoder(const TiffCoding& coding);
  ~LibtiffDecoder();
  LibtiffDecoder(const LibtiffDecoder&) = delete;
  LibtiffDecoder& operator=(const LibtiffDecoder&) = delete;

  /// Fills `out`, whole rows. False when the data are damaged; `reason()` then says why.
  bool decode(std::span<std::byte> stored, std::span<std::byte> out);
  const std::string& reason() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Encodes one chunk of whole rows and appends it to `out`.
void libtiff_encode(TiffCodec codec, std::span<std::byte> data, std::int64_t row_bytes,
                    std::vector<std::byte>& out);

}  // namespace vox
