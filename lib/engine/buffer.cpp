#include "engine/buffer.h"

#include <sys/mman.h>

#include <utility>

#include "core/error.h"
#include "core/numbers.h"

namespace vox {
namespace {

constexpr std::int64_t kHugePage = 2 << 20;

}  // namespace

Buffer::Buffer(std::int64_t bytes) : size_(bytes) {
  if (bytes == 0) return;
  // Only whole huge pages are asked for as such, so that a small buffer stays small.
  void* memory = ::mmap(nullptr, static_cast<std::size_t>(bytes), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    size_ = 0;
    fail_memory("the system has no " + format_bytes(bytes) + " for buffers; use a smaller --memory");
  }
  if (bytes >= kHugePage) ::madvise(memory, static_cast<std::size_t>(bytes), MADV_HUGEPAGE);
  data_ = static_cast<std::byte*>(memory);
}

Buffer::Buffer(Buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Buffer::~Buffer() {
  if (data_ != nullptr) ::munmap(data_, static_cast<std::size_t>(size_));
}

}  // namespace vox
