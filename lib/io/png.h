// PNG files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace vox {

/// Row `y` of a picture: `width` pixels, 0x..RRGGBB.
using PixelRow = std::function<const std::uint32_t*(std::int64_t y)>;

/// Gives the bytes of a PNG with 8 bits for each of red, green and blue to `take`, in order. Rows are
/// compressed as they are: the pictures drawn here have few colours, and the filters of PNG, made for
/// photographs, lose what repeats in them, and time. Which bytes come may depend on the processor, which
/// pixels does not. REQUIRES: sides from 1 to 2^31 - 1.
void write_png(std::int64_t width, std::int64_t height, const PixelRow& row,
               const std::function<void(std::span<const std::byte>)>& take);

}  // namespace vox
