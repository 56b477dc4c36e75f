#include "cli/help.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "cli/parse.h"
#include "cli/toy_card.h"
#include "cli/usage.h"
#include "core/version.h"

namespace vox {
namespace {

std::string toy_help(int width) {
  ToyTool tool;
  CommonOptions common;
  const ToolCard card = tool.card();
  return help_text(card, card, options_in_scope(card, card, common), width);
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Help, WrapsAtBlanks) {
  EXPECT_EQ(wrapped("one two three", 0, 7), "one two\nthree\n");
  EXPECT_EQ(wrapped("one two three", 2, 80), "  one two three\n");
  EXPECT_EQ(wrapped("incomprehensibilities a", 2, 10), "  incomprehensibilities\n  a\n");
  EXPECT_EQ(wrapped("\u00b5\u00b5\u00b5 \u00b5\u00b5\u00b5", 0, 7),
            "\u00b5\u00b5\u00b5 \u00b5\u00b5\u00b5\n");
  EXPECT_EQ(wrapped("", 0, 10), "\n");
}

TEST(Help, KeepsToTheWidth) {
  for (int width : {60, 80, 100}) {
    std::istringstream lines(toy_help(width));
    for (std::string line; std::getline(lines, line);) {
      // A term, such as the name of an option with its value, is never broken.
      const bool term = line.starts_with("  -") || line.starts_with("      --");
      EXPECT_TRUE(term || line.size() <= static_cast<std::size_t>(width)) << line;
    }
  }
}

TEST(Help, SaysEverythingOnTheCard) {
  const std::string help = toy_help(80);
  EXPECT_TRUE(help.starts_with("Usage: vtoy [OPTIONS] [INPUT [OUTPUT]]\nPlay with intensities.\n"));
  EXPECT_TRUE(holds(help, "\n  -r, --range LO,HI         Limits\n"));
  EXPECT_TRUE(holds(help, "\n  -t, --dtype DTYPE         Type (uint8, uint16; default: the input's)\n"));
  EXPECT_TRUE(holds(help, "\n  -i, --isotropic[=S]       Same spacing everywhere\n"));
  EXPECT_TRUE(holds(help, "\n  -h, --help                Print this help\n"));
  EXPECT_TRUE(holds(help, "\n      --roi Z0:Z1,Y0:Y1,X0:X1\n                            Only this region"));
  EXPECT_TRUE(holds(help, "\nMemory:\n  streaming; a few blocks of rows\n"));
  EXPECT_TRUE(holds(help, "\n  3      more memory needed"));
  EXPECT_TRUE(holds(help, "\n  128+n  ended by signal n\n"));
  EXPECT_TRUE(
      holds(help, "\nExamples:\n  # keep what lies between 0 and 9\n  vtoy -r 0,9 scan.tif out.tif\n"));
  const auto at = [&](const char* heading) { return help.find(heading); };
  EXPECT_LT(at("\nArguments:"), at("\nOptions:"));
  EXPECT_LT(at("\nOptions:"), at("\nInput options:"));
  EXPECT_LT(at("\nInput options:"), at("\nOutput options:"));
  EXPECT_LT(at("\nOutput options:"), at("\nRun options:"));
  EXPECT_LT(at("\nRun options:"), at("\nGeneral options:"));
}

TEST(Help, Subcommands) {
  ToyFamily family;
  CommonOptions common;
  const ToolCard card = family.card();
  const std::string whole = help_text(card, card, options_in_scope(card, card, common), 80);
  EXPECT_TRUE(whole.starts_with("Usage: vfamily SUBCOMMAND [OPTIONS] ...\n"));
  EXPECT_TRUE(holds(whole, "\nSubcommands:\n  minmax                    Stretch\n"));
  const ToolCard& measure = card.subcommands[1];
  const std::string one = help_text(card, measure, options_in_scope(card, measure, common), 80);
  EXPECT_TRUE(one.starts_with("Usage: vfamily measure [OPTIONS] LABELS\n"));
  EXPECT_TRUE(holds(one, "--kernel FILE"));
  EXPECT_TRUE(holds(one, "--shared"));
  EXPECT_FALSE(holds(one, "--force"));
  EXPECT_FALSE(holds(one, "(default: -)"));
}

TEST(Help, StatusOneMayMeanSomethingElse) {
  ToyTool tool;
  ToolCard card = tool.card();
  EXPECT_TRUE(exit_statuses(card)[1].meaning.starts_with("failed"));
  card.one_means = "the volumes differ";
  EXPECT_EQ(exit_statuses(card)[1].meaning, "the volumes differ");
  EXPECT_TRUE(holds(exit_statuses(card)[2].meaning, "failed"));
}

TEST(Help, Version) {
  ToyTool tool;
  EXPECT_EQ(version_text(tool.card()), "vtoy (voxpipe) " + std::string(version()) + "\n");
}

}  // namespace
}  // namespace vox
