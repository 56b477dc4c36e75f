// XML read piece by piece in constant memory: no tree, no document types, no names but local ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vox {

enum class XmlEvent { start, end, text, finish };

/// Gives elements and text in their order. Strict about what makes XML well-formed, so that text cut short or
/// damaged is told; deeper or wider elements than any honest file has are refused, too.
class XmlReader {
 public:
  /// `where` begins the damaged-input errors that `next` throws. `text` must outlive the reader.
  XmlReader(std::string_view text, std::string where);

  XmlEvent next();

  /// Of the element that started or ended, without its prefix.
  std::string_view name() const { return name_; }
  /// Of the element that started; nothing when it has none of that (local) name.
  std::optional<std::string> attribute(std::string_view name) const;
  /// Of a text event, entities replaced.
  const std::string& text() const { return value_; }

 private:
  [[noreturn]] void bad(const std::string& what) const;
  bool ahead(std::string_view start) const { return text_.substr(at_).starts_with(start); }
  void skip_space();
  std::string_view take_until(std::string_view end, const char* what);
  std::string_view take_name();
  bool skip_aside();
  XmlEvent start_element();
  XmlEvent end_element();
  void read_attribute();
  std::string unescaped(std::string_view raw) const;
  std::string entity(std::string_view name) const;

  std::string_view text_;
  std::string where_;
  std::size_t at_ = 0;
  std::vector<std::string_view> open_;  ///< names of the elements around, prefixes included
  bool had_root_ = false;
  bool empty_element_ = false;  ///< the end of the element that started comes next, without a tag
  std::string_view name_;
  std::vector<std::pair<std::string_view, std::string>> attributes_;
  std::string value_;
};

}  // namespace vox
