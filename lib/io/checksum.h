// CRC-32C (Castagnoli), the checksum of the stream's voxels.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace vox {

/// A checksum over bytes that come in pieces.
class Crc32c {
 public:
  void add(std::span<const std::byte> bytes);
  std::uint32_t value() const { return ~state_; }
  /// Eight lower-case hexadecimal digits.
  std::string hex() const;

 private:
  std::uint32_t state_ = 0xffffffff;
};

/// The checksum of bytes with the checksum `first`, followed by `size` bytes with the checksum `second`.
std::uint32_t joined_crc32c(std::uint32_t first, std::uint32_t second, std::int64_t size);
/// Eight lower-case hexadecimal digits.
std::string crc32c_text(std::uint32_t checksum);

}  // namespace vox
