#include "io/xml_reader.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/error.h"
#include "core/json_text.h"
#include "core/numbers.h"

namespace vox {
namespace {

constexpr std::size_t kDeepest = 64;
constexpr std::size_t kMostAttributes = 256;
constexpr std::string_view kSpace = " \t\r\n";

std::string_view local(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string utf8(std::uint32_t code) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xc0 | code >> 6), byte(0x80 | (code & 63))};
  if (code < 0x10000)
    return {byte(0xe0 | code >> 12), byte(0x80 | (code >> 6 & 63)), byte(0x80 | (code & 63))};
  return {byte(0xf0 | code >> 18), byte(0x80 | (code >> 12 & 63)), byte(0x80 | (code >> 6 & 63)),
          byte(0x80 | (code & 63))};
}

}  // namespace

XmlReader::XmlReader(std::string_view text, std::string where) : text_(text), where_(std::move(where)) {
  if (ahead("\xef\xbb\xbf")) at_ = 3;
}

void XmlReader::bad(const std::string& what) const {
  fail_damaged(where_ + ": byte " + format_count(static_cast<std::int64_t>(at_)) + ": " + what +
               "; the file is damaged or cut short");
}

void XmlReader::skip_space() { at_ = std::min(text_.size(), text_.find_first_not_of(kSpace, at_)); }

/// What stands before `end`, which is passed over.
std::string_view XmlReader::take_until(std::string_view end, const char* what) {
  const std::size_t found = text_.find(end, at_);
  if (found == std::string_view::npos) bad(std::string(what) + " without an end");
  const std::string_view taken = text_.substr(at_, found - at_);
  at_ = found + end.size();
  return taken;
}

std::string_view XmlReader::take_name() {
  const std::size_t end = std::min(text_.size(), text_.find_first_of(" \t\r\n/>=<\"'&", at_));
  if (end == at_) bad("a name is missing");
  const std::string_view name = text_.substr(at_, end - at_);
  at_ = end;
  return name;
}

/// Passes over a comment or an instruction; false when there is none.
bool XmlReader::skip_aside() {
  if (ahead("<!--")) return at_ += 4, take_until("-->", "a comment"), true;
  if (ahead("<?")) return at_ += 2, take_until("?>", "an instruction"), true;
  return false;
}

XmlEvent XmlReader::next() {
  if (empty_element_) {
    empty_element_ = false;
    name_ = local(open_.back());
    open_.pop_back();
    return XmlEvent::end;
  }
  if (open_.empty()) skip_space();
  while (skip_aside())
    if (open_.empty()) skip_space();
  if (at_ == text_.size()) {
    if (!open_.empty() || !had_root_) bad("the text ends too early");
    return XmlEvent::finish;
  }
  if (ahead("</")) return end_element();
  if (ahead("<![CDATA[") && !open_.empty()) {
    at_ += 9;
    value_ = take_until("]]>", "a CDATA section");
    return XmlEvent::text;
  }
  if (ahead("<!")) bad("a document type, which is not read");
  if (ahead("<")) return start_element();
  if (open_.empty()) bad("text outside of all elements");
  const std::size_t end = std::min(text_.size(), text_.find('<', at_));
  value_ = unescaped(text_.substr(at_, end - at_));
  at_ = end;
  return XmlEvent::text;
}

XmlEvent XmlReader::start_element() {
  if (open_.empty() && had_root_) bad("a second root element");
  if (open_.size() == kDeepest) bad("elements are nested too deeply");
  had_root_ = true;
  ++at_;
  open_.push_back(take_name());
  name_ = local(open_.back());
  attributes_.clear();
  for (;;) {
    skip_space();
    if (ahead("/>")) {
      at_ += 2;
      empty_element_ = true;
      return XmlEvent::start;
    }
    if (ahead(">")) {
      ++at_;
      return XmlEvent::start;
    }
    read_attribute();
  }
}

void XmlReader::read_attribute() {
  const std::string_view name = take_name();
  if (attributes_.size() == kMostAttributes) bad("an element has too many attributes");
  skip_space();
  if (!ahead("=")) bad("an attribute without a value");
  ++at_;
  skip_space();
  if (!ahead("\"") && !ahead("'")) bad("an attribute's value without quotes");
  const std::string_view quote = text_.substr(at_++, 1);
  const std::string_view raw = take_until(quote, "an attribute's value");
  if (raw.find('<') != std::string_view::npos) bad("an attribute's value without an end");
  // Prefixed ones (xsi:, xml:) and name spaces are nobody's business here.
  if (name.find(':') == std::string_view::npos) attributes_.emplace_back(name, unescaped(raw));
}

XmlEvent XmlReader::end_element() {
  at_ += 2;
  const std::string_view name = take_name();
  skip_space();
  if (!ahead(">")) bad("an end tag without an end");
  if (open_.empty() || open_.back() != name) bad("an end tag of another element than the open one");
  ++at_;
  name_ = local(name);
  open_.pop_back();
  return XmlEvent::end;
}

std::optional<std::string> XmlReader::attribute(std::string_view name) const {
  for (const auto& [key, value] : attributes_)
    if (key == name) return value;
  return {};
}

std::string XmlReader::unescaped(std::string_view raw) const {
  std::string text;
  text.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size();) {
    const char c = raw[at];
    if (static_cast<unsigned char>(c) < 32 && kSpace.find(c) == std::string_view::npos)
      bad("a control character");
    if (c != '&') {
      text += c;
      ++at;
      continue;
    }
    const std::size_t end = raw.find(';', at);
    if (end == std::string_view::npos || end - at > 12) bad("'&' that begins no entity");
    text += entity(raw.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return text;
}

std::string XmlReader::entity(std::string_view name) const {
  constexpr std::array<std::pair<std::string_view, char>, 5> kNamed = {
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
  for (const auto& [known, character] : kNamed)
    if (name == known) return {character};
  const bool hexadecimal = name.starts_with("#x");
  const std::string_view digits = name.substr(std::min<std::size_t>(name.size(), hexadecimal ? 2 : 1));
  std::uint32_t code = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), code, hexadecimal ? 16 : 10);
  const bool number = name.starts_with("#") && error == std::errc() && end == digits.data() + digits.size();
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (!number || code == 0 || code > 0x10ffff || surrogate) bad("unknown entity " + json_text(name));
  return utf8(code);
}

}  // namespace vox
