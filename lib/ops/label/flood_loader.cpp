#include "ops/label/flood_loader.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>

#include "ops/stats/inside.h"

namespace vox {

template <class T>
void FloodLoader::load_levels(const T* values, std::int64_t first) {
  using Levels = FloodLevels<T>;
  std::byte* cell = volume_.cells + first * volume_.cell_bytes();
  const std::size_t count = inside_.size();
  for (std::size_t x = 0; x < count; ++x, cell += volume_.cell_bytes()) {
    T value = values[x];
    if constexpr (std::is_same_v<T, float>) {
      if (inputs_.distances) {
        inside_[x] = inside_[x] != 0 && value > 0;
        value = -value;
      }
    }
    const auto level = Levels::of(value);
    std::memcpy(cell, &level, sizeof level);
    const double number = as_double(value);
    if (inside_[x] == 0 || !std::isfinite(number)) continue;
    low_ = std::min(low_, number);
    high_ = std::max(high_, number);
  }
}

template <class T>
void FloodLoader::load_markers(const T* markers, std::int64_t first) {
  if constexpr (std::is_integral_v<T>) {
    using Label = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
    for (std::size_t x = 0; x < inside_.size(); ++x) {
      if (markers[x] == 0 || inside_[x] == 0) continue;
      const Label label = std::bit_cast<UnsignedOf<sizeof(T)>>(markers[x]);
      std::memcpy(volume_.label(first + static_cast<std::int64_t>(x)), &label, sizeof label);
      inside_[x] = 0;
    }
  }
}

/// Words at the ends of a row belong to other rows too, which other threads load.
void FloodLoader::free_row(std::int64_t first) {
  const auto count = static_cast<std::int64_t>(inside_.size());
  std::uint64_t bits = 0;
  for (std::int64_t x = 0; x < count; ++x) {
    const std::int64_t at = first + x;
    bits |= std::uint64_t{inside_[static_cast<std::size_t>(x)]} << (at % 64);
    if (at % 64 != 63 && x + 1 != count) continue;
    std::atomic_ref<std::uint64_t>(volume_.free[at / 64]).fetch_or(bits, std::memory_order_relaxed);
    bits = 0;
  }
}

void FloodLoader::observe(std::span<const ConstBlock> blocks) {
  const ConstBlock& block = blocks[0];
  const Extent3 size = block.shape();
  inside_.resize(static_cast<std::size_t>(size.x));
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y) {
      const std::int64_t first = volume_.grid->row(block.box.begin.z + z, block.box.begin.y + y);
      if (inputs_.mask)
        inside_flags(blocks[1].row(z, y), blocks[1].dtype, size.x, inside_.data());
      else
        std::fill(inside_.begin(), inside_.end(), std::uint8_t{1});
      visit_dtype(block.dtype,
                  [&]<class T>(Type<T>) { load_levels(reinterpret_cast<const T*>(block.row(z, y)), first); });
      if (inputs_.markers)
        visit_dtype(blocks.back().dtype, [&]<class T>(Type<T>) {
          load_markers(reinterpret_cast<const T*>(blocks.back().row(z, y)), first);
        });
      free_row(first);
    }
}

void FloodLoader::merge(const Reducer& other) {
  const auto& that = dynamic_cast<const FloodLoader&>(other);
  low_ = std::min(low_, that.low_);
  high_ = std::max(high_, that.high_);
}

std::optional<Range> FloodLoader::range() const {
  if (low_ > high_) return {};
  return Range{low_, high_};
}

}  // namespace vox
