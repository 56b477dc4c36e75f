#include "ops/render/ticks.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/numbers.h"

namespace vox {
namespace {

std::string fixed(double value, int decimals) {
  std::array<char, 64> buffer{};
  const auto result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, decimals);
  return {buffer.data(), result.ptr};
}

std::string label(double value, double step, double largest) {
  if (largest >= 1e7 || largest < 1e-4) {
    const int digits = static_cast<int>(std::ceil(std::log10(std::max(largest / step, 1.0)))) + 1;
    return format_rounded(value, std::clamp(digits, 1, 17));
  }
  if (step >= 1) return format_count(std::llround(value));
  return fixed(value, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
}

}  // namespace

std::vector<Tick> linear_ticks(double low, double high, int wanted) {
  const double rough = high / wanted - low / wanted;
  if (!(rough > 0) || !std::isfinite(rough)) return {{low, format_number(low)}};
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double ratio = rough / power;
  const double step = power * (ratio <= 1 ? 1 : ratio <= 2 ? 2 : ratio <= 5 ? 5 : 10);
  const double largest = std::max(std::abs(low), std::abs(high));
  // Steps below the resolution of doubles cannot be marked.
  if (step < largest * 1e-15) return {{low, format_number(low)}};
  std::vector<Tick> ticks;
  const double first = std::ceil(low / step - 1e-9);
  for (double n = first; n <= high / step + 1e-9; ++n)
    ticks.push_back({n * step, label(n * step + 0.0, step, largest)});
  return ticks;
}

std::vector<Tick> count_ticks(double high) {
  const int decades = static_cast<int>(std::floor(std::log10(std::max(high, 1.0))));
  const int step = decades > 10 ? 3 : decades > 5 ? 2 : 1;
  std::vector<Tick> ticks;
  for (int decade = 0; decade <= decades; decade += step) {
    const char* const suffixes[] = {"", "k", "M", "G", "T", "P", "E"};
    ticks.push_back({std::pow(10, decade), fixed(std::pow(10, decade % 3), 0) + suffixes[decade / 3]});
  }
  return ticks;
}

}  // namespace vox
