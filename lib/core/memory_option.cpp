#include "core/memory_option.h"

namespace vox {

std::string memory_option(std::int64_t bytes) {
  constexpr std::int64_t kMebibyte = 1 << 20;
  const std::int64_t unit = bytes < kMebibyte ? 1024 : kMebibyte;
  return std::to_string((bytes + unit - 1) / unit) + (unit == kMebibyte ? "M" : "K");
}

}  // namespace vox
