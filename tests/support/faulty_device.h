// A device in memory that behaves as badly as real ones may: short transfers, interruptions, failures at a
// given byte.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "io/bytes.h"

namespace vox::test {

struct Faults {
  std::size_t longest_transfer = SIZE_MAX;  ///< never more bytes at once
  bool interrupt_every_other_call = false;  ///< EINTR
  std::int64_t fail_at = INT64_MAX;  ///< calls that would pass this byte fail, once they cannot do less
  int error_number = EIO;
};

class FaultyDevice : public ByteDevice {
 public:
  FaultyDevice(std::vector<std::byte>& content, const Faults& faults) : content_(content), faults_(faults) {}

  ssize_t read(std::byte* data, std::size_t size) override {
    const ssize_t moved = read_at(data, size, position_);
    if (moved > 0) position_ += moved;
    return moved;
  }
  ssize_t read_at(std::byte* data, std::size_t size, std::int64_t offset) override {
    const ssize_t allowed = allow(size, offset);
    if (allowed < 0) return -1;
    const std::int64_t there = std::max<std::int64_t>(0, static_cast<std::int64_t>(content_.size()) - offset);
    const std::int64_t moved = std::min<std::int64_t>(allowed, there);
    if (moved > 0) std::memcpy(data, content_.data() + offset, static_cast<std::size_t>(moved));
    return moved;
  }
  ssize_t write(const std::byte* data, std::size_t size) override {
    const ssize_t moved = write_at(data, size, position_);
    if (moved > 0) position_ += moved;
    return moved;
  }
  ssize_t write_at(const std::byte* data, std::size_t size, std::int64_t offset) override {
    const ssize_t allowed = allow(size, offset);
    if (allowed < 0) return -1;
    const auto end = static_cast<std::size_t>(offset + allowed);
    if (content_.size() < end) content_.resize(end);
    std::memcpy(content_.data() + offset, data, static_cast<std::size_t>(allowed));
    return allowed;
  }
  int flush() override { return 0; }

 private:
  ssize_t allow(std::size_t size, std::int64_t offset) {
    if (faults_.interrupt_every_other_call && ++calls_ % 2 == 1) {
      errno = EINTR;
      return -1;
    }
    auto allowed = static_cast<std::int64_t>(std::min(size, faults_.longest_transfer));
    allowed = std::min(allowed, faults_.fail_at - offset);
    if (allowed > 0 || size == 0) return allowed;
    errno = faults_.error_number;
    return -1;
  }

  std::vector<std::byte>& content_;
  Faults faults_;
  std::int64_t position_ = 0;
  int calls_ = 0;
};

}  // namespace vox::test
