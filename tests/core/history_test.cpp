#include "core/history.h"

#include <gtest/gtest.h>

namespace vox {
namespace {

TEST(ShellQuote, OnlyWhereItIsNeeded) {
  EXPECT_EQ("scan.tif", shell_quote("scan.tif"));
  EXPECT_EQ("''", shell_quote(""));
  EXPECT_EQ("'a b'", shell_quote("a b"));
  EXPECT_EQ("'it'\\''s'", shell_quote("it's"));
  EXPECT_EQ("'5 \u00b5m'", shell_quote("5 \u00b5m"));
}

TEST(ShellQuote, SpellsControlCharactersOut) {
  EXPECT_EQ(R"~('a'"$(printf '\033')"'[31m')~", shell_quote("a\x1b[31m"));
  EXPECT_EQ(R"~(''"$(printf '\302\233')"''"$(printf '\177')"'')~", shell_quote("\u009b\x7f"));
}

TEST(ShellScript, NothingInACommentOrAToolsNameIsRun) {
  const History made = {{"vclip", "1", {"a.tif", "b.tif"}, {}}};
  const History history = {{"vdiff; rm", "1", {"a b"}, {{"x\nrm y", made}}}};
  EXPECT_EQ("#!/bin/sh\nset -e\n# 'x rm y':\nvclip a.tif b.tif\n'vdiff; rm' 'a b'\n",
            to_shell_script(history));
}

}  // namespace
}  // namespace vox
