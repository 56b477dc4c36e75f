#include "io/nrrd_header.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "core/error.h"
#include "core/numbers.h"
#include "io/checksum.h"
#include "io/text_header.h"

namespace vox {
namespace {

constexpr std::size_t kMostAxes = 16;  // the format's own limit

/// Behind the first empty line.
std::size_t find_header_end(std::string_view text) {
  std::size_t at = 0;
  for (;;) {
    const std::size_t newline = text.find('\n', at);
    if (newline == std::string_view::npos) return newline;
    const std::string_view line = text.substr(at, newline - at);
    if (line.empty() || line == "\r") return newline + 1;
    at = newline + 1;
  }
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string first_spelling(const std::string& name) {
  static const std::map<std::string, std::string> kSpellings = {
      {"datafile", "data file"}, {"lineskip", "line skip"}, {"byteskip", "byte skip"},
      {"centerings", "centers"}, {"axismins", "axis mins"}, {"axis minimums", "axis mins"}};
  const auto found = kSpellings.find(name);
  return found == kSpellings.end() ? name : found->second;
}

/// "\n" and "\\" in values.
std::string without_escapes(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'n' || text[i + 1] == '\\');
    if (escape) ++i;
    plain += escape && text[i] == 'n' ? '\n' : text[i];
  }
  return plain;
}

bool checksum_agrees(const std::string& text, const NrrdHeader& header) {
  const auto line = header.keys.find(kNrrdChecksumKey);
  const std::size_t at = text.rfind("\n" + std::string(kNrrdChecksumKey));
  if (line == header.keys.end() || at == std::string::npos) return false;
  Crc32c checksum;
  checksum.add(std::as_bytes(std::span(text)).first(at + 1));
  return checksum.hex() == line->second;
}

const std::set<std::string>& spatial_kinds() {
  static const std::set<std::string> kKinds = {"domain", "space", "time", "none", "???", ""};
  return kKinds;
}

/// The kind of each axis; empty where the header does not say.
std::vector<std::string> kinds_of(const NrrdHeader& header, std::size_t axes) {
  std::vector<std::string> kinds = header_words(lower_case(header.field("kinds")));
  kinds.resize(axes);
  return kinds;
}

std::vector<std::int64_t> sizes_of(const NrrdHeader& header, const std::string& where) {
  std::vector<std::int64_t> sizes;
  for (const std::string& word : header_words(header.field("sizes"))) {
    std::int64_t size = 0;
    if (!try_parse(word, size) || size < 1)
      fail_damaged(where + ": sizes: " + header_quote(word) + " is not a size");
    sizes.push_back(size);
  }
  if (sizes.empty() || sizes.size() > kMostAxes) fail_damaged(where + ": sizes: 1 to 16 axes are needed");
  if (header.field("dimension") != std::to_string(sizes.size()))
    fail_damaged(where + ": dimension " + header_quote(header.field("dimension")) + ", but " +
                 std::to_string(sizes.size()) + " sizes");
  return sizes;
}

}  // namespace

const std::string& NrrdHeader::field(const std::string& name) const {
  static const std::string kNone;
  const auto found = fields.find(name);
  return found == fields.end() ? kNone : found->second;
}

NrrdHeader read_nrrd_header(ByteSource& bytes) {
  const std::string text = take_header(bytes, find_header_end);
  NrrdHeader header;
  header.bytes = static_cast<std::int64_t>(text.size());
  const std::vector<std::string> lines = header_lines(text);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    const std::size_t colon = line.find(':');
    if (line.empty() || line[0] == '#') continue;
    if (colon == std::string::npos)
      fail_damaged(bytes.name() + ": line " + std::to_string(i + 1) + ": " + header_quote(line) +
                   " is no field of an NRRD header, or the header is cut short");
    if (line.substr(colon, 2) == ":=")
      header.keys[without_escapes(line.substr(0, colon))] = without_escapes(line.substr(colon + 2));
    else
      header.fields[first_spelling(lower_case(trimmed(line.substr(0, colon))))] =
          trimmed(line.substr(colon + 1));
  }
  const bool ended = find_header_end(text) != std::string::npos;
  if (!ended && !header.fields.contains("data file"))
    fail_damaged(bytes.name() + ": the header has no end: the file is cut short");
  header.untouched = checksum_agrees(text, header);
  return header;
}

NrrdAxes nrrd_axes(const NrrdHeader& header, const std::string& where) {
  NrrdAxes axes{sizes_of(header, where), {}};
  const std::vector<std::string> kinds = kinds_of(header, axes.sizes.size());
  const auto spatial = [&](std::size_t axis) { return spatial_kinds().contains(kinds[axis]); };
  for (std::size_t axis = 0; axis < axes.sizes.size(); ++axis) {
    if (axes.sizes[axis] == 1 && !spatial(axis)) continue;
    if (!spatial(axis))
      fail_usage(where + ": axis " + std::to_string(axis) + " (kind " + header_quote(kinds[axis]) + ") has " +
                 std::to_string(axes.sizes[axis]) + " values a voxel; take one: unu slice -a " +
                 std::to_string(axis) + " -p 0");
    axes.chosen.push_back(axis);
  }
  choose_axes(axes.sizes, axes.chosen, where);
  return axes;
}

}  // namespace vox
