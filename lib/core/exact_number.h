// Numbers with every digit of a 64-bit integer, which a double has not: limits and thresholds.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace vox {

/// Parses the whole of `text`: a whole number of 64 bits exactly, anything else as a double.
bool try_parse_exact(std::string_view text, long double& value);
/// The same; throws a usage error.
long double parse_exact(std::string_view text);
/// "LO,HI".
std::array<long double, 2> parse_exact_pair(std::string_view text);

/// Whole numbers of 64 bits with all digits, others as `format_number`.
std::string format_exact(long double value);

}  // namespace vox
