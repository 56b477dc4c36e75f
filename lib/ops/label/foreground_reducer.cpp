#include "ops/label/foreground_reducer.h"

#include <algorithm>
#include <bit>

namespace vox {
namespace {

constexpr std::int64_t kStoreBytes = 16 << 10;

}  // namespace

std::int64_t ForegroundReducer::rows_at_once() const {
  return std::max<std::int64_t>(1, kStoreBytes / (8 * bit_words(shape_.x)));
}

std::int64_t ForegroundReducer::memory_bytes() const { return rows_at_once() * bit_words(shape_.x) * 8; }

void ForegroundReducer::observe(std::span<const ConstBlock> blocks) {
  const ConstBlock& block = blocks[0];
  const Extent3 size = block.shape();
  const std::int64_t words = bit_words(shape_.x);
  const std::int64_t at_once = rows_at_once();
  words_.resize(static_cast<std::size_t>(at_once * words));
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; y += at_once) {
      const std::int64_t rows = std::min(at_once, size.y - y);
      for (std::int64_t row = 0; row < rows; ++row)
        foreground_bits(block.dtype, block.row(z, y + row), size.x, {},
                        &words_[static_cast<std::size_t>(row * words)]);
      const auto filled = std::span(words_).first(static_cast<std::size_t>(rows * words));
      for (const std::uint64_t word : filled) foreground_ += std::popcount(word);
      store_((block.box.begin.z + z) * shape_.y + block.box.begin.y + y, filled);
    }
}

void ForegroundReducer::merge(const Reducer& other) {
  foreground_ += dynamic_cast<const ForegroundReducer&>(other).foreground_;
}

}  // namespace vox
