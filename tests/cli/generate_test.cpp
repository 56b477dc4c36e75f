#include "cli/generate.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "cli/toy_card.h"

namespace vox {
namespace {

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct Outcome {
  int status = -1;
  std::string output;
};

/// Runs a shell command; its output and errors together.
Outcome run(const std::string& command) {
  Outcome outcome;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  char buffer[4096];
  for (std::size_t count = 0; (count = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    outcome.output.append(buffer, count);
  outcome.status = WEXITSTATUS(::pclose(pipe));
  return outcome;
}

std::string file_with(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path) << text;
  return path;
}

ToolCard toy() {
  static ToyTool tool;
  return tool.card();
}

ToolCard family() {
  static ToyFamily tool;
  return tool.card();
}

TEST(Generate, ManualPageHasAllSections) {
  const std::string page = manual_page(toy());
  for (const char* heading : {"NAME", "SYNOPSIS", "DESCRIPTION", "ARGUMENTS", "OPTIONS", "MEMORY",
                              "EXIT STATUS", "ENVIRONMENT", "EXAMPLES"})
    EXPECT_TRUE(holds(page, std::string("\n.SH ") + heading + "\n")) << heading;
  EXPECT_TRUE(holds(page, "\nvtoy \\- Play with intensities\n"));
  EXPECT_TRUE(holds(page, ".TP\n\\fB\\-r\\fR, \\fB\\-\\-range\\fR \\fILO,HI\\fR\nLimits\n"));
  EXPECT_TRUE(holds(page, "a back\\eslash"));
  EXPECT_TRUE(holds(page, "\n\\&.A second one"));
  EXPECT_TRUE(holds(page, "the input\\(aqs"));
  EXPECT_TRUE(holds(manual_page(family()), "\n.SS vfamily minmax [OPTIONS] [INPUT [OUTPUT]]\n"));
}

TEST(Generate, ManualPageIsWhatManLikes) {
  if (run("command -v man").status != 0) GTEST_SKIP() << "man is not installed";
  for (const ToolCard& card : {toy(), family()}) {
    const std::string path = file_with(card.name + ".1", manual_page(card));
    const Outcome outcome = run("LC_ALL=C.UTF-8 MANWIDTH=80 man -l --warnings " + path + " 2>&1 >/dev/null");
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.output, "");
  }
}

/// What bash offers for a command line whose last word is to be completed.
std::set<std::string> completions(const ToolCard& card, const std::string& words) {
  const std::string path = file_with(card.name + ".bash", bash_completion(card));
  const Outcome outcome = run("cd " + testing::TempDir() + " && bash -c 'source " + path + "; COMP_WORDS=(" +
                              words + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _voxpipe_" + card.name +
                              "; printf \"%s\\n\" \"${COMPREPLY[@]}\"'");
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  std::istringstream lines(outcome.output);
  std::set<std::string> offered;
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) offered.insert(line);
  return offered;
}

TEST(Generate, BashCompletion) {
  using Words = std::set<std::string>;
  EXPECT_EQ(completions(toy(), "vtoy --ra"), (Words{"--range"}));
  EXPECT_EQ(completions(toy(), "vtoy --dtype uint1"), (Words{"uint16"}));
  EXPECT_EQ(completions(toy(), "vtoy --dtype = uint8"), (Words{"uint8"}));
  EXPECT_EQ(completions(toy(), "vtoy --progress ="), (Words{"auto", "always", "never", "json"}));
  EXPECT_EQ(completions(toy(), "vtoy -t \"\""), (Words{"uint8", "uint16"}));
  EXPECT_EQ(completions(toy(), "vtoy --range \"\""), Words{});
  file_with("generate test scan.tif", "");
  EXPECT_EQ(completions(toy(), "vtoy -a \"generate test\""), (Words{"generate test scan.tif"}));
  EXPECT_EQ(completions(toy(), "vtoy --report \"generate test\""), (Words{"generate test scan.tif"}));
  EXPECT_EQ(completions(family(), "vfamily m"), (Words{"minmax", "measure"}));
  EXPECT_EQ(completions(family(), "vfamily -j 2 min"), (Words{"minmax"}));
  EXPECT_EQ(completions(family(), "vfamily minmax --fact"), (Words{"--factor"}));
  EXPECT_EQ(completions(family(), "vfamily measure --fact"), Words{});
  EXPECT_EQ(completions(family(), "vfamily measure -t \"generate test\""), (Words{"generate test scan.tif"}));
  EXPECT_EQ(completions(family(), "vfamily minmax -t \"generate test\""), Words{});
}

/// What zsh offers behind `words`: its completion is asked in a terminal of its own, and lists what it adds.
std::set<std::string> zsh_completions(const ToolCard& card, const std::string& words) {
  const std::string folder = testing::TempDir() + "zsh-" + card.name;
  run("mkdir -p " + folder);
  file_with("zsh-" + card.name + "/_" + card.name, zsh_completion(card));
  const std::string script = file_with("ask-" + card.name + ".zsh", R"(zmodload zsh/zpty
zpty z zsh -f -i
{
  zpty -w z 'PROMPT= RPROMPT= ; fpath=('$1' $fpath); autoload -Uz compinit; compinit -u -D'
  zpty -w z 'compadd() { if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return $?; fi
    typeset -a __hits; builtin compadd -A __hits "$@"; print -l -- "<"${^__hits}">"; }'
  zpty -w z 'zle-done() { print -n "<d""one>" }; zle -C ask complete-word ask-all; ask-all() { _main_complete; print "<d""one>" }'
  zpty -w z 'bindkey "^I" ask; print "<re""ady>"'
  zpty -r z ignored '*<ready>*'
  zpty -n -w z "$2"$'	'
  zpty -r z answer '*<done>*'
  print -r -- "$answer"
} always { zpty -d z })");
  const Outcome outcome =
      run("cd " + testing::TempDir() + " && timeout 30 zsh -f " + script + " " + folder + " '" + words + "'");
  std::set<std::string> offered;
  std::istringstream lines(outcome.output);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t begin = line.find('<');
    const std::size_t end = line.find('>');
    if (begin == std::string::npos || end == std::string::npos || end < begin) continue;
    const std::string word = line.substr(begin + 1, end - begin - 1);
    if (!word.empty() && word != "done") offered.insert(word);
  }
  return offered;
}

TEST(Generate, ZshCompletion) {
  if (run("command -v zsh").status != 0) GTEST_SKIP() << "zsh is not installed";
  using Words = std::set<std::string>;
  EXPECT_EQ(zsh_completions(toy(), "vtoy --ra"), (Words{"--range"}));
  EXPECT_EQ(zsh_completions(toy(), "vtoy --dtype uint1"), (Words{"uint16"}));
  EXPECT_EQ(zsh_completions(family(), "vfamily m"), (Words{"minmax", "measure"}));
  EXPECT_EQ(zsh_completions(family(), "vfamily minmax --fact"), (Words{"--factor"}));
}

TEST(Generate, JsonDescribesTheCard) {
  const std::string path = file_with("family.json", description_json(family()));
  const Outcome outcome =
      run("python3 -c 'import json; card = json.load(open(\"" + path +
          "\")); sub = card[\"subcommands\"][1]; option = sub[\"options\"][0];"
          "print(card[\"name\"], card[\"version\"] != \"\", sub[\"usage\"], option[\"name\"], "
          "option[\"short\"], option[\"value\"], option[\"is_path\"], option[\"default\"], "
          "sub[\"positionals\"][0][\"required\"], card[\"exit_status\"][\"2\"])'");
  EXPECT_EQ(outcome.output,
            "vfamily True vfamily measure [OPTIONS] LABELS --kernel -t FILE True None True wrong usage\n");
}

}  // namespace
}  // namespace vox
