// JSON as text, written in the order given: for results and reports that programs read.
#pragma once

#include <array>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vox {

/// Quoted and escaped, all control characters too. Bytes that are not UTF-8 (a file name may hold any) become
/// U+FFFD, so that the result is JSON.
std::string json_text(std::string_view text);
/// The same JSON with the control characters escaped that JSON allows and a terminal may obey: DEL and U+0080
/// to U+009F.
std::string escape_controls(std::string_view json);
/// The shortest digits that read back as the same double; null for NaN and infinities, which JSON cannot say.
std::string json_text(double value);
/// Whole numbers of any width, all digits; true and false for bool.
template <std::integral T>
std::string json_text(T value) {
  if constexpr (std::same_as<T, bool>)
    return value ? "true" : "false";
  else
    return std::to_string(value);
}

class JsonArray;
class JsonObject;
std::string json_text(const JsonArray& array);
std::string json_text(const JsonObject& object);
template <class T>
std::string json_text(const std::vector<T>& values);
template <class T, std::size_t N>
std::string json_text(const std::array<T, N>& values);
/// null when there is no value.
template <class T>
std::string json_text(const std::optional<T>& value) {
  return value ? json_text(*value) : "null";
}

/// `[1, 2.5, "three"]`, element by element.
class JsonArray {
 public:
  /// Anything that `json_text` takes.
  template <class T>
  JsonArray& add(const T& value) {
    return add_json(json_text(value));
  }
  /// Text that is JSON already.
  JsonArray& add_json(std::string_view json);
  std::string text() const { return "[" + members_ + "]"; }

 private:
  std::string members_;
};

/// `{"key": value, ...}`; keys stand in the order in which they were added.
class JsonObject {
 public:
  /// Anything that `json_text` takes.
  template <class T>
  JsonObject& add(std::string_view key, const T& value) {
    return add_json(key, json_text(value));
  }
  /// Text that is JSON already.
  JsonObject& add_json(std::string_view key, std::string_view json);
  std::string text() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

template <class T>
std::string json_text(const std::vector<T>& values) {
  JsonArray array;
  for (const T& value : values) array.add(value);
  return array.text();
}

template <class T, std::size_t N>
std::string json_text(const std::array<T, N>& values) {
  JsonArray array;
  for (const T& value : values) array.add(value);
  return array.text();
}

}  // namespace vox
