// Splits the words of a command line into options with their values and positionals, and keeps those that
// belong into the history.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/params.h"

namespace vox {

/// One option or one positional.
struct Argument {
  const Param* param = nullptr;  ///< null: a positional
  std::string spelling;          ///< as typed: "--range" or "-r"
  std::string value;             ///< of an option: its value, empty for flags; else the positional itself
  bool behind_dashes = false;    ///< a positional behind `--`
};

/// Reads `words` from left to right. REQUIRES: `params` and `words` live longer.
class ArgumentWalk {
 public:
  /// `help` is the remedy for what cannot be understood: "see 'vclip --help'".
  ArgumentWalk(const Params& params, const std::vector<std::string>& words, std::string help)
      : params_(params), words_(words), help_(std::move(help)) {}

  /// The next option or positional; false at the end. Throws a usage error for unknown options and missing
  /// values.
  bool next(Argument& argument);
  /// The words read so far without those of options that leave the voxels alone.
  const std::vector<std::string>& kept() const { return kept_; }

 private:
  void read_long(Argument& argument);
  void read_short(Argument& argument);
  std::string separate_value(const Param& param, const std::string& spelling);
  const Param* find_long(std::string_view name) const;
  const Param* find_short(char name) const;
  void keep_short(const Param& param, std::string_view letters);
  [[noreturn]] void fail_unknown(const std::string& spelling, std::string_view name) const;

  const Params& params_;
  const std::vector<std::string>& words_;
  std::string help_;
  std::vector<std::string> kept_;
  std::size_t at_ = 0;         ///< the word to read next
  std::string cluster_;        ///< letters of a word like -fq1,9 that are still to be read
  bool cluster_kept_ = false;  ///< the last of `kept_` is that word
  bool only_positionals_ = false;
};

}  // namespace vox
