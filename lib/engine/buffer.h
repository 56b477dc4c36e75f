// Memory for voxels: allocated once, on huge pages where the system gives them, and used again for every
// block.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vox {

/// Owns bytes that begin at a cache line. Fresh pages cost more than copying into old ones, so keep buffers.
class Buffer {
 public:
  Buffer() = default;
  /// Throws an exit-3 error when the system has no such amount.
  explicit Buffer(std::int64_t bytes);
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();

  std::byte* data() const { return data_; }
  std::int64_t size() const { return size_; }

 private:
  std::byte* data_ = nullptr;
  std::int64_t size_ = 0;
};

}  // namespace vox
