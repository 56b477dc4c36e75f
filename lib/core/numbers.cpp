#include "core/numbers.h"

#include <array>
#include <charconv>
#include <cmath>

#include "core/error.h"

namespace vox {
namespace {

template <class T>
bool parse_whole(std::string_view text, T& value) {
  if (text.starts_with("+") && !text.starts_with("+-")) text.remove_prefix(1);
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc{} && end == text.data() + text.size() && !text.empty();
}

}  // namespace

bool try_parse(std::string_view text, double& value) { return parse_whole(text, value); }
bool try_parse(std::string_view text, std::int64_t& value) { return parse_whole(text, value); }

std::string format_number(double value) {
  std::array<char, 40> buffer{};
  const bool plain = value == std::floor(value) && std::abs(value) < 1e16;
  const auto result =
      plain ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed)
            : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), result.ptr};
}

std::string format_rounded(double value, int digits) {
  std::array<char, 40> buffer{};
  const auto result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, digits);
  return {buffer.data(), result.ptr};
}

std::string format_count(std::int64_t value) {
  std::string digits = std::to_string(value);
  const std::int64_t first = value < 0 ? 1 : 0;
  for (auto i = static_cast<std::int64_t>(digits.size()) - 3; i > first; i -= 3)
    digits.insert(static_cast<std::size_t>(i), ",");
  return digits;
}

std::string format_bytes(std::int64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " bytes";
  double amount = static_cast<double>(bytes);
  std::string unit;
  for (const char* next : {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}) {
    if (amount < 1024) break;
    amount /= 1024;
    unit = next;
  }
  std::array<char, 40> buffer{};
  const auto result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), amount, std::chars_format::fixed, 1);
  return std::string(buffer.data(), result.ptr) + " " + unit;
}

std::int64_t parse_size(std::string_view text) {
  const std::string all(text);
  std::size_t digits = text.find_first_not_of("0123456789.");
  if (digits == std::string_view::npos) digits = text.size();
  double amount = 0;
  std::string suffix(text.substr(digits));
  if (suffix.ends_with("iB")) suffix.resize(suffix.size() - 2);
  if (suffix.ends_with("B")) suffix.resize(suffix.size() - 1);
  double factor = 1;
  constexpr std::string_view kPrefixes = "KMGTP";
  if (suffix.size() == 1) {
    const std::size_t power = kPrefixes.find(static_cast<char>(suffix[0] & ~0x20));
    factor = power == std::string_view::npos ? 0 : std::ldexp(1.0, 10 * static_cast<int>(power + 1));
  } else if (!suffix.empty()) {
    factor = 0;
  }
  const bool good = try_parse(text.substr(0, digits), amount) && factor > 0;
  const double bytes = amount * factor;
  if (!good || !(bytes >= 1) || bytes > 9e18)
    fail_usage("'" + all + "' is not a size; write for example 64M or 2G");
  return static_cast<std::int64_t>(bytes);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) text.append(i == 0 ? "" : between).append(words[i]);
  return text;
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlank) - first + 1));
}

}  // namespace vox
