#include "core/params.h"

#include <cmath>

#include "core/error.h"
#include "core/numbers.h"

namespace vox {
namespace {

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

/// One part for each of three axes; a single part stands for all.
std::vector<std::string> three_parts(std::string_view text, const char* expected) {
  std::vector<std::string> parts = split(text, ',');
  if (parts.size() == 1) parts.assign(3, parts[0]);
  if (parts.size() != 3) fail_usage(quoted(text) + " is not " + expected);
  return parts;
}

}  // namespace

Param& Params::declare(std::string name, char short_name, std::string metavar, std::string help) {
  Param& param = list_.emplace_back();
  param.name = std::move(name);
  param.short_name = short_name;
  param.metavar = std::move(metavar);
  param.help = std::move(help);
  return param;
}

void parse_value(std::string_view text, std::string& value) { value = text; }

void parse_value(std::string_view text, double& value) {
  if (!try_parse(text, value)) fail_usage(quoted(text) + " is not a number");
}

void parse_value(std::string_view text, std::int64_t& value) {
  if (!try_parse(text, value)) fail_usage(quoted(text) + " is not a whole number");
}

void parse_value(std::string_view text, int& value) {
  std::int64_t wide = 0;
  parse_value(text, wide);
  if (wide < -1'000'000'000 || wide > 1'000'000'000) fail_usage(quoted(text) + " is out of range");
  value = static_cast<int>(wide);
}

void parse_value(std::string_view text, DType& value) { value = parse_dtype(text); }
void parse_value(std::string_view text, Kind& value) { value = parse_kind(text); }

void parse_value(std::string_view text, std::array<double, 2>& value) {
  const std::vector<std::string> parts = split(text, ',');
  if (parts.size() != 2 || !try_parse(parts[0], value[0]) || !try_parse(parts[1], value[1]))
    fail_usage(quoted(text) + " is not a pair of numbers LO,HI");
  if (std::isnan(value[0]) || std::isnan(value[1])) fail_usage(quoted(text) + " is no range of numbers");
}

void parse_value(std::string_view text, Vector3& value) {
  const auto parts = three_parts(text, "a number or three numbers Z,Y,X");
  for (std::size_t i = 0; i < 3; ++i)
    if (!try_parse(parts[i], value[i]) || !std::isfinite(value[i]))
      fail_usage(quoted(text) + " is not a number or three numbers Z,Y,X");
}

void parse_value(std::string_view text, Extent3& value) {
  const char* expected = "a whole number or three whole numbers Z,Y,X";
  const auto parts = three_parts(text, expected);
  if (!try_parse(parts[0], value.z) || !try_parse(parts[1], value.y) || !try_parse(parts[2], value.x))
    fail_usage(quoted(text) + " is not " + expected);
}

void parse_value(std::string_view text, std::vector<double>& value) {
  value.clear();
  for (const std::string& part : split(text, ',')) {
    double number = 0;
    if (!try_parse(part, number)) fail_usage(quoted(text) + " is not a list of numbers");
    value.push_back(number);
  }
}

void parse_value(std::string_view text, std::array<Length, 3>& value) {
  const auto parts = three_parts(text, "a length or three lengths Z,Y,X");
  for (std::size_t i = 0; i < 3; ++i) value[i] = parse_length(parts[i]);
}

void parse_value(std::string_view text, ObjectSize& value) { value = parse_object_size(text); }

}  // namespace vox
