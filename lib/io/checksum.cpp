#include "io/checksum.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace vox {

void Crc32c::add(std::span<const std::byte> bytes) {
  // The library counts bytes in an int. It reads only, though its pointer is not const.
  constexpr std::size_t kLargestPiece = std::size_t{1} << 30;
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min(bytes.size(), kLargestPiece));
    auto* data = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(piece.data()));
    state_ = crc32_iscsi(data, static_cast<int>(piece.size()), state_);
    bytes = bytes.subspan(piece.size());
  }
}

std::string Crc32c::hex() const {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[value() >> shift & 15u];
  return text;
}

}  // namespace vox
