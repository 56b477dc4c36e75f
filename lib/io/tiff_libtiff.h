// The codecs that libtiff alone has, on memory: no file of ours ever is libtiff's.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "io/tiff_tags.h"

namespace vox {

/// Decodes chunks of one codec. Not thread-safe: each thread has its own.
class LibtiffDecoder {
 public:
  /// Chunks have at most `rows` rows of `row_bytes` bytes.
  LibtiffDecoder(TiffCodec codec, std::int64_t row_bytes, std::int64_t rows);
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
