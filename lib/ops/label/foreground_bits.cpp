#include "ops/label/foreground_bits.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "ops/stats/inside.h"

namespace vox {
namespace {

constexpr std::int64_t kStoreBytes = 16 << 10;

/// Eight bytes that are 0 or 1 as eight bits, the first byte lowest.
std::uint64_t packed(std::uint64_t flags) { return flags * 0x0102040810204080u >> 56; }

}  // namespace

std::int64_t foreground_bits(const std::byte* voxels, DType dtype, std::int64_t count, std::uint64_t* bits) {
  alignas(64) std::uint8_t keep[kSegment];
  std::int64_t set = 0;
  for (std::int64_t first = 0; first < count; first += kSegment) {
    const std::int64_t part = std::min(kSegment, count - first);
    const std::int64_t words = bit_words(part);
    inside_flags(voxels + first * size_of(dtype), dtype, part, keep);
    std::memset(keep + part, 0, static_cast<std::size_t>(words * 64 - part));
    for (std::int64_t word = 0; word < words; ++word) {
      std::uint64_t result = 0;
      for (int i = 0; i < 8; ++i) {
        std::uint64_t flags = 0;
        std::memcpy(&flags, keep + word * 64 + i * 8, sizeof flags);
        result |= packed(flags) << (8 * i);
      }
      bits[first / 64 + word] = result;
      set += std::popcount(result);
    }
  }
  return set;
}

std::int64_t ForegroundBits::rows_at_once() const {
  return std::max<std::int64_t>(1, kStoreBytes / (8 * bit_words(shape_.x)));
}

std::int64_t ForegroundBits::memory_bytes() const { return rows_at_once() * bit_words(shape_.x) * 8; }

void ForegroundBits::observe(std::span<const ConstBlock> blocks) {
  const ConstBlock& block = blocks[0];
  const Extent3 size = block.shape();
  const std::int64_t words = bit_words(shape_.x);
  const std::int64_t at_once = rows_at_once();
  words_.resize(static_cast<std::size_t>(at_once * words));
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; y += at_once) {
      const std::int64_t rows = std::min(at_once, size.y - y);
      for (std::int64_t row = 0; row < rows; ++row)
        foreground_ += foreground_bits(block.row(z, y + row), block.dtype, size.x,
                                       &words_[static_cast<std::size_t>(row * words)]);
      store_((block.box.begin.z + z) * shape_.y + block.box.begin.y + y,
             std::span(words_).first(static_cast<std::size_t>(rows * words)));
    }
}

void ForegroundBits::merge(const Reducer& other) {
  foreground_ += dynamic_cast<const ForegroundBits&>(other).foreground_;
}

}  // namespace vox
