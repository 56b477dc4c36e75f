// A vector that wastes little: it grows by an eighth, in place where the system can.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <new>
#include <type_traits>

namespace vox {

template <class T>
class SlowGrowing {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  SlowGrowing() = default;
  SlowGrowing(const SlowGrowing&) = delete;
  SlowGrowing& operator=(const SlowGrowing&) = delete;
  ~SlowGrowing() { std::free(begin_); }

  bool empty() const { return end_ == begin_; }
  T* begin() { return begin_; }
  T* end() { return end_; }
  const T& front() const { return *begin_; }
  const T& back() const { return end_[-1]; }
  T& operator[](std::int64_t i) { return begin_[i]; }
  std::int64_t size() const { return end_ - begin_; }
  void clear() { end_ = begin_; }

  void push_back(const T& value) {
    if (end_ == limit_) grow();
    *end_++ = value;
  }
  void pop_back() { --end_; }

  /// Memory for at most so many values.
  static std::int64_t bytes(std::int64_t count) {
    return (count + count / 8 + kLeast) * static_cast<std::int64_t>(sizeof(T));
  }

 private:
  static constexpr std::int64_t kLeast = 1024;

  void grow() {
    const std::int64_t used = size();
    const std::int64_t room = used + used / 8 + kLeast;
    void* const memory = std::realloc(begin_, static_cast<std::size_t>(room) * sizeof(T));
    if (memory == nullptr) throw std::bad_alloc();
    begin_ = static_cast<T*>(memory);
    end_ = begin_ + used;
    limit_ = begin_ + room;
  }

  T* begin_ = nullptr;
  T* end_ = nullptr;
  T* limit_ = nullptr;
};

}  // namespace vox
