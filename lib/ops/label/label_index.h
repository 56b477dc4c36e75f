// Numbers labels of any size 0, 1, ... as they come.
#pragma once

#include <cstdint>
#include <vector>

namespace vox {

/// A hash table with linear probing; fast when labels come in clusters.
class LabelIndex {
 public:
  std::int64_t size() const { return static_cast<std::int64_t>(labels_.size()); }
  std::uint64_t label(std::int64_t index) const { return labels_[static_cast<std::size_t>(index)]; }

  /// The number of a label, a new one when it comes for the first time.
  std::int64_t add(std::uint64_t label) {
    if (2 * (labels_.size() + 1) > slots_.size()) grow();
    std::int64_t& slot = slots_[slot_of(label)];
    if (slot < 0) {
      slot = size();
      labels_.push_back(label);
    }
    return slot;
  }

  /// The number of a label, or -1.
  std::int64_t find(std::uint64_t label) const { return slots_.empty() ? -1 : slots_[slot_of(label)]; }

  /// Bytes for each label.
  static constexpr std::int64_t kEntryBytes = std::int64_t{6} * 8;

 private:
  std::size_t slot_of(std::uint64_t label) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = (label * 0x9e3779b97f4a7c15u >> shift_) & mask;
    while (slots_[at] >= 0 && labels_[static_cast<std::size_t>(slots_[at])] != label) at = (at + 1) & mask;
    return at;
  }

  void grow() {
    const std::size_t size = slots_.empty() ? 64 : 2 * slots_.size();
    shift_ = slots_.empty() ? 58 : shift_ - 1;
    slots_.assign(size, -1);
    for (std::size_t i = 0; i < labels_.size(); ++i)
      slots_[slot_of(labels_[i])] = static_cast<std::int64_t>(i);
  }

  std::vector<std::uint64_t> labels_;
  std::vector<std::int64_t> slots_;
  int shift_ = 58;
};

}  // namespace vox
