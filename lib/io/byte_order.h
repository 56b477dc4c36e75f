// Byte order of voxels: everything that voxpipe writes is little-endian, what it reads may be either.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vox {

/// Reverses the bytes of every element of `size` bytes in place; size 1 does nothing.
void swap_bytes(std::span<std::byte> bytes, std::int64_t size);

/// True when voxels stored in that order must be swapped for this machine.
bool needs_swap(bool big_endian);

}  // namespace vox
