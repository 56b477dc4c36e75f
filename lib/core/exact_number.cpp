#include "core/exact_number.h"

#include <charconv>
#include <cmath>
#include <cstdint>

#include "core/error.h"
#include "core/numbers.h"

namespace vox {

bool try_parse_exact(std::string_view text, long double& value) {
  double rounded = 0;
  if (!try_parse(text, rounded)) return false;
  value = rounded;
  const auto take_whole = [&](auto whole) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (problem == std::errc() && end == text.data() + text.size()) value = static_cast<long double>(whole);
  };
  take_whole(std::int64_t{0});
  take_whole(std::uint64_t{0});
  return true;
}

long double parse_exact(std::string_view text) {
  long double value = 0;
  if (!try_parse_exact(text, value)) fail_usage("'" + std::string(text) + "' is not a number");
  return value;
}

std::array<long double, 2> parse_exact_pair(std::string_view text) {
  std::array<long double, 2> pair{};
  const std::vector<std::string> parts = split(text, ',');
  if (parts.size() != 2 || !try_parse_exact(parts[0], pair[0]) || !try_parse_exact(parts[1], pair[1]))
    fail_usage("'" + std::string(text) + "' is not a pair of numbers LO,HI");
  if (std::isnan(pair[0]) || std::isnan(pair[1]))
    fail_usage("'" + std::string(text) + "' is no range of numbers");
  return pair;
}

std::string format_exact(long double value) {
  const auto rounded = static_cast<double>(value);
  if (static_cast<long double>(rounded) == value) return format_number(rounded);
  return value < 0 ? std::to_string(static_cast<std::int64_t>(value))
                   : std::to_string(static_cast<std::uint64_t>(value));
}

}  // namespace vox
