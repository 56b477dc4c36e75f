// Numbers to and from text: independent of the locale, and every double survives the round trip.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vox {

/// Parses the whole of `text`; false when it is not a number of that type. Doubles may be "inf" or "nan".
bool try_parse(std::string_view text, double& value);
bool try_parse(std::string_view text, std::int64_t& value);

/// Shortest text that reads back as the same double; whole numbers without a point.
std::string format_number(double value);
/// At most `digits` significant digits, for people.
std::string format_rounded(double value, int digits);
/// "1,024".
std::string format_count(std::int64_t value);
/// "256.0 MiB".
std::string format_bytes(std::int64_t bytes);

/// "64M", "2GiB", "1.5G", "4096" in bytes (K, M, G, T are powers of 1024); throws a usage error.
std::int64_t parse_size(std::string_view text);

std::vector<std::string> split(std::string_view text, char separator);
/// The words with `between` between them.
std::string joined(const std::vector<std::string>& words, std::string_view between);
std::string trimmed(std::string_view text);

}  // namespace vox
