// Working memory of kernels: allocated once a thread, because fresh pages cost more than the work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace vox {

/// At least `bytes` bytes, aligned to a cache line, that stay this thread's until its next call.
inline std::byte* thread_scratch(std::int64_t bytes) {
  constexpr std::size_t kLine = 64;
  thread_local std::unique_ptr<std::byte[]> memory;
  thread_local std::size_t size = 0;
  const std::size_t wanted = static_cast<std::size_t>(bytes) + kLine;
  if (wanted > size) {
    memory.reset();
    memory = std::make_unique_for_overwrite<std::byte[]>(wanted);
    size = wanted;
  }
  const auto address = reinterpret_cast<std::uintptr_t>(memory.get());
  return memory.get() + (kLine - address % kLine) % kLine;
}

/// A row of `count` values begins every so many bytes, on a cache line.
inline std::int64_t scratch_row_bytes(std::int64_t count, std::int64_t value_bytes) {
  return (count * value_bytes + 63) / 64 * 64;
}

}  // namespace vox
