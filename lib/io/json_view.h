// JSON that was read, as a tree to look at: for formats whose metadata are JSON.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace vox {

/// A value of a document, or none where the document has none. Lives as long as its document.
class JsonView {
 public:
  JsonView() = default;
  explicit JsonView(const void* node) : node_(node) {}

  /// False also for null.
  explicit operator bool() const;
  bool is_object() const;
  bool is_array() const;

  /// A member of an object; none where there is none or this is no object.
  JsonView operator[](std::string_view key) const;
  /// Of an array or object; 0 for anything else.
  std::size_t size() const;
  /// An element of an array; none behind its end or where this is no array.
  JsonView at(std::size_t index) const;

  std::optional<std::string> text() const;
  std::optional<double> number() const;
  std::optional<bool> boolean() const;
  /// A number without fraction that fits, or 1.0 for 1.
  std::optional<std::int64_t> whole() const;
  std::optional<std::uint64_t> unsigned_whole() const;
  /// The value as JSON in one line.
  std::string dump() const;

 private:
  const void* node_ = nullptr;
};

class JsonDocument {
 public:
  /// Throws a damaged-input error that begins with `where` for anything that is not a JSON object, or one
  /// that is nested deeper than any file has reason to.
  JsonDocument(std::string_view text, const std::string& where);
  ~JsonDocument();
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;

  JsonView root() const;

 private:
  struct Tree;
  std::unique_ptr<Tree> tree_;
};

}  // namespace vox
