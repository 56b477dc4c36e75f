#include "io/text_header.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/error.h"
#include "core/json_text.h"
#include "core/numbers.h"

namespace vox {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kFirstLook = 4096;
constexpr std::int64_t kLongestHeader = 1 << 20;
constexpr std::size_t kLongestQuote = 60;
constexpr std::string_view kBlanks = " \t\r\v\f";

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

std::string take_header(ByteSource& bytes, std::size_t (*find_end)(std::string_view text)) {
  for (std::int64_t window = kFirstLook;; window *= 2) {
    const auto seen = bytes.peek(window);
    const std::string_view text(reinterpret_cast<const char*>(seen.data()), seen.size());
    std::size_t end = find_end(text);
    if (end == std::string_view::npos) {
      if (window > kLongestHeader)
        fail_damaged(bytes.name() + ": the header has no end within " + format_count(kLongestHeader) +
                     " bytes");
      if (static_cast<std::int64_t>(seen.size()) == window) continue;
      end = seen.size();
    }
    std::string header(end, '\0');
    bytes.read(std::as_writable_bytes(std::span(header)));
    return header;
  }
}

std::vector<std::string> header_lines(std::string_view text) {
  std::vector<std::string> lines = split(text, '\n');
  for (std::string& line : lines)
    if (line.ends_with('\r')) line.pop_back();
  return lines;
}

std::vector<std::string> header_words(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = text.find_first_not_of(kBlanks); at != std::string_view::npos;
       at = text.find_first_not_of(kBlanks, at)) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
    words.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

std::vector<double> header_numbers(std::string_view text) {
  std::vector<double> numbers;
  for (const std::string& word : header_words(text)) {
    double number = 0;
    if (!try_parse(word, number)) return {};
    numbers.push_back(number);
  }
  return numbers;
}

std::string header_quote(std::string_view text) {
  return json_text(text.size() > kLongestQuote ? std::string(text.substr(0, kLongestQuote)) + "..."
                                               : std::string(text));
}

ByteSource open_data_file(const ByteSource& header, std::string_view name) {
  const std::string& path = header.origin().path;
  if (path.empty())
    fail_usage(header.name() + ": the header names a file of voxels, " + header_quote(name) +
               ", which a pipe cannot lead to; name the header's file");
  if (name.starts_with("./")) name.remove_prefix(2);
  const auto refuse = [&](const std::string& why) {
    fail_usage(header.name() + ": the voxels' file " + header_quote(name) + " " + why);
  };
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string_view::npos ||
      name.find('\0') != std::string_view::npos)
    refuse("must be a plain name in the folder of its header; edit the header");
  const std::string beside = (fs::path(path).parent_path() / name).string();
  std::error_code problem;
  if (!fs::is_regular_file(beside, problem)) refuse("is not there, beside the header");
  if (fs::canonical(beside, problem).parent_path() != fs::canonical(folder_of(path), problem))
    refuse("is a link that leads out of its folder; copy the file there");
  return ByteSource::open(beside);
}

std::string data_file_name(const std::string& header_path, const std::string& extension) {
  return fs::path(header_path).stem().string() + extension;
}

std::string data_file_path(const std::string& header_path, const std::string& extension) {
  return (fs::path(header_path).parent_path() / data_file_name(header_path, extension)).string();
}

void choose_axes(const std::vector<std::int64_t>& sizes, std::vector<std::size_t>& chosen,
                 const std::string& where) {
  for (std::size_t i = chosen.size(); i-- > 0 && chosen.size() > 3;)
    if (sizes[chosen[i]] == 1) chosen.erase(chosen.begin() + static_cast<std::ptrdiff_t>(i));
  if (chosen.size() > 3)
    fail_usage(where + ": has " + std::to_string(chosen.size()) + " axes longer than 1, a volume 3: axis " +
               std::to_string(chosen.back()) + " must be cut to one value; unu slice -a " +
               std::to_string(chosen.back()) + " -p 0 does it");
  if (chosen.size() < 2) fail_usage(where + ": has one axis; a volume needs 3, a plane 2");
}

Extent3 chosen_shape(const std::vector<std::int64_t>& sizes, const std::vector<std::size_t>& chosen) {
  return {chosen.size() < 3 ? 1 : sizes[chosen[2]], sizes[chosen[1]], sizes[chosen[0]]};
}

std::array<double, 3> cross(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

Vector3 reversed(const Vector3& vector) { return {vector[2], vector[1], vector[0]}; }

std::optional<std::array<double, 9>> direction_of(const HeaderAxes& axes) {
  std::array<double, 9> direction{};
  bool identity = true;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (std::size_t component = 0; component < 3; ++component) {
      const double value = axes[axis][component];
      if (!std::isfinite(value)) return std::nullopt;
      identity = identity && value == (axis == component ? 1 : 0);
      direction[(2 - component) * 3 + 2 - axis] = value == 0 ? 0 : value;  // no -0
    }
  }
  if (identity) return std::nullopt;
  return direction;
}

HeaderAxes axes_of(const std::optional<std::array<double, 9>>& direction) {
  HeaderAxes axes{};
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (std::size_t component = 0; component < 3; ++component)
      axes[axis][component] = direction           ? (*direction)[(2 - component) * 3 + 2 - axis]
                              : axis == component ? 1
                                                  : 0;
  return axes;
}

bool is_spacing(const Vector3& spacing) {
  return std::all_of(spacing.begin(), spacing.end(),
                     [](double step) { return step > 0 && std::isfinite(step); });
}

}  // namespace vox
