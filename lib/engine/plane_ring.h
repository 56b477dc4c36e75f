// The last planes of a volume that streams by.
#pragma once

#include "engine/buffer.h"

namespace vox {

/// Has room for so many planes that follow each other; a further one takes the place of the first.
class PlaneRing {
 public:
  PlaneRing() = default;
  PlaneRing(std::int64_t planes, std::int64_t plane_bytes)
      : planes_(planes), plane_bytes_(plane_bytes), buffer_(planes * plane_bytes) {}

  std::byte* plane(std::int64_t z) const { return buffer_.data() + z % planes_ * plane_bytes_; }

 private:
  std::int64_t planes_ = 1;
  std::int64_t plane_bytes_ = 0;
  Buffer buffer_;
};

}  // namespace vox
