// A picture in memory.
#pragma once

#include <cstdint>
#include <vector>

#include "ops/render/colour.h"

namespace vox {

/// Longest side of a picture: no PNG is drawn beyond it.
inline constexpr std::int64_t kMostPixels = 32767;

/// Pixels in rows from the upper left, 0x00RRGGBB.
class Picture {
 public:
  Picture(std::int64_t width, std::int64_t height, const Colour& background)
      : width_(width),
        height_(height),
        pixels_(static_cast<std::size_t>(width * height), packed(background)) {}

  std::int64_t width() const { return width_; }
  std::int64_t height() const { return height_; }
  std::uint32_t* row(std::int64_t y) { return pixels_.data() + y * width_; }
  const std::uint32_t* row(std::int64_t y) const { return pixels_.data() + y * width_; }
  Colour at(std::int64_t x, std::int64_t y) const { return unpacked(row(y)[x]); }

 private:
  std::int64_t width_;
  std::int64_t height_;
  std::vector<std::uint32_t> pixels_;
};

}  // namespace vox
