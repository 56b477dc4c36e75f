// Where drawings go.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "ops/render/picture.h"

namespace vox {

enum class PictureFormat { png, svg, pdf };

/// By the extension; `option` names what was given in the usage error for others.
PictureFormat picture_format(const std::string& path, const std::string& option);

/// Takes the bytes of a picture in order.
using TakeBytes = std::function<void(std::span<const std::byte>)>;

/// What takes a drawing, and how: compression is not known here.
struct PictureOutput {
  PictureFormat format = PictureFormat::png;
  TakeBytes take;
  /// Gives a picture as a PNG to the function behind it.
  std::function<void(const Picture&, const TakeBytes&)> encode_png;
};

}  // namespace vox
