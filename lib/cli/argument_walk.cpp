#include "cli/argument_walk.h"

#include <algorithm>
#include <cctype>

#include "cli/suggest.h"
#include "core/error.h"

namespace vox {
namespace {

/// "-5,10", "-.5", "-inf,0": a value, not an option.
bool is_negative_number(std::string_view word) {
  if (word.size() < 2 || word[0] != '-') return false;
  word.remove_prefix(1);
  if (word[0] == '.') word.remove_prefix(1);
  if (!word.empty() && std::isdigit(static_cast<unsigned char>(word[0])) != 0) return true;
  std::string start(word.substr(0, 3));
  std::transform(start.begin(), start.end(), start.begin(), [](unsigned char c) { return std::tolower(c); });
  if (start != "inf" && start != "nan") return false;
  return word.size() == 3 || std::isalnum(static_cast<unsigned char>(word[3])) == 0;
}

bool is_option(std::string_view word) { return word.size() > 1 && word[0] == '-'; }

}  // namespace

const Param* ArgumentWalk::find_long(std::string_view name) const {
  const std::vector<Param>& list = params_.list();
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Param& param) { return param.name == name; });
  return found == list.end() ? nullptr : &*found;
}

const Param* ArgumentWalk::find_short(char name) const {
  const std::vector<Param>& list = params_.list();
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Param& param) { return param.short_name == name; });
  return name == 0 || found == list.end() ? nullptr : &*found;
}

void ArgumentWalk::fail_unknown(const std::string& spelling, std::string_view name) const {
  std::vector<std::string> known;
  for (const Param& param : params_.list()) known.push_back(param.name);
  const std::string near = nearest_word(name, known);
  fail_usage("unknown option '" + spelling + "'; " +
             (near.empty() ? help_ : "did you mean '--" + near + "'?"));
}

bool ArgumentWalk::next(Argument& argument) {
  argument = {};
  if (!cluster_.empty()) {
    read_short(argument);
    return true;
  }
  if (at_ == words_.size()) return false;
  const std::string& word = words_[at_++];
  if (!only_positionals_ && word == "--") {
    only_positionals_ = true;
    kept_.push_back(word);
    return next(argument);
  }
  if (only_positionals_ || !is_option(word)) {
    argument.value = word;
    argument.behind_dashes = only_positionals_;
    kept_.push_back(word);
  } else if (word[1] == '-') {
    read_long(argument);
  } else {
    const std::string_view name = std::string_view(word).substr(1, word.find('=') - 1);
    if (name.size() > 1 && find_long(name) != nullptr)
      fail_usage("unknown option '-" + std::string(name) + "'; did you mean '--" + std::string(name) + "'?");
    cluster_ = word.substr(1);
    cluster_kept_ = false;
    read_short(argument);
  }
  return true;
}

void ArgumentWalk::read_long(Argument& argument) {
  const std::string& word = words_[at_ - 1];
  const std::size_t equals = word.find('=');
  const std::string_view name =
      std::string_view(word).substr(2, equals == std::string::npos ? equals : equals - 2);
  argument.spelling = word.substr(0, equals);
  argument.param = find_long(name);
  if (argument.param == nullptr) fail_unknown(argument.spelling, name);
  const Param& param = *argument.param;
  if (param.changes_voxels) kept_.push_back(word);
  if (equals != std::string::npos) {
    if (param.is_flag()) fail_usage("option '" + argument.spelling + "' takes no value; " + help_);
    argument.value = word.substr(equals + 1);
  } else if (!param.is_flag()) {
    argument.value = separate_value(param, argument.spelling);
  }
}

void ArgumentWalk::read_short(Argument& argument) {
  const std::string letters = std::move(cluster_);
  cluster_.clear();
  argument.spelling = std::string("-") + letters[0];
  argument.param = find_short(letters[0]);
  if (argument.param == nullptr) fail_unknown(argument.spelling, std::string_view(words_[at_ - 1]).substr(1));
  const Param& param = *argument.param;
  if (param.is_flag()) {
    if (letters.size() > 1 && letters[1] == '=')
      fail_usage("option '" + argument.spelling + "' takes no value; " + help_);
    cluster_ = letters.substr(1);
    keep_short(param, letters.substr(0, 1));
    return;
  }
  keep_short(param, letters);
  if (letters.size() > 1)
    argument.value = letters.substr(letters[1] == '=' ? 2 : 1);
  else
    argument.value = separate_value(param, argument.spelling);
}

/// Joins the letters that belong into the history to one word again, as they were typed.
void ArgumentWalk::keep_short(const Param& param, std::string_view letters) {
  if (!param.changes_voxels) return;
  if (!cluster_kept_) kept_.emplace_back("-");
  cluster_kept_ = true;
  kept_.back() += letters;
}

std::string ArgumentWalk::separate_value(const Param& param, const std::string& spelling) {
  if (!param.optional_value.empty()) return param.optional_value;
  if (at_ == words_.size())
    fail_usage("option '" + spelling + "' needs a value " + param.metavar + "; " + help_);
  const std::string& word = words_[at_];
  if (is_option(word) && !is_negative_number(word))
    fail_usage("option '" + spelling + "' needs a value " + param.metavar + " but '" + word +
               "' follows; a value that begins with a dash is written --" + param.name + "=VALUE");
  ++at_;
  if (param.changes_voxels) kept_.push_back(word);
  return word;
}

}  // namespace vox
