// What an object has gathered, as bytes: kept by one process, taken up by another.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace vox {

/// Members pass through one after the other, in the same order both ways: `state.value(count_)` writes, or
/// reads when the state was made of bytes. In this machine's byte order. Bytes that cannot be what was
/// written throw a damaged-input error.
class KeptState {
 public:
  /// To be filled.
  KeptState() = default;
  /// To be read.
  explicit KeptState(std::vector<std::byte> bytes) : loading_(true), bytes_(std::move(bytes)) {}

  bool loading() const { return loading_; }
  const std::vector<std::byte>& bytes() const { return bytes_; }

  /// A number, or a structure of numbers without gaps between them.
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void value(T& value) { pass(std::as_writable_bytes(std::span(&value, 1))); }
  /// As many as there are in both objects.
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void values(std::vector<T>& values) {
    check_size(static_cast<std::int64_t>(values.size()));
    pass(std::as_writable_bytes(std::span(values)));
  }
  /// As many as there are in the object that was kept.
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void list(std::vector<T>& values) {
    values.resize(static_cast<std::size_t>(
        passed_size(static_cast<std::int64_t>(values.size()), std::int64_t{sizeof(T)})));
    pass(std::as_writable_bytes(std::span(values)));
  }
  /// As `values`, of counters, many of which are zero or small: in few bytes.
  template <std::integral T>
  void counts(std::vector<T>& counts) {
    check_size(static_cast<std::int64_t>(counts.size()));
    for (std::size_t i = 0; i < counts.size();) {
      const auto count = passed_count(static_cast<std::uint64_t>(counts[i]));
      counts[i++] = static_cast<T>(count);
      if (count != 0) continue;
      std::size_t zeros = 0;
      if (!loading_)
        while (i + zeros < counts.size() && counts[i + zeros] == 0) ++zeros;
      for (zeros = passed_zeros(zeros, counts.size() - i); zeros > 0; --zeros) counts[i++] = 0;
    }
  }

  /// REQUIRES: loading. Throws when there is more than was asked for.
  void check_end() const;

 private:
  void pass(std::span<std::byte> member);
  void check_size(std::int64_t size);
  std::int64_t passed_size(std::int64_t size, std::int64_t element);
  std::uint64_t passed_count(std::uint64_t count);
  std::size_t passed_zeros(std::size_t zeros, std::size_t most);

  bool loading_ = false;
  std::vector<std::byte> bytes_;
  std::size_t read_ = 0;
};

}  // namespace vox
