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

}  // namespace vox
