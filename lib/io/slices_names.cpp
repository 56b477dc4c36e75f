#include "io/slices_names.h"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <map>

#include "core/error.h"
#include "core/numbers.h"
#include "io/bytes.h"

namespace vox {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLargestList = 1 << 30;
constexpr std::size_t kMostDigits = 18;  // more is a serial number, not a count

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A file's name cut into texts and numbers: text, number, text, number, ..., text.
struct SliceName {
  std::vector<std::string> texts = {""};
  std::vector<std::int64_t> numbers;
};

SliceName parse_name(const std::string& path) {
  const std::string stem = fs::path(path).stem().string();
  SliceName name;
  for (std::size_t at = 0; at < stem.size();) {
    std::size_t end = at;
    while (end < stem.size() && is_digit(stem[end])) ++end;
    std::int64_t number = 0;
    if (end > at && end - at <= kMostDigits && try_parse(stem.substr(at, end - at), number)) {
      name.numbers.push_back(number);
      name.texts.emplace_back();
    } else {
      end = std::max(end, at + 1);
      name.texts.back() += stem.substr(at, end - at);
    }
    at = end;
  }
  return name;
}

/// The texts that most names have: the others do not belong.
std::vector<std::string> usual_texts(const std::vector<SliceName>& names) {
  std::map<std::vector<std::string>, std::size_t> counts;
  for (const SliceName& name : names) ++counts[name.texts];
  const auto most = std::max_element(counts.begin(), counts.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most->first;
}

std::int64_t step_at(const std::vector<SliceName>& names, std::size_t column, std::size_t i) {
  return names[i].numbers[column] - names[i - 1].numbers[column];
}

bool varies(const std::vector<SliceName>& names, std::size_t column) {
  for (std::size_t i = 1; i < names.size(); ++i)
    if (step_at(names, column, i) != 0) return true;
  return false;
}

bool counts_by(const std::vector<SliceName>& names, std::size_t column, std::int64_t step) {
  for (std::size_t i = 1; i < names.size(); ++i)
    if (step_at(names, column, i) != step) return false;
  return true;
}

[[noreturn]] void fail_gap(const std::vector<std::string>& paths, const std::vector<SliceName>& names,
                           std::size_t column, std::int64_t step) {
  std::size_t i = 1;
  while (step_at(names, column, i) == step) ++i;
  const std::int64_t before = names[i - 1].numbers[column];
  const std::int64_t here = names[i].numbers[column];
  if (here == before) fail_damaged(paths[i] + ": has the same number as " + paths[i - 1]);
  if (here < before) fail_damaged(paths[i] + ": its number does not follow that of " + paths[i - 1]);
  const std::int64_t missing = (here - before) / step - 1;
  fail_damaged(paths[i] + ": " +
               (missing == 1 ? "slice " + std::to_string(before + step) + " is"
                             : "slices " + std::to_string(before + step) + " to " +
                                   std::to_string(here - step) + " are") +
               " missing between " + fs::path(paths[i - 1]).filename().string() + " and this one");
}

bool is_tiff_name(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".tif" || extension == ".tiff";
}

std::vector<std::string> list_folder(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const fs::path& path = at->path();
    if (is_tiff_name(path) && path.filename().string()[0] != '.') paths.push_back(path.string());
  }
  if (error) fail_system(folder, error.value());
  if (paths.empty()) fail_usage(folder + ": holds no .tif or .tiff files");
  return paths;
}

std::vector<std::string> list_pattern(const std::string& pattern) {
  glob_t found{};
  const int result = ::glob(pattern.c_str(), GLOB_NOSORT | GLOB_ERR, nullptr, &found);
  std::vector<std::string> paths(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (result == GLOB_NOMATCH || (result == 0 && paths.empty()))
    fail_usage(pattern + ": no file has such a name");
  if (result != 0) fail(pattern + ": the folder cannot be read");
  return paths;
}

std::vector<std::string> list_file(const std::string& list) {
  ByteSource file = ByteSource::open(list);
  if (!file.size()) fail_usage("@" + list + ": is not a regular file");
  if (*file.size() > kLargestList) fail_usage("@" + list + ": is too large for a list of slices");
  std::string text(static_cast<std::size_t>(*file.size()), '\0');
  text.resize(static_cast<std::size_t>(file.read(std::as_writable_bytes(std::span(text)))));
  std::vector<std::string> paths;
  for (const std::string& line : split(text, '\n')) {
    const std::string path = trimmed(line);
    if (path.empty()) continue;
    const fs::path beside = fs::path(list).parent_path() / path;
    paths.push_back(!fs::exists(path) && fs::exists(beside) ? beside.string() : path);
  }
  if (paths.empty()) fail_usage("@" + list + ": names no files");
  return paths;
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[j])) {
      if (a[i] != b[j]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
      ++i, ++j;
      continue;
    }
    while (i < a.size() && a[i] == '0') ++i;
    while (j < b.size() && b[j] == '0') ++j;
    std::size_t a_end = i, b_end = j;
    while (a_end < a.size() && is_digit(a[a_end])) ++a_end;
    while (b_end < b.size() && is_digit(b[b_end])) ++b_end;
    if (a_end - i != b_end - j) return a_end - i < b_end - j;
    const int order = a.substr(i, a_end - i).compare(b.substr(j, b_end - j));
    if (order != 0) return order < 0;
    i = a_end, j = b_end;
  }
  if (a.size() - i != b.size() - j) return a.size() - i < b.size() - j;
  return a < b;  // equal but for leading zeros
}

void check_numbering(const std::vector<std::string>& paths, bool any_step) {
  if (paths.size() < 2) return;
  std::vector<SliceName> names;
  names.reserve(paths.size());
  for (const std::string& path : paths) names.push_back(parse_name(path));
  const std::vector<std::string> texts = usual_texts(names);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i].texts != texts)
      fail_damaged(paths[i] +
                   ": its name does not belong to the other slices; choose files with a quoted glob");
  std::vector<std::size_t> varying;
  for (std::size_t column = 0; column < names[0].numbers.size(); ++column)
    if (varies(names, column)) varying.push_back(column);
  for (std::size_t column : varying)
    if (counts_by(names, column, 1)) return;
  if (varying.empty()) {
    if (names[0].numbers.empty()) return;
    fail_damaged(paths[1] + ": has the same number as " + paths[0]);
  }
  const std::size_t column = varying.back();
  const std::int64_t step = any_step && paths.size() > 2 ? step_at(names, column, 1) : 1;
  if (step > 1 && counts_by(names, column, step)) return;
  if (varying.size() > 1)
    fail_usage(paths[0] + ": names vary in " + std::to_string(varying.size()) +
               " numbers; choose those of one volume with a quoted glob");
  fail_gap(paths, names, column, 1);
}

std::vector<std::string> list_slices(const std::string& input) {
  const bool is_list = input.starts_with("@");
  const bool is_folder = !is_list && fs::is_directory(input);
  std::vector<std::string> paths = is_list     ? list_file(input.substr(1))
                                   : is_folder ? list_folder(input)
                                               : list_pattern(input);
  std::sort(paths.begin(), paths.end(), natural_less);
  check_numbering(paths, !is_folder);
  return paths;
}

}  // namespace vox
