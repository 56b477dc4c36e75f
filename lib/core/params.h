// Options declared as data: what a user may set, how it is called, and where the value goes.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/meta.h"
#include "core/units.h"

namespace vox {

/// `parse_value` overloads turn a user's text into a value or throw a usage error that says what is expected.
void parse_value(std::string_view text, std::string& value);
void parse_value(std::string_view text, double& value);
void parse_value(std::string_view text, std::int64_t& value);
void parse_value(std::string_view text, int& value);
void parse_value(std::string_view text, DType& value);
void parse_value(std::string_view text, Kind& value);
void parse_value(std::string_view text, std::array<double, 2>& value);  ///< LO,HI
void parse_value(std::string_view text, Vector3& value);                ///< Z,Y,X or one for all three
void parse_value(std::string_view text, Extent3& value);                ///< Z,Y,X or one for all three
void parse_value(std::string_view text, std::vector<double>& value);    ///< a list
void parse_value(std::string_view text, std::array<Length, 3>& value);  ///< Z,Y,X or one for all three
void parse_value(std::string_view text, ObjectSize& value);             ///< voxels or a cubed unit
template <class T>
void parse_value(std::string_view text, std::optional<T>& value) {
  T inner{};
  parse_value(text, inner);
  value = std::move(inner);
}

/// One option. Built with `Params`; the fields stand in every help text, man page and completion.
struct Param {
  std::string name;                   ///< long name without dashes: "range"
  std::string group;                  ///< heading in the help; empty: the tool's own options
  char short_name = 0;                ///< 'r', or 0 for none
  std::string metavar;                ///< "LO,HI"; empty: a flag
  std::string help;                   ///< a sentence without a final period
  std::string default_text;           ///< shown in the help; empty: none
  std::vector<std::string> choices;   ///< the only values that are allowed; empty: any
  std::vector<std::string> excludes;  ///< long names of options that cannot stand beside this one
  std::string
      optional_value;  ///< value when the option stands alone (`--isotropic`); empty: a value is required
  bool changes_voxels = true;  ///< false: left out of the history
  bool is_path = false;        ///< completion offers files
  std::function<void(std::string_view)> set;

  bool is_flag() const { return metavar.empty(); }
  // Fluent setters for the declaration.
  Param& default_is(std::string text) {
    default_text = std::move(text);
    return *this;
  }
  Param& one_of(std::vector<std::string> values) {
    choices = std::move(values);
    return *this;
  }
  Param& not_with(std::vector<std::string> names) {
    excludes = std::move(names);
    return *this;
  }
  Param& execution_only() {
    changes_voxels = false;
    return *this;
  }
  Param& path() {
    is_path = true;
    return *this;
  }
};

/// A positional argument.
struct Positional {
  std::string name;  ///< "INPUT"
  std::string help;
  bool required = false;  ///< else it defaults to `-`
  std::function<void(std::string_view)> set;
};

/// The declared options of a tool, a subcommand or a kernel, in the order of the help.
class Params {
 public:
  /// An option with a value, stored in `target`.
  template <class T>
  Param& value(std::string name, char short_name, std::string metavar, std::string help, T& target) {
    Param& param = declare(std::move(name), short_name, std::move(metavar), std::move(help));
    param.set = [&target](std::string_view text) { parse_value(text, target); };
    return param;
  }
  /// An option whose value `set` takes.
  Param& option(std::string name, char short_name, std::string metavar, std::string help,
                std::function<void(std::string_view)> set) {
    Param& param = declare(std::move(name), short_name, std::move(metavar), std::move(help));
    param.set = std::move(set);
    return param;
  }
  Param& flag(std::string name, char short_name, std::string help, bool& target) {
    Param& param = declare(std::move(name), short_name, {}, std::move(help));
    param.set = [&target](std::string_view) { target = true; };
    return param;
  }

  const std::vector<Param>& list() const { return list_; }
  std::vector<Param>& list() { return list_; }

 private:
  Param& declare(std::string name, char short_name, std::string metavar, std::string help);

  std::vector<Param> list_;
};

}  // namespace vox
