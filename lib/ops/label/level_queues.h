// Which queue a level of a flood belongs to, and which queues hold something.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace vox {

/// Which of 65,536 queues hold something; the lowest is found in three steps.
class QueueMap {
 public:
  void set(std::uint32_t queue) {
    words_[queue >> 6] |= std::uint64_t{1} << (queue & 63);
    above_[queue >> 12] |= std::uint64_t{1} << (queue >> 6 & 63);
    top_ |= 1U << (queue >> 12);
  }
  void clear(std::uint32_t queue) {
    if ((words_[queue >> 6] &= ~(std::uint64_t{1} << (queue & 63))) != 0) return;
    if ((above_[queue >> 12] &= ~(std::uint64_t{1} << (queue >> 6 & 63))) != 0) return;
    top_ &= ~(1U << (queue >> 12));
  }
  bool empty() const { return top_ == 0; }
  std::uint32_t lowest() const {
    const auto block = static_cast<std::uint32_t>(std::countr_zero(top_));
    const auto word = block << 6 | static_cast<std::uint32_t>(std::countr_zero(above_[block]));
    return word << 6 | static_cast<std::uint32_t>(std::countr_zero(words_[word]));
  }

 private:
  std::array<std::uint64_t, 1024> words_{};
  std::array<std::uint64_t, 16> above_{};
  std::uint32_t top_ = 0;
};

inline constexpr std::int64_t kFloodQueues = 1 << 16;

/// Which queue a level belongs to: of 16 bits every level has its own; wider ones share a queue with those
/// that agree in their upper bits, counted from the lowest.
template <class Level>
class LevelQueues {
 public:
  LevelQueues(Level low, Level high) : low_(low), shift_(shift_for(low, high)) {}

  std::uint32_t queue(Level level) const {
    if constexpr (sizeof(Level) <= 2)
      return level;
    else
      return static_cast<std::uint32_t>(static_cast<Level>(level - low_) >> shift_);
  }
  /// A voxel of this level will come.
  void announce(Level level) {
    if constexpr (sizeof(Level) > 2) {
      const std::uint32_t to = queue(level);
      if (!seen_[to]) {
        seen_[to] = 1;
        first_[to] = level;
      } else if (first_[to] != level) {
        mixed_[to] = 1;
      }
    }
  }
  /// True when voxels of more than one level come to the queue.
  bool mixed(std::uint32_t queue) const {
    if constexpr (sizeof(Level) <= 2)
      return false;
    else
      return mixed_[queue] != 0;
  }

 private:
  static constexpr std::size_t kSlots = sizeof(Level) <= 2 ? 0 : kFloodQueues;

  static int shift_for(Level low, Level high) {
    return std::max(0, static_cast<int>(std::bit_width(static_cast<Level>(high - low))) - 16);
  }

  Level low_;
  int shift_;
  std::vector<Level> first_ = std::vector<Level>(kSlots);
  std::vector<std::uint8_t> seen_ = std::vector<std::uint8_t>(kSlots);
  std::vector<std::uint8_t> mixed_ = std::vector<std::uint8_t>(kSlots);
};

}  // namespace vox
