// What to give for --memory.
#pragma once

#include <cstdint>
#include <string>

namespace vox {

/// "--memory" text for that many bytes, rounded up: "12M".
std::string memory_option(std::int64_t bytes);

}  // namespace vox
