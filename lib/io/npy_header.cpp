#include "io/npy_header.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/json_text.h"
#include "core/numbers.h"

namespace vox {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::int64_t kLongestHeader = 1 << 20;
constexpr std::size_t kMostAxes = 64;  // NumPy's own limit
constexpr std::size_t kAlignment = 64;

/// Reads the few Python literals that a header may hold. Nothing is ever evaluated.
class Literals {
 public:
  Literals(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  [[noreturn]] void bad(const std::string& what) const {
    fail_damaged(where_ + ": the header is damaged at character " + std::to_string(at_) + ": " + what);
  }

  /// True, and past it, when `c` comes next.
  bool take(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!take(c)) bad("'" + std::string(1, c) + "' expected");
  }

  std::string string() {
    skip_space();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') bad("text in quotes expected");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) bad("text has no end");
    std::string value(text_.substr(at_ + 1, end - at_ - 1));
    if (value.find('\\') != std::string::npos) bad("text with a backslash");
    at_ = end + 1;
    return value;
  }

  bool boolean() {
    if (take_word("True")) return true;
    if (take_word("False")) return false;
    bad("True or False expected");
  }

  /// "(3, 4, 5)", "(7,)"; Python 2 wrote "(3L,)".
  std::vector<std::int64_t> sizes() {
    std::vector<std::int64_t> values;
    expect('(');
    while (!take(')')) {
      if (values.size() == kMostAxes) bad("too many axes");
      values.push_back(size());
      if (take(',')) continue;
      expect(')');
      break;
    }
    return values;
  }

  bool next_is(char c) {
    skip_space();
    return at_ < text_.size() && text_[at_] == c;
  }

  void expect_end() {
    skip_space();
    if (at_ != text_.size()) bad("nothing more expected");
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }

  bool take_word(std::string_view word) {
    skip_space();
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  std::int64_t size() {
    skip_space();
    const std::size_t end = std::min(text_.find_first_not_of("0123456789", at_), text_.size());
    std::int64_t value = 0;
    if (!try_parse(text_.substr(at_, end - at_), value)) bad("a size below 2^63 expected");
    at_ = end;
    take_word("L");
    return value;
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0;
};

std::string taken(ByteSource& bytes, std::int64_t count) {
  std::string text(static_cast<std::size_t>(count), '\0');
  const std::int64_t got = bytes.read(std::as_writable_bytes(std::span(text)));
  if (got < count)
    fail_damaged(bytes.name() + ": header: " + format_count(got) + " of " + format_count(count) +
                 " bytes, the file is cut short");
  return text;
}

std::int64_t little_endian(std::string_view bytes) {
  std::int64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

NpyHeader parse_npy_header(std::string_view text, const std::string& where) {
  Literals literals(text, where);
  NpyHeader header;
  std::set<std::string> seen;
  literals.expect('{');
  while (!literals.take('}')) {
    const std::string key = literals.string();
    literals.expect(':');
    if (!seen.insert(key).second) literals.bad("key " + json_text(key) + " stands there twice");
    if (key == "descr") {
      if (literals.next_is('['))
        fail_usage(where + ": a structured type has several values a voxel; save one field: a['name']");
      header.descr = literals.string();
    } else if (key == "fortran_order") {
      header.fortran_order = literals.boolean();
    } else if (key == "shape") {
      header.shape = literals.sizes();
    } else {
      literals.bad("unknown key " + json_text(key));
    }
    if (literals.take(',')) continue;
    literals.expect('}');
    break;
  }
  literals.expect_end();
  if (seen.size() != 3) literals.bad("descr, fortran_order and shape are needed");
  return header;
}

NpyHeader read_npy_header(ByteSource& bytes, std::int64_t& bytes_taken) {
  const std::string start = taken(bytes, 8);
  const int version = start[6];
  if (!start.starts_with(kMagic) || version < 1 || version > 3)
    fail_damaged(bytes.name() + ": .npy format " + std::to_string(static_cast<unsigned char>(version)) +
                 " is not known; 1 to 3 are");
  const std::int64_t width = version == 1 ? 2 : 4;
  const std::int64_t length = little_endian(taken(bytes, width));
  if (length > kLongestHeader)
    fail_damaged(bytes.name() + ": a header of " + format_count(length) + " bytes is not one of a volume");
  bytes_taken = 8 + width + length;
  return parse_npy_header(taken(bytes, length), bytes.name());
}

std::string npy_header(const VolumeMeta& meta) {
  const std::int64_t size = size_of(meta.dtype);
  const char type = is_float(meta.dtype) ? 'f' : is_signed(meta.dtype) ? 'i' : 'u';
  const std::string descr = std::string(size == 1 ? "|" : "<") + type + std::to_string(size);
  const std::string shape = std::to_string(meta.shape.z) + ", " + std::to_string(meta.shape.y) + ", " +
                            std::to_string(meta.shape.x);
  std::string text = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  constexpr std::size_t kBefore = 10;  // magic, version, length
  const std::size_t total = (kBefore + text.size() + 1 + kAlignment - 1) / kAlignment * kAlignment;
  text.resize(total - kBefore - 1, ' ');
  text += '\n';
  std::string header(kMagic);
  header += {'\1', '\0', static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  return header + text;
}

}  // namespace vox
