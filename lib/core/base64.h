// Bytes as text of 64 characters (RFC 4648).
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace vox {

/// With padding, without line ends.
std::string base64(std::span<const std::byte> bytes);

}  // namespace vox
