#include "io/checksum.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace vox {
namespace {

/// Polynomials over bits have the highest bit for x^0.
constexpr std::uint32_t kOne = 0x80000000;
constexpr std::uint32_t kCastagnoli = 0x82f63b78;

/// a * b modulo the checksum's polynomial.
std::uint32_t product(std::uint32_t a, std::uint32_t b) {
  std::uint32_t result = 0;
  for (std::uint32_t term = kOne; term != 0; term >>= 1) {
    if ((a & term) != 0) result ^= b;
    b = (b & 1u) != 0 ? b >> 1 ^ kCastagnoli : b >> 1;
  }
  return result;
}

}  // namespace

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

std::string Crc32c::hex() const { return crc32c_text(value()); }

std::string crc32c_text(std::uint32_t checksum) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[checksum >> shift & 15u];
  return text;
}

std::uint32_t joined_crc32c(std::uint32_t first, std::uint32_t second, std::int64_t size) {
  // Bytes behind others multiply their polynomial by x^8 each; adding the polynomials is exclusive or.
  std::uint32_t power = kOne >> 8;
  for (; size > 0; size >>= 1, power = product(power, power))
    if ((size & 1) != 0) first = product(power, first);
  return first ^ second;
}

}  // namespace vox
